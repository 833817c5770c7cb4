"""Requests to the program's web server, over the recording peers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from graders.core.models.http_message import Response
from graders.core.models.web_answer import AnswerTo, Question
from graders.core.traffic.web_requests import Ask
from graders.core.wire.blame import Wrong
from graders.core.wire.server import Server
from graders.core.wire.tcp import TcpPeer

#: How long a program that has ended may take to be seen as ended, in patience units.
END_UNITS = 1.0


def host_of(server: Server) -> str:
    """What a client writes into Host: the port belongs to it when it is not 80."""
    return f"{server.address[0]}:{server.address[1]}"


def converse(
    peer: TcpPeer,
    host: str,
    request: Ask,
    question: Question,
    *,
    cut_at: Iterable[int] = (),
    suspect: str | None = None,
    surplus: str | None = None,
    units: float = 1.0,
) -> Response:
    """Send a request and judge its answer. ``cut_at``: offsets into the request; for the rest see AnswerTo."""
    peer.send(request.bytes(host), cut_at=cut_at)
    return receive_answer(peer, request.method, question, suspect=suspect, surplus=surplus, units=units)


def receive_answer(
    peer: TcpPeer,
    method: str,
    question: Question,
    *,
    suspect: str | None = None,
    surplus: str | None = None,
    units: float = 1.0,
    learn: str | None = None,
) -> Response:
    """Judge the answer to a request that was sent before. ``learn``: see TcpPeer.expect."""
    oracle = AnswerTo(method, question, suspect=suspect, surplus=surplus)
    peer.expect(oracle, units=units, learn=learn)
    assert oracle.message is not None, "the oracle let it through"
    return oracle.message


def exchange(
    server: Server,
    request: Ask,
    question: Question,
    *,
    name: str = "A",
    cut_at: Iterable[int] = (),
    suspect: str | None = None,
    units: float = 1.0,
) -> Response:
    """One request on a connection of its own."""
    with server.connect(name) as peer:
        return converse(peer, host_of(server), request, question, cut_at=cut_at, suspect=suspect, units=units)


@contextmanager
def still_running(server: Server) -> Iterator[None]:
    """What goes wrong inside because the whole program has ended is told as that, not as a refused connection."""
    try:
        yield
    except Wrong as finding:
        assert server.subject is not None
        if server.subject.wait(server.patience.seconds * END_UNITS) is not None:
            raise server.program.ended(finding) from None
        raise
