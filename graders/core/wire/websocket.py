"""A WebSocket client of the grader, frame by frame: it may send any frame, right or wrong, in any segments.

It answers pings by itself, as every client must, between two frames of its own (RFC 6455 §5.4); each answer is a step
of the story like any other.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, TypeVar

from graders.core.models.finding import Ending
from graders.core.models.websocket_frames import CLOSE, PING, PONG, USUAL_MASK, Frame, FrameReader, encode_all
from graders.core.models.websocket_heard import NO_CODE, VALID_CODES, Accepted, closes, hears
from graders.core.traffic.websocket import Handshake, in_one
from graders.core.wire.patience import Patience
from graders.core.wire.story import Story
from graders.core.wire.tcp import Anything, TcpPeer

#: How a client is connected: ``connect`` of a Server, or of a Script.
Connect = Callable[..., TcpPeer]

#: What a server may answer to a Close.
ANY_CODE = frozenset({*VALID_CODES, NO_CODE})

#: Seconds between two looks of a client that only listens.
_LOOK = 0.05


class WebSocketPeer(TcpPeer):
    """One end of a WebSocket connection. ``open_websocket`` makes one."""

    answers_close = False  # by itself, as it answers pings
    FRAMED: ClassVar = {"framed": "messages"}  # "lines": what is compared are the messages as lines

    def __init__(self, name: str, sock: socket.socket, story: Story, patience: Patience) -> None:
        super().__init__(name, sock, story, patience)
        self._upgraded = False
        self._begun = b""  # of a frame that was sent in part
        self._sending = False
        self._owed: list[Frame] = []  # answers that wait for the end of what is being sent
        self._said_goodbye = False
        self._scanner = FrameReader()  # of what is unread
        self._scanned = 0  # its frames that were looked at for pings

    # -- the handshake -------------------------------------------------------------------------------------------------

    def shake_hands(
        self,
        handshake: Handshake,
        *,
        cut_at: Iterable[int] = (),
        behind: bytes = b"",
        suspect: str | None = None,
    ) -> None:
        """Ask, with these bytes right behind the request, and judge the answer."""
        request = handshake.request.bytes(f"127.0.0.1:{self.port}")
        self.send(request + behind, cut_at=cut_at)
        self.expect(Accepted(handshake.key, suspect=suspect))
        self._upgraded = True
        self.marks = dict(self.FRAMED)
        self._answer_pings()

    @property
    def port(self) -> int:
        """The server's, as the story has it: a connection that is reset already knows it no more."""
        steps = reversed(self.story.steps)
        return int(next(step.more["port"] for step in steps if step.kind == "connect" and step.actor == self.name))

    # -- frames --------------------------------------------------------------------------------------------------------

    def send_frames(self, frames: Iterable[Frame], *, cut_at: Iterable[int] = (), **how: Any) -> None:
        """All of these in one segment, or cut into several."""
        self.send(encode_all(frames), cut_at=cut_at, **how)

    def send(self, data: str | bytes, *, cut_at: Iterable[int] = (), **how: Any) -> None:
        """Any bytes. What is not whole frames in one segment is told as bytes."""
        cuts, whole = list(cut_at), data.encode() if isinstance(data, str) else data
        if not self._upgraded:
            super().send(whole, cut_at=cuts, **how)
            return
        begun, self._begun = self._begun, self._begun + whole
        reader = FrameReader()
        reader.read(self._begun)
        self._begun = self._begun[reader.end :]
        marks = self.marks
        self.marks = {} if cuts or begun or self._begun else marks
        self._sending = True
        try:
            super().send(whole, cut_at=cuts, **how)
        finally:
            self.marks, self._sending = marks, False
            self._settle()

    def say(self, *payloads: str | bytes, **how: Any) -> None:
        """Each as one frame: text of str, binary of bytes."""
        self.send_frames([in_one(payload) for payload in payloads], **how)

    def hear(
        self, *payloads: str | bytes, pongs: Iterable[bytes] = (), suspect: str | None = None, units: float = 1.0
    ) -> None:
        """Exactly these messages and pongs come next, and the connection stays open."""
        self.expect(hears(*payloads, pongs=tuple(pongs), suspect=suspect), units=units)

    def exchange(self, *payloads: str | bytes, suspect: str | None = None, **how: Any) -> None:
        """Each comes back from the echo."""
        self.say(*payloads, **how)
        self.hear(*payloads, suspect=suspect)

    def send_close(self, payload: bytes = b"\x03\xe8") -> None:
        self._said_goodbye = True
        self.send_frames([Frame(CLOSE, payload, mask=USUAL_MASK)])

    def say_goodbye(self, payload: bytes = b"\x03\xe8") -> None:
        """The closing handshake from this side: a Close comes back, and the server ends the connection."""
        self.send_close(payload)
        self.expect(closes(ANY_CODE))
        self.expect_end(diagnosis="websocket.stays_open")
        self.close()

    def expect_close(self, codes: Iterable[int], *, errors: bool = False, suspect: str | None = None) -> None:
        """The server fails the connection with one of these codes; this side answers the Close, and leaves."""
        self.expect(closes(frozenset(codes), errors=errors, suspect=suspect))
        if not self.answers_close:
            self.send_close()
        self.receive(Anything(), units=0.3)
        self.close()

    @contextmanager
    def attending(self) -> Iterator[None]:
        """While this lasts a thread listens: when the server says goodbye, it answers, reads to the end and closes."""
        over = threading.Event()
        thread = threading.Thread(target=self._attend, args=[over], daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _attend(self, over: threading.Event) -> None:
        oracle = closes(ANY_CODE)
        while not over.is_set() and not self.ending and not oracle.complete(self.unread):
            if self._wait_readable(_LOOK):
                self._read_available()
        if oracle.complete(self.unread):
            data, _ = self.receive(oracle)
            self.story.add(self.name, "receive", data=data, ending="complete", **self.marks, **oracle.part(data))
            self.send_close()
            self.receive(Anything())
            self.close()

    # -- pings ---------------------------------------------------------------------------------------------------------

    def receive(self, oracle: Any, *, units: float = 1.0) -> tuple[bytes, Ending]:
        data, ending = super().receive(oracle, units=units)
        if self._upgraded:
            self._rescan()
        return data, ending

    def _rescan(self) -> None:
        """What was judged has gone from ``unread``: of what is left the pings were answered already."""
        self._scanner = FrameReader()
        self._scanner.read(self.unread)
        self._scanned = len(self._scanner.frames)

    def _read_available(self) -> int:
        taken = super()._read_available()
        if self._upgraded:
            self._answer_pings()
        return taken

    def _answer_pings(self) -> None:
        self._scanner.read(self.unread)
        frames = self._scanner.frames[self._scanned :]
        self._scanned = len(self._scanner.frames)
        for frame in frames:
            if frame.opcode == PING:
                self._owed.append(Frame(PONG, frame.payload, mask=USUAL_MASK))
            elif frame.opcode == CLOSE and self.answers_close and not self._said_goodbye:
                self._owed.append(Frame(CLOSE, frame.payload[:2], mask=USUAL_MASK))
        self._settle()

    def _settle(self) -> None:
        """Send what is owed, unless a frame has been begun: inside of it there is no place for another one."""
        while self._owed and not (self._sending or self._begun):
            frame = self._owed.pop(0)
            self.story.add(self.name, "send", data=frame.encode(), reading="meanwhile", more=False, **self.marks)
            with suppress(OSError):
                self._socket.send(frame.encode())


Kind = TypeVar("Kind", bound=WebSocketPeer)


def open_websocket(connect: Connect, name: str = "A", *, suspect: str | None = None, **how: Any) -> WebSocketPeer:
    """A new client of the echo, behind its handshake."""
    return open_as(WebSocketPeer, connect, name, "/echo", suspect=suspect, **how)


def open_as(
    kind: type[Kind], connect: Connect, name: str, path: str, *, suspect: str | None = None, **how: Any
) -> Kind:
    """A new client of that kind, behind its handshake."""
    peer = connect(name, **how).become(kind)
    peer.shake_hands(Handshake(path), suspect=suspect)
    return peer
