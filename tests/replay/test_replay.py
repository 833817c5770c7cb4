"""Replay scripts run without the grader: they reproduce what was recorded, and see when the program is mended."""

from __future__ import annotations

import ast
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from graders.core.replay.render import curl_line, render_script
from tests.replay.stories import CASES, ECHO_RIGHT, Case
from tests.sinks.documents import HOSTILE, TCP_SETUP, data, side, step, story, text

TITLE = text("标题", "title")


def replay(case: Case, program: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Write the program and the script, and run the script where no grader can be imported."""
    submission = folder / "student"
    (submission / "examples").mkdir(parents=True, exist_ok=True)
    (submission / "examples" / case.file).write_text(program, "utf-8")
    script = folder / "replay.py"
    script.write_text(render_script("unit", "check", TITLE, case.story), "utf-8")
    return subprocess.run(
        [sys.executable, script.name, "--lang", "zh", "--patience", "1.5", *options],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.parametrize("name", CASES)
def test_the_failure_is_reproduced(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    done = replay(case, case.wrong, tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert case.shown in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", CASES)
def test_a_mended_program_is_seen(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    done = replay(case, case.right, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "现在回答正确。" in done.stdout


def test_a_missing_program_is_said_with_the_remedy(tmp_path: Path) -> None:
    case = CASES["an error status"]
    done = replay(case, case.wrong, tmp_path, "--submission", "elsewhere")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "--submission" in done.stderr


def test_another_port_is_taken_where_the_recorded_one_is_in_use(tmp_path: Path) -> None:
    case = CASES["an error status"]
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", 15679))
        squatter.listen()
        assert replay(case, case.right, tmp_path).returncode == 0
        assert replay(case, case.wrong, tmp_path).returncode == 1


def test_a_script_with_fixed_ports_says_that_one_is_in_use(tmp_path: Path) -> None:
    case = CASES["a script with a keyboard"]
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", 15680))
        squatter.listen()
        done = replay(case, case.right, tmp_path)
    assert done.returncode == 2
    assert "15680" in done.stderr


def test_the_script_uses_the_standard_library_only() -> None:
    tree = ast.parse(render_script("unit", "check", TITLE, CASES["a Flask app"].story))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in named} <= sys.stdlib_module_names


def test_hostile_titles_and_bytes_stay_data(tmp_path: Path) -> None:
    bad = text(HOSTILE + '"""\nimport os; os._exit(0)', "-*- coding: rot13 -*-")
    raw = HOSTILE.encode("utf-8", "surrogatepass") + b'"""\xff'
    steps = [step(1, "A", "connect", label=bad), step(2, "A", "send", data=data(raw)), step(3, "A", "receive")]
    source = render_script("u", "c", bad, story(steps, side(bytes=data(raw)), None, TCP_SETUP))
    source.encode("utf-8")
    story_read = next(
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets) == "STORY"
    )
    assert ast.literal_eval(story_read)["steps"][1]["data"] == raw


def test_long_data_does_not_make_a_long_script() -> None:
    plain = len(render_script("u", "c", TITLE, CASES["a character cut in two"].story))
    long = render_script("u", "c", TITLE, CASES["a mebibyte, read as it is sent"].story)
    assert len(long) < plain + 2000
    assert "b'0123456789abcdef' * 65536" in long


def test_one_http_request_is_also_a_curl_line() -> None:
    assert curl_line(CASES["a Flask app"].story) == (
        "curl -i -X POST -H 'Content-Type: application/x-www-form-urlencoded' --data-raw name=%E4%BD%A0 "
        "http://127.0.0.1:15000/api/submit"
    )


@pytest.mark.parametrize("name", [name for name in CASES if name != "a Flask app"])
def test_what_curl_cannot_send_has_no_curl_line(name: str) -> None:
    assert curl_line(CASES[name].story) is None


def test_the_language_is_chosen(tmp_path: Path) -> None:
    done = replay(CASES["a character cut in two"], ECHO_RIGHT, tmp_path, "--lang", "en")
    assert "The program now answers as wanted." in done.stdout
