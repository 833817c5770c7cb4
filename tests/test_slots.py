"""Grading in several processes: the same results as in one, nothing lost with a process, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from graders.core.results import CheckResult, GradeResult, UnitResult
from graders.core.session.grade import Options, grade
from graders.core.session.processes import Processes
from graders.core.session.slots import Slot, open_slots, slots_here
from tests.signals import heeded

ROOT = Path(__file__).parent.parent
WRONG = ROOT / "tests/submissions/wrong/tcp_server/uses_a_full_width_colon.py"
QUICK = Options(budget=0.2)


def marks(result: GradeResult) -> list[tuple[str, str, str]]:
    return [(check.id, check.verdict, str(check.diagnosis)) for unit in result.units for check in unit.checks]


def elsewhere(processes: Processes) -> list[Slot]:
    return [Slot(number, examine) for number, examiners in enumerate(processes.examiners, 1) for examine in examiners]


def test_two_processes_find_what_one_finds_in_the_same_order() -> None:
    files = {"tcp_server": WRONG, "udp_server": ROOT / "reference/examples/udp_server.py"}
    alone = grade(files, list(files), QUICK)
    with open_slots(4) as slots:
        assert {slot.process for slot in slots} == {0, 1} or (os.cpu_count() or 1) == 1
        together = grade(files, list(files), QUICK, slots=slots)
    assert marks(together) == marks(alone)
    assert together.grader == alone.grader


@pytest.mark.parametrize("fork", [True, False], ids=["forked", "spawned"])
def test_a_process_can_do_all_alone(fork: bool) -> None:
    with Processes(1, 1, fork=fork) as processes:
        result = grade({"tcp_server": WRONG}, ["tcp_server"], QUICK, slots=elsewhere(processes))
    assert marks(result) == marks(grade({"tcp_server": WRONG}, ["tcp_server"], QUICK, slots=slots_here(1)))


def test_a_process_that_is_lost_costs_nothing() -> None:
    class Kills:
        def on_check(self, unit: UnitResult, check: CheckResult) -> None:
            if processes.processes[0].is_alive():
                processes.processes[0].kill()

        def on_unit(self, unit: UnitResult) -> None: ...

    files = {"tcp_server": ROOT / "reference/examples/tcp_server.py"}
    with Processes(1, 1) as processes:
        result = grade(files, ["tcp_server"], QUICK, Kills(), slots=elsewhere(processes))
    assert result.score == 100
    assert not processes.processes[0].is_alive()


def test_what_a_listener_raises_ends_the_grading() -> None:
    class DiskIsFull:
        def on_check(self, unit: UnitResult, check: CheckResult) -> None:
            raise OSError("no space left")

        def on_unit(self, unit: UnitResult) -> None: ...

    files = {"tcp_server": WRONG, "udp_server": ROOT / "reference/examples/udp_server.py"}
    with open_slots(4) as slots, pytest.raises(OSError, match="no space left"):
        grade(files, list(files), QUICK, DiskIsFull(), slots=slots)


@pytest.mark.parametrize("count", [1, 4], ids=["here", "elsewhere too"])
def test_nobody_waits_for_the_checks_at_hand_when_the_grading_ends(count: int, tmp_path: Path) -> None:
    class HasSeenEnough:
        def on_check(self, unit: UnitResult, check: CheckResult) -> None:
            if unit.unit != "tcp_server":
                raise OSError("no space left")

        def on_unit(self, unit: UnitResult) -> None: ...

    sleeps = tmp_path / "tcp_server.py"
    sleeps.write_text("import time\ntime.sleep(1000)\n")
    files = {"tcp_server": sleeps, "udp_server": ROOT / "reference/examples/udp_server.py"}
    began = time.monotonic()
    with open_slots(2 * count) as slots, pytest.raises(OSError, match="no space left"):
        grade(files, list(files), Options(patience=500, isolation="auto"), HasSeenEnough(), slots=slots)
    assert time.monotonic() - began < 100


@pytest.mark.skipif(os.name == "nt", reason="a group of processes is interrupted in another way there")
def test_ctrl_c_ends_all_processes_at_once(tmp_path: Path) -> None:
    sleeps = tmp_path / "mine" / "examples"
    sleeps.mkdir(parents=True)
    for name in ("tcp_server", "udp_server", "tcp_client"):
        (sleeps / f"{name}.py").write_text("import time\ntime.sleep(1000)\n")
    with heeded(signal.SIGINT):
        running = subprocess.Popen(
            [sys.executable, "-m", "graders", "grade", str(sleeps.parent), "--no-files", "--lang", "en"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    with running:
        family = wait_for_subjects(psutil.Process(running.pid))
        began = time.monotonic()
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=60)
        assert running.returncode == 130
        assert said.splitlines()[-1].startswith("netgrade: interrupted: ")
        assert "Traceback" not in said
        assert time.monotonic() - began < 30
    _, left = psutil.wait_procs(family, timeout=10)
    assert left == []


def wait_for_subjects(grader: psutil.Process) -> list[Any]:
    """All processes below the grader, as soon as sandboxes are among them."""
    for _ in range(200):
        family = grader.children(recursive=True)
        if len(family) >= 4:
            return family
        time.sleep(0.05)
    raise AssertionError("nothing was started")
