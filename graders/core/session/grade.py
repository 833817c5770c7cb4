"""``grade``: a submission and some units in, a GradeResult out. No global state; whoever grades calls this."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import hypothesis

from graders import __version__
from graders.core.diagnoses import diagnosis
from graders.core.replay.render import render_script
from graders.core.results import CheckResult, GradeResult, Tier, UnitResult, Verdict
from graders.core.rubric import Check, Unit, all_units
from graders.core.session.case import Case, Outcome
from graders.core.session.hold import hold_all
from graders.core.session.search import Search
from graders.core.session.stage import Stage
from graders.core.text import Text
from graders.core.wire.patience import Patience, machine_factor
from graders.sandbox import Level, Limits, choose_level, open_sandbox
from graders.sandbox.network import private_loopback
from graders.sandbox.submission import PrivateCopy, private_copy

#: The wall time, in seconds on two idle cores, that the cases of the checks are dimensioned for: --budget's 1.
NOMINAL_BUDGET = 15.0

#: However small the budget, a generated check holds this many conversations.
FEWEST_CASES = 3


@dataclass(frozen=True)
class Options:
    """How to grade. ``budget`` scales the number of conversations (1: NOMINAL_BUDGET seconds for ten units)."""

    seed: int = 0
    budget: float = 1.0
    jobs: int = 6
    isolation: str = "auto"
    patience: float = 1.0  # seconds of one patience unit, on a machine that is not slower than the nominal one
    only: frozenset[str] = frozenset()  # check ids; empty: all (what they need runs, too)


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
    """Grade ``units`` (all by default) of a submission: a folder like student/, or files by unit name.

    Raises SandboxError, with the remedy, when the isolation asked for cannot be had or the submission cannot be read.
    """
    options = options or Options()
    listener = listener or Silent()
    known = all_units()
    chosen = [known[unit] for unit in (units or known)]
    level = choose_level(options.isolation)
    paths = (
        submission if isinstance(submission, Path) else {known[unit].path: file for unit, file in submission.items()}
    )
    slowness = machine_factor()
    result = GradeResult(
        submission=name or str(submission),
        grader={
            "version": __version__,
            "hypothesis": hypothesis.__version__,
            "python": platform.python_version(),
            "isolation": level.name,
            "network": "shared",
            "seed": options.seed,
            "budget": options.budget,
        },
    )
    with private_copy(paths) as copy, ThreadPoolExecutor(max(1, min(options.jobs, len(chosen)))) as pool:
        runs = [
            pool.submit(_grade_unit, unit, copy, level, options, listener, result.grader, slowness) for unit in chosen
        ]
        result.units = [run.result() for run in runs]
    return result


def _grade_unit(
    unit: Unit,
    copy: PrivateCopy,
    level: Level,
    options: Options,
    listener: Listener,
    about: dict[str, Any],
    slowness: float,
) -> UnitResult:
    result = UnitResult(unit.name, unit.section, unit.title)
    started = time.monotonic()
    private_loopback()
    limits = Limits(processes=64 + unit.clients, open_files=256 + 2 * unit.clients)
    with open_sandbox(level, unit.path, copy, limits) as sandbox:
        about["network"] = sandbox.network
        stage = Stage(unit, sandbox, slowness)
        passed: dict[str, bool] = {}
        for check in _chosen(unit, options.only):
            found = _skipped(check, unit, passed) or _run_check(check, unit, stage, options)
            passed[check.id] = found.verdict is Verdict.PASS
            result.checks.append(found)
            result.seconds = time.monotonic() - started
            listener.on_check(result, found)
    result.problem = _problem(result)
    listener.on_unit(result)
    return result


def _chosen(unit: Unit, only: frozenset[str]) -> list[Check]:
    """The checks to run: all, or those asked for with everything that they need."""
    if not only:
        return list(unit.checks.values())
    wanted: set[str] = set()
    for check in reversed(unit.checks.values()):
        if check.id in only or check.id in wanted:
            wanted |= {check.id, *check.needs}
    return [check for check in unit.checks.values() if check.id in wanted]


def _skipped(check: Check, unit: Unit, passed: dict[str, bool]) -> CheckResult | None:
    missing = next((need for need in check.needs if not passed[need]), None)
    if missing is None:
        return None
    title = unit.checks[missing].title
    reason = Text(f"先要通过：{title.zh}", f"needs: {title.en}")
    return CheckResult(check.id, check.tier, check.title, check.points, Verdict.SKIPPED, reason=reason)


def _run_check(check: Check, unit: Unit, stage: Stage, options: Options) -> CheckResult:
    started = time.monotonic()
    result = CheckResult(check.id, check.tier, check.title, check.points)
    patience = Patience(options.patience * stage.slowness)

    def hold(history: list[dict[str, Any]], fresh: bool, factor: float) -> Case:
        return hold_all(check, stage, history, fresh=fresh, patience=patience.times(factor))

    cases = 1 if not check.strategies else max(FEWEST_CASES, round(check.cases * options.budget))
    search = Search(check, hold, cases, seed_of(options.seed, unit.name, check.id))
    case = search.run()
    result.cases = search.conversations
    result.seconds = time.monotonic() - started
    _judge(result, case, unit, check)
    return result


def seed_of(seed: int, unit: str, check: str) -> int:
    """The seed of one check's traffic: the same wherever and beside whatever it runs."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{unit}/{check}".encode()).digest()[:8], "big")


def _judge(result: CheckResult, case: Case, unit: Unit, check: Check) -> None:
    """The verdict that a case leads to, with its evidence."""
    match case.outcome:
        case Outcome.RIGHT:
            result.verdict = Verdict.PASS
        case Outcome.UNAVAILABLE:
            result.verdict, result.reason = Verdict.UNAVAILABLE, case.reason
        case Outcome.BROKEN:
            result.verdict, result.traceback = Verdict.BROKEN, case.traceback
            result.reason = Text("评分程序自己出错了，不扣分。", "The grader itself failed; this costs no marks.")
        case Outcome.SILENT if case.starved:
            result.verdict = Verdict.INCONCLUSIVE
            result.reason = Text("机器太忙，无法判断：请再评一次。", "The machine was too busy to tell: grade again.")
        case _:
            _accuse(result, case, unit, check)


def _accuse(result: CheckResult, case: Case, unit: Unit, check: Check) -> None:
    assert case.mismatch is not None
    result.verdict = Verdict.FAIL
    found = diagnosis(case.mismatch.diagnosis or check.diagnosis or "wire.mismatch")
    result.diagnosis = found.to_json()
    reproduces = {"reproduces": "conversation" if case.depends_on_chance else "exactly"}
    result.story = case.story.to_json(case.setup) | reproduces
    whole = case.story.to_json(case.setup, keep=None) | reproduces
    result.replay_source = render_script(unit.name, check.id, result.title.to_json(), whole)
    result.output = case.output


def _problem(result: UnitResult) -> dict[str, str] | None:
    """Why nothing at all could be graded, when the very first check already tells."""
    first = result.checks[0] if result.checks else None
    if first is None or first.verdict is not Verdict.FAIL or first.story is None:
        return None
    if any(check.verdict not in (Verdict.FAIL, Verdict.SKIPPED) for check in result.checks):
        return None
    words = first.story["got"]["text"] or {"zh": first.title.zh, "en": first.title.en}
    return {"zh": words["zh"], "en": words["en"], "output": first.output}


__all__ = ["Listener", "Options", "Tier", "grade", "seed_of"]
