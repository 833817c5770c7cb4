"""Grades one unit: its checks in their order, each in its turn, in a sandbox and a network of the unit's own."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from graders.core.results import NOT_COUNTED, CheckResult, UnitResult, Verdict
from graders.core.rubric import Check, Unit
from graders.core.session.case import Case
from graders.core.session.hold import hold_all
from graders.core.session.search import FEWEST_CASES, Search
from graders.core.session.stage import Stage
from graders.core.session.verdict import judge
from graders.core.text import Text
from graders.core.wire.patience import Deadline, Patience
from graders.sandbox import Level, Limits, PrivateCopy, open_sandbox, private_loopback
from graders.sandbox.limits import MIB

#: What the conversations of one check may take before no more of them are begun, in units of patience. Honest programs
#: take 2 at most; this one is for those that sleep before each answer, which is slow but not wrong.
CHECK_UNITS = 30.0

#: And what all checks of a unit may take: the rest is then not tried.
UNIT_UNITS = 240.0


@dataclass(frozen=True)
class Options:
    """How to grade. ``budget`` scales the number of conversations (1: what the checks themselves say)."""

    seed: int = 0
    budget: float = 1.0
    jobs: int = 6
    isolation: str = "auto"
    patience: float = 1.0  # seconds of one patience unit, on a machine that is not slower than the nominal one
    only: frozenset[str] = frozenset()  # check ids; empty: all (what they need runs, too)


class UnitRun:
    """One unit of one submission. ``run()`` is called in a thread that nothing else uses meanwhile."""

    def __init__(self, unit: Unit, copy: PrivateCopy, level: Level, options: Options, slowness: float) -> None:
        self.unit = unit
        self.copy = copy
        self.level = level
        self.options = options
        self.patience = Patience(options.patience * slowness)
        self.result = UnitResult(unit.name, unit.section, unit.title)
        self.network = "shared"

    def run(self, on_check: Callable[[UnitResult, CheckResult], None]) -> UnitResult:
        """Grade it. What goes wrong outside any check is the grader's fault: the checks that are left are broken."""
        started = time.monotonic()
        left = _chosen(self.unit, self.options.only)

        def tell(found: CheckResult) -> None:
            left.pop(0)
            self.result.checks.append(found)
            self.result.seconds = time.monotonic() - started
            on_check(self.result, found)

        try:
            self._run(list(left), tell)
        except Exception:
            words = traceback.format_exc()
            for check in list(left):
                found = _result(check, Verdict.BROKEN)
                found.traceback = words
                tell(found)
        self.result.problem = _problem(self.result)
        return self.result

    def _run(self, checks: list[Check], tell: Callable[[CheckResult], None]) -> None:
        private_loopback()
        clients = self.unit.clients
        space = max(Limits.address_space, 12 * MIB * clients)  # a thread of C libraries reserves 8 MiB of it, and more
        limits = Limits(processes=64 + clients, open_files=256 + 2 * clients, address_space=space)
        with open_sandbox(self.level, self.unit.path, self.copy, limits) as sandbox, ExitStack() as closing:
            self.network = sandbox.network
            stage = Stage(self.unit, sandbox)
            closing.callback(stage.browsers.close)
            stood: dict[str, bool] = {}  # whether what a check needs need not be doubted
            late = Deadline(UNIT_UNITS * self.patience.unit * max(1.0, self.options.budget))
            for check in checks:
                found = self._skipped(check, stood, late.over) or self._run_check(check, stage)
                stood[check.id] = found.verdict is Verdict.PASS or found.verdict in NOT_COUNTED
                tell(found)

    def _skipped(self, check: Check, stood: dict[str, bool], late: bool) -> CheckResult | None:
        missing = next((need for need in check.needs if not stood[need]), None)
        absent = bool(check.module) and not self.copy.file(self.unit.path_of(check.module)).is_file()
        if missing is None and not late and not absent:
            return None
        result = _result(check, Verdict.SKIPPED)
        if absent:
            result.reason = Text(f"没有 {check.module}.py", f"there is no {check.module}.py")
        elif missing is None:
            result.reason = Text("程序太慢，单元的时间用完了", "the program is slow, the unit's time is used up")
        else:
            title = self.unit.checks[missing].title
            result.reason = Text(f"先要通过：{title.zh}", f"needs: {title.en}")
        return result

    def _run_check(self, check: Check, stage: Stage) -> CheckResult:
        started = time.monotonic()

        def hold(history: list[dict[str, Any]], fresh: bool, factor: float, decides: bool) -> Case:
            patience = self.patience.times(factor)
            return hold_all(check, stage, history, fresh=fresh, patience=patience, decides=decides)

        # One more than asked for: Hypothesis begins with the simplest example, which is not one of those dealt.
        cases = 1 if not check.strategies else max(FEWEST_CASES, round(check.cases * self.options.budget)) + 1
        scale = self.patience.unit * max(1.0, self.options.budget)
        late = Deadline(CHECK_UNITS * scale)
        seed = seed_of(self.options.seed, self.unit.name, check.id)
        search = Search(check, hold, cases, seed, late=lambda: late.over)
        case = search.run()
        result = _result(check, Verdict.PASS)
        judge(result, case, self.unit, check)
        result.picture_data = stage.picture()
        result.cases = search.conversations
        result.seconds = time.monotonic() - started
        return result


def seed_of(seed: int, unit: str, check: str) -> int:
    """The seed of one check's traffic: the same wherever and beside whatever it runs."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{unit}/{check}".encode()).digest()[:8], "big")


def _result(check: Check, verdict: Verdict) -> CheckResult:
    return CheckResult(check.id, check.tier, check.title, check.points, verdict)


def _chosen(unit: Unit, only: frozenset[str]) -> list[Check]:
    """The checks to run: all, or those asked for with everything that they need."""
    if not only:
        return list(unit.checks.values())
    wanted: set[str] = set()
    for check in reversed(unit.checks.values()):
        if check.id in only or check.id in wanted:
            wanted |= {check.id, *check.needs}
    return [check for check in unit.checks.values() if check.id in wanted]


def _problem(result: UnitResult) -> dict[str, str] | None:
    """Why nothing at all could be graded, when the very first check already tells."""
    first = result.checks[0] if result.checks else None
    if first is None or first.verdict is not Verdict.FAIL or first.story is None:
        return None
    if any(check.verdict not in (Verdict.FAIL, Verdict.SKIPPED) for check in result.checks):
        return None
    words = first.story["got"]["text"] or {"zh": first.title.zh, "en": first.title.en}
    return {"zh": words["zh"], "en": words["en"], "output": first.output}
