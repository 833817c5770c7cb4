"""Validates the graders themselves: the reference, the stubs, and kept programs, right or wrong in one known way.

    reference/                                  everything passes, bonus included
    student/                                    0 points in every unit
    tests/submissions/right/<unit>/*.py         everything passes: a correct program in another style
    tests/submissions/wrong/<unit>/*.py         fails exactly what its docstring declares, one line a check:
                                                    fails: CHECK DIAGNOSIS
                                                and what it may fail besides, by chance: may fail: CHECK DIAGNOSIS
A program of several modules (a window and its client) is a folder instead of a file; the unit's own module may be
missing there: it is the reference's then. What grades a second module is not tried with a single file.
Besides, every check that is worth points is caught by at least one wrong program. Anything else is a deviation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graders.core.results import CheckResult, UnitResult, Verdict
from graders.core.rubric import Unit, all_units
from graders.core.session.grade import Options, grade
from graders.core.session.slots import Slot, spread

DECLARED = re.compile(r"^\s*fails:\s*(\S+)\s+(\S+)\s*$", re.MULTILINE)
POSSIBLE = re.compile(r"^\s*may fail:\s*(\S+)\s+(\S+)\s*$", re.MULTILINE)

MARKS = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.SKIPPED: "·",
    Verdict.UNAVAILABLE: "-",
    Verdict.INCONCLUSIVE: "?",
    Verdict.BROKEN: "!",
}


@dataclass(frozen=True)
class Sample:
    """One program and what is declared of it."""

    unit: str
    kind: str  # reference, stub, right, wrong
    name: str
    files: Mapping[str, Path]  # of each module
    declared: frozenset[tuple[str, str]] = frozenset()  # (check, diagnosis) that fail
    possible: frozenset[tuple[str, str]] = frozenset()  # that may fail besides, by chance

    @property
    def key(self) -> tuple[str, str, str]:
        return self.unit, self.kind, self.name


@dataclass
class Row:
    """What came of one sample."""

    sample: Sample
    result: UnitResult
    deviations: list[str] = field(default_factory=list)

    @property
    def marks(self) -> str:
        return "".join(MARKS[check.verdict] for check in self.result.checks)


def samples_of(unit: Unit, root: Path) -> list[Sample]:
    """The unit's reference, stub and kept programs, as far as they exist."""
    found = []
    for kind, folder in (("reference", "reference"), ("stub", "student")):
        files = {module: root / folder / unit.path_of(module) for module in (unit.name, *unit.modules)}
        found.append(Sample(unit.name, kind, kind, files))
    reference = found[0].files[unit.name]
    for kind in ("right", "wrong"):
        for place in sorted((root / "tests" / "submissions" / kind / unit.name).glob("*")):
            files = {unit.name: place} if place.suffix == ".py" else {file.stem: file for file in place.glob("*.py")}
            if not files:
                continue  # such as __pycache__
            said = "".join(file.read_text("utf-8") for file in files.values())
            failing = [
                frozenset(each.findall(said)) if kind == "wrong" else frozenset() for each in (DECLARED, POSSIBLE)
            ]
            found.append(Sample(unit.name, kind, place.stem, {unit.name: reference} | files, *failing))
    return found


def judge(sample: Sample, result: UnitResult) -> Row:
    """Compare what was graded with what is declared."""
    row = Row(sample, result)
    failed = {
        (check.id, (check.diagnosis or {}).get("code", "")) for check in result.checks if check.verdict is Verdict.FAIL
    }
    for check in result.checks:
        if check.verdict in (Verdict.BROKEN, Verdict.INCONCLUSIVE):
            row.deviations.append(f"{check.verdict}: {check.id}{_last_line(check)}")
    if sample.kind == "stub":
        if result.score or result.bonus:
            row.deviations.append(f"an untouched stub has 0 points, this one {result.score} + {result.bonus}")
    elif sample.kind == "wrong":
        if not sample.declared:
            row.deviations.append("declares no 'fails: CHECK DIAGNOSIS' line")
        row.deviations += [f"declared but not found: {' '.join(pair)}" for pair in sorted(sample.declared - failed)]
        row.deviations += [
            f"found but not declared: {' '.join(pair)}" for pair in sorted(failed - sample.declared - sample.possible)
        ]
    else:
        row.deviations += [f"fails {' '.join(pair)}" for pair in sorted(failed)]
    return row


def _last_line(check: CheckResult) -> str:
    return f" ({check.traceback.strip().splitlines()[-1]})" if check.traceback else ""


def validate(samples: Iterable[Sample], options: Options, slots: Sequence[Slot]) -> Iterator[Row]:
    """Grade the samples, one in each slot at a time; rows come as they are done."""

    def run(sample: Sample, slot: Slot) -> Row:
        graded = grade(dict(sample.files), [sample.unit], options, name=sample.name, slots=[slot])
        row = judge(sample, graded.units[0])
        for check in row.result.checks:  # of a thousand programs nobody can keep all stories
            check.story = check.replay_source = check.picture_data = None
        return row

    return spread(slots, run, samples)


def never_caught(rows: Sequence[Row]) -> list[str]:
    """Checks worth points that no wrong sample fails."""
    caught = {
        (row.sample.unit, check) for row in rows if row.sample.kind == "wrong" for check, _ in row.sample.declared
    }
    graded = {row.sample.unit for row in rows}
    return [
        f"{unit.name}.{check.id}"
        for unit in all_units().values()
        if unit.name in graded
        for check in unit.checks.values()
        if check.points and (unit.name, check.id) not in caught
    ]


def matrix(rows: Sequence[Row], missing: Sequence[str]) -> str:
    """The samples of each unit against its checks, every deviation in words, and the checks that none fails."""
    lines: list[str] = []
    for name, unit in all_units().items():
        mine = [row for row in rows if row.sample.unit == name]
        if not mine:
            continue
        lines += ["", f"{name} ({unit.section})"]
        lines += [f"  {number:2} {check.id}" for number, check in enumerate(unit.checks.values(), 1)]
        width = max(len(row.sample.name) for row in mine)
        for row in mine:
            lines.append(
                f"  {'ok ' if not row.deviations else 'BAD'} {row.sample.kind:9} {row.sample.name:{width}}  {row.marks}"
            )
            lines += [f"        {deviation}" for deviation in row.deviations]
    lines += ["", *(f"no wrong program fails {check}" for check in missing)]
    bad = sum(bool(row.deviations) for row in rows)
    lines.append(f"{len(rows)} programs, {bad} not as declared, {len(missing)} checks without a wrong program")
    return "\n".join(lines)
