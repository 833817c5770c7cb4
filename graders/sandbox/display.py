"""A screen that nobody sees: an X server (Xvfb) for one conversation, for programs that open windows.

It is reached over TCP on loopback, so that nothing of the file system is shared; where the unit has a network of its
own, by nobody else. Elsewhere, too, only with the cookie. Whoever draws on it may make it fail but not grow: its memory
and its processor time are limited, and behind bubblewrap it has no files but the system's.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from graders.sandbox.system_files import system_files

SCREEN = "1024x768x24"

# KiB of memory and seconds of processor time; an honest chat window makes it use 60 MiB and 0.1 s.
_MEMORY, _SECONDS = 1 << 20, 60

_START_SECONDS, _STOP_SECONDS = 20.0, 3.0


class NoDisplay(Exception):
    """There can be no screen here; the message says what is missing."""


@dataclass(frozen=True)
class Display:
    """``number``: the TCP port is 6000 + number; ``cookie``: what a client shows to be let in."""

    number: int
    cookie: bytes

    @property
    def name(self) -> str:
        """For the variable DISPLAY."""
        return f"127.0.0.1:{self.number}"

    def authority(self) -> bytes:
        """The content of a client's file XAUTHORITY (Xau(3)): the cookie, for whatever address and number."""
        fields = (b"", b"", b"MIT-MAGIC-COOKIE-1", self.cookie)
        return struct.pack(">H", 0xFFFF) + b"".join(struct.pack(">H", len(field)) + field for field in fields)


@contextmanager
def open_display(*, isolated: bool = False) -> Iterator[Display]:
    """A fresh screen in the network of the calling thread; it ends with the block. Raises NoDisplay."""
    server = shutil.which("Xvfb")
    if server is None or os.name != "posix":
        raise NoDisplay("Xvfb is not installed (Debian, Ubuntu: apt-get install xvfb)")
    cookie = secrets.token_bytes(16)
    folder = tempfile.mkdtemp(prefix="netgrade-display-")
    told, tell = os.pipe()
    gone, alive = os.pipe()  # the server and all around it hold `alive`: nobody does when the last has ended
    process = None
    try:
        file = os.path.join(folder, "authority")
        with open(file, "wb") as stream:
            stream.write(Display(0, cookie).authority())
        command = [server, "-displayfd", str(tell), "-screen", "0", SCREEN, "-noreset", "-auth", file]
        command += ["-listen", "tcp", "-nolisten", "unix", "-nolisten", "local", "-nolisten", "inet6"]
        limited = ["/bin/sh", "-c", f'ulimit -v {_MEMORY}; ulimit -t {_SECONDS}; exec "$@"', "sh"]
        try:
            process = subprocess.Popen(
                [*limited, *(_walls(file) if isolated else []), *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(tell, alive),
                start_new_session=True,
            )
        except OSError as error:
            raise NoDisplay(f"Xvfb cannot be started: {error.strerror}") from None
        for descriptor in (tell, alive):
            os.close(descriptor)
        tell = alive = -1
        yield Display(_number(told), cookie)
    finally:
        for descriptor in (tell, alive):
            if descriptor >= 0:
                os.close(descriptor)
        if process is not None:
            _end(process, gone)
        os.close(told)
        os.close(gone)
        shutil.rmtree(folder, ignore_errors=True)


def _number(told: int) -> int:
    """The display's number, which the server writes when it is ready."""
    line = b""
    deadline = time.monotonic() + _START_SECONDS
    while not line.endswith(b"\n"):
        if not select.select([told], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise NoDisplay("Xvfb does not start")
        piece = os.read(told, 64)
        if not piece:
            raise NoDisplay("Xvfb ends when it starts")
        line += piece
    return int(line)


def _walls(file: str) -> list[str]:
    """bubblewrap around it: the system's programs and data, a folder for the cookie, no capability."""
    args = ["bwrap", "--unshare-all", "--share-net", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    args += system_files()
    args += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind", file, file]
    return [*args, "--clearenv", "--setenv", "PATH", "/usr/bin:/bin"]


def _end(process: subprocess.Popen[bytes], gone: int) -> None:
    """In good order, so that it removes its lock; by force where it does not hear. Returns when all have ended."""
    process.terminate()
    if not select.select([gone], [], [], _STOP_SECONDS)[0]:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, 9)
        process.kill()
        select.select([gone], [], [], _STOP_SECONDS)
    process.wait()
