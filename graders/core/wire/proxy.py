"""A conversation through the program as a proxy: clients of the grader before it, an origin of the grader behind it.

Whether, how often and on how many connections the program asks the origin is its own choice: it may answer from memory,
try again, or keep a connection. So the origin *offers* an answer (a step of its own in the story), serves whoever comes
while the client waits, and what it should not have been asked shows in what the client gets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from types import TracebackType
from typing import Any

from graders.core.models.finding import Ending, Mismatch, PartOracle, StreamOracle
from graders.core.models.http_asked import parsed
from graders.core.models.http_message import Request, Response
from graders.core.models.http_parser import State
from graders.core.models.proxy_messages import Reply, Sent, Unchanged
from graders.core.models.proxy_passing import Codes, Forwarded, delivered, with_code
from graders.core.models.web_answer import AnswerTo, Question, WhateverComes
from graders.core.wire.blame import Unavailable
from graders.core.wire.ports import free_port
from graders.core.wire.ready import ready_ones
from graders.core.wire.script import Script
from graders.core.wire.server import Server
from graders.core.wire.tcp import TcpPeer
from graders.core.wire.tcp_opening import Listener

#: What becomes of a connection to the origin behind the answer.
CLOSE, HOLD, RESET = "close", "hold", "reset"


def _listener(name: str, server: Server | Script) -> Listener:
    """On a port that is new to this process of the program's, which may remember what an earlier origin there said."""
    while True:
        port = free_port("tcp")
        if port in server.origins:
            continue
        server.origins.add(port)
        with suppress(Unavailable):  # taken at this very moment
            return Listener(name, server.story, server.patience, port=port, backlog=256)


class Origin:
    """An HTTP server of the grader behind the proxy. ``requests``: all that came, as far as they were right."""

    def __init__(self, server: Server | Script, name: str = "S") -> None:
        self.server = server
        self.name = name
        self.listener = _listener(name, server)
        self.authority = "{}:{}".format(*self.listener.address)
        self.requests: list[Request] = []
        self._kept: list[TcpPeer] = []
        self._count = 0
        self._answer = b""
        self._unchanged: Unchanged | None = None
        self._then = CLOSE
        self._wanted: list[Sent] | None = None
        self._more: tuple[Callable[[Request], Mismatch | None], ...] = ()
        self._oracle: Callable[[], StreamOracle] = AnyRequest
        self._codes: Codes = {}

    @contextmanager
    def called(self, host: str) -> Iterator[str]:
        """While this lasts it goes by another name; yields its authority."""
        before, self.authority = self.authority, f"{host}:{self.listener.address[1]}"
        try:
            yield self.authority
        finally:
            self.authority = before

    def __enter__(self) -> Origin:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for peer in self._kept:
            peer.__exit__(kind, error, tb)
        self.listener.close()

    # -- serving by an offer

    def offer(
        self,
        answer: Reply | bytes,
        wanted: Iterable[Sent] | None,
        *more: Callable[[Request], Mismatch | None],
        then: str | None = None,
        oracle: Callable[[], StreamOracle] | None = None,
        unchanged: Unchanged | None = None,
        codes: Codes | None = None,
    ) -> None:
        """From now on whoever asks gets this. The requests must be among ``wanted``, and right in ``more``, too.

        ``wanted`` None: any request that is right in ``more`` will do, or what is right in ``oracle``.
        ``unchanged``: the answer to who has that already, and says so in a conditional request.
        ``codes``: what the usual diagnoses of a wrong request are here.
        """
        kept = isinstance(answer, Reply) and answer.kept
        self._answer = answer.bytes() if isinstance(answer, Reply) else answer
        self._unchanged = unchanged
        self._then = then or (HOLD if kept else CLOSE)
        self._oracle = oracle or partial(AnyRequest, *more)
        self._wanted, self._more, self._codes = None if wanted is None else list(wanted), more, codes or {}
        more_of_it: dict[str, Any] = {} if unchanged is None else {"unchanged": unchanged.to_json()}
        self.server.story.add(self.name, "offers", data=self._answer, then=self._then, **more_of_it)

    def serve_until(
        self, client: TcpPeer, oracle: StreamOracle, *, beside: Iterable[Origin] = (), units: float = 1.0
    ) -> None:
        """Serve by the offer until the client has its answer, or has waited for so long; judges no answer.

        ``beside``: other origins, which serve by what they offer meanwhile.
        """
        origins = [self, *beside]
        deadline = self.server.patience.deadline(units)
        while not (client.has(oracle) or deadline.over):
            theirs = [each for origin in origins for each in (origin.listener, *origin._kept)]
            for ready in ready_ones([client, *theirs], deadline.left):
                for origin in origins:
                    if ready is origin.listener:
                        origin._accept()
                    elif ready in origin._kept and isinstance(ready, TcpPeer):
                        origin._kept.remove(ready)
                        origin._serve(ready)
                deadline.extend()

    def _accept(self) -> None:
        """A connection; its request may be long in coming, or never come: some programs connect in advance."""
        self._count += 1
        peer = self.listener.accept(self.name if not self._kept else f"{self.name}{self._count}")
        peer.marks["offered"] = self.name
        self._last_is_offered()
        self._kept.append(peer)

    def _serve(self, peer: TcpPeer) -> None:
        """One request on a connection, or its end."""
        if peer.has_ended():
            peer.close()
            self._last_is_offered()
            return
        answer = self._answer
        if self._wanted is None:
            peer.expect(self._oracle())
        else:
            oracle = Forwarded(self.authority, self._wanted, *self._more, codes=self._codes)
            peer.expect(oracle)
            assert oracle.message is not None
            self.requests.append(oracle.message)
            if self._unchanged and self._unchanged.is_known_to(oracle.message):
                answer = self._unchanged.bytes()
        if answer:
            peer.send(answer)
        if self._then == HOLD:
            self._kept.append(peer)
            return
        peer.reset() if self._then == RESET else peer.close()
        self._last_is_offered()

    def _last_is_offered(self) -> None:
        self.server.story.steps[-1].more["offered"] = self.name

    # -- step by step

    def accept(self, name: str | None = None) -> TcpPeer:
        """The next connection, as a peer that acts step by step."""
        return self.listener.accept(name)

    def receive(self, peer: TcpPeer, *wanted: Sent) -> Request:
        """One request on it, which must be one of these."""
        oracle = Forwarded(self.authority, wanted)
        peer.expect(oracle)
        assert oracle.message is not None
        self.requests.append(oracle.message)
        return oracle.message


class Passage:
    """The usual arrangement: one client, one origin, the program between them."""

    def __init__(self, server: Server, client: str = "A", origin: str = "S") -> None:
        """``client`` and ``origin``: their names, each once in a story."""
        self.server = server
        self.origin = Origin(server, origin)
        self._name = client
        self._client: TcpPeer | None = None
        self._closing = ExitStack()

    def __enter__(self) -> Passage:
        self._closing.enter_context(self.origin)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._closing.__exit__(kind, error, tb)

    @property
    def client(self) -> TcpPeer:
        """Connected when it is first needed, and anew when the program has ended the connection behind an answer."""
        if self._client is None:
            self._client = self.server.connect(self._name)
            self._closing.push(self._client.__exit__)
        return self._client

    def ask(
        self,
        sent: Sent,
        answer: Reply | bytes,
        question: Question | None = None,
        *,
        arrives: Sent | None = None,
        at: Origin | None = None,
        forwarded: Iterable[Callable[[Request], Mismatch | None]] = (),
        codes: Codes | None = None,
        cut_at: Iterable[int] = (),
        then: str | None = None,
        suspect: str | None = None,
        stays: bool = False,
        beside: Iterable[Origin] = (),
        units: float = 1.0,
    ) -> Response:
        """A request, the origin's answer to it if it is asked, and the client's answer, right in ``question``.

        Without a question the client's answer must be the origin's. ``arrives``: what the origin must get, and ``at``:
        which one, where a filter changes the request; ``forwarded``: what else the origin's request must be right in;
        ``codes``: what the usual diagnoses are here; ``cut_at``: offsets into the request; ``suspect``: what no answer
        at all points to; ``stays``: the connection must be the same as before, even if the program has said that it
        would close it; ``beside``: other origins, which serve by what they offer meanwhile.
        """
        client = self.client
        (at or self.origin).offer(answer, [arrives or sent], *forwarded, then=then, codes=codes)
        client.send(sent.bytes(self.origin.authority), cut_at=cut_at)
        if question is None:
            assert isinstance(answer, Reply)
            question = delivered(answer, suspect=suspect)
        message = self.hear(sent.method, question, at=at, codes=codes, suspect=suspect, beside=beside, units=units)
        if not (message.keeps_alive or stays):
            let_finish(client)
            self.hang_up()
        return message

    def hang_up(self) -> None:
        """The client closes; what it asks next it asks on a new connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def hear(
        self,
        method: str,
        question: Question,
        *,
        at: Origin | None = None,
        codes: Codes | None = None,
        suspect: str | None = None,
        beside: Iterable[Origin] = (),
        units: float = 1.0,
    ) -> Response:
        """Serve by what was offered until the client has an answer, which is right in ``question``."""
        oracle = AnswerPart(method, question, suspect=suspect, codes=codes)
        (at or self.origin).serve_until(self.client, oracle, beside=beside, units=units)
        self.client.expect(oracle, units=0.1)
        assert oracle.message is not None
        return oracle.message


#: How long a client waits for an end that the program has announced; some leave closing to the client.
_ENDING_UNITS = 0.03


def let_finish(client: TcpPeer) -> None:
    """Behind an answer that the program ends the connection after: wait until it has, then it is done with the request.

    Who passes an answer on as it comes may store it when its last byte has gone out: a request on another connection
    can be there earlier, and is right to find nothing. Whether the end comes is not judged.
    """
    client.comes_to_nothing(units=_ENDING_UNITS)


class AnyRequest:
    """The oracle of an origin that minds nothing but ``more`` of a request, which it reads as far as that goes."""

    def __init__(self, *more: Callable[[Request], Mismatch | None]) -> None:
        self._more = more

    def complete(self, data: bytes | bytearray) -> bool:
        return parsed(data).state is not State.NEEDS_MORE

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        message = parsed(data).message
        return next((found for question in self._more if message and (found := question(message))), None)


class AnswerPart(AnswerTo, PartOracle):
    """An answer that others may follow: what comes behind it is left to the next oracle.

    ``codes``: what the usual diagnoses are here.
    """

    def __init__(
        self,
        method: str,
        question: Question,
        *,
        suspect: str | None = None,
        may_close: bool = False,
        codes: Codes | None = None,
    ) -> None:
        super().__init__(method, question, suspect=suspect, may_close=may_close)
        self.codes = codes or {}

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        return with_code(super().judge(data, ending), self.codes)

    def taken(self, data: bytes | bytearray) -> int:
        """How many of the bytes are this answer's."""
        return len(data) - len(self._parser.surplus) if self._parser.message is not None else len(data)

    def part(self, data: bytes) -> dict[str, Any]:
        return {"message": True}


class AnyAnswer(WhateverComes, AnswerPart):
    """Whatever comes, if it is only noted, as a part of what comes on the connection."""


def ask_anything(passage: Passage, method: str, request: bytes, *, units: float = 1.0) -> Response | None:
    """Send this, and take whatever answer comes, None where none does; then the client hangs up."""
    client, oracle = passage.client, AnyAnswer(method)
    client.send(request)
    passage.origin.serve_until(client, oracle, units=units)
    client.expect(oracle, units=0.1)
    passage.hang_up()
    return oracle.message
