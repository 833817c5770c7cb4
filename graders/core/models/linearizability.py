"""Is there an order of simultaneous operations, one after the other, that explains every answer? No I/O.

Wing and Gong, "Testing and Verifying Concurrent Objects" (1993), with Lowe's memory of what was tried (2017): an
operation may come next if no other one that is left was answered before it began. What is left and the state say all
that matters; a pair that failed once is not tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S", bound=Hashable)
O = TypeVar("O")  # noqa: E741  operations
R = TypeVar("R")

#: apply(state, operation, result): the state behind it, or None where it cannot have this result.
Apply = Callable[[S, O, R | None], S | None]


@dataclass(frozen=True)
class Event(Generic[O, R]):
    """An operation that began and was answered, by one clock. ``result`` None: it was never answered, and may have
    happened at any time after it began, or not at all."""

    operation: O
    result: R | None
    began: float
    answered: float = float("inf")


class TooMany(Exception):
    """There are more states to try than was allowed: nobody can tell."""


def linearize(apply: Apply[S, O, R], state: S, history: Sequence[Event[O, R]], *, most: int = 200_000) -> S | None:
    """The state behind an order that explains the history, or None where there is none. TooMany: see ``most``.

    Events without a result need ``apply`` to take None for it, as "whatever it would be in this state".
    """
    for found in _orders(apply, state, history, most):
        return found
    return None


def final_states(apply: Apply[S, O, R], state: S, history: Sequence[Event[O, R]], *, most: int = 200_000) -> set[S]:
    """Every state that some order leads to."""
    return set(_orders(apply, state, history, most))


def _orders(apply: Apply[S, O, R], state: S, history: Sequence[Event[O, R]], most: int) -> Iterator[S]:
    # Depth first, without recursion: bit i of `left` says that event i has not happened yet.
    answered = sum(1 << i for i, event in enumerate(history) if event.result is not None)
    # Those that were answered before event i began must come before it.
    before = [
        sum(1 << j for j, other in enumerate(history) if other.result is not None and other.answered < event.began)
        for event in history
    ]
    start = ((1 << len(history)) - 1, state)
    tried = {start}
    waiting = [start]
    while waiting:
        left, now = waiting.pop()
        if not left & answered:
            yield now
        for i, event in enumerate(history):
            if left >> i & 1 and not before[i] & left:
                then = apply(now, event.operation, event.result)
                if then is None:
                    continue
                place = (left & ~(1 << i), then)
                if place not in tried:
                    if len(tried) >= most:
                        raise TooMany
                    tried.add(place)
                    waiting.append(place)
