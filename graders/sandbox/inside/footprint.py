"""What a module does while it is imported: sockets, threads and processes of its own making."""

from __future__ import annotations

import sys

_KINDS = {
    "socket.__new__": "sockets",
    "_thread.start_new_thread": "threads",
    "subprocess.Popen": "processes",
    "os.fork": "processes",
    "os.posix_spawn": "processes",
    "os.system": "processes",
}


class Footprint:
    """Counts between `begin` and `end`; an audit hook cannot be removed, so there is one per process."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._counts: dict[str, int] | None = None
        sys.addaudithook(self._hook)

    def begin(self) -> None:
        self._counts = {"sockets": 0, "threads": 0, "processes": 0}

    def end(self) -> dict[str, int]:
        counts, self._counts = self._counts or {}, None
        return counts

    def _hook(self, event: str, args: object) -> None:
        counts = self._counts
        if counts is None:
            return
        kind = _KINDS.get(event)
        if kind is not None and self._own():
            counts[kind] += 1

    def _own(self) -> bool:
        """Whether the submission did it, and not a library on its import: urllib3 opens a socket to try IPv6."""
        frame = sys._getframe(2)
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(self._root):
                return True
            if file.startswith("<frozen importlib"):
                return False
            frame = frame.f_back  # type: ignore[assignment]
        return True  # a thread that the submission started
