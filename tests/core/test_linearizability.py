"""The checker of simultaneous histories: what must fail and what must pass, on a register and the users API."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from graders.core.models.linearizability import Event, TooMany, final_states, linearize
from graders.core.models.users import Fields, Kind, Operation, Result, State, apply, as_json

# -- a register: ("write", x) and ("read", None)


def register(state: int, operation: tuple[str, int | None], result: int | None) -> int | None:
    kind, value = operation
    if kind == "write":
        assert value is not None
        return value
    return state if result == state else None


def write(value: int, began: float, answered: float) -> Event[Any, Any]:
    return Event(("write", value), 0, began, answered)


def read(value: int, began: float, answered: float) -> Event[Any, Any]:
    return Event(("read", None), value, began, answered)


@pytest.mark.parametrize(
    ("history", "right"),
    [
        ([], True),
        ([write(1, 0, 1), read(1, 2, 3)], True),
        ([write(1, 0, 1), read(0, 2, 3)], False),  # stale: the write was answered before the read began
        ([write(1, 0, 3), read(0, 1, 2)], True),  # at the same time
        ([write(1, 0, 9), read(1, 1, 2), read(0, 3, 4)], False),  # once seen it stays seen
        ([write(1, 0, 9), read(0, 1, 2), read(1, 3, 4)], True),
        ([write(1, 0, 9), write(2, 0, 9), read(1, 1, 2), read(2, 3, 4)], True),
        ([write(1, 0, 9), write(2, 0, 9), read(1, 1, 2), read(2, 3, 4), read(1, 5, 6)], False),
        ([read(7, 0, 1)], False),  # phantom
    ],
)
def test_a_register(history: list[Event[Any, Any]], right: bool) -> None:
    assert (linearize(register, 0, history) is not None) is right


def test_it_agrees_with_trying_every_order() -> None:
    numbers = random.Random(1)
    for _ in range(400):
        history = []
        for _ in range(numbers.randint(1, 5)):
            began = numbers.randint(0, 6)
            make = numbers.choice([write, read])
            history.append(make(numbers.randint(0, 2), began, began + numbers.randint(1, 5)))
        assert (linearize(register, 0, history) is not None) is by_force(history)


def by_force(history: list[Event[Any, Any]]) -> bool:
    for order in itertools.permutations(history):
        if any(later.answered < earlier.began for earlier, later in itertools.combinations(order, 2)):
            continue
        state: int | None = 0
        for event in order:
            state = register(state, event.operation, event.result)
            if state is None:
                break
        else:
            return True
    return False


def test_what_was_never_answered_happened_or_did_not() -> None:
    def counter(state: int, operation: str, result: int | None) -> int | None:
        return state + 1 if result in (None, state + 1) else None

    history: list[Event[str, int]] = [Event("add", 1, 0, 1), Event("add", None, 0)]
    assert final_states(counter, 0, history) == {1, 2}


def test_its_cost_is_bounded() -> None:
    history = [write(n, 0, 99) for n in range(14)]
    with pytest.raises(TooMany):
        linearize(register, 0, [*history, read(77, 0, 99)], most=1000)
    assert linearize(register, 0, [*history, read(13, 100, 101)]) == 13


# -- the users API

ANN, BOB = Fields("Ann", "ann@x", 1), Fields("Bob", "bob@x", 2)
START = State().put(1, ANN)


def create(fields: Fields, user: int | None, at: float = 0.0, until: float = 9.0) -> Event[Operation, Result]:
    """Answered 201 with this id, or 409 for None."""
    result = Result(409) if user is None else Result(201, as_json(user, fields))
    return Event(Operation(Kind.CREATE, None, fields), result, at, until)


def replace(user: int, fields: Fields, status: int = 200, at: float = 0.0, until: float = 9.0) -> Event[Any, Any]:
    value = as_json(user, fields) if status == 200 else None
    return Event(Operation(Kind.REPLACE, user, fields), Result(status, value), at, until)


def delete(user: int, status: int = 204, at: float = 0.0, until: float = 9.0) -> Event[Any, Any]:
    return Event(Operation(Kind.DELETE, user), Result(status), at, until)


def lists(*users: tuple[int, Fields], at: float = 10.0, until: float = 11.0) -> Event[Any, Any]:
    return Event(Operation(Kind.LIST), Result(200, [as_json(*user) for user in users]), at, until)


WRONG = {
    "lost update": [create(BOB, 2), create(Fields("C", "c@x"), 3), lists((1, ANN), (3, Fields("C", "c@x")))],
    "an id twice": [create(BOB, 2), create(Fields("C", "c@x"), 2), lists((1, ANN), (2, BOB))],
    "an id that was given before": [create(BOB, 1), lists((1, BOB))],
    "an e-mail twice": [create(BOB, 2), create(Fields("B", "BOB@x"), 3)],
    "an e-mail twice by PUT": [create(BOB, 2, 0, 1), replace(1, Fields("A", "bob@X"), at=2)],
    "a stale list": [create(BOB, 2, 0, 1), lists((1, ANN), at=2)],
    "a phantom": [create(BOB, None), lists((1, ANN), (2, BOB))],
    "refused for no reason": [create(BOB, None), create(BOB, None)],
    "deleted twice": [delete(1), delete(1)],
    "resurrected": [delete(1), replace(1, BOB), lists((1, BOB))],
    "torn": [replace(1, BOB), replace(1, Fields("C", "c@x", 3)), lists((1, Fields("Bob", "c@x", 3)))],
    "a change after the user had gone": [delete(1, at=0, until=1), replace(1, BOB, at=2)],
    "unsorted": [create(BOB, 2), lists((2, BOB), (1, ANN))],
}
RIGHT = {
    "one of two gets the e-mail": [create(BOB, 2), create(Fields("B", "BOB@x"), None), lists((1, ANN), (2, BOB))],
    "ids in any order": [
        create(BOB, 7),
        create(Fields("C", "c@x"), 5),
        lists((1, ANN), (5, Fields("C", "c@x")), (7, BOB)),
    ],
    "ids below": [create(BOB, 0), lists((0, BOB), (1, ANN))],
    "deleted once": [delete(1), delete(1, 404), delete(1, 404), lists()],
    "changed, then deleted": [replace(1, BOB), delete(1), lists()],
    "deleted, then changed": [replace(1, BOB, 404), delete(1), lists()],
    "freed by the deletion": [delete(1), create(Fields("A", "ANN@x"), 2), lists((2, Fields("A", "ANN@x")))],
    "not freed yet": [delete(1), create(Fields("A", "ANN@x"), None), lists()],
    "either error": [delete(1), replace(1, BOB, 404), create(BOB, 2), lists((2, BOB))],
    "the last change stays": [replace(1, BOB), replace(1, Fields("C", "c@x", 3)), lists((1, BOB))],
    "a list in between": [
        create(BOB, 2),
        create(Fields("C", "c@x"), 3),
        lists((1, ANN), (3, Fields("C", "c@x")), at=0),
    ],
}


@pytest.mark.parametrize("name", WRONG)
def test_no_order_explains(name: str) -> None:
    assert linearize(apply_, START, WRONG[name]) is None


@pytest.mark.parametrize("name", RIGHT)
def test_some_order_explains(name: str) -> None:
    assert linearize(apply_, START, RIGHT[name]) is not None


def apply_(state: State, operation: Operation, result: Result | None) -> State | None:
    assert result is not None
    return apply(state, operation, result)
