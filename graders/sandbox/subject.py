"""A subject: a submission's module in a process of its own, seen from the grader.

All that a subject sends is hostile. Lines are bounded, parsed as JSON and nothing else; what the driver would never say
is the submission's doing (SubjectSpokeNonsense). Every wait ends: with what was waited for, with the subject's end, or
with the time-out.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import psutil

from graders.sandbox import heard
from graders.sandbox.ended import Ended, Reason
from graders.sandbox.errors import SubjectEnded, SubjectSpokeNonsense, SubjectTimeout
from graders.sandbox.inside.encode import encode
from graders.sandbox.output import Output

_MAX_EVENTS = 10_000
_DIRECT = 2048  # what certainly fits into an empty pipe, so that writing it cannot block
_AFTERMATH = 0.5  # seconds that the channel of an ended process may take to be read to its end


@dataclass(frozen=True)
class Cpu:
    """Seconds that the process's first thread ran, and that it waited for a processor though it could have run."""

    ran: float
    waited: float


class Process(Protocol):
    """What a level offers for a running subject: descriptors (the subject's 0, 1 and 2) and ways to end it."""

    pid: int
    commands: int
    control: int
    output: int

    def interrupt(self) -> None: ...

    def kill(self) -> None: ...


class Subject:
    """One running subject. Made by Sandbox.start and Sandbox.start_script."""

    def __init__(self, process: Process, nonce: str, output_limit: int) -> None:
        self._process = process
        self._changed = threading.Condition()
        self._answers: dict[int, dict[str, Any]] = {}
        self._asked: dict[int, heard.Asked] = {}
        self._events: list[dict[str, Any]] = []
        self._nonsense: str | None = None
        self._closed = False
        self._ended: Ended | None = None
        self._ended_at = 0.0
        self._reason: Reason | None = None
        self._next_id = 0
        self._last_answered = 0
        self._writer = _Writer(process.commands)
        self._output = Output(process.output, nonce, output_limit, lambda: self.kill("output"))
        threading.Thread(target=self._listen, name="channel of a subject", daemon=True).start()

    # --- asking

    def ask(self, command: dict[str, Any], timeout: float) -> dict[str, Any]:
        """Send a command and wait for its answer. SubjectTimeout, SubjectEnded or SubjectSpokeNonsense."""
        return self.answer(self.post(command), timeout)

    def post(self, command: dict[str, Any]) -> int:
        """Send a command; its number is for `answer`. bytes and the like in args are encoded; tagged values pass."""
        with self._changed:
            self._next_id += 1
            number = self._next_id
            self._asked[number] = heard.Asked.of(command)
        line = json.dumps({**command, "id": number}, default=encode) + "\n"
        self._writer.write(line.encode())
        return number

    def answer(self, number: int, timeout: float) -> dict[str, Any]:
        """The answer to a posted command, once; it may have come long ago."""
        return self._wait(lambda: self._take_answer(number), "answer", timeout)

    def answered(self, number: int, timeout: float) -> bool:
        """Wait until `answer` would not wait: the answer is there, or there will never be one. False on time-out."""
        with self._changed:
            return self._changed.wait_for(
                lambda: number in self._answers or self._closed or self._ended is not None or bool(self._nonsense),
                timeout,
            )

    def wait_event(self, name: str, timeout: float, unless: int | None = None) -> dict[str, Any]:
        """The next event of this name, each given once.

        With `unless`, the answer to that command is returned instead when it comes first: a server that returned
        without ever listening. An answer has an "id" and no "event".
        """
        return self._wait(lambda: self._take_event(name) or self._take_answer(unless), f"event {name!r}", timeout)

    def _take_answer(self, number: int | None) -> dict[str, Any] | None:
        answer = None if number is None else self._answers.pop(number, None)
        if answer is not None:
            self._last_answered = max(self._last_answered, answer["id"])
        return answer

    def _take_event(self, name: str) -> dict[str, Any] | None:
        for index, event in enumerate(self._events):
            if event.get("event") == name:
                return self._events.pop(index)
        return None

    def _wait(self, take: Callable[[], dict[str, Any] | None], what: str, timeout: float) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = take()
                if found is not None:
                    return found
                now = time.monotonic()
                if self._nonsense is not None:
                    raise SubjectSpokeNonsense(self._nonsense)
                if self._ended is not None and (self._closed or now >= self._ended_at + _AFTERMATH):
                    raise SubjectEnded(self._ended)
                until = deadline
                if self._ended is not None:  # its last words may still be in the pipe
                    until = self._ended_at + _AFTERMATH
                elif self._closed:  # the process has closed the channel or is about to be reported as ended
                    until = min(deadline, now + _AFTERMATH)
                if now >= deadline and self._ended is None:
                    raise SubjectTimeout(what, timeout)
                if not self._changed.wait(until - now) and self._closed and self._ended is None and until < deadline:
                    raise SubjectSpokeNonsense("it closed the grader's channel")

    # --- what it prints

    def mark(self) -> int:
        """The number of bytes printed before the last answer that was taken, and since: a point for output_since."""
        self._output.wait_for(self._last_answered, timeout=2.0)
        return self._output.total

    def output_since(self, mark: int) -> str:
        """What it printed after `mark`: everything up to the last answer that was taken (at most 2 MiB are kept)."""
        self._output.wait_for(self._last_answered, timeout=2.0)
        return self._output.since(mark)

    def output_tail(self, n: int = 2000) -> str:
        """The last characters that it printed: up to the last answer that was taken, or to its end, and maybe more."""
        if self._ended is not None:
            self._output.wait_for_end(timeout=_AFTERMATH)
        else:
            self._output.wait_for(self._last_answered, timeout=2.0)
        return self._output.tail(n)

    def wait_output(self, mark: int, timeout: float) -> bool:
        """Until it has printed more than it had at `mark`."""
        return self._output.wait_for_more(mark, timeout)

    @property
    def output_bytes(self) -> int:
        return self._output.total

    # --- standard input of a script

    def write(self, text: str | bytes) -> None:
        """Type into a script; never blocks, even when it does not read."""
        self._writer.write(text if isinstance(text, bytes) else text.encode())

    def close_stdin(self) -> None:
        self._writer.close()

    # --- its end

    @property
    def pid(self) -> int:
        """The process's number as this machine sees it."""
        return self._process.pid

    @property
    def ended(self) -> Ended | None:
        return self._ended

    def wait(self, timeout: float) -> Ended | None:
        """Until its process has ended; None when it goes on."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended is not None, timeout)
            return self._ended

    def pause(self) -> None:
        """Stop the process's threads wherever they are (SIGSTOP); a process that has ended stays as it is."""
        with suppress(psutil.Error):
            if self._ended is None:
                psutil.Process(self.pid).suspend()

    def resume(self) -> None:
        """Let it go on after ``pause``."""
        with suppress(psutil.Error):
            if self._ended is None:
                psutil.Process(self.pid).resume()

    def interrupt(self) -> None:
        """Ctrl+C: SIGINT to the program and its process group. SandboxUnsupported where the system cannot.

        A signal that comes between Python's last look for signals and a blocking call is not seen until that call
        returns; that includes the time that a thread takes to hand over the interpreter's lock. A human never hits
        these microseconds, a grader that has just heard "listening" does: so this waits, for 0.5 s at most, until all
        threads of the program sleep.
        """
        deadline = time.monotonic() + 0.5
        before = self._asleep()
        while time.monotonic() < deadline:
            time.sleep(0.001)
            now = self._asleep()
            if now is not None and now == before:
                break
            before = now
        self._process.interrupt()

    def _asleep(self) -> list[bytes] | None:
        """How often each thread has gone to sleep, if all are asleep; None if one is not, or where it is not known."""
        counts = []
        try:
            for task in os.listdir(f"/proc/{self.pid}/task"):
                with open(f"/proc/{self.pid}/task/{task}/status", "rb") as file:
                    fields = dict(line.split(b":", 1) for line in file if b":" in line)
                if fields[b"State"].split()[0] != b"S":
                    return None
                counts.append(fields[b"voluntary_ctxt_switches"])
        except (OSError, KeyError, IndexError):
            return None
        return counts

    def kill(self, reason: Reason = "killed by the grader") -> None:
        """SIGKILL to the program and its process group, and wait until it has gone."""
        self.blame(reason)
        if self._ended is None:
            self._process.kill()
            if threading.current_thread().name != "output of a subject":  # that one must go on draining
                self.wait(5.0)

    def cpu(self) -> Cpu | None:
        """Processor time of all its threads so far; None where the system does not tell (only Linux does)."""
        ran = waited = 0
        try:
            for task in os.listdir(f"/proc/{self.pid}/task"):
                with open(f"/proc/{self.pid}/task/{task}/schedstat", "rb") as file:
                    fields = file.read().split()
                ran += int(fields[0])
                waited += int(fields[1])
        except (OSError, IndexError, ValueError):
            return None
        return Cpu(ran / 1e9, waited / 1e9)

    # --- said by the level

    def blame(self, reason: Reason) -> None:
        """Why it is about to be killed; the first reason stays."""
        with self._changed:
            if self._reason is None and self._ended is None:
                self._reason = reason

    def has_ended(self, code: int) -> None:
        """Its return code, as subprocess gives it. A program that had already ended by itself keeps its own reason."""
        with self._changed:
            if self._ended is None:
                self._ended = Ended.from_code(code, self._reason if code < 0 or os.name == "nt" else None)
                self._ended_at = time.monotonic()
                self._changed.notify_all()
        self._writer.close()

    # --- the channel

    def _listen(self) -> None:
        descriptor, line = self._process.control, bytearray()
        try:
            while data := os.read(descriptor, 65536):
                searched = len(line)
                line += data
                while (end := line.find(b"\n", searched)) >= 0:
                    self._hear(bytes(line[:end]))
                    del line[: end + 1]
                    searched = 0
                if len(line) > heard.MAX_LINE:
                    raise heard.Nonsense("a line without end")
        except OSError:
            pass
        except heard.Nonsense as error:
            with self._changed:
                self._nonsense = str(error)
        finally:
            with self._changed:
                self._closed = True
                self._changed.notify_all()
            os.close(descriptor)

    def _hear(self, line: bytes) -> None:
        message = heard.parse(line)
        number = message.get("id")
        with self._changed:
            if "event" in message:
                self._events.append(heard.event(message, len(line)))
            elif type(number) is int and number in self._asked:
                self._answers[number] = heard.answer(message, self._asked.pop(number), len(line))
            else:
                raise heard.Nonsense("a line on the grader's channel answers nothing that was asked")
            if len(self._events) > _MAX_EVENTS:
                raise heard.Nonsense("more events than a driver ever reports")
            self._changed.notify_all()


class _Writer:
    """Writes to a pipe that may not be read: what surely fits at once, more by a thread that may wait for ever."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._budget = _DIRECT  # what was written directly may all be unread still
        self._queue: queue.SimpleQueue[bytes | None] | None = None
        self._closed = False

    def write(self, data: bytes) -> None:
        with self._lock:
            if self._closed:
                return
            if self._queue is None and len(data) <= self._budget:
                self._budget -= len(data)
                self._write(data)
                return
            if self._queue is None:
                self._queue = queue.SimpleQueue()
                threading.Thread(target=self._work, args=(self._queue,), name="input of a subject", daemon=True).start()
            self._queue.put(data)

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._queue is None:
                os.close(self._descriptor)
            else:
                self._queue.put(None)

    def _work(self, items: queue.SimpleQueue[bytes | None]) -> None:
        while (data := items.get()) is not None:
            self._write(data)
        os.close(self._descriptor)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            pass  # it has ended, which is told elsewhere
