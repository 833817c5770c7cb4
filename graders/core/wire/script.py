"""A module run as a script (``python examples/tcp_client.py``): lines go to its stdin, what it prints is read."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from graders.core.models.finding import Mismatch, Side
from graders.core.text import Text
from graders.core.wire.blame import Silence, Wrong
from graders.core.wire.life import while_it_starts
from graders.core.wire.patience import Patience
from graders.core.wire.ports import FixedPort
from graders.core.wire.server import STOP_UNITS, new_file
from graders.core.wire.story import PROGRAM, Story
from graders.core.wire.tcp import TcpPeer
from graders.core.wire.tcp_opening import Listener, connect
from graders.core.wire.udp import UdpPeer
from graders.sandbox import Sandbox, Subject, SubjectEnded, SubjectSpokeNonsense, SubjectTimeout


class Script:
    """The unit's module as a script. ``run()`` starts it; the peers are the grader's, on the script's own ports."""

    def __init__(self, sandbox: Sandbox, story: Story, patience: Patience, ports: Container[FixedPort] = ()) -> None:
        self.sandbox = sandbox
        self.ports = ports  # that are the check's own while it lasts
        self.story = story
        self.patience = patience
        self.origins: set[int] = set()  # ports of the grader's servers that it has been sent to
        self._subject: Subject | None = None
        self._mark = 0

    def run(self, *arguments: str | dict[str, Any]) -> None:
        """Start it with these command line arguments, which may be a ``file()``."""
        self.story.add(PROGRAM, "run", arguments=list(arguments))
        folder = self.sandbox.scratch_path
        argv = [word if isinstance(word, str) else f"{folder}/{word['name']}" for word in arguments]
        self._subject = self.sandbox.start_script(argv)
        self._mark = self._subject.mark()

    def file(self) -> dict[str, Any]:
        """An argument: the name of a file of the script's own, which is not there yet and outlives the process."""
        return new_file()

    def kill(self) -> None:
        """SIGKILL."""
        self.story.add(PROGRAM, "kill")
        self.subject.kill()

    @property
    def subject(self) -> Subject:
        assert self._subject is not None, "run() first"
        return self._subject

    def listen(self, name: str = "S", *, port: int) -> Listener:
        """A TCP server of the grader's on the port that the script connects to; 0: any that is free."""
        self._require_declared(port, "tcp")
        return Listener(name, self.story, self.patience, port=port)

    def udp(self, name: str = "S", *, port: int) -> UdpPeer:
        """A UDP server of the grader's on the port that the script sends to; 0: any that is free."""
        self._require_declared(port, "udp")
        return UdpPeer(name, self.story, self.patience, port=port)

    def udp_client(self, name: str = "A", *, port: int, host: str = "127.0.0.1") -> UdpPeer:
        """A client of a script that serves; ``host`` is the script's."""
        return UdpPeer(name, self.story, self.patience, program=(host, port))

    def connect(self, name: str = "A", *, port: int) -> TcpPeer:
        """Connect to a script that serves."""
        return connect(("127.0.0.1", port), name, self.story, self.patience)

    def await_listening(self, port: int, transport: str = "tcp") -> None:
        """Wait until the script listens on ``port``."""
        self._require_declared(port, transport)
        blame: type[Wrong] = Silence
        for seconds in while_it_starts(self.subject, self.patience):
            try:
                event = self.subject.wait_event("listening", timeout=seconds)
            except SubjectTimeout:
                continue
            except (SubjectEnded, SubjectSpokeNonsense):
                blame = Wrong
                break
            if event.get("transport") == transport and event.get("port") == port:
                return
        step = self.story.add(PROGRAM, "silence" if blame is Silence else "stopped", port=port)
        mismatch = Mismatch(
            Side(Text(f"脚本监听端口 {port}", f"the script listens on port {port}")),
            Side(Text("没有", "it does not")),
            diagnosis="script.never_listens",
            event="listening",
        )
        self.story.fail(mismatch, step)
        raise blame(mismatch)

    def _require_declared(self, port: int, transport: str) -> None:
        assert port == 0 or FixedPort(port, transport) in self.ports, f'the check must say ports=["{port}/{transport}"]'

    def type(self, text: str) -> None:
        """Write to its stdin."""
        self.story.add(PROGRAM, "stdin", data=text.encode())
        self.subject.write(text)

    def end_of_input(self) -> None:
        self.story.add(PROGRAM, "stdin_end")
        self.subject.close_stdin()

    def expect_printed(self, wanted: str, *, diagnosis: str | None = None, units: float = 1.0) -> str:
        """Wait until what was printed so far contains ``wanted``; returns all of it."""
        right = f"{wanted!r} in got"
        return self.expect_output(
            lambda printed: wanted in printed, Side(Text(wanted, wanted)), diagnosis, units, python=right
        )

    def expect_output(
        self,
        right: Callable[[str], bool],
        wanted: Side,
        diagnosis: str | None = None,
        units: float = 1.0,
        *,
        python: str | None = None,
    ) -> str:
        """Wait until ``right`` holds for what was printed; ``python`` says the same for the replay script."""
        deadline = self.patience.deadline(units)
        while True:
            printed = self.subject.output_since(self._mark)
            if right(printed):
                self.story.add(PROGRAM, "printed", data=printed.encode())
                return printed
            if deadline.over or self.subject.ended is not None:
                break
            self.subject.wait_output(self.subject.output_bytes, deadline.left)
        step = self.story.add(PROGRAM, "printed", data=printed.encode())
        code = diagnosis or "script.prints_nothing"
        mismatch = Mismatch(wanted, Side(Text(printed, printed)), diagnosis=code, python=python)
        self.story.fail(mismatch, step)
        raise (Wrong if self.subject.ended else Silence)(mismatch)

    def expect_end(self, *, units: float = STOP_UNITS, diagnosis: str | None = None) -> Any:
        """The process ends within patience."""
        ended = self.subject.wait(self.patience.seconds * units)
        if ended is not None:
            self.story.add(PROGRAM, "stopped", label=Text(ended.describe("zh"), ended.describe("en")))
            return ended
        step = self.story.add(PROGRAM, "silence", seconds=units)
        mismatch = Mismatch(
            Side(Text("脚本结束", "the script ends")),
            Side(Text("它还在运行", "it goes on running")),
            diagnosis=diagnosis or "script.never_ends",
            event="stopped",
        )
        self.story.fail(mismatch, step)
        raise Silence(mismatch)
