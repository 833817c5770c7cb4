"""What a grading found out, as plain data. Everything that is shown anywhere is rendered from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from graders.core.text import Text

SCHEMA = "netgrade/result/1"


class Tier(StrEnum):
    CORE = "core"
    ROBUST = "robust"
    BONUS = "bonus"


class Verdict(StrEnum):
    PASS = "pass"
    FAIL = "fail"  # the program's fault, with evidence
    SKIPPED = "skipped"  # a check that it needs did not pass
    UNAVAILABLE = "unavailable"  # cannot be graded here; costs nothing
    INCONCLUSIVE = (
        "inconclusive"  # time-outs while the machine starved it, after retries: earns nothing yet, grade again
    )
    BROKEN = "broken"  # the grader's own fault; costs nobody marks


#: Verdicts that take no marks away: the check's points leave the unit's maximum instead.
#: INCONCLUSIVE is not among them, lest a program that starves itself be better off than one that fails.
NOT_COUNTED = frozenset({Verdict.UNAVAILABLE, Verdict.BROKEN})


@dataclass
class CheckResult:
    id: str
    tier: Tier
    title: Text
    max_points: int
    verdict: Verdict = Verdict.PASS
    cases: int = 0  # conversations that were held to judge it, shrinking included
    seconds: float = 0.0
    reason: Text | None = None
    traceback: str | None = None  # of the grader, for BROKEN only
    diagnosis: dict[str, Any] | None = None
    story: dict[str, Any] | None = None
    replay_source: str | None = None  # the script itself; the command line writes it and sets `replay`
    replay: str | None = None
    picture_data: bytes | None = None  # a PNG file; the command line writes it and sets `picture`
    picture: str | None = None
    output: str = ""

    @property
    def points(self) -> int:
        return self.max_points if self.verdict is Verdict.PASS else 0

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "tier": self.tier.value,
            "verdict": self.verdict.value,
            "points": self.points,
            "max_points": self.max_points,
            "title": self.title.to_json(),
            "cases": self.cases,
            "seconds": round(self.seconds, 3),
            "reason": self.reason.to_json() if self.reason else None,
            "traceback": self.traceback,
            "diagnosis": self.diagnosis,
            "story": self.story,
            "replay": self.replay,
            **({"picture": self.picture} if self.picture else {}),
            "output": self.output,
        }


@dataclass
class UnitResult:
    unit: str
    section: str
    title: Text
    checks: list[CheckResult] = field(default_factory=list)
    seconds: float = 0.0
    problem: dict[str, str] | None = None  # why nothing could be graded: {"zh", "en", "output"}

    @property
    def score(self) -> float:
        """0 to 100. What could not be judged costs nothing: the rest is scaled up to the whole."""
        core = [c for c in self.checks if c.tier is not Tier.BONUS]
        judged = [c for c in core if c.verdict not in NOT_COUNTED]
        possible = sum(c.max_points for c in judged)
        earned = sum(c.points for c in judged)
        whole = sum(c.max_points for c in core)
        return round(earned * whole / possible, 2) if possible else 0.0

    @property
    def max_score(self) -> int:
        return sum(c.max_points for c in self.checks if c.tier is not Tier.BONUS)

    @property
    def bonus(self) -> int:
        return sum(c.points for c in self.checks if c.tier is Tier.BONUS)

    def to_json(self) -> dict[str, Any]:
        return {
            "unit": self.unit,
            "section": self.section,
            "title": self.title.to_json(),
            "score": self.score,
            "max_score": self.max_score,
            "bonus": self.bonus,
            "seconds": round(self.seconds, 3),
            "conversations": sum(c.cases for c in self.checks),
            "problem": self.problem,
            "checks": [c.to_json() for c in self.checks],
        }


@dataclass
class GradeResult:
    submission: str
    grader: dict[str, Any]
    units: list[UnitResult] = field(default_factory=list)

    @property
    def score(self) -> float:
        return round(sum(u.score for u in self.units), 2)

    @property
    def max_score(self) -> int:
        return sum(u.max_score for u in self.units)

    @property
    def bonus(self) -> int:
        return sum(u.bonus for u in self.units)

    @property
    def broken(self) -> list[CheckResult]:
        return [c for u in self.units for c in u.checks if c.verdict is Verdict.BROKEN]

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "grader": self.grader,
            "submission": self.submission,
            "score": self.score,
            "max_score": self.max_score,
            "bonus": self.bonus,
            "units": [u.to_json() for u in self.units],
        }
