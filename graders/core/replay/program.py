"""The learner's program in a process of its own, started, listened for and stopped. Part of every replay script."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graders.core.replay.calls import decoded
from graders.core.replay.values import Json


class CannotReplay(Exception):
    """The script cannot be run here; the message names the remedy."""


class Program:
    """The learner's server or script in a process of its own, with everything it prints.

    `returned` is set when start() came back (False: by an exception), which the process says of itself.
    """

    def __init__(self, start: Json) -> None:
        # A line that the program itself will not print: what is behind it comes from the script's own other half.
        self.nonce = os.urandom(12).hex()
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **start.pop("environment", {})}
        command = [
            start.pop("interpreter", None) or sys.executable,
            "-B",
            os.path.abspath(sys.argv[0]),
            "--program",
            json.dumps({**start, "nonce": self.nonce}),
        ]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=os.name == "posix",  # so that what it starts ends with it
        )
        self.printed = b""
        self.listening: list[list[Any]] = []
        self.returned: bool | None = None
        self.answered: Json = {}  # what came of calls of the server's methods, by their numbers
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._drain, daemon=True)
        self.reader.start()

    def _drain(self) -> None:
        assert self.process.stdout is not None
        marker = self.nonce.encode()
        for line in self.process.stdout:
            with self.changed:
                printed, found, place = line.partition(marker)
                said = json.loads(place) if found else None
                if isinstance(said, list):
                    self.listening.append(said)
                elif isinstance(said, dict):
                    self.answered[said["call"]] = said
                elif found:
                    self.returned = said
                self.printed = (self.printed + printed)[-(1 << 20) :]
                self.changed.notify_all()

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        with self.changed:
            while not condition() and time.monotonic() < deadline:
                # The end of the process notifies nobody: look again now and then.
                self.changed.wait(min(0.1, max(0.001, deadline - time.monotonic())))
            return condition()

    def ended(self) -> bool:
        return self.process.poll() is not None

    def wait_until_it_listens(self, port: int | None, seconds: float) -> bool:
        def there() -> bool:
            return any(port in (None, place[1]) for place in self.listening)

        self.wait(lambda: there() or self.ended(), seconds)
        return there()

    def type(self, data: bytes | None) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            if data is None:
                self.process.stdin.close()
            else:
                self.process.stdin.write(data)
                self.process.stdin.flush()

    def call(self, number: int, name: str, args: Json, kwargs: Json) -> Json:
        """Call a method of the server that runs; what came of it: {"value"} or {"raised"}."""
        self.type(json.dumps({"call": number, "name": name, "args": args, "kwargs": kwargs}).encode() + b"\n")
        self.wait(lambda: number in self.answered or self.ended(), 60)
        return self.answered.get(number) or {"raised": ["EOFError", "the program has ended"]}

    def output(self) -> str:
        return self.printed.decode("utf-8", "replace")

    def settle(self) -> None:
        """What an ended process printed last is read."""
        if self.ended():
            self.reader.join(1)

    def stop(self, stopped: bool) -> None:
        """Stop all its threads where they are, or let them go on; Windows has no such thing."""
        if hasattr(signal, "SIGSTOP"):
            with contextlib.suppress(OSError):
                self.process.send_signal(signal.SIGSTOP if stopped else signal.SIGCONT)

    def interrupt(self) -> None:
        if os.name == "nt":
            raise CannotReplay("Ctrl+C can only be replayed on Linux and macOS: press it yourself")
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self.reader.join(1)


def run_program(start: Json) -> None:
    """The other half, in the program's own process: says when a socket listens, then runs the program."""
    report_listening(start["nonce"])
    if hasattr(signal, "default_int_handler"):
        # A process started in the background may have inherited that Ctrl+C is ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    path = Path(start["path"])
    sys.path[0] = str(path.parent)
    if start["kind"] == "script":
        sys.argv = [str(path), *start.get("argv", [])]
        runpy.run_path(str(path), run_name="__main__")
        return
    module = importlib.import_module(path.stem)
    if start["kind"] == "wsgi":
        app = getattr(module, start["app"])
        if start.get("factory"):
            make, kwargs = app, decoded(start.get("kwargs") or {}, module)
            app = make(**kwargs)
            sys.setswitchinterval(1e-5)  # threads take turns often, so that those that meet do so here, too
            if start.get("second"):
                second = {"host": start["host"], "port": start["second"], "threaded": True, "use_reloader": False}
                threading.Thread(target=make(**kwargs).run, kwargs=second, daemon=True).start()
        app.run(host=start["host"], port=start["port"], threaded=True, use_reloader=False)
        return
    returned = False
    try:
        server = getattr(module, start["class"])(**decoded(start.get("kwargs") or {}, module))
        threading.Thread(target=answer_calls, args=(server, start["nonce"]), daemon=True).start()
        getattr(server, start["method"])()
        returned = True
    finally:
        print(start["nonce"] + json.dumps(returned), file=sys.__stdout__, flush=True)


def answer_calls(server: Any, nonce: str) -> None:
    """Calls of the server's methods, one JSON object a line of the input; each is answered in a marked line."""
    with open(os.dup(0), "rb", buffering=0) as calls:  # a buffered reader would keep the program from ending
        while line := calls.readline():
            call = json.loads(line)
            said: Json = {"call": call["call"]}
            try:
                value = getattr(server, call["name"])(*decoded(call["args"]), **decoded(call["kwargs"]))
                said["value"] = value if isinstance(value, str | int | float | bool | None) else repr(value)
            except BaseException as error:
                said["raised"] = [type(error).__name__, str(error)]
            print(nonce + json.dumps(said), file=sys.__stdout__, flush=True)


def report_listening(nonce: str) -> None:
    """Print a marked line whenever a socket begins to listen (or a datagram socket is bound)."""

    def told(sock: socket.socket) -> None:
        with contextlib.suppress(OSError, TypeError, IndexError):
            print(nonce + json.dumps(list(sock.getsockname()[:2])), file=sys.__stdout__, flush=True)

    def listen(self: socket.socket, *args: Any) -> None:
        real_listen(self, *args)
        told(self)

    def bind(self: socket.socket, *args: Any) -> None:
        real_bind(self, *args)
        if self.type == socket.SOCK_DGRAM:
            told(self)

    real_listen, real_bind = socket.socket.listen, socket.socket.bind
    socket.socket.listen = listen  # type: ignore[assignment, method-assign]
    socket.socket.bind = bind  # type: ignore[assignment, method-assign]
