"""Ending a grading before its end: nobody waits for the checks at hand any more."""

from __future__ import annotations

import threading
from typing import Protocol


class Halted(BaseException):
    """Leaves a check at once, whatever it is in the middle of. No Exception: nobody shall take it for a finding."""


class Haltable(Protocol):
    """Somebody at work in another thread or process."""

    def halt(self) -> None: ...


class Halt:
    """Halts all who are at work, and those who begin afterwards. Both methods may be called from any thread."""

    def __init__(self) -> None:
        self._at_work: list[Haltable] = []
        self._called = False
        self._lock = threading.Lock()

    def register(self, worker: Haltable) -> None:
        """It is at work from now on; to be halted behind its end does it no harm."""
        with self._lock:
            self._at_work.append(worker)
            called = self._called
        if called:
            worker.halt()

    def __call__(self) -> None:
        with self._lock:
            self._called = True
            at_work, self._at_work = self._at_work, []
        for worker in at_work:
            worker.halt()
