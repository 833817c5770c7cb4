"""Calls into the learner's module, what they return and what they print. Part of every replay script."""

from __future__ import annotations

import contextlib
import io
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graders.core.replay.values import Json


def decoded(value: Json, module: Any = None) -> Any:
    """A recorded value as the Python object that it stands for; code that is run for it knows the ``module``."""
    if isinstance(value, Mapping):
        kind = value.get("$")
        if kind == "bytes":
            return bytes.fromhex(value["hex"])
        if kind == "tuple":
            return tuple(decoded(item, module) for item in value["items"])
        if kind == "float":
            return float(value["repr"])
        if kind == "str":
            return bytes.fromhex(value["hex"]).decode("utf-8", "surrogatepass")
        if kind == "int":
            return int(value["hex"], 16)
        if kind == "dict":
            return {decoded(key, module): decoded(item, module) for key, item in value["pairs"]}
        if kind == "python" and "to" in value:
            return socket.create_connection((value["to"][0], value["to"][1]))
        if kind == "python":  # made inside the program
            names: dict[str, Any] = {"module": module}
            exec(value["source"], names)
            return names[value["name"]]
        return {key: decoded(item, module) for key, item in value.items()}
    if isinstance(value, list):
        return [decoded(item, module) for item in value]
    return value


class Call:
    """One call into the learner's module, in a thread of its own: the steps of the peers are played meanwhile."""

    def __init__(self, name: str, function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> None:
        self.name = name
        self.args, self.kwargs = args, kwargs
        self.done = False  # a return step was played for it
        self.value: Any = None
        self.raised: BaseException | None = None
        self.began = time.monotonic()
        self.seconds = 0.0
        self.thread = threading.Thread(target=self._run, args=(function,), daemon=True)
        self.thread.start()

    def _run(self, function: Callable[..., Any]) -> None:
        try:
            self.value = function(*self.args, **self.kwargs)
        except BaseException as error:  # SystemExit, too, is something that the caller sees
            self.raised = error
        self.seconds = time.monotonic() - self.began

    def wait(self, seconds: float) -> bool:
        self.thread.join(seconds)
        return not self.thread.is_alive()

    def told(self) -> Json:
        """What came of it, as a step tells it."""
        if self.raised is not None:
            return {"kind": "return", "raised": {"type": type(self.raised).__name__, "message": str(self.raised)}}
        shown = self.value if is_json(self.value) else {"$": "object", "repr": repr(self.value)[:2000]}
        return {"kind": "return", "value": shown, "raised": None}


class Prints(io.TextIOBase):
    """Stands for stdout and stderr: what the player tells is shown, what the learner's functions print is kept.

    Told apart by thread: the functions run in threads of their own (`keeping_all` aside).
    """

    def __init__(self) -> None:
        self.text = ""
        self.out = sys.stdout
        self.teller: int | None = threading.get_ident()

    def write(self, text: str) -> int:
        if threading.get_ident() == self.teller:
            return self.out.write(text)
        self.text = (self.text + text)[-(1 << 20) :]
        return len(text)

    def flush(self) -> None:
        self.out.flush()

    @contextlib.contextmanager
    def keeping_all(self) -> Iterator[None]:
        """While the module is imported the learner's code runs in the player's own thread."""
        teller, self.teller = self.teller, None
        try:
            yield
        finally:
            self.teller = teller


def is_json(value: Any) -> bool:
    if value is None or isinstance(value, bool | int | float | str):
        return True
    if isinstance(value, list):
        return all(is_json(item) for item in value)
    return isinstance(value, dict) and all(isinstance(key, str) and is_json(item) for key, item in value.items())
