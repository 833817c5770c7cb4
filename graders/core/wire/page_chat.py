"""The chat over WebSocket with people in a browser among its clients (lesson 21.7, task 2)."""

from __future__ import annotations

from collections.abc import Iterable

from graders.core.models.chat_events import Event, join, message
from graders.core.wire.browser import Visitor
from graders.core.wire.server import Server
from graders.core.wire.websocket_chat import SocketChat


class PageChat(SocketChat):
    """What a visitor must read is what others write, and his own join; how the page says the rest is its own."""

    def __init__(self, server: Server, visitors: Iterable[Visitor]) -> None:
        super().__init__(server.connect)
        self.visitors = {visitor.name: visitor for visitor in visitors}

    def joins_by_page(self, who: str, name: str) -> None:
        """A visitor joins, and everybody sees it."""
        self.visitors[who].write("#name", name)
        self.visitors[who].click("#join")
        self.visitors[who].reads("#messages", name, diagnosis="websocket.page_not_joined")
        self.see(who, [self.room.hears(who, join(name))], suspect="websocket.page_not_joined")

    def says_by_page(self, who: str, text: str) -> None:
        """A visitor writes and sends, and everybody sees it."""
        self.visitors[who].write("#text", text)
        self.visitors[who].click("#send")
        outcome = self.room.hears(who, message(text))
        for client, events in outcome.sees.items():
            if client not in self.visitors:
                self.sees(client, events, suspect="websocket.page_not_sent")
        for client in self.visitors.keys() - {who}:  # whether one sees one's own words is the page's matter
            self.sees(client, outcome.sees.get(client, []), suspect="websocket.page_not_shown")

    def sees(self, who: str, events: Iterable[Event], *, suspect: str | None = None) -> None:
        if who not in self.visitors:
            super().sees(who, events, suspect=suspect)
        elif texts := [event["text"] for event in events if event["type"] == "message"]:
            self.visitors[who].reads("#messages", *texts, diagnosis=suspect or "websocket.page_not_shown")
