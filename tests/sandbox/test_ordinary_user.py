"""The isolated level without root's power: the same tests again, as a user who owns nothing here."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest

NOBODY = 61999
TESTS = ["tests/sandbox/test_hostile.py", "tests/sandbox/test_subjects.py"]
ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can become another user",
)


def as_nobody(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
    become += ["/usr/bin/env"]  # setpriv itself may still open what root may
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder / "project"), *site.getsitepackages()])
    return subprocess.run(
        [*become, *command],
        cwd=folder / "project",
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def python_and_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """An interpreter of this version that everybody may run, and a copy of the project that everybody may read."""
    folder = Path("/tmp") / f"netgrade-nobody-{os.getpid()}"
    (folder / "project" / "tests").mkdir(parents=True)
    shutil.copytree(ROOT / "graders", folder / "project" / "graders", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        ROOT / "tests/sandbox", folder / "project/tests/sandbox", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "tests/__init__.py", folder / "project/tests/__init__.py")
    shutil.copy(ROOT / "pyproject.toml", folder / "project/pyproject.toml")
    subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(folder)], check=True)
    version = ".".join(map(str, sys.version_info[:2]))
    for python in (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}"):
        if os.path.exists(python) and as_nobody([python, "-c", "import psutil, pytest"], folder).returncode == 0:
            return python, folder
    shutil.rmtree(folder)
    pytest.skip("no interpreter here that another user may run")


def test_the_isolated_level_works_for_an_ordinary_user(python_and_folder: tuple[str, Path]) -> None:
    python, folder = python_and_folder
    try:
        probe = as_nobody(
            [python, "-c", "from graders.sandbox import *; enter_private_network(); print(choose_level().name)"], folder
        )
        if "bubblewrap" not in probe.stdout:
            pytest.skip("unprivileged bubblewrap is refused here")
        done = as_nobody([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not plain", *TESTS], folder)
        assert done.returncode == 0, done.stdout[-6000:]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_an_ordinary_user_gets_private_networks(python_and_folder: tuple[str, Path]) -> None:
    python, folder = python_and_folder
    code = """
import threading
from graders.sandbox import *
entered = enter_private_network()
seen = []
def unit():
    seen.append((private_loopback(), network_here()))
    import socket
    server = socket.create_server(("127.0.0.1", 8888))
for _ in range(2):
    thread = threading.Thread(target=unit); thread.start(); thread.join()
print(entered, seen)
"""
    try:
        done = as_nobody([python, "-c", code], folder)
        if done.stdout.startswith("False"):
            pytest.skip("user namespaces are refused here")
        assert done.stdout == "True [(True, 'private'), (True, 'private')]\n", done.stderr
    finally:
        shutil.rmtree(folder, ignore_errors=True)
