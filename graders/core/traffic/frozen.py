"""A Hypothesis backend whose examples depend on the seed and the strategies alone.

Hypothesis' own generator also draws constants that it finds in the local modules that happen to be loaded, and its
text depends on the Unicode tables of the running Python: a check would see other traffic after any edit anywhere.
This backend draws from ``random.Random(seed)`` only, through ``getrandbits``, which is the same in every version of
Python. Shrinking stays Hypothesis' own. (Its documentation: "Alternative backends for Hypothesis".)

Small ranges are dealt like cards: at one place of a test case every value comes up once before any comes up twice, so
that ``sampled_from(EDGES)`` reaches every edge within as many cases as there are edges.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from random import Random
from typing import Any

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, PrimitiveProvider

#: The name to give to ``settings(backend=…)``.
BACKEND = "netgrade-frozen"

#: The seed of the search that is about to run in this thread.
seed_of_search: ContextVar[int] = ContextVar("seed_of_search", default=0)

#: Ranges of up to this many values are dealt; larger ones are drawn.
_DECK = 64


def random_below(random: Random, count: int) -> int:
    """A number in 0 ≤ n < count from random bits; independent of how the standard library's methods evolve."""
    bits = count.bit_length()
    while True:
        number = random.getrandbits(bits) if bits else 0
        if number < count:
            return number


class FrozenProvider(PrimitiveProvider):
    """One per search (``lifetime``), made when the search begins."""

    lifetime = "test_function"

    def __init__(self, conjecturedata: Any, /) -> None:
        super().__init__(conjecturedata)
        self._random = Random(seed_of_search.get())
        self._decks: dict[tuple[int, int, int], list[int]] = {}
        self._place = 0  # how many draws this test case has made

    def per_test_case_context_manager(self) -> AbstractContextManager[None]:
        self._place = 0
        return nullcontext()

    def draw_boolean(self, p: float = 0.5) -> bool:
        if p <= 0 or p >= 1:
            return p >= 1
        self._place += 1
        return self._fraction() < p

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        low = min_value if min_value is not None else min(-(2**32), max_value or 0)
        high = max_value if max_value is not None else max(2**32, low)
        self._place += 1
        if high - low < _DECK:
            return self._deal(low, high)
        if random_below(self._random, 4) == 0:  # the edges, more often than chance would have it
            return (low, high, low + 1, high - 1)[random_below(self._random, 4)]
        return low + random_below(self._random, high - low + 1)

    def draw_float(
        self,
        *,
        min_value: float = -math.inf,
        max_value: float = math.inf,
        allow_nan: bool = True,
        smallest_nonzero_magnitude: float,
    ) -> float:
        self._place += 1
        low, high = max(min_value, -1e6), min(max_value, 1e6)
        value = low + (high - low) * self._fraction()
        return value if abs(value) >= smallest_nonzero_magnitude else max(0.0, low)

    def draw_string(self, intervals: Any, *, min_size: int = 0, max_size: int = 10**10) -> str:
        size = self.draw_integer(min_size, min(max_size, min_size + 20))
        return "".join(chr(intervals[random_below(self._random, len(intervals))]) for _ in range(size))

    def draw_bytes(self, min_size: int = 0, max_size: int = 10**10) -> bytes:
        size = self.draw_integer(min_size, min(max_size, min_size + 64))
        return bytes(self._random.getrandbits(8) for _ in range(size))

    def _fraction(self) -> float:
        return self._random.getrandbits(53) / 2**53

    def _deal(self, low: int, high: int) -> int:
        deck = self._decks.setdefault((self._place, low, high), [])
        if not deck:
            deck.extend(range(low, high + 1))
        return deck.pop(random_below(self._random, len(deck)))


AVAILABLE_PROVIDERS[BACKEND] = f"{__name__}.FrozenProvider"
