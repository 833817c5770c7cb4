"""What a module does while it is imported: sockets, threads and processes of its own making."""

from __future__ import annotations

import _thread
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_KINDS = {
    "socket.__new__": "sockets",
    "subprocess.Popen": "processes",
    "os.fork": "processes",
    "os.posix_spawn": "processes",
    "os.system": "processes",
}
# There is an audit event for the start of a thread only from Python 3.12 on. Every way to start one ends in these.
_STARTERS = ((_thread, "start_new_thread"), (threading, "_start_new_thread"), (threading, "_start_joinable_thread"))


class Footprint:
    """Counts what happens inside `watch`. An audit hook cannot be removed, so there is one of these per process."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._counts: dict[str, int] | None = None
        sys.addaudithook(self._hook)

    @contextmanager
    def watch(self) -> Iterator[dict[str, int]]:
        """{"sockets", "threads", "processes"}, growing until the block ends."""
        originals = [(module, name, getattr(module, name)) for module, name in _STARTERS if hasattr(module, name)]
        self._counts = counts = {"sockets": 0, "threads": 0, "processes": 0}
        for module, name, start in originals:
            setattr(module, name, self._counting(start))
        try:
            yield counts
        finally:
            self._counts = None
            for module, name, start in originals:
                setattr(module, name, start)

    def _hook(self, event: str, args: object) -> None:
        kind = None if self._counts is None else _KINDS.get(event)
        if kind is not None:
            self._count(kind, sys._getframe(1))

    def _counting(self, start: Callable[..., Any]) -> Callable[..., Any]:
        def counted_start(*args: Any, **kwargs: Any) -> Any:
            self._count("threads", sys._getframe(1))
            return start(*args, **kwargs)

        return counted_start

    def _count(self, kind: str, frame: FrameType | None) -> None:
        if self._counts is not None and self._own(frame):
            self._counts[kind] += 1

    def _own(self, frame: FrameType | None) -> bool:
        """Whether the submission did it, and not a library on its import: urllib3 opens a socket to try IPv6."""
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(self._root):
                return True
            if file.startswith("<frozen importlib"):
                return False
            frame = frame.f_back
        return True  # at the bottom of a thread that the submission started
