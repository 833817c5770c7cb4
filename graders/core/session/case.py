"""What came of one conversation of one check with the submission's program."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from graders.core.models.finding import Mismatch
from graders.core.text import Text
from graders.core.wire.story import Story


class Outcome(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    SILENT = "silent"
    UNAVAILABLE = "unavailable"
    BROKEN = "broken"


@dataclass
class Case:
    """What one conversation led to."""

    outcome: Outcome
    values: dict[str, Any]
    story: Story = field(default_factory=Story)
    mismatch: Mismatch | None = None
    output: str = ""
    reason: Text | None = None
    traceback: str | None = None
    starved: bool = False  # of a processor, as far as it was looked at
    slow: bool = False  # it took its time, whatever came of it
    began: bool = False  # False: the program could not even be started, whatever the values
    setup: dict[str, Any] = field(default_factory=dict)
    depends_on_chance: bool = False

    @property
    def failed(self) -> bool:
        return self.outcome in (Outcome.WRONG, Outcome.SILENT)
