"""What a learner sees, word for word: the golden files are read by people when they change.

python -m tests.sinks.test_console      writes them anew
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from graders.core.replay.characters import width
from graders.sinks.console import ConsoleReport, Progress
from graders.sinks.console.page import bar
from graders.sinks.console.summary import first_to_fix
from tests.sinks import documents

GOLDEN = Path(__file__).parent / "golden"
PAGES = [(name, lang) for name in documents.ALL for lang in ("zh", "en")]


def shown(name: str, lang: str, *, columns: int = 80, verbose: bool = False, colour: bool = False) -> str:
    out = io.StringIO()
    system = "standard" if colour else None
    console = Console(
        file=out, width=columns, force_terminal=colour, color_system=system, highlight=False, markup=False, emoji=False
    )
    report = ConsoleReport(lang, console=console, verbose=verbose)
    report.render(documents.ALL[name](), report="report.json", replays="replay")
    return out.getvalue()


@pytest.mark.parametrize(("name", "lang"), PAGES)
def test_the_page_is_the_golden_one(name: str, lang: str) -> None:
    assert shown(name, lang) == (GOLDEN / f"{name}.{lang}.txt").read_text("utf-8")


@pytest.mark.parametrize(("name", "lang"), PAGES)
@pytest.mark.parametrize("columns", [60, 80, 200])
def test_no_line_is_wider_than_the_terminal(name: str, lang: str, columns: int) -> None:
    for line in shown(name, lang, columns=columns, verbose=True).split("\n"):
        # The command to repeat a failure is one line whatever its length: it is there to be copied.
        assert width(line) <= columns or "python replay/" in line, line


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("verbose", [False, True])
def test_hostile_bytes_cannot_move_the_terminal(lang: str, verbose: bool) -> None:
    page = shown("hostile", lang, verbose=verbose)
    assert all(character == "\n" or character.isprintable() for character in page)


@pytest.mark.parametrize("name", documents.ALL)
def test_colour_changes_no_word(name: str) -> None:
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown(name, "zh", colour=True)) == shown(name, "zh")


def test_every_broken_check_is_told_as_the_graders_fault() -> None:
    assert "KeyError: 'A'" in shown("mixed", "zh") and "不是你的错" in shown("mixed", "zh")
    assert "not you" in shown("mixed", "en")


def test_missing_isolation_is_said() -> None:
    document = documents.perfect()
    document["grader"] = {**document["grader"], "isolation": "plain"}
    out = io.StringIO()
    ConsoleReport("en", console=Console(file=out, width=80)).render(document)
    assert "NOT ISOLATED" in out.getvalue()


def test_many_failures_of_one_cause_are_told_once() -> None:
    checks = [documents.split_character() | {"id": f"check_{n}"} for n in range(6)]
    document = documents.document([documents.unit("tcp_server", "21.2.1.1", documents.TCP, checks)])
    out = io.StringIO()
    ConsoleReport("en", console=Console(file=out, width=80)).render(document)
    assert out.getvalue().count("e4 bd a0") == 1
    assert out.getvalue().count("same cause as above") == 5


def test_a_bar_is_full_for_full_marks_only() -> None:
    assert bar(99.9, 100, 16).count("█") == 15
    assert bar(0.1, 100, 16).count("█") == 1
    assert bar(100, 100, 16) == "█" * 16
    assert bar(0, 100, 16) == "░" * 16


def test_the_first_thing_to_fix_is_a_core_check_of_a_unit_that_was_begun() -> None:
    found = first_to_fix(documents.mixed())
    assert found is not None and found[1] is not None
    assert (found[0]["unit"], found[1]["id"]) == ("tcp_server", "serves_several_clients_at_once")
    untouched = first_to_fix(documents.untouched())
    assert untouched is not None and untouched[0]["unit"] == "tcp_server"
    assert first_to_fix(documents.perfect()) is None


def test_a_bonus_that_failed_is_what_to_fix_when_nothing_else_is() -> None:
    document = documents.perfect()
    bonus = document["units"][0]["checks"][-1]
    bonus.update(verdict="fail", points=0)
    assert first_to_fix(document) == (document["units"][0], bonus)
    out = io.StringIO()
    ConsoleReport("en", console=Console(file=out, width=100)).render(document)
    assert "Everything passes" not in out.getvalue() and "first thing to fix" in out.getvalue()


def test_progress_without_a_terminal_is_a_line_for_each_unit() -> None:
    out = io.StringIO()
    document = documents.mixed()
    names = [unit["unit"] for unit in document["units"]]
    with Progress(names, "en", console=Console(file=out, force_terminal=False)) as progress:
        for unit in document["units"]:
            for check in unit["checks"]:
                progress.check(unit["unit"], check)
            progress.unit(unit)
    assert out.getvalue().splitlines()[0] == "[1/4] graded tcp_server: 56/100, 1.2 s"
    assert len(out.getvalue().splitlines()) == 4


def test_progress_on_a_terminal_leaves_nothing_behind_but_control_codes() -> None:
    out = io.StringIO()
    with Progress(["tcp_server"], "zh", console=Console(file=out, force_terminal=True, width=80)) as progress:
        progress.check("tcp_server", documents.split_character())
        progress.unit(documents.mixed()["units"][0])
    assert "正在评分" in out.getvalue()


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for page, language in PAGES:
        (GOLDEN / f"{page}.{language}.txt").write_text(shown(page, language), "utf-8")
