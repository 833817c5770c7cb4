"""``grade``: a submission and some units in, a GradeResult out. No global state; whoever grades calls this."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis

from graders import __version__
from graders.core.results import GradeResult
from graders.core.rubric import Check, Unit, all_units
from graders.core.session.agenda import Agenda
from graders.core.session.collector import Collector, Listener, Silent
from graders.core.session.halt import Halt
from graders.core.session.options import Options, Setting
from graders.core.session.slots import Slot, slots_here, work_off
from graders.core.text import Text
from graders.core.wire.patience import Deadline, machine_factor
from graders.sandbox import Level, choose_level, private_copy

#: The wall time, in seconds on two idle cores, that the cases of the checks are dimensioned for: --budget's 1.
NOMINAL_BUDGET = 15.0

#: What all checks of a unit may take, in units of patience: the rest is then not tried.
UNIT_UNITS = 240.0


def grade(
    submission: Path | dict[str, Path],
    units: Iterable[str] | None = None,
    options: Options | None = None,
    listener: Listener | None = None,
    name: str | None = None,
    slots: Sequence[Slot] = (),
) -> GradeResult:
    """Grade ``units`` (all by default) of a submission: a folder like student/, or files by the name of their module.

    Of ``slots``, which are this process' by default, at most ``options.jobs`` work. Raises SandboxError, with the
    remedy, when the isolation asked for cannot be had or the submission cannot be read.
    """
    options = options or Options()
    known = all_units()
    chosen = [(known[unit], _chosen(known[unit], options.only)) for unit in (units or known)]
    level = choose_level(options.isolation)
    homes = {module: unit for unit in known.values() for module in (unit.name, *unit.modules)}
    paths = (
        submission
        if isinstance(submission, Path)
        else {homes[module].path_of(module): file for module, file in submission.items()}
    )
    collector = Collector(chosen, listener or Silent())
    slots = slots or slots_here(options.jobs)
    most = len(chosen) * len({slot.process for slot in slots})  # a process gains nothing from a second one in a unit
    slots = slots[: min(options.jobs, most)]
    with private_copy(paths) as copy, ExitStack() as closing:
        setting = Setting(copy, level, options, machine_factor())
        halt = Halt()
        agenda = Agenda(chosen, partial(_hindrance, setting, {}))
        pool = closing.enter_context(ThreadPoolExecutor(len(slots)))
        closing.callback(halt)  # however this ends, Ctrl+C included; the pool waits for the slots
        closing.callback(agenda.close)
        working = [pool.submit(work_off, agenda, collector, setting, halt, slot) for slot in slots]
        networks = set[str]().union(*(slot.result() for slot in as_completed(working)))
    return GradeResult(
        submission=name or str(submission),
        grader=about_grader(level, options, private=networks == {"private"}),
        units=collector.units,
    )


def about_grader(level: Level, options: Options, *, private: bool = False) -> dict[str, Any]:
    """What every result says of the grader that made it."""
    return {
        "version": __version__,
        "hypothesis": hypothesis.__version__,
        "python": platform.python_version(),
        "isolation": level.name,
        "network": "private" if private else "shared",
        "seed": options.seed,
        "budget": options.budget,
    }


def _hindrance(setting: Setting, ends: dict[str, Deadline], unit: Unit, check: Check) -> Text | None:
    """Why a check is not tried, whatever it needs. ``ends``: when the time of each unit that was begun is over."""
    if check.module and not setting.copy.file(unit.path_of(check.module)).is_file():
        return Text(f"没有 {check.module}.py", f"there is no {check.module}.py")
    if ends.setdefault(unit.name, Deadline(setting.seconds(UNIT_UNITS))).over:
        return Text("程序太慢，单元的时间用完了", "the program is slow, the unit's time is used up")
    return None


def _chosen(unit: Unit, only: frozenset[str]) -> list[Check]:
    """The checks to run: all, or those asked for with everything that they need."""
    if not only:
        return list(unit.checks.values())
    wanted: set[str] = set()
    for check in reversed(unit.checks.values()):
        if check.id in only or check.id in wanted:
            wanted |= {check.id, *check.needs}
    return [check for check in unit.checks.values() if check.id in wanted]


__all__ = ["NOMINAL_BUDGET", "Listener", "Options", "Silent", "about_grader", "grade"]
