"""Replay scripts of real failures: each reproduces the wrong sample's mistake alone, and finds the reference right.

One wrong sample for every check that no earlier unit has under the same name: every kind of story is played, and what
units share is played once. Several at a time: they mostly wait.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graders.core.results import CheckResult
from graders.core.rubric import all_units
from graders.core.session.grade import Options, grade
from graders.validation import Sample, samples_of

ROOT = Path(__file__).parents[2]
# Silence is what many of them reproduce: an honest answer on loopback takes milliseconds.
PATIENCE = "2"


def samples() -> list[tuple[Sample, str]]:
    """(wrong sample, check): the first that declares to fail a check of that name."""
    found: dict[str, Sample] = {}
    for unit in all_units().values():
        for sample in samples_of(unit, ROOT):
            for check, _ in sorted(pair for pair in sample.declared if pair[0] in unit.checks):
                found.setdefault(check, sample)
    return [(sample, check) for check, sample in found.items()]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """What went wrong with the replay of each (unit, check); '' for nothing."""
    folder = tmp_path_factory.mktemp("replays")

    def run(pair: tuple[Sample, str]) -> str:
        sample, check = pair
        return problem(sample, check, folder / f"{sample.unit}-{check}")

    with ThreadPoolExecutor(6) as pool:
        found = pool.map(run, samples())
        return {(sample.unit, check): said for (sample, check), said in zip(samples(), found, strict=True)}


def problem(sample: Sample, check: str, folder: Path) -> str:
    options = Options(jobs=1, only=frozenset({check}))
    graded = grade({sample.unit: sample.file}, [sample.unit], options, name=sample.name)
    result = next(result for result in graded.units[0].checks if result.id == check)
    if result.replay_source is None or result.story is None:
        return f"{sample.name} does not fail {check} ({result.verdict}): nothing to replay"
    path = all_units()[sample.unit].path
    wrong = replay(result, sample.file, folder / "wrong" / path)
    right = replay(result, ROOT / "reference" / path, folder / "right" / path)
    exactly = result.story["reproduces"] == "exactly"
    if wrong.returncode != 1 and (exactly or wrong.returncode != 0):
        return f"{sample.name} is not reproduced (status {wrong.returncode}):\n{wrong.stdout}{wrong.stderr}"
    if right.returncode != 0:
        return f"the reference fails after {sample.name} (status {right.returncode}):\n{right.stdout}{right.stderr}"
    return ""


def replay(result: CheckResult, program: Path, file: Path) -> subprocess.CompletedProcess[str]:
    assert result.replay_source is not None
    file.parent.mkdir(parents=True)
    shutil.copy(program, file)
    submission = file.parents[1]
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


@pytest.mark.parametrize("pair", [(sample.unit, check) for sample, check in samples()], ids=".".join)
def test_the_replay_tells_wrong_from_right(pair: tuple[str, str], outcomes: dict[tuple[str, str], str]) -> None:
    assert outcomes[pair] == ""
