"""Clients of the lesson's chat over TCP (21.6), and the room that says what each of them must see.

Every step is a barrier: it ends when all clients have seen what it must lead to, so that nothing is under way when the
next one begins, and no client can have seen more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from types import TracebackType
from typing import Any, Self

from graders.core.models.chat import Outcome, Room
from graders.core.models.chat_courses import KINDS, Course, InOrder
from graders.core.models.chat_events import Event, join, leave, line, message
from graders.core.models.chat_seen import Sees
from graders.core.models.finding import StreamOracle
from graders.core.wire.tcp import Reading, TcpPeer

#: How a client leaves.
LEAVE, CLOSE, RESET, HALF_CLOSE = "leave", "close", "reset", "half-close"
WAYS_TO_LEAVE = (LEAVE, CLOSE, RESET, HALF_CLOSE)

#: What of a client's past is kept to know a repetition by.
_MEMORY = 50


class Chat:
    """The grader's clients in one chat room. Names of clients (``A``, ``B``, …) are the story's, not the chat's."""

    ways_to_leave: Sequence[str] = WAYS_TO_LEAVE
    kinds = KINDS  # of events that may come

    def __init__(self, connect: Callable[..., TcpPeer]) -> None:
        self._connect = connect  # (name, **how): of a Server, or of a Script
        self.room = Room()
        self.peers: dict[str, TcpPeer] = {}
        self.perhaps: dict[str, list[Event]] = {}  # what a client may see once, at any time, and need not
        self._seen: dict[str, list[Event]] = {}
        self._gone = 0
        self.begun: dict[str, tuple[Any, bytes]] = {}  # a line's value, and what of it is still to be sent

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for peer in self.peers.values():
            peer.__exit__(kind, error, trace)

    # -- what clients do -----------------------------------------------------------------------------------------------

    def connect(self, who: str, *, narrow: bool = False) -> TcpPeer:
        """Have ``who`` connected; nothing when it is."""
        if who not in self.peers:
            how: dict[str, Any] = {"narrow": True} if narrow else {}
            self.peers[who] = self._connect(who, **how)
            self._seen[who] = []
        return self.peers[who]

    def joins(self, who: str, name: str | None = None, *, suspect: str | None = None, **how: Any) -> None:
        """Connect and join, under its own name where no other is given; all others see it."""
        self.tells(who, join(who if name is None else name), suspect=suspect, **how)

    def says(self, who: str, text: str, *, suspect: str | None = None, **how: Any) -> None:
        self.tells(who, message(text), suspect=suspect, **how)

    def tells(
        self,
        who: str,
        *asked: Any,
        suspect: str | None = None,
        cuts: Iterable[int] = (),
        begins: tuple[Any, int] | None = None,
        **shape: Any,
    ) -> None:
        """One or several lines in one go, and what all see of it. ``asked``: values, or the bytes of a bad line.

        What has begun is ended first. ``cuts``: offsets, modulo the length of the whole. ``begins``: a line and a cut,
        up to which it goes with them. Behind a leave the server listens to nothing; behind a line that it refuses with
        an end nothing is sent: unread data could destroy the error.
        """
        peer = self.connect(who)
        begun, rest = self.begun.pop(who, (None, b""))
        values = [begun, *asked] if rest else list(asked)
        parts = [*([rest] if rest else []), *(self.encode(one, **shape) for one in asked)]
        heard, ends = self._heard(who, values)
        if ends and who not in self.room.names:
            del parts[heard:]
        if begins is not None and not ends:
            parts.append(self._begin(who, *begins))
        data = b"".join(parts)
        peer.send(data, cut_at=[1 + cut % len(data) for cut in cuts])
        self.see(who, [self.room.hears(who, value) for value in values[:heard]], suspect=suspect)

    def begins(self, who: str, asked: Any, cut: int) -> None:
        """Part of a line (all of it but its end, at most); nothing when one has begun already."""
        peer = self.connect(who)
        if who not in self.begun:
            peer.send(self._begin(who, asked, cut))
            peer.await_taken()

    def _begin(self, who: str, asked: Any, cut: int) -> bytes:
        """The first part of a line; the rest is kept for later."""
        data = self.encode(asked)
        at = 1 + cut % (len(data) - 1)
        self.begun[who] = (asked, data[at:])
        return data[:at]

    def _heard(self, who: str, values: Sequence[Any]) -> tuple[int, bool]:
        """How many of the lines the server listens to, and whether it ends the connection with the last of them."""
        room = replace(self.room, names=dict(self.room.names))
        for number, value in enumerate(values, 1):
            if room.hears(who, value).ends:
                return number, True
        return len(values), False

    def tells_one_by_one(self, who: str, asked: Sequence[Any]) -> None:
        """Several lines without waiting for what comes of them, but each in a segment of its own."""
        ends = list(accumulate(len(self.encode(one)) for one in asked))
        self.tells(who, *asked, cuts=[end - 1 for end in ends[:-1]])

    def breaks(self, who: str, data: bytes, *, suspect: str | None = None) -> None:
        """Too much of a line: an error, the end, and those who remain see it leave if it had joined."""
        self.connect(who).send(data)
        self.see(who, [self.room.breaks(who)], suspect=suspect)

    def leaves(self, who: str, how: str = LEAVE, *, after: Sequence[Outcome] = (), suspect: str | None = None) -> None:
        """In one of the four ways; those that remain see it, ``after`` what nobody has looked at yet."""
        if how == LEAVE:
            self.tells(who, leave(), suspect=suspect)
            return
        peer = self.peers.pop(who)
        self.begun.pop(who, None)
        {CLOSE: peer.close, RESET: peer.reset, HALF_CLOSE: peer.half_close}[how]()
        if how == HALF_CLOSE:
            self._gone += 1
            self.peers[f"{who} {self._gone}"] = peer  # nobody's any more, and open to the end
        self.see(who, [*after, self.room.leave(who)], suspect=suspect)

    # -- what they see -------------------------------------------------------------------------------------------------

    def see(self, who: str, outcomes: Iterable[Outcome], *, suspect: str | None = None) -> None:
        """Everybody sees what these outcomes of what ``who`` did say; ``who`` first."""
        sees: dict[str, list[Event]] = {}
        ends = False
        for outcome in outcomes:
            ends = ends or outcome.ends
            for client, events in outcome.sees.items():
                sees.setdefault(client, []).extend(events)
        mine = sees.pop(who, [])
        if ends:
            self._sees_the_end(who, mine, suspect)
        elif mine:
            self.sees(who, mine, suspect=suspect)
        for client, events in sees.items():
            self.sees(client, events, suspect=suspect)

    def sees(self, who: str, events: Iterable[Event], *, suspect: str | None = None) -> None:
        """These events, in this order, and no other."""
        self.expect(who, InOrder(events, perhaps=self.perhaps.get(who)), suspect=suspect)

    def _sees_the_end(self, who: str, events: list[Event], suspect: str | None) -> None:
        """An error comes before the end; what the room said just before a leave may be lost with the connection."""
        self.expect(who, InOrder(events), suspect=suspect, ends=True)
        self.peers.pop(who).close()

    def expect(
        self,
        who: str,
        course: Course,
        *,
        suspect: str | None = None,
        ends: bool = False,
        may_end: bool = False,
        late: float = 0.0,
    ) -> list[Event]:
        """It sees what the course says, and this is what it saw. See Sees, and TcpPeer.expect."""
        before = self._seen[who]
        oracle = Sees(
            course,
            before=before,
            first=not before,
            suspect=suspect,
            ends=ends,
            may_end=may_end,
            kinds=self.kinds,
        )
        self.peers[who].expect(self.over_the_wire(oracle), late=late)
        before.extend(oracle.events)
        del before[:-_MEMORY]
        return oracle.events

    # -- how it goes over the wire -------------------------------------------------------------------------------------

    def encode(self, asked: Any, **shape: Any) -> bytes:
        """``asked``: a value, or the bytes of a line that is none, without its end."""
        return asked + shape.get("end", b"\n") if isinstance(asked, bytes) else line(asked, **shape)

    def over_the_wire(self, oracle: Sees) -> StreamOracle:
        """The oracle for what its client receives."""
        return oracle

    def send(self, who: str, *asked: Any, reading: Reading = Reading.MEANWHILE) -> None:
        """In one go, and nobody looks at what comes of it."""
        self.peers[who].send(b"".join(self.encode(one) for one in asked), reading=reading)
