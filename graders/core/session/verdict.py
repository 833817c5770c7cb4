"""From a case to a verdict with its evidence, points aside."""

from __future__ import annotations

import traceback

from graders.core.diagnoses import diagnosis
from graders.core.replay.render import render_script
from graders.core.results import CheckResult, Verdict
from graders.core.rubric import Check, Unit
from graders.core.session.case import Case, Outcome
from graders.core.text import Text


def judge(result: CheckResult, case: Case, unit: Unit, check: Check) -> None:
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
    result.output = case.output
    by_chance = case.depends_on_chance or case.mismatch.chance
    reproduces = {"reproduces": "conversation" if by_chance else "exactly"}
    try:
        result.story = case.story.to_json(case.setup) | reproduces
        whole = case.story.to_json(case.setup, keep=None) | reproduces
        result.replay_source = render_script(unit.name, check.id, result.title.to_json(), whole)
    except Exception:  # what cannot be told is wrong all the same: nobody gains by being unspeakable
        result.traceback = traceback.format_exc()
