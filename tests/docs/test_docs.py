"""What is written down agrees with what is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from graders.commands.arguments import parse
from graders.commands.rubric import render
from graders.core.replay.looking import EVENTS
from graders.core.rubric import all_units

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")


def commands(readme: str) -> list[str]:
    """The first two indented lines: the grading and the tests."""
    return re.findall(r"(?m)^    (python3 -m venv .+)$", (ROOT / readme).read_text("utf-8"))[:2]


def test_the_rubric_is_the_one_of_the_graders() -> None:
    written = (ROOT / "docs" / "rubric.md").read_text("utf-8")
    assert written == render(all_units().values()), "run: python -m graders rubric --write docs/rubric.md"


def test_both_readmes_open_with_the_same_commands() -> None:
    grade, tests = commands("README.md")
    assert grade.endswith("nox -s grade") and tests.endswith("nox -s tests")
    assert commands("README.zh-CN.md") == [grade, tests]


def test_ci_runs_the_command_of_the_readme() -> None:
    assert (ROOT / ".ci" / "run").read_text("utf-8").rstrip().split("\n")[-1] == commands("README.md")[1]


def test_the_readme_pins_the_nox_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (nox,) = project["dependency-groups"]["nox"]
    assert all(nox in command for readme in READMES for command in commands(readme))


@pytest.mark.parametrize("readme", READMES)
def test_every_link_leads_somewhere(readme: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / readme).read_text("utf-8")):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("readme", READMES)
def test_every_option_is_explained(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    _, options = parse(["grade"])
    for name in vars(options):
        if name not in ("names", "command", "list"):
            assert f"--{name.replace('_', '-')}" in text, name


def test_every_event_is_explained() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert {event for event in EVENTS if f"`{event}`" not in text} == set()


@pytest.mark.parametrize("readme", READMES)
def test_lines_of_the_pages_are_not_endless(readme: str) -> None:
    # Tables and commands aside, a page can be read in an editor.
    for line in (ROOT / readme).read_text("utf-8").split("\n"):
        assert len(line) <= 120 or line.startswith(("|", "    ")), line


@pytest.mark.parametrize(("readme", "lang"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_what_you_see_is_what_the_grader_says(readme: str, lang: str, tmp_path: Path) -> None:
    """Ports and seconds aside; lines are left out where the page has an ellipsis."""
    file = tmp_path / "student" / "examples" / "tcp_server.py"
    file.parent.mkdir(parents=True)
    shutil.copy(ROOT / "tests/submissions/wrong/tcp_server/replaces_half_characters.py", file)
    command = [sys.executable, "-m", "graders", "grade", "--lang", lang, "tcp_server"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=300)
    said = iter([without_ports(line) for line in done.stdout.split("\n")])
    block = re.search(r"```\n(tcp_server .*?)```", (ROOT / readme).read_text("utf-8"), re.DOTALL)
    assert block
    shown = [without_ports(line) for line in block[1].split("\n") if line.strip(" …")]
    assert [line for line in shown if line not in said] == []


def without_ports(line: str) -> str:
    return re.sub(r"port=\d+", "port=N", line.rstrip())
