"""The steps of a chat's history (lesson 21.6), in which one client acts at a time. Data and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: The client, by its name in the story, who joins first, stays to the end, and so sees everything.
WITNESS = "A"


@dataclass(frozen=True)
class Tells:
    """``who`` sends lines in one go, cut at offsets (modulo their length) into segments. A line may be bad: bytes.

    ``begins``: a line and a cut, up to which it goes with them; the rest comes later, as with ``Begins``.
    """

    who: str
    asked: tuple[Any, ...]
    cuts: tuple[int, ...] = ()
    begins: tuple[Any, int] | None = None
    escaped: bool = False
    end: bytes = b"\n"


@dataclass(frozen=True)
class Begins:
    """``who`` sends the first part of a line: the rest comes with its next lines, or never when it goes away."""

    who: str
    asked: Any
    cut: int


@dataclass(frozen=True)
class GoesAway:
    who: str
    how: str


Step = Tells | Begins | GoesAway
