"""Grading on the plain level needs nothing that only POSIX has: many learners sit at Windows or macOS.

Each test grades the reference in an interpreter in which the graders' own code cannot import, or reach, what Windows
lacks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.choices import chosen, unhurried

ROOT = Path(__file__).parent.parent

#: Runs in a fresh interpreter; prints the verdicts as JSON.
WINDOWS_LIKE = """
import builtins, json, os, select, signal, socket, sys
from pathlib import Path

MISSING = {"fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "syslog", "crypt"}
real_import = builtins.__import__

def importing(name, globals=None, locals=None, fromlist=(), level=0):
    if name.split(".")[0] in MISSING and str((globals or {}).get("__name__", "")).startswith("graders"):
        raise ImportError(f"{name} is POSIX only, and {globals['__name__']} asks for it")
    return real_import(name, globals, locals, fromlist, level)

builtins.__import__ = importing
# These are their authors' to be portable, not ours.
import asyncio, concurrent.futures, multiprocessing.connection, ssl, subprocess, tempfile
import hypothesis, psutil, pytest, rich.console, trustme

LACKING = {
    os: "fork forkpty setsid killpg getpgid setuid getuid geteuid getgid mkfifo chown pidfd_open O_NOFOLLOW",
    socket: "AF_UNIX AF_NETLINK SCM_RIGHTS recv_fds send_fds",
    select: "poll epoll",
    signal: "SIGHUP SIGALRM SIGXCPU setitimer alarm pthread_kill",
}
for module, names in LACKING.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.platform = "win32"

from graders.core.session.grade import Options, grade
result = grade(Path(sys.argv[1]), [sys.argv[2]], Options(isolation="plain", budget=0.2))
print(json.dumps([[c.id, c.verdict, c.traceback] for c in result.units[0].checks]))
"""


#: A unit of each kind, and others that are of one kind with these.
UNITS = ["tcp_server", "tcp_client", "udp_server", "urllib_get", "http_server", "flask_app", "websocket_server"]
MORE = ["chat_client", "proxy_server"]


def grade_without_posix(unit: str) -> list[list[str]]:
    """[check, verdict, traceback] for every check."""
    run = subprocess.run(
        [sys.executable, "-c", WINDOWS_LIKE, str(ROOT / "reference"), unit],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    verdicts: list[list[str]] = json.loads(run.stdout.splitlines()[-1])
    return verdicts


@pytest.fixture(scope="module")
def graded(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[list[list[str]]]]]:
    """The verdicts of each unit that is to be tested; two at a time, for most of it is waiting."""
    with ThreadPoolExecutor(2) as pool:
        yield {unit: pool.submit(grade_without_posix, unit) for unit in chosen(request, "portable_unit")}


@pytest.mark.parametrize("portable_unit", unhurried([*UNITS, *MORE], MORE))
def test_a_whole_unit_is_graded(portable_unit: str, graded: dict[str, Future[list[list[str]]]]) -> None:
    verdicts = graded[portable_unit].result()
    assert verdicts
    assert [verdict for verdict in verdicts if verdict[1] not in ("pass", "unavailable")] == []
