"""The grader's end of a zygote: see inside/zygote.py for what is said between them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

from graders.sandbox.errors import SandboxError

_PACKET = 1 << 16
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid
_PATIENCE = 60.0  # seconds; a zygote that imports Flask on a machine with ten busy loops needs up to 8


class Zygote:
    """Starts the command, whose descriptor 0 is the socket, and returns at once: it warms up beside the grader."""

    def __init__(self, command: list[str], config: dict[str, Any], on_exit: Callable[[int, int], None]) -> None:
        self._on_exit = on_exit
        self._changed = threading.Condition()
        self._reports: dict[tuple[str, int], dict[str, Any]] = {}
        self._pids: dict[int, int] = {}
        self._next = 0
        self._dead = False
        self.exceeded: str | None = None
        self._pidfd = -1
        self._sending = threading.Lock()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            self._socket = ours
            try:
                # A session of its own: Ctrl+C is for the grader. A bwrap that it ends while it starts leaves a
                # process 1 behind that waits for it for ever.
                self._process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    env={},
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise SandboxError(f"{command[0]} cannot be started: {error.strerror}") from None
        self._send(config)
        threading.Thread(target=self._listen, name="channel of a zygote", daemon=True).start()

    @property
    def dead(self) -> bool:
        return self._dead

    def start(self, config: dict[str, Any]) -> tuple[int, int, tuple[int, int, int]]:
        """A new subject: its number, its pid as this process sees it, and our ends of its three descriptors."""
        inner, ours = _pipes()
        number = self._number()
        try:
            self._send({"start": number, "config": config}, inner)
            self._await(("started", number))
        except BaseException:
            for descriptor in ours:
                os.close(descriptor)
            raise
        finally:
            for descriptor in inner:
                os.close(descriptor)
        return number, self._pids.pop(number), ours

    def kill(self, number: int) -> None:
        with contextlib.suppress(SandboxError):
            self._send({"kill": number})

    def interrupt(self, number: int) -> None:
        self._send({"interrupt": number})

    def clear(self) -> None:
        """Returns when nothing is left running in the sandbox."""
        number = self._number()
        self._send({"clear": number})
        self._await(("cleared", number))

    def used(self) -> float:
        """Seconds of processor time that the subjects and all that they started have had so far."""
        number = self._number()
        self._send({"used": number})
        return float(self._await(("done", number))["seconds"])

    def read(self, name: str, limit: int) -> bytes:
        number = self._number()
        self._send({"read": number, "name": name})
        report = self._await(("done", number))
        with open(report["descriptors"][0], "rb") as file:
            return file.read(limit)

    def write(self, name: str, data: bytes) -> None:
        number = self._number()
        descriptor = os.memfd_create("scratch")
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.lseek(descriptor, 0, os.SEEK_SET)
            self._send({"write": number, "name": name}, (descriptor,))
            self._await(("done", number))
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """The death of process 1 ends everything in its namespace."""
        with self._changed:
            pidfd, self._pidfd = self._pidfd, -1
        if pidfd >= 0:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            os.close(pidfd)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)  # not itself alone, it may be starting
            self._process.wait()
        if self._process.stderr is not None and not self._process.stderr.closed:
            self._process.stderr.close()

    # ---

    def _number(self) -> int:
        with self._changed:
            self._next += 1
            return self._next

    def _send(self, request: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        data = json.dumps(request).encode()
        try:
            with self._sending:
                if descriptors:
                    socket.send_fds(self._socket, [data], list(descriptors))
                else:
                    self._socket.sendall(data)
        except OSError:
            raise SandboxError(self._why_dead()) from None

    def _await(self, key: tuple[str, int]) -> dict[str, Any]:
        deadline = time.monotonic() + _PATIENCE
        failed = ("failed", key[1])
        with self._changed:
            self._changed.wait_for(
                lambda: self._dead or key in self._reports or failed in self._reports, deadline - time.monotonic()
            )
            if key in self._reports:
                return self._reports.pop(key)
            report = self._reports.pop(failed, None)
        if report is not None:
            if report.get("errno") is not None:
                raise OSError(report["errno"], report["why"])
            raise SandboxError(f"the sandbox could not do it: {report['why']}")
        if self._dead:
            raise SandboxError(self._why_dead())
        raise SandboxError(f"the sandbox did not answer within {_PATIENCE:g} s: the machine is overloaded")

    def _why_dead(self) -> str:
        assert self._process.stderr is not None
        try:
            self._process.wait(1.0)
            text = self._process.stderr.read(4000).decode("utf-8", "replace").strip()
        except (subprocess.TimeoutExpired, ValueError, OSError):
            text = ""
        return "the sandbox has died" + (": " + text.splitlines()[-1] if text else "")

    def _listen(self) -> None:
        space = socket.CMSG_SPACE(_CREDENTIALS.size) + socket.CMSG_SPACE(4 * 4)
        while True:
            try:
                data, ancillary, _, _ = self._socket.recvmsg(_PACKET, space, socket.MSG_CMSG_CLOEXEC)
            except OSError:
                data = b""
            if not data:
                break
            pid, descriptors = 0, []
            for level, kind, content in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                    pid = _CREDENTIALS.unpack(content[: _CREDENTIALS.size])[0]
                elif level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    descriptors = list(struct.unpack(f"{len(content) // 4}i", content[: len(content) // 4 * 4]))
            self._hear(json.loads(data), pid, descriptors)
        with self._changed:
            self._dead = True
            self._changed.notify_all()
        self._socket.close()
        self._on_exit(0, 0)

    def _hear(self, report: dict[str, Any], pid: int, descriptors: list[int]) -> None:
        if "exited" in report:
            self._on_exit(report["exited"], report["code"])
            return
        with self._changed:
            if "exceeded" in report:
                self.exceeded = report["exceeded"]
                return
            if "hello" in report:
                with contextlib.suppress(OSError):
                    self._pidfd = os.pidfd_open(pid)
            for word in ("started", "cleared", "done", "failed"):
                if word in report:
                    self._reports[word, report[word]] = {**report, "descriptors": descriptors}
                    if word == "started":
                        self._pids[report[word]] = pid
            if "ready" in report:
                self._reports["ready", 0] = report
            self._changed.notify_all()


def _pipes() -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Three pipes: the subject's ends of (0, 1, 2) and the grader's."""
    stdin, commands = os.pipe()
    control, stdout = os.pipe()
    output, stderr = os.pipe()
    return (stdin, stdout, stderr), (commands, control, output)
