"""A screen for one conversation: reached with its cookie, by nobody else, and gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import time
from pathlib import Path

import pytest

from graders.core.wire.x11 import Gone, Screen
from graders.sandbox import Level, SubjectTimeout
from graders.sandbox.display import NoDisplay, open_display
from tests.sandbox.small_submissions import PATIENCE, Opener

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")

WALLS = [False, pytest.param(True, marks=pytest.mark.skipif(shutil.which("bwrap") is None, reason="no bwrap"))]


@pytest.mark.parametrize("isolated", WALLS)
def test_it_is_there_while_the_block_lasts(isolated: bool) -> None:
    with open_display(isolated=isolated) as display:
        screen = Screen(display.number, display.cookie)
        assert (screen.width, screen.height) == (1024, 768)
        assert screen.windows() == []
        assert screen.picture().startswith(b"\x89PNG")
        screen.close()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", 6000 + display.number), 1).close()


def test_only_the_cookie_opens_it() -> None:
    with open_display() as display, pytest.raises(Gone):
        Screen(display.number, bytes(16))


def test_two_at_a_time_are_two() -> None:
    with open_display() as one, open_display() as other:
        assert one.number != other.number
        with pytest.raises(Gone):
            Screen(one.number, other.cookie)


def test_nothing_is_left_behind_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ZeroDivisionError), open_display() as display:
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == []
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", 6000 + display.number), 1).close()


def test_without_a_server_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoDisplay, match="apt-get install xvfb"), open_display():
        pass


def test_a_second_module_runs_with_its_own_environment(level: Level, opened: Opener) -> None:
    second = "import os, sys, unit\nprint(os.environ['COLOUR'], sys.argv[1:], unit.NAME, __name__)"
    sandbox = opened(level, "NAME = 'first'", files={"examples/second.py": second})
    subject = sandbox.start_script(["--x"], module="second", environment={"COLOUR": "blue"})
    assert subject.wait(PATIENCE) is not None
    assert subject.output_tail().strip() == "blue ['--x'] first __main__"


@pytest.mark.skipif(not os.path.exists("/usr/bin/python3"), reason="no other Python")
def test_another_interpreter_runs_it(level: Level, opened: Opener) -> None:
    sandbox = opened(level, "import sys\nprint(sys.executable, input())")
    subject = sandbox.start_script([], interpreter="/usr/bin/python3")
    subject.write("hello\n")
    deadline = time.monotonic() + PATIENCE
    while "hello" not in subject.output_tail() and time.monotonic() < deadline:
        try:
            subject.wait_output(subject.output_bytes, 0.1)
        except SubjectTimeout:
            continue
    assert subject.output_tail().split() == ["/usr/bin/python3", "hello"]
