"""Bad usage gets one line that names the remedy, and exit status 2; nothing that was there is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graders.__main__ import main
from graders.commands.arguments import UsageError, chosen_units, parse, submission_and_units

KNOWN = ["tcp_server", "tcp_client", "udp_server"]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in that has a submission."""
    (tmp_path / "student" / "examples").mkdir(parents=True)
    (tmp_path / "other" / "examples").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that the command says on stderr; it must end with status 2 and print nothing else."""
    assert main(list(arguments)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("netgrade: ") and said.err.count("\n") == 1
    return said.err.removeprefix("netgrade: ").rstrip("\n")


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["grade", "tcp_sever"], "no unit is called 'tcp_sever' (did you mean tcp_server?); units: "),
        (["grade", "nowhere/", "tcp_server"], "there is no folder nowhere: name the one to grade"),
        (
            ["grade", "--submission", "nowhere"],
            "there is no folder nowhere: name the one to grade",
        ),
        (["grade", "--submission", "file.txt"], "file.txt is a file: name the folder that has examples/ in it"),
        (["grade", "."], ". has none of examples/, exercises/, challenges/: name a folder like student/"),
        (
            ["grade", "--json", "no/such/report.json"],
            "cannot write no/such/report.json: there is no folder no/such",
        ),
        (["grade", "--junit", "student"], "cannot write student: it is a folder; name a file in it"),
        (["grade", "--replay", "no/such/place"], "cannot write no/such/place: there is no folder no/such; create it"),
        (["grade", "--only", "nothing_like_it"], "no check is called 'nothing_like_it'"),
        (["grade", "--isolation", "magic"], "unknown isolation 'magic': choose auto, bubblewrap, plain"),
        (["grade", "--budget", "-1"], "argument --budget: wanted seconds above 0, got -1"),
        (["grade", "--budget", "nan"], "argument --budget: wanted seconds above 0, got nan"),
        (["grade", "--fail-under", "101"], "argument --fail-under: wanted a percentage from 0 to 100, got 101"),
        (["grade", "--seed", "x"], "argument --seed: wanted a whole number from 0 on, got 'x'"),
        (["grade", "--jobs", "0"], "argument --jobs: wanted 1 or more, got 0"),
        (["grade", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["validate", "tcp_sever"], "no unit is called 'tcp_sever'"),
        (["validate", "udp_server", "--sample", "nobody"], "no sample of udp_server has 'nobody' in its name: see "),
        (["nonsense"], "argument COMMAND: invalid choice: 'nonsense'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_bad_usage_is_one_line(
    arguments: list[str], wanted: str, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (work / "file.txt").write_text("x")
    assert wanted in error_of(capsys, *arguments)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read and write everything")
def test_what_may_not_be_read_or_written_is_said(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "locked").mkdir(mode=0o500)
    assert "choose another place" in error_of(capsys, "grade", "--json", "locked/report.json")
    (work / "other").chmod(0)
    assert "change its permissions" in error_of(capsys, "grade", "--submission", "other")


def test_an_existing_report_survives_bad_usage(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "report.json").write_text("precious")
    error_of(capsys, "grade", "--json", "report.json", "no_such_unit")
    assert (work / "report.json").read_text() == "precious"


@pytest.mark.parametrize(
    ("names", "folder", "units"),
    [
        ([], "student", KNOWN),
        (["udp_server", "tcp_server"], "student", ["tcp_server", "udp_server"]),
        (["other"], "other", KNOWN),
        (["other", "tcp_client"], "other", ["tcp_client"]),
        (["student/examples/tcp_server.py"], "student", ["tcp_server"]),
    ],
)
def test_a_submission_may_stand_before_the_units(names: list[str], folder: str, units: list[str], work: Path) -> None:
    if any(name.endswith(".py") for name in names):
        (work / names[0]).write_text("")
    _, options = parse(["grade", *names])
    assert submission_and_units(options, KNOWN) == (Path(folder), units)


def test_a_unit_wins_over_a_folder_of_its_name(work: Path) -> None:
    (work / "tcp_server").mkdir()
    _, options = parse(["grade", "tcp_server"])
    assert submission_and_units(options, KNOWN) == (Path("student"), ["tcp_server"])


def test_options_may_stand_between_units(work: Path) -> None:
    _, options = parse(["grade", "tcp_server", "--seed", "3", "udp_server"])
    assert (options.names, options.seed) == (["tcp_server", "udp_server"], 3)


def test_every_unknown_unit_is_an_error() -> None:
    with pytest.raises(UsageError):
        chosen_units(["tcp_server", "nope"], KNOWN)
