"""How long to wait before silence counts, in one unit that can be scaled; nothing else in the graders names seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

#: What `_work` takes on an idle core of the machine on which the unit of patience was chosen, in seconds.
_NOMINAL_WORK = 0.004

#: A slower machine gets a longer unit, up to this many times.
_SLOWEST = 5.0


def machine_factor() -> float:
    """How many times slower than the nominal machine this one is now, from 1 to 5; takes some milliseconds."""
    best = min(_work() for _ in range(5))
    return min(_SLOWEST, max(1.0, best / _NOMINAL_WORK))


def _work() -> float:
    started = time.perf_counter()
    total = 0
    for number in range(100_000):
        total += number & 3
    return time.perf_counter() - started


@dataclass(frozen=True)
class Patience:
    """``unit``: seconds that a program has for its next sign of life. ``factor`` scales it for one attempt.

    1 s: with ten busy loops on two cores an honest echo round trip never took longer.
    """

    unit: float = 1.0
    factor: float = 1.0

    @property
    def seconds(self) -> float:
        return self.unit * self.factor

    def times(self, factor: float) -> Patience:
        return replace(self, factor=self.factor * factor)

    def deadline(self, units: float = 1.0) -> Deadline:
        return Deadline(self.seconds * units)


class Deadline:
    """A point in time; ``extend`` moves it when there was a sign of life."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    @property
    def over(self) -> bool:
        return self.left == 0.0

    def extend(self) -> None:
        self._end = time.monotonic() + self.seconds
