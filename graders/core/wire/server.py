"""The submission's server as an actor of a story: peers connect to it; it is interrupted, killed and started again."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from graders.core.models.finding import Ending, Mismatch, Side, StreamOracle
from graders.core.rubric import Serve, ServeWsgi
from graders.core.text import Text
from graders.core.wire.blame import Silence, Unavailable, Wrong
from graders.core.wire.browsers import Browsers
from graders.core.wire.life import while_it_starts
from graders.core.wire.patience import Patience
from graders.core.wire.program import Instance, Program
from graders.core.wire.story import PROGRAM, Step, Story
from graders.core.wire.tcp import TcpPeer
from graders.core.wire.tcp_opening import connect
from graders.core.wire.udp import UdpPeer
from graders.sandbox import (
    SandboxError,
    SandboxUnsupported,
    Subject,
    SubjectEnded,
    SubjectSpokeNonsense,
    SubjectTimeout,
    source,
)

#: "It and the process end within about 2 s"; the second opinion on a silence waits longer.
STOP_UNITS = 3.0

#: Rest before Ctrl+C (in units of patience), and before a file that is wrong is read (in seconds).
SETTLE = 0.3

#: Between two looks into a file, in seconds: nothing tells when it changes.
FILE_GLANCE = 0.01

#: Numbers for files: each name is used once.
_files = itertools.count(1)


def new_file(*, path: bool = False) -> dict[str, Any]:
    """The tag for a file's name that was not used before: each process, and each replay, has its own folder for it."""
    return {"$": "file", "name": f"file-{next(_files)}", "path": path}


class Server:
    """A running server of the submission. A case that kills or stops it gets a new one the next time."""

    def __init__(
        self,
        make_subject: Callable[[], Subject],
        starts: Serve | ServeWsgi,
        address: tuple[str, int],
        options: dict[str, Any],
        folder: str = "",
        write_file: Callable[[str, bytes], None] = lambda name, data: None,
        browsers: Browsers | None = None,
        read_file: Callable[[str], bytes] = lambda name: b"",
    ) -> None:
        """``folder``: where the program may keep files, as it sees it; ``write_file`` puts one there, ``read_file``
        gives what is in one.

        ``browsers``: for those who use its pages.
        """
        self.browsers = browsers or Browsers()
        self._make_subject = make_subject
        self._folder = folder
        self._write_file = write_file
        self._read_file = read_file
        self.starts = starts
        self.address = address
        self.options = options
        self.story = Story()
        self.patience = Patience()
        self.subject: Subject | None = None
        self.origins: set[int] = set()  # ports of the grader's servers that this one has been sent to
        self.second: int | None = None  # a port on which the same process serves a second application (ServeWsgi)
        self._instance: tuple[Subject, int] | None = None  # the handle of the object that serves
        self._serving: int | None = None  # the id of the serve command
        self._printed = 0  # where its output began

    def tell(self, story: Story, patience: Patience) -> None:
        """From now on write to ``story``; when the server runs already, its start is the first step."""
        self.story, self.patience = story, patience
        if self.running:
            self._say_start()

    @property
    def running(self) -> bool:
        return self.subject is not None and self.subject.ended is None

    @property
    def program(self) -> Program:
        """The process, for what can be asked of it while it serves."""
        assert self.subject is not None, "started before any check runs"
        return Program(self.subject, self.story, self.patience)

    def instance(self) -> Instance:
        """The object whose start() blocks, for the methods that may be called meanwhile."""
        assert self.subject is not None and isinstance(self.starts, Serve)
        if self._instance is None or self._instance[0] is not self.subject:
            try:
                event = self.subject.wait_event("serving", self.patience.seconds)
            except (SubjectEnded, SubjectSpokeNonsense, SubjectTimeout) as error:
                raise self.program.ended(error) from None
            self._instance = self.subject, int(event["handle"])
        return Instance(self.program, self.starts.cls, self._instance[1])

    def _say_start(self) -> Step:
        return self.story.add(PROGRAM, "start", kwargs=self._kwargs(), **self._names())

    def _names(self) -> dict[str, Any]:
        if isinstance(self.starts, Serve):
            return {"class": self.starts.cls, "method": self.starts.method}
        return {"app": self.starts.app, "factory": self.starts.factory}

    def _kwargs(self) -> dict[str, Any]:
        host, port = self.address
        return {"host": host, "port": port, **self.options}

    # -- starting and stopping ----------------------------------------------------------------------------------------

    def begin(self, **changes: Any) -> Step:
        """Start a fresh process and have it serve (with ``changes`` to its arguments); do not wait for it to listen."""
        self.subject = self._make_subject()
        kwargs = self._kwargs() | changes
        more: dict[str, Any] = {} if self.second is None else {"second": self.second}
        step = self.story.add(PROGRAM, "start", kwargs=kwargs, **self._names(), **more)
        kwargs = {name: self._file(value) for name, value in kwargs.items()}
        command: dict[str, Any]
        if isinstance(self.starts, Serve):
            command = {"do": "serve", "name": self.starts.cls, "kwargs": kwargs, "method": self.starts.method}
        else:
            host, port = kwargs.pop("host"), kwargs.pop("port")
            command = {"do": "serve_wsgi", "name": self.starts.app, "call": self.starts.factory}
            command |= {"kwargs": kwargs, "host": host, "port": port, **more}
        self._printed = self.subject.mark()
        try:
            self._serving = self.subject.post(command)
        except (SubjectEnded, SubjectSpokeNonsense) as error:
            raise self.program.ended(error) from None
        return step

    def start(self, *, diagnosis: str | None = None, **changes: Any) -> None:
        """Start it and wait until it listens. Raises Wrong when it does not, Silence when it takes too long.

        ``diagnosis``: what it points to here when start() comes back or raises at once; ``changes``: see ``begin``.
        """
        self.begin(**changes)
        assert self.subject is not None
        for event in self._events_while_it_starts(diagnosis):
            if "id" in event:
                raise self._start_returned(event, diagnosis)
            if event.get("transport") == self.starts.transport and event.get("port") == self.address[1]:
                return
        raise self._silence(
            Text("服务器开始监听", "the server listens"),
            Text("一直没有监听", "it never does"),
            "program.never_listens",
            "listening",
        )

    def _events_while_it_starts(self, diagnosis: str | None = None) -> Iterator[dict[str, Any]]:
        """Listening events, or the answer to serve; ends when the process has been idle or busy for too long."""
        assert self.subject is not None
        for seconds in while_it_starts(self.subject, self.patience):
            try:
                yield self.subject.wait_event("listening", seconds, unless=self._serving)
            except SubjectTimeout:
                continue
            except (SubjectEnded, SubjectSpokeNonsense) as error:
                raise self.program.ended(error) from None

    def file(self, *, path: bool = False, data: bytes | None = None) -> dict[str, Any]:
        """An argument: the name of a new file of the program's own, as str or pathlib.Path. It outlives the process.

        ``data``: what is in it at first; None: it is not there.
        """
        file = new_file(path=path)
        if data is not None:
            self._write_file(file["name"], data)
            self.story.add("X", "file", value=file["name"], data=data)
        return file

    def expect_written(self, file: dict[str, Any], oracle: StreamOracle) -> bytes:
        """Read a file of the program's until the oracle has seen enough of it, or patience is over; then let it judge.

        Returns what was read. Raises Wrong, or Silence where something was still missing.
        """
        deadline = self.patience.deadline()
        while not oracle.complete(data := self._content(file)) and not deadline.over:
            time.sleep(FILE_GLANCE)
        if oracle.complete(data) and oracle.judge(data, Ending.COMPLETE):
            time.sleep(SETTLE)  # it may not have finished what is wrong
            data = self._content(file)
        step = self.story.add(PROGRAM, "wrote", value=file, data=data)
        ending = Ending.COMPLETE if oracle.complete(data) else Ending.SILENCE
        mismatch = oracle.judge(data, ending)
        if mismatch is not None:
            self.story.fail(mismatch, step)
            raise (Silence if ending is Ending.SILENCE else Wrong)(mismatch)
        return data

    def holds(self, file: dict[str, Any], *texts: str) -> bool:
        """Whether all of this is in a file of the program's just now, as UTF-8; judges nothing."""
        data = self._content(file)
        return all(text.encode() in data for text in texts)

    def _content(self, file: dict[str, Any]) -> bytes:
        try:
            return self._read_file(file["name"])
        except (OSError, SandboxError):
            return b""  # it is not there yet

    def _file(self, value: Any) -> Any:
        """The argument as the program gets it."""
        if not isinstance(value, dict) or value.get("$") != "file":
            return value
        name = f"{self._folder}/{value['name']}"
        return source(f"import pathlib\nfile = pathlib.Path({name!r})", "file") if value["path"] else name

    def _start_returned(self, answer: dict[str, Any], diagnosis: str | None = None) -> Wrong:
        """start() came back (or raised) where it should have gone on listening."""
        if diagnosis is None:
            self.program.judge_raised(answer)
        return self._wrong(
            self.story.add(PROGRAM, "stopped", label=Text("start() 返回了", "start() returned")),
            Text("服务器一直运行", "the server goes on running"),
            Text("start() 返回了", "start() returned"),
            diagnosis or "program.start_returns",
            "listening",
        )

    def expect_serving(self, seconds: float, *, diagnosis: str) -> None:
        """For so many seconds, by the clock, nobody comes, and start() neither returns nor raises.

        It proves no life: let something else do that. ``diagnosis`` is for what ends meanwhile, not at once.
        """
        assert self.subject is not None and self._serving is not None
        started = time.monotonic()
        try:
            answer = self.subject.answer(self._serving, timeout=seconds)
        except SubjectTimeout:
            self.story.add(PROGRAM, "running", pause_before=seconds)
            return
        except (SubjectEnded, SubjectSpokeNonsense) as error:
            raise self.program.ended(error) from None
        if time.monotonic() - started < SETTLE:
            raise self._start_returned(answer)
        words = Text("start() 返回了", "start() returned")
        raised = answer.get("raised")
        if raised:
            words = Text(f"start() 抛出了 {raised.get('type')}", f"start() raised {raised.get('type')}")
        step = self.story.add(PROGRAM, "stopped", raised=raised, label=words, pause_before=seconds)
        wanted = Text("服务器一直运行", "the server goes on running")
        raise self._wrong(step, wanted, words, diagnosis, "listening")

    def kill(self, *, after: float = 0.0) -> None:
        """SIGKILL: no chance to say goodbye. ``after``: so many seconds, when it is busy with what was sent."""
        assert self.subject is not None
        time.sleep(after)
        self.story.add(PROGRAM, "kill", pause_before=after)
        self.subject.kill()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """All its threads stand still, as on a busy machine: what is sent meanwhile meets them all at once."""
        assert self.subject is not None
        self.story.add("X", "pause")
        self.subject.pause()
        yield  # where the block fails, the story ends there, and nobody needs the program any more
        self.story.add("X", "resume")
        self.subject.resume()

    def is_left_unaccepted(self, clients: int) -> None:
        """So many clients connect, and are gone (reset) before the program can have accepted them."""
        with self.paused():
            for number in range(clients):
                self.connect(f"G{number}").reset()

    def interrupt(self) -> None:
        """Ctrl+C. Raises Unavailable where the system has no such thing for a child."""
        assert self.subject is not None
        # A server that was just busy with a connection may be inside a library's own handler, which swallows the
        # KeyboardInterrupt; no server promises more than to stop when it is at rest, and there is no event for that.
        time.sleep(SETTLE * self.patience.unit)
        self._expect_not_returned()
        try:
            self.subject.interrupt()
        except SandboxUnsupported:
            raise Unavailable(
                Text("这个系统上不能向子进程发送 Ctrl+C", "Ctrl+C cannot be sent to a child on this system")
            ) from None
        self.story.add(PROGRAM, "interrupt")

    def _expect_not_returned(self) -> None:
        """start() blocks: a thread that serves while it returns is not enough."""
        assert self.subject is not None and self._serving is not None
        try:
            answer = self.subject.answer(self._serving, timeout=0)
        except SubjectTimeout:
            return
        except (SubjectEnded, SubjectSpokeNonsense) as error:
            raise self.program.ended(error) from None
        raise self._start_returned(answer)

    def expect_end_of_process(self, *, units: float = STOP_UNITS, diagnosis: str | None = None) -> None:
        """The process ends within patience, whether start() returns or lets KeyboardInterrupt through."""
        assert self.subject is not None
        ended = self.subject.wait(self.patience.seconds * units)
        if ended is None:
            raise self._silence(
                Text("进程结束", "the process ends"),
                Text("它还在运行", "it goes on running"),
                diagnosis or "program.never_stops",
                "stopped",
            )
        self.story.add(PROGRAM, "stopped", label=Text(ended.describe("zh"), ended.describe("en")))

    def expect_return(self, *, diagnosis: str) -> None:
        """start() returns within patience, does not raise, and something was printed that says why.

        ``diagnosis``: the stem of the codes ``…_hangs``, ``…_raises``, ``…_exits`` and ``…_unsaid``.
        """
        assert self.subject is not None and self._serving is not None
        wanted = Text("打印原因，start() 返回", "the reason is printed and start() returns")
        try:
            answer = self.subject.answer(self._serving, timeout=self.patience.seconds * STOP_UNITS)
        except SubjectTimeout:
            words = Text("start() 没有返回", "start() does not return")
            raise self._silence(wanted, words, f"{diagnosis}_hangs", "start_returns") from None
        except (SubjectEnded, SubjectSpokeNonsense):
            step = self.story.add(PROGRAM, "stopped")
            words = Text("整个进程结束了", "the whole process ended")
            raise self._wrong(step, wanted, words, f"{diagnosis}_exits", "start_returns") from None
        step = self.story.add(PROGRAM, "stopped", raised=answer.get("raised"))
        if raised := answer.get("raised"):
            if raised.get("type") == "SystemExit":
                words = Text("整个进程会结束（SystemExit）", "the whole process would end (SystemExit)")
                raise self._wrong(step, wanted, words, f"{diagnosis}_exits", "start_returns")
            said = f"{raised.get('type')}: {raised.get('message')}"
            raise self._wrong(step, wanted, Text(said, said), f"{diagnosis}_raises", "start_returns")
        if not self.subject.output_since(self._printed).strip():
            words = Text("什么也没有打印", "nothing was printed")
            raise self._wrong(step, wanted, words, f"{diagnosis}_unsaid", "start_returns")

    def expect_quiet(self, since: int, *, diagnosis: str) -> None:
        """Nothing was printed since the mark that ``printed()`` gave."""
        assert self.subject is not None
        self.program.has(self._names().get("class") or self._names()["app"])  # its answer is behind all earlier output
        printed = self.subject.output_since(since)
        if printed.strip():
            step = self.story.add(PROGRAM, "printed", data=printed.encode())
            mismatch = Mismatch(
                Side(Text("什么也不打印", "nothing is printed")),
                Side(Text(printed, printed)),
                diagnosis=diagnosis,
                python="not got",
            )
            self.story.fail(mismatch, step)
            raise Wrong(mismatch)

    def printed(self) -> int:
        """A mark behind everything that the program has printed so far."""
        assert self.subject is not None
        self.program.has(self._names().get("class") or self._names()["app"])
        return self.subject.mark()

    @contextmanager
    def holding_a_port(self) -> Iterator[int]:
        """While this lasts the grader itself listens (or is bound) on a port, which is yielded."""
        kind = socket.SOCK_STREAM if self.starts.transport == "tcp" else socket.SOCK_DGRAM
        with socket.socket(socket.AF_INET, kind) as holder:
            holder.bind((self.address[0], 0))
            if kind is socket.SOCK_STREAM:
                holder.listen()
            port: int = holder.getsockname()[1]
            self.story.add("X", "holds", value=port)
            yield port

    def _wrong(self, step: Step, wanted: Text, got: Text, diagnosis: str, event: str) -> Wrong:
        mismatch = Mismatch(Side(wanted), Side(got), diagnosis=diagnosis, event=event)
        self.story.fail(mismatch, step)
        return Wrong(mismatch)

    def _silence(self, wanted: Text, got: Text, diagnosis: str, event: str) -> Silence:
        mismatch = Mismatch(Side(wanted), Side(got), diagnosis=diagnosis, event=event)
        self.story.fail(mismatch, self.story.add(PROGRAM, "silence"))
        return Silence(mismatch)

    # -- peers --------------------------------------------------------------------------------------------------------

    def connect(
        self, name: str = "A", *, narrow: bool = False, refused: str | None = None, port: int | None = None
    ) -> TcpPeer:
        """A new TCP client ``name``; ``narrow``: its window is soon full; ``refused``: what a refusal points to."""
        address = (self.address[0], port or self.address[1])
        return connect(address, name, self.story, self.patience, narrow=narrow, refused=refused)

    def udp(self, name: str = "A", *, host: str = "127.0.0.1", port: int = 0) -> UdpPeer:
        """A new UDP client ``name``; ``host`` and ``port`` are its own."""
        return UdpPeer(
            name,
            self.story,
            self.patience,
            program=self.address,
            host=host,
            port=port,
            gone=lambda: not self.running,
        )
