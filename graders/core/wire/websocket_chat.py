"""Clients of the chat over WebSocket (lesson 21.7, task 2): they say in messages what others say in lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from graders.core.models.chat_courses import SOCKET_KINDS
from graders.core.models.chat_events import line
from graders.core.models.chat_seen import Sees
from graders.core.models.finding import StreamOracle
from graders.core.models.websocket_chat import Binary, SeesMessages, SocketRoom, direct
from graders.core.models.websocket_frames import BINARY, TEXT, USUAL_MASK, Frame, encode_all
from graders.core.traffic.websocket import in_fragments
from graders.core.wire.chat import WAYS_TO_LEAVE, Chat
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

    def is_pushed(self, server: Instance, text: str, *, suspect: str | None = None) -> None:
        """The program pushes a text: all who have joined see it."""
        server.call("push", text)
        outcome = self._room.push(text)
        for client, events in outcome.sees.items():
            self.sees(client, events, suspect=suspect)

    def leaves(self, who: str, how: str = "leave", *, suspect: str | None = None) -> None:
        if how != GOODBYE:
            super().leaves(who, how, suspect=suspect)
            return
        peer = self.peers.pop(who)
        self.begun.pop(who, None)
        assert isinstance(peer, WebSocketPeer)
        peer.say_goodbye()
        self.see(who, [self.room.leave(who)], suspect=suspect)
