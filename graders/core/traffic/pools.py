"""Many items of a pool in one conversation: a process a pool, not a process an item. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

Item = TypeVar("Item")

_KEEP = st.tuples(st.integers(0, 63), st.integers(0, 63)).map(any)


@st.composite
def most_of(draw: st.DrawFn, items: Sequence[Item]) -> list[Item]:
    """All of these but about one in 4,096, in their order; shrinks to the first one that matters."""
    kept = [draw(_KEEP) for _ in items]
    # Shrinking leaves the last draw that it needs: the first items, which are the plainest, are drawn last.
    return [item for item, keep in zip(items, reversed(kept), strict=True) if keep]


@st.composite
def part_of(draw: st.DrawFn, items: Sequence[Item], parts: int = 3) -> list[Item]:
    """Every ``parts``-th of these; as many cases as there are parts reach them all. Shrinks as ``most_of`` does."""
    return draw(most_of(items[draw(st.integers(0, parts - 1)) :: parts]))
