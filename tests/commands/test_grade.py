"""`python -m graders grade` from end to end, with one unit and little traffic."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.__main__ import main
from graders.core.rubric import all_units
from tests.signals import heeded
from tests.sinks.test_schema import problems

ROOT = Path(__file__).parents[2]
UNIT = "tcp_server"
WRONG = ROOT / "tests" / "submissions" / "wrong" / UNIT / "uses_a_full_width_colon.py"
QUICK = ["--budget", "1", "--only", "answers_a_text"]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the untouched stubs and a submission that is wrong in one way."""
    shutil.copytree(ROOT / "student", tmp_path / "student")
    (tmp_path / "mine" / "examples").mkdir(parents=True)
    shutil.copy(WRONG, tmp_path / "mine" / "examples" / f"{UNIT}.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NOX_CURRENT_SESSION", raising=False)
    return tmp_path


def report(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert problems(document) == []
    return document


def test_a_grading_leaves_a_valid_report_and_its_scripts(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", "mine", UNIT, *QUICK, "--lang", "en"]) == 0
    said = capsys.readouterr()
    document = report(work / "report.json")
    assert document["complete"] and document["submission"] == "mine"
    failed = [check for check in document["units"][0]["checks"] if check["verdict"] == "fail"]
    assert [check["id"] for check in failed] == ["answers_a_text"]
    assert (work / failed[0]["replay"]).is_file()
    assert f"python {failed[0]['replay']}" in said.out
    assert said.err.startswith("[1/1] graded tcp_server: ")
    assert "python -m graders grade mine tcp_server" in said.out


def test_a_script_whose_check_passes_now_is_taken_away(work: Path) -> None:
    main(["grade", "mine", UNIT, *QUICK])
    (work / "replay" / f"{UNIT}-notes.py").write_text("# mine")
    assert len(list((work / "replay").iterdir())) == 2
    shutil.copy(ROOT / "reference" / "examples" / f"{UNIT}.py", work / "mine" / "examples" / f"{UNIT}.py")
    main(["grade", "mine", UNIT, *QUICK])
    assert [path.name for path in (work / "replay").iterdir()] == [f"{UNIT}-notes.py"]


def test_no_files_are_written_unless_named(work: Path) -> None:
    before = sorted(path.name for path in work.iterdir())
    assert main(["grade", "mine", UNIT, *QUICK, "--no-files"]) == 0
    assert sorted(path.name for path in work.iterdir()) == before
    assert main(["grade", "mine", UNIT, *QUICK, "--no-files", "--json", "only.json"]) == 0
    assert sorted(path.name for path in work.iterdir()) == sorted([*before, "only.json"])


@pytest.mark.parametrize(("percent", "status"), [("0", 0), ("0.1", 1), ("100", 1)])
def test_fail_under(percent: str, status: int, work: Path) -> None:
    assert main(["grade", UNIT, *QUICK, "--fail-under", percent]) == status


def test_junit(work: Path) -> None:
    main(["grade", "mine", UNIT, *QUICK, "--junit", "junit.xml", "--lang", "en"])
    root = ElementTree.parse(work / "junit.xml").getroot()
    assert root.find("testsuite/testcase/failure") is not None


def test_a_broken_check_is_the_graders_fault_and_ends_with_3(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("ours")

    checks = all_units()[UNIT].checks
    monkeypatch.setitem(checks, "answers_a_text", dataclasses.replace(checks["answers_a_text"], function=breaks))
    assert main(["grade", "mine", UNIT, *QUICK, "--lang", "en"]) == 3
    assert "ZeroDivisionError: ours" in capsys.readouterr().out
    report(work / "report.json")


def test_ctrl_c_keeps_what_is_finished(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("graders.commands.grade.grade", interrupted)
    assert main(["grade", "mine", UNIT]) == 130
    assert capsys.readouterr().err == "netgrade: interrupted: 0 of 1 units were finished\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there a process is terminated without a word")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_grade_that_is_ended_leaves_no_trace(name: str, work: Path) -> None:
    scratch = work / "tmp"
    scratch.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)}
    command = [
        sys.executable,
        "-m",
        "graders",
        "grade",
        str(ROOT / "reference"),
        "requests_get",
        "proxy_server",
        "--no-files",
    ]
    sent = getattr(signal, name)
    with heeded(sent):
        # A group of its own, whose members can be counted when it has ended.
        grading = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert grading.stderr is not None
    grading.stderr.readline()  # a unit is done: it is in the middle of it
    grading.send_signal(sent)
    assert "netgrade: interrupted: " in grading.stderr.read()
    assert grading.wait(30) == 130
    assert list(scratch.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(grading.pid, 0)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda file: file.unlink(), "tcp_server"),
        (lambda file: file.write_text("def broken(:\n"), "SyntaxError"),
        (lambda file: file.write_text("raise RuntimeError('at import')\n"), "RuntimeError"),
        (lambda file: file.write_text("import os\nos._exit(0)\n"), "tcp_server"),
        (lambda file: file.write_text("class Other:\n    pass\n"), "TCPServer"),
        (lambda file: file.write_bytes(b"\xff\xfe\x00"), "tcp_server"),
    ],
    ids=["missing", "syntax", "raises", "exits", "other_name", "not_text"],
)
def test_what_cannot_be_graded_is_said_and_never_a_traceback_of_ours(
    damage: Callable[[Path], object], words: str, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(work / "mine" / "examples" / f"{UNIT}.py")
    assert main(["grade", "mine", UNIT, *QUICK, "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert words in said and "cannot be graded" in said
    assert "graders/" not in said
    document = report(work / "report.json")
    assert document["score"] == 0 and document["units"][0]["problem"] is not None
