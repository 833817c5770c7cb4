"""Runs checks of one unit, one after the other, in a sandbox and a network of its own."""

from __future__ import annotations

import hashlib
import time
import traceback
from contextlib import ExitStack, suppress
from typing import Any, Protocol

from graders.core.results import CheckResult, Verdict
from graders.core.rubric import Check, Unit
from graders.core.session.case import Case
from graders.core.session.halt import Halted
from graders.core.session.hold import hold_all
from graders.core.session.options import Setting
from graders.core.session.search import FEWEST_CASES, Search
from graders.core.session.stage import Stage
from graders.core.session.verdict import judge
from graders.core.wire.patience import Deadline
from graders.sandbox import Limits, open_sandbox, private_loopback

#: What the conversations of one check may take before no more of them are begun, in units of patience. Honest programs
#: take 2 at most; this one is for those that sleep before each answer, which is slow but not wrong.
CHECK_UNITS = 30.0


class Examiner(Protocol):
    """Runs checks of one unit; ``network`` is known after the first: private or shared."""

    network: str

    def run(self, check: Check) -> CheckResult: ...

    def close(self) -> None: ...

    def halt(self) -> None:
        """From any other thread: ``run`` raises Halted, now and soon."""


class ExaminerHere:
    """An examiner in the calling thread, which must be the same for all calls but ``halt``."""

    def __init__(self, unit: Unit, setting: Setting) -> None:
        self.unit = unit
        self.setting = setting
        self.network = "shared"
        self._stage: Stage | None = None
        self._halted = False
        self._closing = ExitStack()

    def run(self, check: Check) -> CheckResult:
        """Grade one check. Whatever goes wrong outside its conversations is the grader's fault: it is broken."""
        try:
            if self._stage is None:
                self._stage = self._open()
            return self._run(check, self._stage)
        except Exception:
            if self._halted:
                raise Halted from None
            with suppress(Exception):
                self.close()  # the next check gets a new sandbox
            result = result_of(check, Verdict.BROKEN)
            result.traceback = traceback.format_exc()
            return result

    def halt(self) -> None:
        """Whoever waits for the program sees it end, and holds no other conversation."""
        self._halted = True
        stage = self._stage
        if stage is not None:
            with suppress(Exception):  # it may be closing at this moment
                stage.sandbox.halt()

    def close(self) -> None:
        """Nothing of the submission goes on running, nothing of it is left."""
        self._stage = None
        self._closing.close()

    def _open(self) -> Stage:
        private_loopback()
        limits = Limits.for_clients(self.unit.clients)
        sandbox = self._closing.enter_context(
            open_sandbox(self.setting.level, self.unit.path, self.setting.copy, limits)
        )
        self.network = sandbox.network
        stage = Stage(self.unit, sandbox)
        self._closing.callback(stage.browsers.close)
        return stage

    def _run(self, check: Check, stage: Stage) -> CheckResult:
        started = time.monotonic()
        options = self.setting.options

        def hold(history: list[dict[str, Any]], fresh: bool, factor: float, decides: bool) -> Case:
            if self._halted:
                raise Halted
            patience = self.setting.patience.times(factor)
            case = hold_all(check, stage, history, fresh=fresh, patience=patience, decides=decides)
            if self._halted:
                raise Halted  # what was found may come of that
            return case

        # One more than asked for: Hypothesis begins with the simplest example, which is not one of those dealt.
        cases = 1 if not check.strategies else max(FEWEST_CASES, round(check.cases * options.budget)) + 1
        late = Deadline(self.setting.seconds(CHECK_UNITS))
        seed = seed_of(options.seed, self.unit.name, check.id)
        search = Search(check, hold, cases, seed, late=lambda: late.over)
        case = search.run()
        result = result_of(check, Verdict.PASS)
        judge(result, case, self.unit, check)
        result.picture_data = stage.picture()
        result.cases = search.conversations
        result.seconds = time.monotonic() - started
        return result


def result_of(check: Check, verdict: Verdict) -> CheckResult:
    """A result without any evidence yet."""
    return CheckResult(check.id, check.tier, check.title, check.points, verdict)


def seed_of(seed: int, unit: str, check: str) -> int:
    """The seed of one check's traffic: the same wherever and beside whatever it runs."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{unit}/{check}".encode()).digest()[:8], "big")
