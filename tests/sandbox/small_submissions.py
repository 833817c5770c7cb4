"""Submissions of a few lines, run on every level that works on this machine."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from graders.sandbox import Level, Limits, Sandbox, Subject, all_levels, open_sandbox, private_copy

UNIT = "examples/unit.py"
PATIENCE = 20.0  # seconds; nothing here needs one of them on an idle machine

Opener = Callable[..., Sandbox]


@pytest.fixture(params=[level.name for level in all_levels()])
def level(request: pytest.FixtureRequest) -> Level:
    return _usable(request.param)


@pytest.fixture
def bubblewrap() -> Level:
    return _usable("bubblewrap")


@pytest.fixture
def plain() -> Level:
    return _usable("plain")


def _usable(name: str) -> Level:
    level = next(level for level in all_levels() if level.name == name)
    reason = level.probe()
    if reason is not None:
        pytest.skip(f"{name}: {reason}")
    return level


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """opened(level, source, limits=…, files={…}): a sandbox with a submission whose unit has this text."""
    with ExitStack() as stack:

        def opener(
            level: Level, source: str, limits: Limits | None = None, files: dict[str, str] | None = None
        ) -> Sandbox:
            folder = tmp_path / f"submission{len(list(tmp_path.iterdir()))}"
            for name, text in {UNIT: source, **(files or {})}.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(textwrap.dedent(text), encoding="utf-8")
            copy = stack.enter_context(private_copy(folder))
            return stack.enter_context(open_sandbox(level, UNIT, copy, limits))

        yield opener


def imported(sandbox: Sandbox) -> Subject:
    """A fresh subject that has imported the unit."""
    subject = sandbox.start()
    answer = subject.ask({"do": "import"}, PATIENCE)
    assert "raised" not in answer, answer["raised"]["traceback"]
    return subject


def called(subject: Subject, name: str, *args: Any) -> Any:
    """The value of a call of one of the unit's functions."""
    answer = subject.ask({"do": "call", "name": name, "args": list(args)}, PATIENCE)
    assert "raised" not in answer, answer["raised"]["traceback"]
    return answer["value"]


def in_a_thread(function: Callable[[], None]) -> None:
    """Run in a new thread and pass its exception on: what a thread does to its network ends with it."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
