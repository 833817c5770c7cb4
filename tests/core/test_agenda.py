"""Who grades what next: order, needs, and slots that share a unit. No process, no socket."""

from __future__ import annotations

import threading

import pytest

from graders.core.results import Tier
from graders.core.rubric import Actor, Check, Unit
from graders.core.session.agenda import Agenda, Task
from graders.core.text import Text


def unit(name: str, *checks: tuple[str, tuple[str, ...]]) -> Unit:
    made = {
        check: Check(check, Text(check, check), print, 1, Tier.CORE, needs, {}, 1, None, {}, False, Actor.PROGRAM)
        for check, needs in checks
    }
    return Unit(f"{name}。 {name}.", name, "1", {}, checks=made)


def agenda(*units: Unit, absent: str = "") -> Agenda:
    def hindrance(unit: Unit, check: Check) -> Text | None:
        return Text("没有", "absent") if check.id == absent else None

    return Agenda([(each, list(each.checks.values())) for each in units], hindrance)


def name_of(task: Task | None) -> str:
    assert task is not None
    return f"{task.unit.name}.{task.check.id}"


CHAIN = unit("u", ("a", ()), ("b", ("a",)), ("c", ("b",)), ("d", ("a",)))


def test_one_slot_takes_the_checks_in_their_order() -> None:
    work = agenda(CHAIN, unit("v", ("a", ())))
    taken, current = [], None
    while (task := work.take(0, current)) is not None:
        taken.append(name_of(task))
        current = task.unit.name
        work.settle(task, stands=True)
    assert taken == ["u.a", "u.b", "u.c", "u.d", "v.a"]


def test_what_needs_a_check_that_failed_is_left_out_with_the_reason() -> None:
    work = agenda(CHAIN)
    taken, current = {}, None
    while (task := work.take(0, current)) is not None:
        taken[task.check.id] = task.reason.en if task.reason else ""
        current = task.unit.name
        work.settle(task, stands=task.reason is None and task.check.id != "b")
    assert taken == {"a": "", "b": "", "c": "needs: b", "d": ""}


def test_a_hindrance_comes_before_what_a_check_needs() -> None:
    work = agenda(CHAIN, absent="b")
    first = work.take(0, None)
    assert first is not None
    work.settle(first, stands=False)
    left_out = [work.take(0, "u") for _ in range(2)]
    assert [task.reason.en for task in left_out if task and task.reason] == ["absent", "needs: a"]


def test_another_slot_begins_another_unit_first() -> None:
    work = agenda(CHAIN, unit("v", ("a", ()), ("b", ())))
    assert name_of(work.take(0, None)) == "u.a"
    assert name_of(work.take(0, None)) == "v.a"
    assert name_of(work.take(1, None)) == "v.b"  # nothing is left to begin; u waits for its first check


def test_a_slot_of_another_process_helps_and_one_of_the_same_does_not() -> None:
    work = agenda(CHAIN)
    first = work.take(0, None)
    assert first is not None
    work.settle(first, stands=True)
    assert name_of(work.take(1, None)) == "u.b"
    same: list[Task | None] = []
    waits = threading.Thread(target=lambda: same.append(work.take(0, None)), daemon=True)
    waits.start()
    assert name_of(work.take(0, "u")) == "u.d"  # the slot that has it in hand; the other still waits
    assert same == []
    work.close()
    waits.join(5)
    assert same == [None]


def test_a_slot_waits_for_a_check_that_another_runs() -> None:
    work = agenda(unit("u", ("a", ()), ("b", ("a",))))
    first = work.take(0, None)
    assert first is not None
    found: list[Task | None] = []
    waits = threading.Thread(target=lambda: found.append(work.take(1, None)), daemon=True)
    waits.start()
    work.settle(first, stands=True)
    waits.join(5)
    assert [name_of(task) for task in found] == ["u.b"]
    assert work.take(0, "u") is None  # nothing is left, although b is still being run


@pytest.mark.parametrize("slots", [1, 2, 6])
def test_every_check_is_given_out_once_however_many_slots(slots: int) -> None:
    units = [unit(f"u{n}", ("a", ()), *((f"b{each}", ("a",)) for each in range(9)), ("z", ("b8",))) for n in range(4)]
    work, taken, lock = agenda(*units), [], threading.Lock()

    def works(process: int) -> None:
        current = None
        while (task := work.take(process, current)) is not None:
            current = task.unit.name
            with lock:
                taken.append(name_of(task))
            work.settle(task, stands=True)

    threads = [threading.Thread(target=works, args=(number % 2,), daemon=True) for number in range(slots)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(taken) == sorted(f"{each.name}.{check}" for each in units for check in each.checks)
