"""Clients of the chat over WebSocket (lesson 21.7, task 2): they say in messages what others say in lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from graders.core.models.chat import Outcome
from graders.core.models.chat_courses import SOCKET_KINDS
from graders.core.models.chat_events import line, message
from graders.core.models.chat_seen import Sees
from graders.core.models.finding import StreamOracle
from graders.core.models.websocket_chat import Binary, SeesMessages, SocketRoom, direct
from graders.core.models.websocket_frames import BINARY, TEXT, USUAL_MASK, Frame, encode_all
from graders.core.traffic.websocket import Violation, in_fragments, ping
from graders.core.wire.chat import HALF_CLOSE, WAYS_TO_LEAVE, Chat
from graders.core.wire.program import Instance
from graders.core.wire.websocket import Connect, WebSocketPeer, open_as

#: A way to leave that TCP has not: a Close.
GOODBYE = "closing handshake"


class ChatPeer(WebSocketPeer):
    """It answers a Close at once."""

    FRAMED: ClassVar = {"framed": "lines"}
    answers_close = True


class SocketChat(Chat):
    """The grader's clients in the chat room of a WebSocket server."""

    ways_to_leave = (*WAYS_TO_LEAVE, GOODBYE)
    kinds = SOCKET_KINDS

    def __init__(self, connect: Connect, *, suspect: str | None = None) -> None:
        """``suspect``: what it points to when a handshake fails."""
        super().__init__(lambda name, **how: open_as(ChatPeer, connect, name, "/chat", suspect=suspect, **how))
        self.room = self._room = SocketRoom()

    def encode(self, asked: Any, *, fragments: Iterable[int] = (), escaped: bool = False, **_: Any) -> bytes:
        """One message; ``fragments``: where it is cut, modulo its length."""
        if isinstance(asked, Binary):
            return Frame(BINARY, asked.data, mask=USUAL_MASK).encode()
        data = asked if isinstance(asked, bytes) else line(asked, escaped=escaped, end=b"")
        cuts = [1 + cut % len(data) for cut in fragments]
        if not cuts:
            return Frame(TEXT, data, mask=USUAL_MASK).encode()
        return encode_all(in_fragments(data, cuts, text=True))

    def over_the_wire(self, oracle: Sees) -> StreamOracle:
        return SeesMessages(oracle)

    def writes_to(self, who: str, to: Any, text: Any, *, suspect: str | None = None) -> None:
        """A direct message."""
        self.tells(who, direct(to, text), suspect=suspect)

    def pings(self, who: str, data: bytes) -> None:
        """``who``, who need not have joined, gets a pong, and nobody sees anything of it."""
        peer = self._peer(who)
        peer.send_frames([ping(data)])
        peer.hear(pongs=[data])

    def are_pushed(self, server: Instance, texts: Sequence[str], *, suspect: str | None = None) -> None:
        """The program pushes these, one call right behind the other: all who have joined see them."""
        calls = [server.begin("push", text) for text in texts]
        for call in calls:
            call.result()
        outcomes = [self._room.push(text) for text in texts]
        for client in self.room.names:
            self.sees(client, [event for outcome in outcomes for event in outcome.sees[client]], suspect=suspect)

    def leaves(
        self, who: str, how: str = "leave", *, after: Sequence[Outcome] = (), suspect: str | None = None
    ) -> None:
        if how != GOODBYE:
            super().leaves(who, how, after=after, suspect=suspect)
            return
        peer = self._peer(who)
        del self.peers[who]
        self.begun.pop(who, None)
        peer.say_goodbye()
        self.see(who, [*after, self.room.leave(who)], suspect=suspect)

    def says_and_leaves(self, who: str, text: str, *, suspect: str | None = None) -> None:
        """A last message and the end of the stream right behind it, without a Close: the others see both."""
        peer = self._peer(who)
        peer.send(self.encode(message(text)), more=True)
        spoken = self.room.hears(who, message(text))
        spoken.sees.pop(who)  # what it still hears itself is not looked at
        self.leaves(who, HALF_CLOSE, after=[spoken], suspect=suspect)

    def breaks_the_protocol(self, who: str, violation: Violation) -> None:
        """``who`` gets the Close that it deserves; those who remain see it leave."""
        peer = self._peer(who)
        del self.peers[who]
        peer.send_frames(violation.frames)
        peer.expect_close([violation.code], errors=True, suspect=violation.diagnosis)
        self.see(who, [self.room.leave(who)], suspect="websocket.failed_one_stays")

    def _peer(self, who: str) -> WebSocketPeer:
        peer = self.connect(who)
        assert isinstance(peer, WebSocketPeer)
        return peer
