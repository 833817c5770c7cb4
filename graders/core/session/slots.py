"""Slots: whoever works off the agenda, in this process or in another, one unit in hand at a time."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from itertools import zip_longest
from queue import SimpleQueue
from typing import NamedTuple, TypeVar

from graders.core.results import NOT_COUNTED, Verdict
from graders.core.rubric import Unit
from graders.core.session.agenda import Agenda
from graders.core.session.collector import Collector
from graders.core.session.examiner import Examiner, ExaminerHere, result_of
from graders.core.session.halt import Halt
from graders.core.session.options import Setting
from graders.core.session.processes import Processes

Item = TypeVar("Item")
Found = TypeVar("Found")


class Slot(NamedTuple):
    """``process``: 0 for this one. ``examine`` gives an examiner of a unit there."""

    process: int
    examine: Callable[[Unit, Setting], Examiner]


#: How many processes grade, this one included. More would be faster where there are more processors, but each takes
#: some 100 MiB.
MOST_PROCESSES = 2


def slots_here(count: int) -> list[Slot]:
    """So many slots in this process alone."""
    return [Slot(0, ExaminerHere)] * count


@contextmanager
def open_slots(count: int) -> Iterator[list[Slot]]:
    """So many slots in as many processes as are worth while here, taking turns, this process first.

    To be opened while this process has a single thread.
    """
    number = max(1, min(MOST_PROCESSES, count, _processors()))
    gc.freeze()  # what is loaded stays: no collection looks at it, and pages of it stay shared with forked processes
    with Processes(number - 1, -(-count // number)) as others:
        places = [slots_here(count)]
        for process, examiners in enumerate(others.examiners, 1):
            places.append([Slot(process, examine) for examine in examiners])
        yield [slot for turn in zip_longest(*places) for slot in turn if slot is not None][:count]


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1


def work_off(agenda: Agenda, collector: Collector, setting: Setting, halt: Halt, slot: Slot) -> set[str]:
    """Work until nothing is left; which networks the sandboxes had. All sandboxes are closed in the end."""
    networks: set[str] = set()
    unit: Unit | None = None
    examiner: Examiner | None = None
    try:
        while (task := agenda.take(slot.process, unit.name if unit else None)) is not None:
            collector.begin(task.unit)
            if task.reason is not None:
                found = result_of(task.check, Verdict.SKIPPED)
                found.reason = task.reason
            else:
                if examiner is None or task.unit is not unit:
                    if examiner is not None:
                        examiner.close()
                    unit, examiner = task.unit, slot.examine(task.unit, setting)
                    halt.register(examiner)
                found = examiner.run(task.check)
                networks.add(examiner.network)
            collector.add(task.unit, found)
            agenda.settle(task, stands=found.verdict is Verdict.PASS or found.verdict in NOT_COUNTED)
    except BaseException:
        agenda.close()  # nobody shall wait for what this slot will not bring
        raise
    finally:
        if examiner is not None:
            examiner.close()
    return networks


def spread(slots: Sequence[Slot], work: Callable[[Item, Slot], Found], items: Iterable[Item]) -> Iterator[Found]:
    """``work(item, slot)`` for all items, one in each slot at a time; what is found, as it is found."""
    idle: SimpleQueue[Slot] = SimpleQueue()
    for slot in slots:
        idle.put(slot)

    def run(item: Item) -> Found:
        slot = idle.get()
        try:
            return work(item, slot)
        finally:
            idle.put(slot)

    with ThreadPoolExecutor(len(slots)) as pool:
        for done in as_completed([pool.submit(run, item) for item in items]):
            yield done.result()
