"""The subject's process: imports the submission's module and does with it what the grader asks.

Three descriptors, the same on every level and every operating system: 0 brings commands, one JSON object a line (or is
the standard input of a script), 1 carries answers and events, one JSON object a line, 2 is what the submission prints,
standard output and standard error together. Before the submission's first line runs, 0 and 1 are moved away, so that
what it reads and prints never meets the channel.
The driver judges nothing: it calls, reads and reports.
"""

from __future__ import annotations

import _thread
import contextlib
import importlib
import importlib.util
import io
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
import types
from collections.abc import Callable, Iterator
from typing import Any

from .encode import decode, encode
from .footprint import Footprint
from .listening import announce
from .raised import raised

Command = dict[str, Any]
Answer = dict[str, Any]


#: Seconds for which a thread of a WSGI application keeps Python's lock while others want it. They may take turns
#: between any two steps; at 5 ms, as Python has it, one that answers in less is never seen halfway.
TURN = 1e-5


def main(config: dict[str, Any]) -> None:
    """Run one subject; returning (or raising SystemExit) ends the process as it ends for any Python program.

    config: mode (`commands` or `script`), root (the submission's folder), path (the file), argv, nonce, cache (a folder
    for compiled modules), and environment (variables to set).
    """
    os.environ.update(config.get("environment") or {})
    control = _Control(os.dup(1))
    os.dup2(2, 1)
    commands = None
    if config["mode"] == "commands":
        commands = _Commands(os.dup(0))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
    _fresh_streams()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent in the background hands down "ignored"
    announce(control.send)
    sys.path.insert(0, os.path.dirname(config["path"]))
    sys.argv[:] = [config["path"], *config.get("argv", ())]
    # A program may start itself anew, as Werkzeug's reloader does: by these, not by how the driver was started.
    sys.orig_argv[:] = [sys.executable, *sys.argv]
    if commands is None:
        _run_script(config["path"])
    else:
        _Driver(config, control, commands).loop()


class _Commands:
    """The way in. Plain reads: a buffered stream that a thread waits on aborts Python when the program ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._data = bytearray()

    def next(self) -> Command | None:
        """The next command; None when there will be no more."""
        searched = 0
        while (end := self._data.find(b"\n", searched)) < 0:
            searched = len(self._data)
            data = os.read(self._descriptor, 65536)
            if not data:
                return None
            self._data += data
        command: Command = json.loads(self._data[:end])
        del self._data[: end + 1]
        return command


class _Control:
    """The way out for answers and events; several threads may speak."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        line = (
            json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"
        )
        view = memoryview(line)
        with self._lock:
            try:
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except OSError:
                pass  # the grader has lost interest


def _fresh_streams() -> None:
    """Standard streams as a terminal has them: UTF-8, and every line is seen when it is printed."""
    stdin = io.BufferedReader(io.FileIO(0, closefd=False))
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(stdin, encoding="utf-8", errors="replace")  # type: ignore[misc]
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        raw = io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False))
        stream = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", line_buffering=True)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _run_script(path: str) -> None:
    module = types.ModuleType("__main__")
    module.__file__ = path
    module.__builtins__ = __builtins__  # type: ignore[attr-defined]
    sys.modules["__main__"] = module
    try:
        with io.open_code(path) as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
        exec(code, module.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        _print_exception(error)
        raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 1) from None


def _print_exception(error: BaseException) -> None:
    """The traceback that the author would see: without the frames of this file."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace)


class _Driver:
    def __init__(self, config: dict[str, Any], control: _Control, commands: _Commands) -> None:
        self.root: str = config["root"]
        self.path: str = config["path"]
        self.nonce: str = config["nonce"]
        self.cache: str = config["cache"]
        self.control = control
        self.commands = commands
        self.module: types.ModuleType | None = None
        self.handles: dict[int, Any] = {}
        self.threads: dict[str, queue.SimpleQueue[Command]] = {}
        self.footprint = Footprint(self.root)

    # --- commands in, answers out

    def loop(self) -> None:
        """Commands one after the other in the main thread, until one serves or there are no more."""
        while True:
            try:
                command = self.commands.next()
            except KeyboardInterrupt:
                continue
            if command is None:
                return
            if command["do"] in ("serve", "serve_wsgi"):
                # What comes while serving is done beside it; a reader of the raw kind, unseen by threading.enumerate().
                self._answer(command, self._serve)
                return
            if command.get("thread") is not None:
                self._in_thread(command)
            else:
                self._answer(command, self._run)

    def _beside(self) -> None:
        while (command := self.commands.next()) is not None:
            if command.get("thread") is not None:
                self._in_thread(command)
            else:
                self._answer(command, self._run)
        os._exit(0)  # the grader is gone

    def _in_thread(self, command: Command) -> None:
        name = command["thread"]
        if name not in self.threads:
            self.threads[name] = queue.SimpleQueue()
            threading.Thread(target=self._worker, args=(self.threads[name],), name=name, daemon=True).start()
        self.threads[name].put(command)

    def _worker(self, commands: queue.SimpleQueue[Command]) -> None:
        while True:
            self._answer(commands.get(), self._run)

    def _answer(self, command: Command, action: Callable[[Command], Answer]) -> None:
        try:
            answer = action(command)
        except BaseException as error:
            answer = {"raised": raised(error, self.root)}
            if action == self._serve:
                _print_exception(error)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BaseException:
                continue  # the submission may have closed or replaced it
        # Output and answer take two ways: this line tells the grader that it has all output up to the answer.
        with contextlib.suppress(OSError):
            os.write(2, f"\x1e{self.nonce}:{command['id']}\x1e".encode())
        self.control.send({"id": command["id"], **answer})

    # --- what can be asked

    def _run(self, command: Command) -> Answer:
        actions: dict[str, Callable[[Command], Answer]] = {
            "import": self._import,
            "new": self._new,
            "call": self._call,
            "get": self._get,
        }
        return actions[command["do"]](command)

    def _import(self, command: Command) -> Answer:
        path = os.path.join(self.root, command["path"]) if "path" in command else self.path
        name = command.get("name") or os.path.splitext(os.path.basename(path))[0]
        for entry in command.get("preload", ()):
            import_ahead([entry] if isinstance(entry, str) else entry)
        begun = time.perf_counter()
        try:
            with self.footprint.watch() as counts, _compiled_once(self.cache):
                spec = importlib.util.spec_from_file_location(name, path)
                assert spec is not None and spec.loader is not None
                module = sys.modules[name] = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
        except BaseException as error:
            return {"raised": raised(error, self.root), "seconds": time.perf_counter() - begun}
        self.module = module
        return {"names": _public_names(module), **counts, "seconds": time.perf_counter() - begun}

    def _new(self, command: Command) -> Answer:
        args, kwargs = self._arguments(command)
        return {"handle": self._keep(self._find(None, command["name"])(*args, **kwargs))}

    def _call(self, command: Command) -> Answer:
        args, kwargs = self._arguments(command)
        before = json.dumps(encode([args, kwargs]))
        function = self._find(command.get("target"), command["name"])
        answer: Answer = {}
        begun = time.perf_counter()
        try:
            value = function(*args, **kwargs)
        except BaseException as error:
            answer["seconds"] = time.perf_counter() - begun
            answer["raised"] = raised(error, self.root)
        else:
            answer["seconds"] = time.perf_counter() - begun
            answer["value"] = encode(value)
            if command.get("read"):
                answer["reads"] = {path: self._read(value, path) for path in command["read"]}
            if command.get("keep"):
                answer["handle"] = self._keep(value)
        after = encode([args, kwargs])
        if json.dumps(after) != before:
            answer["changed"] = {"args": after[0], "kwargs": after[1]}
        return answer

    def _get(self, command: Command) -> Answer:
        return self._read(self._object(command.get("target")), command["name"])

    def _serve(self, command: Command) -> Answer:
        args, kwargs = self._arguments(command)
        if command["do"] == "serve_wsgi":
            method = self._wsgi_server(command, args, kwargs)
        elif command.get("name") is None:
            method = getattr(self.handles[command["target"]], command["method"])
        else:
            served = self._find(None, command["name"])(*args, **kwargs)
            self.control.send({"event": "serving", "handle": self._keep(served)})
            method = getattr(served, command["method"])
        _thread.start_new_thread(self._beside, ())
        return {"returned": True, "value": encode(method())}

    def _wsgi_server(self, command: Command, args: list[Any], kwargs: dict[str, Any]) -> Callable[[], None]:
        import logging

        from werkzeug.serving import make_server

        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for every request would only cost time

        def make() -> Any:
            app = self._find(None, command["name"])
            return app(*args, **kwargs) if command.get("call", isinstance(app, types.FunctionType)) else app

        app = make()
        sys.setswitchinterval(TURN)
        if command.get("second"):
            second = make_server(command["host"], command["second"], make(), threaded=True)
            _thread.start_new_thread(second.serve_forever, ())
        self.control.send({"event": "serving", "handle": self._keep(app)})
        return make_server(command["host"], command["port"], app, threaded=True).serve_forever

    # --- helpers

    def _object(self, target: int | None) -> Any:
        if target is not None:
            return self.handles[target]
        if self.module is None:
            raise LookupError("nothing has been imported")
        return self.module

    def _find(self, target: int | None, name: str) -> Any:
        return getattr(self._object(target), name)

    def _keep(self, value: Any) -> int:
        handle = len(self.handles) + 1
        self.handles[handle] = value
        return handle

    def _arguments(self, command: Command) -> tuple[list[Any], dict[str, Any]]:
        return decode(command.get("args", []), self._other), decode(command.get("kwargs", {}), self._other)

    def _other(self, tagged: dict[str, Any]) -> Any:
        if tagged["$"] == "handle":
            return self.handles[tagged["handle"]]
        if tagged["$"] == "python":  # the grader's own code, such as a filter for a proxy
            names: dict[str, Any] = {"module": self.module}
            exec(compile(tagged["source"], "<grader>", "exec"), names)
            return names[tagged["name"]]
        raise ValueError(f"unknown tag {tagged['$']!r}")

    def _read(self, value: Any, path: str) -> Answer:
        """`headers[X-Count]`, `peer.name()`: attributes; an item where [key] follows, called where () follows."""
        try:
            for step in path.split("."):
                name, bracket, key = step.removesuffix("()").partition("[")
                value = getattr(value, name)
                if bracket:
                    value = value[key.removesuffix("]")]
                if step.endswith("()"):
                    value = value()
            return {"value": encode(value)}
        except BaseException as error:
            return {"raised": raised(error, self.root)}


def import_ahead(entry: list[str]) -> None:
    """`import a.b` for ["a.b"], `from a import b` for ["a", "b"]; what fails will fail again where it can be seen."""
    try:
        module = importlib.import_module(entry[0])
        for name in entry[1:]:
            if not hasattr(module, name):
                importlib.import_module(f"{entry[0]}.{name}")
    except Exception:
        return


@contextlib.contextmanager
def _compiled_once(folder: str) -> Iterator[None]:
    """Modules imported meanwhile are compiled by the first subject and read by the others, a quarter of a start.

    The folder is the submission's to spoil, as its own folder is: it would only harm itself.
    """
    before = sys.dont_write_bytecode, sys.pycache_prefix
    sys.dont_write_bytecode, sys.pycache_prefix = False, folder
    try:
        yield
    finally:
        sys.dont_write_bytecode, sys.pycache_prefix = before


def _public_names(module: types.ModuleType) -> dict[str, str]:
    kinds = ((type, "class"), (types.ModuleType, "module"), (types.FunctionType, "function"))
    names = {}
    for name, value in list(vars(module).items()):
        if not name.startswith("_"):
            names[name] = next((word for kind, word in kinds if isinstance(value, kind)), "value")
    return names
