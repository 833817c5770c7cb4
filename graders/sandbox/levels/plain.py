"""Any operating system, and NO isolation: an interpreter per subject, a temporary folder, an empty environment.

Good enough for one's own programs; a program that means harm reads what its user can read. Whatever uses this level
must say so in the result. Only what every system has is used here: subprocess, threads, psutil.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from graders.sandbox.ended import Reason
from graders.sandbox.errors import SandboxUnsupported
from graders.sandbox.level import Level
from graders.sandbox.libraries import libraries
from graders.sandbox.limits import Limits
from graders.sandbox.sandbox import Sandbox, plain_name
from graders.sandbox.subject import Subject
from graders.sandbox.submission import PrivateCopy
from graders.sandbox.watchdog import Watchdog

_HERE = str(Path(__file__).resolve().parent.parent)
_START = f"import sys; sys.path.insert(0, {_HERE!r}); from inside.plain import main; main()"
# What Windows and macOS need to run Python at all; everything else of the environment stays outside.
_KEPT_VARIABLES = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "NUMBER_OF_PROCESSORS")
_watchdog = Watchdog()


class Plain(Level):
    name = "plain"
    rank = 0
    isolated = False

    def probe(self) -> str | None:
        return None

    def open(self, unit_path: str, copy: PrivateCopy, limits: Limits) -> Sandbox:
        return PlainSandbox(unit_path, copy, limits)


LEVEL = Plain()


class PlainSandbox(Sandbox):
    name = "plain"

    def __init__(self, unit_path: str, copy: PrivateCopy, limits: Limits) -> None:
        super().__init__(unit_path, copy, limits)
        self._folder = Path(tempfile.mkdtemp(prefix="netgrade-plain-"))
        for name in ("cwd", "scratch"):
            (self._folder / name).mkdir()
        self._processes: list[_Process] = []

    @property
    def scratch_path(self) -> str:
        return str(self._folder / "scratch")

    def _inner_root(self) -> str:
        return str(self.copy.root)

    def _inner_path(self, unit_path: str) -> str:
        return str(self.copy.file(unit_path))

    def _launch(self, config: dict[str, Any]) -> Subject:
        config["limits"] = asdict(self.limits)
        found = libraries()
        config["libraries"] = {
            name.partition(".")[0]: str(path.parent) for name, path in found.paths.items() if not name.endswith("-info")
        }
        process = _Process(config, self.limits, self._folder)
        self._processes = [other for other in self._processes if other.running] + [process]
        return process.watch_over(config["nonce"])

    def clear(self) -> None:
        for process in self._processes:
            process.stop("killed by the grader")
        self._processes.clear()

    def close(self) -> None:
        self.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def write_file(self, name: str, data: bytes) -> None:
        (self._folder / "scratch" / plain_name(name)).write_bytes(data)

    def read_file(self, name: str) -> bytes:
        path = self._folder / "scratch" / plain_name(name)
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise OSError(0, "not a regular file", str(path))
        with path.open("rb") as file:
            return file.read(self.limits.file_size)


class _Process:
    """A subprocess and what it started, as far as it can be found."""

    def __init__(self, config: dict[str, Any], limits: Limits, folder: Path) -> None:
        self.limits = limits
        python = config.get("interpreter") or getattr(sys, "_base_executable", None) or sys.executable
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
        self._popen = subprocess.Popen(
            [python, "-I", "-S", "-B", "-X", "utf8", "-c", _START, json.dumps(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=folder / "cwd",
            env=_environment(folder),
            creationflags=flags,
            start_new_session=os.name == "posix",
        )
        self.pid = self._popen.pid
        self.commands, self.control, self.output = (_own(stream) for stream in _streams(self._popen))
        self._root: psutil.Process | None = None
        with suppress(psutil.Error):
            self._root = psutil.Process(self.pid)

    def watch_over(self, nonce: str) -> Subject:
        self.subject = Subject(self, nonce, self.limits.output)
        _watchdog.add(self)
        threading.Thread(target=self._wait, name="end of a subject", daemon=True).start()
        return self.subject

    @property
    def running(self) -> bool:
        return self.subject.ended is None

    def _wait(self) -> None:
        code = self._popen.wait()
        _watchdog.remove(self)
        self.subject.has_ended(code)

    def processes(self) -> list[psutil.Process]:
        """Itself and its descendants; what has been orphaned is not found."""
        if self._root is None:
            return []
        try:
            return [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return []

    def interrupt(self) -> None:
        if not hasattr(os, "killpg"):
            raise SandboxUnsupported("Ctrl+C cannot be sent to a program on this operating system")
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGINT)

    def kill(self) -> None:
        processes = self.processes()
        if hasattr(os, "killpg") and self._popen.poll() is None:
            with suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)
        for process in processes:
            with suppress(psutil.Error):
                process.kill()
        self._popen.kill()

    def stop(self, reason: Reason) -> None:
        self.subject.kill(reason)


def _streams(popen: subprocess.Popen[bytes]) -> tuple[Any, Any, Any]:
    return popen.stdin, popen.stdout, popen.stderr


def _own(stream: Any) -> int:
    """The descriptor, taken over: the subject's threads read it and close it."""
    descriptor = os.dup(stream.fileno())
    stream.close()
    return descriptor


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    home = str(folder / "cwd")
    return {
        **kept,
        "PATH": os.defpath,
        "HOME": home,
        "TMPDIR": home,
        "TEMP": home,
        "TMP": home,
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }
