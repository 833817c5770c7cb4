"""Replay scripts of real failures: each reproduces the wrong sample's mistake alone, and finds the reference right.

One wrong sample for every check that no earlier unit has under the same name; what units share is played once. Without
--exhaustive every sixth of them. Several at a time: they mostly wait.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from graders.core.results import CheckResult
from graders.core.rubric import all_units
from graders.core.session.grade import Options, grade
from graders.core.session.slots import Slot, open_slots, spread
from graders.sandbox import private_loopback
from graders.validation import Sample, samples_of
from tests.choices import chosen, unhurried
from tests.sinks.test_schema import problems

ROOT = Path(__file__).parents[2]
# Silence is what many of them reproduce: an honest answer on loopback takes milliseconds.
PATIENCE = "2"
# Samples of a check that are tried until one reaches it.
MOST_TRIED = 4
# The mistakes of most are found in a few conversations, and so what their checks need is passed in a few.
BUDGETS = (0.2, 1.0)
# Some mistakes show only when the program's threads come in the wrong order.
CHANCES = 6


@cache
def samples() -> dict[tuple[str, str], list[Sample]]:
    """For each (unit, check) the wrong samples that declare to fail it; checks of one name are taken once."""
    found: dict[str, list[Sample]] = {}
    for unit in all_units().values():
        for sample in samples_of(unit, ROOT):
            for check, _ in sorted(pair for pair in sample.declared if pair[0] in unit.checks):
                others = found.setdefault(check, [])
                if not others or others[0].unit == unit.name:
                    others.append(sample)
    return {(them[0].unit, check): them for check, them in found.items()}


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """What went wrong with the replay of each (unit, check) that is to be tested; '' for nothing."""
    pairs = chosen(request, "pair")
    folder = tmp_path_factory.mktemp("replays")

    def run(pair: tuple[str, str], slot: Slot) -> tuple[tuple[str, str], str]:
        private_loopback()  # where that can be had, scripts do not meet each other on their fixed ports
        tries = ((sample, budget) for sample in samples()[pair][:MOST_TRIED] for budget in BUDGETS)
        for number, (sample, budget) in enumerate(tries):
            said = problem(sample, pair[1], folder / "-".join((*pair, str(number))), budget, slot)
            if said is not None:
                return pair, said
        return pair, f"no sample fails {pair[1]} when it is graded alone"

    with open_slots(6) as slots:
        return dict(spread(slots, run, pairs))


def problem(sample: Sample, check: str, folder: Path, budget: float, slot: Slot) -> str | None:
    """What is wrong with the sample's replay, '' for nothing; None where the check is not reached, or not failed."""
    options = Options(jobs=1, only=frozenset({check}), budget=budget)
    graded = grade(dict(sample.files), [sample.unit], options, name=sample.name, slots=[slot])
    result = next(result for result in graded.units[0].checks if result.id == check)
    if result.replay_source is None or result.story is None:
        return None
    if odd := problems(graded.to_json()):
        return f"the result of {sample.name} is not as the schema says: {odd}"
    unit = all_units()[sample.unit]
    reference = {module: ROOT / "reference" / unit.path_of(module) for module in sample.files}
    right = replay(result, reference, folder / "right" / unit.tier_folder)
    for _ in range(CHANCES):  # six of them at a time: a silence may be the machine's
        if right.returncode == 0:
            break
        right = replay(result, reference, folder / "right" / unit.tier_folder)
    if right.returncode != 0:
        return f"the reference fails after {sample.name} (status {right.returncode}):\n{right.stdout}{right.stderr}"
    wrong = replay(result, sample.files, folder / "wrong" / unit.tier_folder)
    for _ in range(CHANCES):
        if wrong.returncode == 1 or (result.story["reproduces"] != "exactly" and wrong.returncode == 0):
            return ""
        wrong = replay(result, sample.files, folder / "wrong" / unit.tier_folder)
    return f"{sample.name} is not reproduced (status {wrong.returncode}):\n{wrong.stdout}{wrong.stderr}"


def replay(result: CheckResult, files: Mapping[str, Path], folder: Path) -> subprocess.CompletedProcess[str]:
    assert result.replay_source is not None
    folder.mkdir(parents=True, exist_ok=True)
    for module, file in files.items():
        shutil.copy(file, folder / f"{module}.py")
    submission = folder.parent
    script = submission.with_name(f"{submission.name}.py")
    script.write_text(result.replay_source, "utf-8")
    return subprocess.run(
        [
            sys.executable,
            script.name,
            "--submission",
            submission.name,
            "--lang",
            "en",
            "--patience",
            PATIENCE,
            "--other-ports",
        ],
        cwd=script.parent,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
    )


PAIRS = list(samples())


@pytest.mark.parametrize("pair", unhurried(PAIRS, set(PAIRS) - set(PAIRS[::6])), ids=".".join)
def test_the_replay_tells_wrong_from_right(pair: tuple[str, str], outcomes: dict[tuple[str, str], str]) -> None:
    assert outcomes[pair] == ""
