"""What several chat clients do at the same time, and what may be seen of it (lesson 21.6). No I/O.

Each one's events come in its order, mixed in any way, but in one and the same way for everybody: those who stay see
all, a newcomer from its own join on, one who leaves up to its leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graders.core.models.chat_events import Event, join, joined, leave, left, message, said


@dataclass(frozen=True)
class Part:
    """What one client does in a rush: it joins where it has not yet, says ``texts``, and may leave."""

    who: str
    texts: int = 0
    joins: bool = False
    leaves: str = ""  # "leave" behind its texts; "reset" or "close" instead of any: those could take texts with them

    def events(self) -> list[Event]:
        """What it causes, in this order. Its name is ``who``."""
        told: list[Event] = [said(self.who, self.text(number)) for number in range(self.texts)]
        return [*([joined(self.who)] if self.joins else []), *told, *([left(self.who)] if self.leaves else [])]

    def asked(self) -> list[Event]:
        """What it sends, in one go."""
        asked = [message(self.text(number)) for number in range(self.texts)]
        return [*([join(self.who)] if self.joins else []), *asked, *([leave()] if self.leaves == "leave" else [])]

    def text(self, number: int) -> str:
        return f"{self.who}{number}"


@dataclass(frozen=True)
class Rush:
    """Parts of different clients, all at the same time."""

    parts: tuple[Part, ...]

    def causes(self) -> dict[str, list[Event]]:
        return {part.who: events for part in self.parts if (events := part.events())}


def seen_by(part: Part, order: Sequence[Event]) -> list[Event]:
    """What of the one order the client of ``part`` sees."""
    begin = order.index(joined(part.who)) if part.joins else 0
    end = order.index(left(part.who)) if part.leaves else len(order)
    return list(order[begin:end])
