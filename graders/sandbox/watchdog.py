"""Watches the subjects that no kernel limit holds: one thread for all of them, on every operating system."""

from __future__ import annotations

import threading
from typing import Protocol

import psutil

from graders.sandbox.ended import Reason
from graders.sandbox.limits import Limits

_EVERY = 0.2  # seconds between two looks; a look at a process tree costs some 5 ms


class Watched(Protocol):
    @property
    def limits(self) -> Limits: ...

    def processes(self) -> list[psutil.Process]: ...

    def stop(self, reason: Reason) -> None: ...


class Watchdog:
    """Sums up memory, CPU time and number of processes, and stops what goes beyond its limits, with the reason."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: set[Watched] = set()
        self._wake = threading.Event()
        self._running = False

    def add(self, watched: Watched) -> None:
        with self._lock:
            self._watched.add(watched)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="watchdog", daemon=True).start()
        self._wake.set()

    def remove(self, watched: Watched) -> None:
        with self._lock:
            self._watched.discard(watched)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            with self._lock:
                todo = list(self._watched)
                if not todo:
                    self._wake.clear()
            for watched in todo:
                reason = excess(watched.processes(), watched.limits)
                if reason is not None:
                    watched.stop(reason)
            if todo:
                threading.Event().wait(_EVERY)


def excess(processes: list[psutil.Process], limits: Limits) -> Reason | None:
    """Which limit these processes exceed together; CPU time is counted for each alone."""
    rss = 0
    for process in processes:
        try:
            with process.oneshot():
                rss += process.memory_info().rss
                times = process.cpu_times()
        except psutil.Error:
            continue
        if times.user + times.system > limits.cpu_seconds:
            return "cpu"
    if rss > limits.rss:
        return "memory"
    return "processes" if len(processes) > limits.processes else None
