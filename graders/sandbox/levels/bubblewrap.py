"""Linux: a sandbox made by bubblewrap, with file system, processes and IPC of its own, and a zygote as process 1.

What a subject sees: the system's libraries and an interpreter (read only), flask, requests, websockets and what these
need, the submission's copy (read only), and two small folders in memory for files. The network is that of the thread
which opens the sandbox: see network.py.

Run by root, bubblewrap keeps root's power, and the kernel counts no processes for root. So all capabilities are
dropped but those that the zygote needs for giving every subject an unprivileged uid, one per sandbox, because the limit
on processes counts by uid. Run by an ordinary user, the sandbox is a user namespace and the uid stays.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from graders.sandbox.errors import SandboxError
from graders.sandbox.imports import imports_ahead
from graders.sandbox.level import Level
from graders.sandbox.libraries import libraries
from graders.sandbox.limits import MIB, Limits
from graders.sandbox.sandbox import Sandbox, plain_name
from graders.sandbox.subject import Subject
from graders.sandbox.submission import PrivateCopy
from graders.sandbox.system_files import system_files
from graders.sandbox.uids import UIDS, OwnUid
from graders.sandbox.zygote import Zygote

_ETC = {
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "nsswitch.conf": "hosts: files\npasswd: files\ngroup: files\n",
    "host.conf": "multi on\n",
}
_INSIDE = Path(__file__).resolve().parent.parent / "inside"
_PROJECT = Path(__file__).resolve().parents[3]


class Bubblewrap(Level):
    name = "bubblewrap"
    rank = 30
    isolated = True

    def probe(self) -> str | None:
        return _probe()

    def open(self, unit_path: str, copy: PrivateCopy, limits: Limits) -> Sandbox:
        return BubblewrapSandbox(unit_path, copy, limits)


LEVEL = Bubblewrap()


@cache
def _probe() -> str | None:
    if not sys.platform.startswith("linux"):
        return "bubblewrap is for Linux"
    if shutil.which("bwrap") is None:
        return "bwrap is not installed (Debian, Ubuntu: apt-get install bubblewrap)"
    if libraries().missing:
        return f"not installed here: {', '.join(libraries().missing)} (pip install them)"
    command = [*_walls(None), *_python(), "-c", "import json, socket, ctypes"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env={}, check=False)
    if done.returncode == 0:
        return None
    said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    if "namespace" in said or "uid map" in said or "Operation not permitted" in said or "loopback" in said:
        said += " (namespaces are refused here; on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0)"
    return said


class BubblewrapSandbox(Sandbox):
    name = "bubblewrap"

    def __init__(self, unit_path: str, copy: PrivateCopy, limits: Limits) -> None:
        super().__init__(unit_path, copy, limits)
        self._uid = OwnUid() if os.geteuid() == 0 else None
        self._lock = threading.Lock()
        self._subjects: dict[int, Subject] = {}
        self._early: dict[int, int] = {}
        self._zygote = self._new_zygote()

    @property
    def scratch_path(self) -> str:
        return "/scratch"

    def _inner_root(self) -> str:
        return "/submission"

    def _inner_path(self, unit_path: str) -> str:
        return f"/submission/{unit_path}"

    def _new_zygote(self) -> Zygote:
        config = {
            "uid": self._uid.number if self._uid else None,
            "limits": asdict(self.limits),
            "libraries": "/libraries",
            "preload": imports_ahead(self.copy.file(self.unit_path), libraries().names),
            "scratch": "/scratch",
            "folder": "/tmp",
        }
        start = "import sys; sys.path.insert(0, '/grader'); from inside.zygote import main; del sys.path[0]; main()"
        zygote: Zygote
        zygote = Zygote(
            [*_walls(self.copy), *_python(), "-c", start], config, lambda n, code: self._exited(zygote, n, code)
        )
        return zygote

    def _launch(self, config: dict[str, Any]) -> Subject:
        try:
            zygote, (number, pid, (commands, control, output)) = self._zygote, self._zygote.start(config)
        except SandboxError:
            if self.halted or not self._zygote.dead:
                raise
            self._zygote.close()  # a subject broke it, and said so by its own end
            self._zygote = self._new_zygote()
            zygote, (number, pid, (commands, control, output)) = self._zygote, self._zygote.start(config)
        zygote.exceeded = None
        process = _Process(zygote, number, pid, commands, control, output)
        with self._lock:
            subject = Subject(process, config["nonce"], self.limits.output)
            early = self._early.pop(number, None)
            if early is None:
                self._subjects[number] = subject
        if early is not None:
            subject.has_ended(early)
        return subject

    def _exited(self, zygote: Zygote, number: int, code: int) -> None:
        """Said by the zygote's listener; number 0 means that the zygote itself is gone, and all subjects with it."""
        with self._lock:
            if number == 0:
                gone, code = list(self._subjects.values()), -9
                self._subjects.clear()
            else:
                found = self._subjects.pop(number, None)
                gone = [] if found is None else [found]
                if found is None:
                    self._early[number] = code
        for subject in gone:
            if number == 0:
                subject.blame("sandbox")
            elif zygote.exceeded is not None:
                subject.blame("processes" if zygote.exceeded == "processes" else "memory")
            subject.has_ended(code)

    def clear(self) -> None:
        with self._lock:
            for subject in self._subjects.values():
                subject.blame("killed by the grader")
        if not self._zygote.dead:
            try:
                self._zygote.clear()
            except SandboxError:
                self._zygote.close()
        self._zygote.exceeded = None

    def halt(self) -> None:
        self.halted = True
        self._zygote.close()

    def used(self) -> float | None:
        try:
            return self._zygote.used()
        except SandboxError:
            return None

    def close(self) -> None:
        with self._lock:
            for subject in self._subjects.values():
                subject.blame("killed by the grader")
        self._zygote.close()
        if self._uid is not None:
            self._uid.close()

    def write_file(self, name: str, data: bytes) -> None:
        self._zygote.write(plain_name(name), data)

    def read_file(self, name: str) -> bytes:
        return self._zygote.read(plain_name(name), self.limits.file_size)


class _Process:
    def __init__(self, zygote: Zygote, number: int, pid: int, commands: int, control: int, output: int) -> None:
        self._zygote = zygote
        self._number = number
        self.pid = pid
        self.commands = commands
        self.control = control
        self.output = output

    def interrupt(self) -> None:
        self._zygote.interrupt(self._number)

    def kill(self) -> None:
        self._zygote.kill(self._number)


def _walls(copy: PrivateCopy | None) -> list[str]:
    """The bwrap command up to the program. The paths that a subject can see, and nothing else exists for it."""
    root = os.geteuid() == 0
    size = str(64 * MIB)
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxError("bwrap is not installed (Debian, Ubuntu: apt-get install bubblewrap)")
    args = [bwrap, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--as-pid-1"]
    args += ["--new-session", "--hostname", "sandbox", "--clearenv"]
    args += ["--cap-drop", "ALL"]
    if root:
        # setuid and setgid for the fork that becomes a subject, kill for its end, the others for its scratch files.
        for capability in ("SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE"):
            args += ["--cap-add", f"CAP_{capability}"]
    else:
        args += ["--unshare-user"]
    args += system_files()
    if _home() != "/usr":
        args += ["--ro-bind", sys.base_prefix, "/python"]
    for folder in _hidden():
        args += ["--perms", "0755", "--tmpfs", folder]
    args += ["--dev", "/dev", "--proc", "/proc"]
    args += ["--ro-bind", _etc(), "/etc", "--ro-bind-try", "/var/cache/fontconfig", "/var/cache/fontconfig"]
    for folder in ("/libraries", "/grader"):
        args += ["--perms", "0755", "--dir", folder]
    for name, path in libraries().paths.items():
        args += ["--ro-bind", str(path), f"/libraries/{name}"]
    args += ["--ro-bind", str(_INSIDE), "/grader/inside"]
    if copy is not None:
        args += ["--ro-bind", str(copy.root), "/submission"]
    # Everything is a file system in memory, and writable, where nothing else is said.
    for folder in ("/tmp", "/scratch"):
        args += ["--perms", "1777", "--size", size, "--tmpfs", folder]
    args += ["--perms", "1777", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev", "--remount-ro", "/"]
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",  # or 200 honest threads reserve 64 MiB of addresses each
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }
    if _home() != "/usr":
        environment["LD_LIBRARY_PATH"] = "/python/lib"
    for name, value in environment.items():
        args += ["--setenv", name, value]
    return [*args, "--chdir", "/tmp"]


def _home() -> str:
    """The interpreter's home inside: /usr, or /python where it is bound because it may be in a closed folder."""
    return "/usr" if Path(sys.base_prefix).resolve().is_relative_to("/usr") else "/python"


def _python() -> list[str]:
    executable = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    prefix = Path(sys.base_prefix).resolve()
    if _home() == "/python":
        executable = Path("/python") / executable.relative_to(prefix)
    return [str(executable), "-I", "-S", "-B", "-X", "utf8"]


def _hidden() -> list[str]:
    """Folders below what is bound that no subject needs to see: other packages, and the reference solutions."""
    found = [_PROJECT] if _PROJECT.is_relative_to("/usr") else []
    for folder in (*site.getsitepackages([sys.base_prefix, "/usr", "/usr/local"]), "/usr/lib/python3/dist-packages"):
        if os.path.isdir(folder):
            found.append(Path(folder).resolve())
    prefix = Path(sys.base_prefix).resolve()
    inside = set()
    for path in found:
        if path.is_relative_to("/usr"):
            inside.add(str(path))
        elif path.is_relative_to(prefix):
            inside.add(str("/python" / path.relative_to(prefix)))
    return sorted(inside)


@cache
def _etc() -> str:
    """A folder with the few files of /etc that name lookups, the loader and fonts need; removed at exit."""
    folder = Path(tempfile.mkdtemp(prefix="netgrade-etc-"))
    Finalize(None, shutil.rmtree, args=(folder, True), exitpriority=0)  # atexit knows no end of a forked process
    inner = folder / "etc"
    inner.mkdir()
    uid = os.geteuid()
    users = "root:x:0:0::/tmp:/bin/sh\n" + (f"student:x:{uid}:{os.getegid()}::/tmp:/bin/sh\n" if uid else "")
    if uid == 0:
        users += "".join(f"student{n}:x:{n}:{n}::/tmp:/bin/sh\n" for n in UIDS)
    files = {**_ETC, "passwd": users, "group": "root:x:0:\n"}
    for name, text in files.items():
        (inner / name).write_text(text)
    if os.path.exists("/etc/ld.so.cache"):
        shutil.copyfile("/etc/ld.so.cache", inner / "ld.so.cache")
    if os.path.isdir("/etc/fonts"):
        shutil.copytree("/etc/fonts", inner / "fonts", symlinks=True)
    for path in (inner, *inner.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return str(inner)
