"""``grade``: a submission and some units in, a GradeResult out. No global state; whoever grades calls this."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import hypothesis

from graders import __version__
from graders.core.results import CheckResult, GradeResult, UnitResult
from graders.core.rubric import all_units
from graders.core.session.unit_run import Options, UnitRun
from graders.core.wire.patience import machine_factor
from graders.sandbox import Level, choose_level, private_copy

#: The wall time, in seconds on two idle cores, that the cases of the checks are dimensioned for: --budget's 1.
NOMINAL_BUDGET = 15.0


class Listener(Protocol):
    """Is told of results as they come, from several threads."""

    def on_check(self, unit: UnitResult, check: CheckResult) -> None: ...

    def on_unit(self, unit: UnitResult) -> None: ...


class Silent:
    """A listener that does not listen."""

    def on_check(self, unit: UnitResult, check: CheckResult) -> None: ...

    def on_unit(self, unit: UnitResult) -> None: ...


def grade(
    submission: Path | dict[str, Path],
    units: Iterable[str] | None = None,
    options: Options | None = None,
    listener: Listener | None = None,
    name: str | None = None,
) -> GradeResult:
    """Grade ``units`` (all by default) of a submission: a folder like student/, or files by the name of their module.

    Raises SandboxError, with the remedy, when the isolation asked for cannot be had or the submission cannot be read.
    """
    options = options or Options()
    listener = listener or Silent()
    known = all_units()
    chosen = [known[unit] for unit in (units or known)]
    level = choose_level(options.isolation)
    homes = {module: unit for unit in known.values() for module in (unit.name, *unit.modules)}
    paths = (
        submission
        if isinstance(submission, Path)
        else {homes[module].path_of(module): file for module, file in submission.items()}
    )
    slowness = machine_factor()
    with private_copy(paths) as copy, ThreadPoolExecutor(max(1, min(options.jobs, len(chosen)))) as pool:
        runs = [UnitRun(unit, copy, level, options, slowness) for unit in chosen]

        def finish(run: UnitRun) -> UnitResult:
            unit = run.run(listener.on_check)
            listener.on_unit(unit)
            return unit

        units_graded = list(pool.map(finish, runs))
    return GradeResult(
        submission=name or str(submission),
        grader=about_grader(level, options, private=all(run.network == "private" for run in runs)),
        units=units_graded,
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


__all__ = ["NOMINAL_BUDGET", "Listener", "Options", "Silent", "about_grader", "grade"]
