"""What is left to grade, and who grades what next. Knows checks and what they need; no I/O.

Several *slots* work off one agenda: threads, in one process or several, each with at most one unit in hand. A slot goes
on with its unit while there is a check that can run; then it begins another unit; and where none is left to begin, it
helps with one that slots of other processes have in hand. (Two slots of one process would only share its time.)
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from graders.core.rubric import Check, Unit
from graders.core.text import Text


@dataclass(frozen=True)
class Task:
    """A check to run, or where there is a reason for it, to leave out."""

    unit: Unit
    check: Check
    reason: Text | None = None


@dataclass
class _InHand:
    """How far one unit has come."""

    unit: Unit
    left: list[Check]
    begun: bool = False
    stood: dict[str, bool] = field(default_factory=dict)  # whether what a check needs need not be doubted
    processes: Counter[int] = field(default_factory=Counter)  # that have slots with this unit in hand

    def next(self, hindrance: Callable[[Unit, Check], Text | None], *, only_left_out: bool) -> Task | None:
        for check in self.left:
            if any(need not in self.stood for need in check.needs):
                continue
            missing = next((need for need in check.needs if not self.stood[need]), None)
            reason = hindrance(self.unit, check) or (None if missing is None else self._needs(missing))
            if reason is not None or not only_left_out:
                self.left.remove(check)
                return Task(self.unit, check, reason)
        return None

    def _needs(self, missing: str) -> Text:
        title = self.unit.checks[missing].title
        return Text(f"先要通过：{title.zh}", f"needs: {title.en}")


class Agenda:
    """Gives each slot its next task. All methods may be called from any thread."""

    def __init__(
        self, chosen: Iterable[tuple[Unit, list[Check]]], hindrance: Callable[[Unit, Check], Text | None]
    ) -> None:
        """``chosen``: units, and of each the checks to run with all that they need, in their order.

        ``hindrance(unit, check)``: why a check cannot be tried, whatever it needs; None where it can.
        """
        self._units = {unit.name: _InHand(unit, list(checks)) for unit, checks in chosen}
        self._hindrance = hindrance
        self._closed = False
        self._changed = threading.Condition()

    def take(self, process: int, current: str | None) -> Task | None:
        """The next task for a slot of that process with the unit ``current`` in hand; None when nothing is left.

        Waits while what is left needs a check that another slot runs.
        """
        with self._changed:
            while not self._closed:
                task = self._next(process, current)
                if task is not None:
                    if task.reason is None and task.unit.name != current:
                        self._move(process, current, task.unit.name)
                    return task
                if not any(each.left for each in self._units.values()):
                    break
                self._changed.wait()
            return None

    def settle(self, task: Task, *, stands: bool) -> None:
        """Tell what came of a task: whether the checks that need it may run."""
        with self._changed:
            self._units[task.unit.name].stood[task.check.id] = stands
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more is given out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _next(self, process: int, current: str | None) -> Task | None:
        def rank(each: _InHand) -> tuple[int, int]:
            if each.unit.name == current:
                return 0, 0
            return (2, -len(each.left)) if each.begun else (1, 0)

        for each in sorted(self._units.values(), key=rank):
            shared = each.unit.name != current and each.processes[process] > 0
            task = each.next(self._hindrance, only_left_out=shared)
            if task is not None:
                return task
        return None

    def _move(self, process: int, current: str | None, unit: str) -> None:
        if current is not None:
            self._units[current].processes[process] -= 1
        self._units[unit].processes[process] += 1
        self._units[unit].begun = True
