"""How long to wait before silence counts, in one unit that can be scaled; nothing else in the graders names seconds."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

#: Every sign of life renews a deadline, but only until this many times its length have passed: a program that drips
#: a byte now and then is as good as silent.
DRIP_UNITS = 4.0

#: Data in bulk is no drip: this many bytes are worth another length of the deadline.
BULK = 2**20

#: What is waited at least, in seconds, when the conversation's time is over: an answer may be there already.
_LEAST = 0.02

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
    until: float = math.inf  # the end of the whole conversation, by time.monotonic()

    @property
    def seconds(self) -> float:
        return min(self.unit * self.factor, max(_LEAST, self.until - time.monotonic()))

    def conversation(self, units: float) -> Patience:
        """The same patience, all of whose waits together end after ``units``."""
        return replace(self, until=time.monotonic() + self.unit * self.factor * units)

    def times(self, factor: float) -> Patience:
        return replace(self, factor=self.factor * factor)

    def deadline(self, units: float = 1.0) -> Deadline:
        return Deadline(self.seconds * units, self.until)


class Deadline:
    """A point in time; ``extend`` moves it when there was a sign of life, though not for ever."""

    def __init__(self, seconds: float, until: float = math.inf) -> None:
        now = time.monotonic()
        self.seconds = seconds
        self._end = now + seconds
        self._drip = now + seconds * DRIP_UNITS
        self._until = until

    @property
    def left(self) -> float:
        return max(0.0, min(self._end, self._drip, self._until) - time.monotonic())

    @property
    def over(self) -> bool:
        return self.left == 0.0

    @property
    def final(self) -> bool:
        """Whether no sign of life will extend it any more."""
        return time.monotonic() >= min(self._drip, self._until)

    def extend(self, done: int = 0) -> None:
        """There was a sign of life; ``done``: so many bytes were sent or received."""
        self._end = time.monotonic() + self.seconds
        self._drip += self.seconds * done / BULK
