"""How to grade, and what every grading process must know of one grading."""

from __future__ import annotations

from dataclasses import dataclass

from graders.core.wire.patience import Patience
from graders.sandbox import Level, PrivateCopy


@dataclass(frozen=True)
class Options:
    """How to grade. ``budget`` scales the number of conversations (1: what the checks themselves say)."""

    seed: int = 0
    budget: float = 1.0
    jobs: int = 6
    isolation: str = "auto"
    patience: float = 1.0  # seconds of one patience unit, on a machine that is not slower than the nominal one
    only: frozenset[str] = frozenset()  # check ids; empty: all (what they need runs, too)


@dataclass(frozen=True)
class Setting:
    """One grading: of what, behind which walls, how. Travels to other processes."""

    copy: PrivateCopy
    level: Level
    options: Options
    slowness: float  # of this machine, from 1 (nominal) on

    @property
    def patience(self) -> Patience:
        return Patience(self.options.patience * self.slowness)

    def seconds(self, units: float) -> float:
        """So many units of patience; a larger budget takes longer."""
        return units * self.patience.unit * max(1.0, self.options.budget)
