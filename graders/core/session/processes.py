"""Grading processes beside this one: Python's lock lets a process use one processor, however many threads it has.

Every slot elsewhere is a thread of another process behind a pipe of its own. A request is (unit, setting, check), the
answer (network, result); the other side keeps the sandbox of its last unit. A process that is lost costs nothing: what
it should have done is done here.
"""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.process
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection
from types import TracebackType

from graders.core.results import CheckResult
from graders.core.rubric import Check, Unit, all_units
from graders.core.session.examiner import Examiner, ExaminerHere
from graders.core.session.halt import Halt, Halted
from graders.core.session.options import Setting

#: Seconds that a process has for closing its sandboxes once nobody needs it.
PARTING = 10.0


class Processes:
    """``count`` processes, each with so many slots; leaving the `with` ends them.

    ``examiners``: of each process, what gives an examiner in each of its slots.

    Start them while this process has a single thread. ``fork`` shares the memory of what is imported; where it cannot
    be had, or is not safe, they are spawned.
    """

    def __init__(self, count: int, slots: int, *, fork: bool = sys.platform.startswith("linux")) -> None:
        context = multiprocessing.get_context("fork") if fork else multiprocessing.get_context("spawn")
        self.examiners: list[list[Callable[[Unit, Setting], Examiner]]] = []
        self._connections: list[Connection] = []
        self.processes: list[multiprocessing.process.BaseProcess] = []
        for _ in range(count):
            pairs = [context.Pipe() for _ in range(slots)]
            here, there = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
            self._connections += here
            inherited = self._connections if fork else []
            process = context.Process(target=_serve, args=(there, inherited, gc.get_threshold()), daemon=True)
            process.start()
            for end in there:
                end.close()
            self.processes.append(process)
            self.examiners.append([partial(ExaminerElsewhere, connection, process.terminate) for connection in here])

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for connection in self._connections:
            connection.close()  # which is the signal to end
        for process in self.processes:
            process.join(PARTING)
            if process.is_alive():
                process.kill()
                process.join()


class ExaminerElsewhere:
    """An examiner in a slot of another process. ``halt_all``: halts whatever goes on in that process."""

    def __init__(self, connection: Connection, halt_all: Callable[[], None], unit: Unit, setting: Setting) -> None:
        self.network = "shared"
        self._connection = connection
        self._halt_all = halt_all
        self._halted = False
        self._unit = unit
        self._setting = setting
        self._here: Examiner | None = None  # instead, once the other process is lost

    def run(self, check: Check) -> CheckResult:
        if self._here is None:
            try:
                self._connection.send((self._unit.name, self._setting, check.id))
                result: CheckResult
                self.network, result = self._connection.recv()
                return result
            except (EOFError, OSError):
                if self._halted:
                    raise Halted from None
                self._here = ExaminerHere(self._unit, self._setting)
        result = self._here.run(check)
        self.network = self._here.network
        return result

    def halt(self) -> None:
        self._halted = True
        self._halt_all()
        if self._here is not None:
            self._here.halt()

    def close(self) -> None:
        if self._here is not None:
            self._here.close()
            return
        try:
            self._connection.send(None)
            self._connection.recv()
        except (EOFError, OSError):
            pass


# -- in the other process ----------------------------------------------------------------------------------------------


def _serve(connections: Sequence[Connection], inherited: Sequence[Connection], rarely: tuple[int, int, int]) -> None:
    for end in inherited:
        end.close()  # or nobody here would notice that the other ends are gone
    halt = Halt()
    for name in ("SIGINT", "SIGHUP"):  # are for the process that was started, which ends this one
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: halt())
    gc.set_threshold(*rarely)
    threads = [threading.Thread(target=_slot, args=(connection, halt)) for connection in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _slot(connection: Connection, halt: Halt) -> None:
    examiner: ExaminerHere | None = None
    try:
        while True:
            request = connection.recv()
            if request is None:
                _closed(examiner)
                examiner = answer = None
            else:
                unit, setting, check = request
                if examiner is None or (examiner.unit.name, examiner.setting.copy) != (unit, setting.copy):
                    _closed(examiner)
                    examiner = ExaminerHere(all_units()[unit], setting)
                    halt.register(examiner)
                result = examiner.run(examiner.unit.checks[check])
                answer = examiner.network, result
            connection.send(answer)
    except (EOFError, OSError, Halted):
        pass  # nobody asks any more
    finally:
        _closed(examiner)
        connection.close()


def _closed(examiner: ExaminerHere | None) -> None:
    if examiner is not None:
        examiner.close()
