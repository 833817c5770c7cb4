"""What is written down agrees with what is there."""

from __future__ import annotations

import re
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
