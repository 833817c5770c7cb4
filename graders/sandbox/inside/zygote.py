"""Process 1 of a sandbox: has the libraries imported already and forks a subject whenever the grader asks.

A fresh interpreter with Flask takes 180 ms, a fork of this one 5. Descriptor 0 is the grader's socket (AF_UNIX,
SOCK_SEQPACKET: one request a packet). When it ends, so does this process, and with process 1 the kernel ends everything
in the sandbox. Nothing of a submission ever runs here; the zygote cannot be signalled or traced from the inside.

Requests: the configuration first, then {"start": n, "config"} with three descriptors, {"kill": n}, {"interrupt": n},
{"clear": k}, {"used": k}, {"read": k, "name"}, {"write": k, "name"} with one descriptor.
Reports: {"hello"}, {"ready"}, {"started": n} (said by the forked child, whose pid the socket tells),
{"exited": n, "code"}, {"exceeded": "memory" or "processes"}, {"cleared": k}, {"done": k} or {"failed": k, "why"}.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import stat
import sys
import time
from collections.abc import Iterator
from typing import Any

from . import driver, limits, seccomp

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
_WATCH_EVERY = 0.05  # seconds; two cores touch at most some 200 MiB of fresh memory in that time
# A server with a process for each of its 200 clients is no harm: they sleep. A crowd of processes that all want to run,
# look after look, leaves no processor to anybody else.
_CROWD, _LOOKS = 24, 10


def main() -> None:
    config = _Zygote().serve()
    if config is not None:  # the forked child: unwound to here, so that the subject's stack has nothing of ours
        if config.get("interpreter"):
            start_anew(config["interpreter"], config)
        driver.main(config)


def start_anew(interpreter: str, config: dict[str, Any]) -> None:
    """Another Python than this one, without the libraries, goes on as the subject."""
    start = "import json, sys; sys.path.insert(0, '/grader'); from inside.driver import main; del sys.path[0]; "
    start += "main(json.loads(sys.argv[1]))"
    os.execv(interpreter, [interpreter, "-I", "-S", "-B", "-X", "utf8", "-c", start, json.dumps(config)])


def _look_around() -> None:
    """What every server looks up anew when it starts, and Python remembers: 5 ms of a start with Werkzeug."""
    importlib.import_module("encodings.idna")  # for the first look-up of any host
    if "werkzeug" in sys.modules:
        from importlib import metadata

        with contextlib.suppress(metadata.PackageNotFoundError):
            metadata.version("werkzeug")  # it names itself in its answers


class _Zygote:
    def __init__(self) -> None:
        self.control = socket.socket(fileno=os.dup(0))
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.close(nothing)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # process 1 hears only signals that it has a handler for
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _prctl(_PR_SET_DUMPABLE, 0)
        self.say({"hello": True})
        first = self.control.recv(1 << 20)
        if not first:
            raise SystemExit(0)
        self.config: dict[str, Any] = json.loads(first)
        self.subjects: dict[int, int] = {}  # pid -> the grader's number
        self.page = os.sysconf("SC_PAGE_SIZE")
        sys.path.append(self.config["libraries"])
        os.environ["PYTHONPATH"] = self.config["libraries"]  # for a Python that a subject starts
        for entry in self.config["preload"]:
            driver.import_ahead(entry)
        _look_around()
        gc.collect()
        gc.freeze()  # keeps the collector from touching, and so copying, every page after a fork
        self.own_pages = _stat("self")[2]
        self.crowded = 0  # looks in a row at a crowd of running processes
        self.woken, self.wake = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(self.woken, False)
        signal.set_wakeup_fd(self.wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self.say({"ready": True})

    def say(self, report: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        data = [json.dumps(report).encode()]
        try:
            if descriptors:
                socket.send_fds(self.control, data, list(descriptors))
            else:
                self.control.sendmsg(data)
        except OSError:
            os._exit(0)  # the grader is gone

    def serve(self) -> dict[str, Any] | None:
        """Until the grader closes the socket; in a forked child the subject's configuration is returned."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.woken, select.POLLIN)
        watched = 0.0
        while True:
            ready = {descriptor for descriptor, _ in poll.poll(_WATCH_EVERY * 1000 if self.subjects else None)}
            if self.woken in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.woken, 4096)
                self.reap()
            if self.control.fileno() in ready:
                data, descriptors, _, _ = socket.recv_fds(self.control, 1 << 20, 4)
                if not data:
                    os._exit(0)
                config = self.request(json.loads(data), descriptors)
                if config is not None:
                    return config
            if self.subjects and time.monotonic() - watched >= _WATCH_EVERY:
                watched = time.monotonic()
                self.watch()

    def request(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any] | None:
        if "start" in request:
            return self.start(request, descriptors)
        if "kill" in request:
            self.signal(request["kill"], signal.SIGKILL)
        elif "interrupt" in request:
            self.signal(request["interrupt"], signal.SIGINT)
        elif "clear" in request:
            self.clear()
            self.say({"cleared": request["clear"]})
        elif "used" in request:
            self.say({"done": request["used"], "seconds": _used()})
        elif "read" in request:
            self.read(request)
        elif "write" in request:
            self.write(request, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        return None

    # --- subjects

    def start(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any] | None:
        number = request["start"]
        try:
            pid = os.fork()
        except OSError as error:
            self.say({"failed": number, "why": f"fork: {error.strerror}"})
            pid = -1
        if pid == 0:
            self.become_subject(number, descriptors)
            config: dict[str, Any] = request["config"]
            return config
        for descriptor in descriptors:
            os.close(descriptor)
        if pid > 0:
            self.subjects[pid] = number
        return None

    def become_subject(self, number: int, descriptors: list[int]) -> None:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        uid = self.config["uid"]
        limits.apply(self.config["limits"], count_processes=True)
        if uid is not None:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)  # and with that every capability is gone
        seccomp.install()
        _prctl(_PR_SET_DUMPABLE, 1)
        os.chdir(self.config["folder"])
        os.umask(0o077)
        self.say({"started": number})
        for target, descriptor in enumerate(descriptors):  # they are above 2: 0, 1 and 2 are in use
            os.dup2(descriptor, target)
        os.closerange(3, 256)
        self.control.detach()

    def signal(self, number: int, what: signal.Signals) -> None:
        """To the subject and its process group, as a terminal does. It is not reaped yet: the pid is its own."""
        for pid, subject in self.subjects.items():
            if subject == number:
                for target in (-pid, pid):
                    try:
                        os.kill(target, what)
                        return
                    except ProcessLookupError:
                        continue

    def reap(self, block: bool = False) -> None:
        """Collect what has ended: subjects, and whatever they left behind (orphans come to process 1)."""
        while True:
            try:
                pid, status = os.waitpid(-1, 0 if block else os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            number = self.subjects.pop(pid, None)
            if number is not None:
                self.say({"exited": number, "code": os.waitstatus_to_exitcode(status)})

    def clear(self) -> None:
        """End everything in the sandbox but this process. A fork in progress sees the signal, so once is enough."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        self.reap(block=True)

    def watch(self) -> None:
        """Memory of all processes together; what a fork still shares with the zygote is not the subject's.

        And how many of them want to run at the same time.
        """
        pages = running = 0
        for state, _, resident in _processes():
            pages += max(0, resident - self.own_pages)
            running += state == b"R"
        self.crowded = self.crowded + 1 if running > _CROWD else 0
        if pages * self.page > self.config["limits"]["rss"]:
            self.stop("memory")
        elif self.crowded >= _LOOKS:
            self.stop("processes")

    def stop(self, limit: str) -> None:
        self.crowded = 0
        self.say({"exceeded": limit})
        self.clear()

    # --- files that outlive a subject

    def read(self, request: dict[str, Any]) -> None:
        path = os.path.join(self.config["scratch"], request["name"])
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            self.say({"failed": request["read"], "why": error.strerror, "errno": error.errno})
            return
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            self.say({"done": request["read"]}, (descriptor,))
        else:
            self.say({"failed": request["read"], "why": "not a regular file", "errno": 0})
        os.close(descriptor)

    def write(self, request: dict[str, Any], descriptors: list[int]) -> None:
        path = os.path.join(self.config["scratch"], request["name"])
        try:
            with open(descriptors[0], "rb", closefd=False) as source:
                data = source.read()
            if os.path.lexists(path):
                os.unlink(path)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with open(descriptor, "wb") as target:
                target.write(data)
                if self.config["uid"] is not None:
                    os.fchown(descriptor, self.config["uid"], self.config["uid"])
        except OSError as error:
            self.say({"failed": request["write"], "why": error.strerror, "errno": error.errno})
        else:
            self.say({"done": request["write"]})


def _processes() -> Iterator[tuple[bytes, int, int]]:
    """Of every other process in here its state, its processor time in ticks, its reaped children's included, and its
    pages of memory: proc(5), /proc/pid/stat."""
    for entry in os.listdir("/proc"):
        if entry.isdigit() and entry != "1":
            with contextlib.suppress(OSError, ValueError, IndexError):
                yield _stat(entry)


def _stat(pid: str) -> tuple[bytes, int, int]:
    with open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()  # the name in front may be anything
    return fields[0], sum(map(int, fields[11:15])), int(fields[21])


def _used() -> float:
    """Seconds of processor time of all other processes, those that have ended and were reaped included."""
    ticks = sum(ticks for _, ticks, _ in _processes())
    reaped = os.times()
    return ticks / os.sysconf("SC_CLK_TCK") + reaped.children_user + reaped.children_system


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
