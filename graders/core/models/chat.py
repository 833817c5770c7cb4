"""The chat room (lesson 21.6), without any transport: who is joined, and what every client must see next.

``Room`` follows a history in which nothing happens at once: each thing that a client does has one right outcome. What
several clients do at the same time may be seen in any order: that is ``Rush``, of ``models/chat_rush.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graders.core.models.chat_events import Event, joined, left, name_of, refused, said

#: Who is meant by a client: the grader's name for a connection.
Client = str


@dataclass
class Outcome:
    """What one thing that a client did leads to."""

    sees: dict[Client, list[Event]] = field(default_factory=dict)  # in this order; errors at any place between
    ends: bool = False  # whether the server then ends the client's connection

    def add(self, client: Client, event: Event) -> None:
        self.sees.setdefault(client, []).append(event)


@dataclass
class Room:
    """Clients and their names, in the order in which they joined."""

    names: dict[Client, str] = field(default_factory=dict)

    def hears(self, client: Client, asked: Any) -> Outcome:
        """A line came from ``client``, whose value is ``asked``; any value that is no object stands for bad lines."""
        kind = asked.get("type") if isinstance(asked, dict) else None
        if client not in self.names:
            return self.join(client, asked.get("name")) if kind == "join" else self._refuses(client, ends=True)
        if kind == "leave":
            return self.leave(client, ends=True)
        if kind == "message" and isinstance(asked.get("text"), str):
            return self._tells(said(self.names[client], asked["text"]))
        return self._refuses(client)

    def join(self, client: Client, asked: Any) -> Outcome:
        name = name_of(asked)
        if client in self.names or name is None or name in self.names.values():
            return self._refuses(client, ends=client not in self.names)
        self.names[client] = name
        return self._tells(joined(name))

    def leave(self, client: Client, *, ends: bool = False) -> Outcome:
        """It says leave (the server then ``ends`` the connection), closes, resets: the others see the same."""
        name = self.names.pop(client, None)
        outcome = self._tells(left(name)) if name is not None else Outcome()
        outcome.ends = ends
        return outcome

    def breaks(self, client: Client) -> Outcome:
        """It sent too much of a line: an error, and it is out."""
        outcome = self.leave(client, ends=True)
        outcome.add(client, refused())
        return outcome

    def _tells(self, event: Event) -> Outcome:
        return Outcome({client: [event] for client in self.names})

    def _refuses(self, client: Client, *, ends: bool = False) -> Outcome:
        return Outcome({client: [refused()]}, ends)
