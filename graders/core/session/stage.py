"""Where conversations take place: one unit's sandbox, the process that serves now, and how a fresh one is made."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, NamedTuple

from graders.core.models.finding import Mismatch, Side
from graders.core.rubric import Actor, ServeWsgi, Unit
from graders.core.text import Text
from graders.core.wire.blame import Wrong
from graders.core.wire.browsers import Browsers
from graders.core.wire.patience import Patience
from graders.core.wire.ports import FixedPort, free_port
from graders.core.wire.program import Program
from graders.core.wire.script import Script
from graders.core.wire.server import Server
from graders.core.wire.story import PROGRAM, Story
from graders.core.wire.window import Window
from graders.sandbox import Sandbox, Subject

#: In a private network every port is free. Not the lesson's own: a program that ignores its argument must show.
PRIVATE_PORT_OFFSET = 10_000


class Effort(NamedTuple):
    """Seconds that the present process ``waited`` for a processor, and that the whole sandbox ``used`` one."""

    waited: float
    used: float


class Stage:
    """Hands every case an actor: a running Server, or a Program with the module imported."""

    def __init__(self, unit: Unit, sandbox: Sandbox) -> None:
        self.unit = unit
        self.sandbox = sandbox
        self.imported: dict[str, Any] = {}  # what the last import answered
        self.browsers = Browsers()
        self._server: Server | None = None
        self._subject: Subject | None = None
        self._window: Window | None = None
        self._options: dict[str, Any] = {}
        self._servers = 0
        self._story = Story()
        self._patience = Patience()

    # -- actors -------------------------------------------------------------------------------------------------------

    def prepare(
        self,
        story: Story,
        patience: Patience,
        *,
        actor: Actor,
        options: dict[str, Any],
        fresh: bool,
        module: str = "",
        ports: Container[FixedPort] = (),
    ) -> Server | Program | Script | Window:
        """The actor for one case: the one at hand where that will do, else a fresh one."""
        self._story, self._patience, self._window = story, patience, None
        if fresh or options != self._options or not self._usable(actor):
            self.discard()
            self._options = options
        if actor is Actor.BARE:
            return Script(self.sandbox, story, patience, ports)
        if actor is Actor.WINDOW:
            self._window = Window(self.sandbox, module, story, patience)
            return self._window
        if actor is Actor.PROGRAM:
            subject = self._subject or self.subject()
            return Program(subject, story, patience, self.imported)
        if self._server is not None:
            self._server.tell(story, patience)
            return self._server
        assert self.unit.starts is not None, f"{self.unit.name} has no server"
        server = self._server = Server(
            self.subject,
            self.unit.starts,
            self.address(),
            options,
            self.sandbox.scratch_path,
            self.sandbox.write_file,
            self.browsers,
            self.sandbox.read_file,
        )
        server.tell(story, patience)
        if actor is Actor.SERVER:
            server.start()
        return server

    def subject(self) -> Subject:
        """A fresh process with the unit's module imported."""
        subject = self._subject = self.sandbox.start()
        program = Program(subject, self._story, self._patience)
        command = {"do": "import", "name": self.unit.name}
        self.imported = program.await_import(program._post(command))
        if "raised" in self.imported:
            raised = self.imported["raised"]
            absent = raised.get("type") == "FileNotFoundError" and not raised.get("traceback")
            words = f"{raised.get('type')}: {raised.get('message')} ({raised.get('file')}:{raised.get('line')})"
            step = self._story.add(PROGRAM, "import", raised=raised)
            mismatch = Mismatch(
                Side(Text(f"{self.unit.path} 可以导入", f"{self.unit.path} can be imported")),
                Side(Text(words, words)),
                diagnosis="program.missing_module" if absent else "program.import_fails",
                event="import",
            )
            self._story.fail(mismatch, step)
            raise Wrong(mismatch)
        self.imported["output"] = subject.output_since(0)
        return subject

    def address(self) -> tuple[str, int]:
        """A new one for every server: what an earlier one left in TIME_WAIT is no concern of the next check."""
        assert self.unit.starts is not None
        if self.sandbox.network == "private":
            self._servers += 1
            return "127.0.0.1", self.unit.starts.default_port + PRIVATE_PORT_OFFSET + self._servers % 1000
        return "127.0.0.1", free_port(self.unit.starts.transport)

    def _usable(self, actor: Actor) -> bool:
        if actor is Actor.SERVER:
            return self._server is not None and self._server.running
        return (
            actor is Actor.PROGRAM
            and self._server is None
            and self._subject is not None
            and self._subject.ended is None
        )

    def discard(self) -> None:
        """Nothing of the submission goes on running."""
        self._server = self._subject = None
        self.sandbox.clear()

    # -- evidence -----------------------------------------------------------------------------------------------------

    def effort(self) -> Effort:
        """The processor time of the program so far; zeros where the system does not tell."""
        cpu = self._subject.cpu() if self._subject is not None and self._subject.ended is None else None
        return Effort(cpu.waited if cpu else 0.0, self.sandbox.used() or 0.0)

    def picture(self) -> bytes | None:
        """Of the last window, or of a page that is wrong, a PNG file; each is given once."""
        window, self._window = self._window, None
        picture, self._story.picture = self._story.picture, None
        return picture or (window.picture if window else None)

    def output(self) -> str:
        if self._window is not None:
            return self._window.output()
        return self._subject.output_tail(2000) if self._subject is not None else ""

    def setup(self) -> dict[str, Any]:
        """What a replay script needs to know to start the program."""
        starts = self.unit.starts
        setup: dict[str, Any] = {"unit": self.unit.name, "file": self.unit.path, "options": self._options}
        if starts is None:
            return setup | {"kind": "program"}
        if isinstance(starts, ServeWsgi):
            return setup | {"kind": "wsgi", "app": starts.app, "factory": starts.factory, "transport": "tcp"}
        return setup | {"kind": "server", "class": starts.cls, "method": starts.method, "transport": starts.transport}
