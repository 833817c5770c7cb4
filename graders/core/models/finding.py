"""What an oracle returns: nothing when all is right, else a Mismatch that names wanted, got and where they differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from graders.core.text import Text


class Ending(StrEnum):
    """How a stretch of receiving came to its end."""

    COMPLETE = "complete"  # the oracle had seen enough
    END = "end"  # the program closed the connection
    RESET = "reset"  # the program's side reset it
    SILENCE = "silence"  # nothing more came within patience


@dataclass(frozen=True)
class Side:
    """One side of a comparison: bytes, a value, words, or several of these."""

    text: Text | None = None
    data: bytes | None = None
    value: Any = None

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text.to_json() if self.text else None,
            "bytes": None if self.data is None else self.data.hex(),
            "value": self.value,
        }


@dataclass(frozen=True)
class Mismatch:
    """A finding against the program.

    ``diagnosis`` is a code of ``graders/core/diagnoses`` or None (then the check's own is taken);
    ``python`` an expression over ``got`` (bytes or value) that is true for a right answer, for the replay script,
    needed only where equality with ``wanted`` is not the question.
    """

    wanted: Side
    got: Side
    diagnosis: str | None = None
    first_difference: int | None = None
    note: Text | None = None
    python: str | None = None
    chance: bool = False  # a race or a kill: the same conversation may go well the next time
    event: str | None = None  # what should have happened instead, where no bytes or value say it: see EVENTS


#: What a program can be wanted to do, for the replay script to look for: it listens; it goes on running; it ends;
#: start() returns with a reason; a call returns; a connection is accepted, comes, or ends without more data; nothing
#: comes; what is sent is read; the module can be imported, quietly; it has a name; its window comes up; a call
#: goes on waiting.
EVENTS = (
    *("listening", "running", "stopped", "start_returns", "return", "connect", "accept"),
    *("end", "silence", "read", "import", "quiet", "name", "window", "waits"),
)


class StreamOracle(Protocol):
    """Judges bytes that arrive in any pieces."""

    def complete(self, data: bytes | bytearray) -> bool:
        """True when nothing that may still arrive can change the judgement."""

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        """The finding for everything that arrived, None when it is right."""


class PartOracle(ABC):
    """What a stream oracle is besides that judges whole lines, and leaves what comes behind them to the next one."""

    @abstractmethod
    def taken(self, data: bytes | bytearray) -> int:
        """How many of the bytes that arrived are judged by this one."""

    def part(self, data: bytes) -> dict[str, Any]:
        """What a replay knows these bytes' end by, which may be spelled in another way there: so many lines."""
        return {"lines": data.count(b"\n")}


def first_difference(wanted: bytes, got: bytes) -> int | None:
    """Index of the first byte that differs (the shorter length when one is a prefix), None when equal."""
    if wanted == got:
        return None
    for index, (one, other) in enumerate(zip(wanted, got, strict=False)):
        if one != other:
            return index
    return min(len(wanted), len(got))
