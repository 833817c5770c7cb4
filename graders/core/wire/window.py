"""A module that opens a window, on a screen that nobody sees: it is typed into and closed as a person would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from graders.core.models.finding import Mismatch, Side
from graders.core.text import Text
from graders.core.wire.blame import Silence, Unavailable, Wrong
from graders.core.wire.life import while_it_starts
from graders.core.wire.patience import Patience
from graders.core.wire.story import PROGRAM, Story
from graders.core.wire.tcp import TcpPeer
from graders.core.wire.tcp_opening import Listener
from graders.core.wire.x11 import Box, Gone, Screen, entries, is_still
from graders.sandbox import Sandbox, Subject
from graders.sandbox.display import NoDisplay, open_display
from graders.sandbox.tk import python_with_tkinter

#: Between two looks at the screen, in patience units.
_LOOK_UNITS = 0.02

_AUTHORITY = "display-authority"

#: How often Tab is pressed, and how many of the parts of a window that look like an entry are clicked.
_MOST_TABS, _MOST_ENTRIES = 3, 4


class Window:
    """``module`` beside the unit's file, run as a script. ``open()`` gives it a screen for as long as a block lasts."""

    def __init__(self, sandbox: Sandbox, module: str, story: Story, patience: Patience) -> None:
        self.sandbox = sandbox
        self.module = module
        self.story = story
        self.patience = patience
        self.picture: bytes | None = None  # the last that was taken, a PNG file
        self._screen: Screen | None = None
        self._subject: Subject | None = None

    def listen(self, name: str = "S") -> Listener:
        """A TCP server of the grader's, for the program to connect to."""
        return Listener(name, self.story, self.patience)

    @contextmanager
    def running(self, *arguments: str) -> Iterator[None]:
        """The module runs with these arguments, on a screen of its own; both end with the block."""
        interpreter = python_with_tkinter()
        if interpreter is None:
            raise Unavailable(Text("这里的 Python 没有 tkinter", "no Python with tkinter here (Debian: python3-tk)"))
        with ExitStack() as stack:
            try:
                display = stack.enter_context(open_display(isolated=self.sandbox.name == "bubblewrap"))
            except NoDisplay as error:
                raise Unavailable(Text(f"没有屏幕: {error}", str(error))) from None
            self._screen = Screen(display.number, display.cookie)
            stack.callback(self._screen.close)
            self.sandbox.write_file(_AUTHORITY, display.authority())
            place = f"{self.sandbox.scratch_path}/{_AUTHORITY}"
            environment = {"DISPLAY": display.name, "XAUTHORITY": place}
            self.story.add(PROGRAM, "run", arguments=list(arguments), module=self.module)
            self._subject = self.sandbox.start_script(
                list(arguments), module=self.module, environment=environment, interpreter=interpreter or None
            )
            stack.callback(self._subject.kill)
            yield

    @property
    def screen(self) -> Screen:
        assert self._screen is not None, "running() first"
        return self._screen

    @property
    def subject(self) -> Subject:
        assert self._subject is not None, "running() first"
        return self._subject

    def output(self) -> str:
        """The last that the program printed."""
        return self._subject.output_tail(2000) if self._subject is not None else ""

    def accept(self, listener: Listener) -> TcpPeer:
        """The program's connection, waited for while the program starts."""
        for seconds in while_it_starts(self.subject, self.patience):
            deadline = self.patience.deadline(seconds / self.patience.seconds)
            while not deadline.over and self.subject.ended is None:
                if listener.awaits(self.patience.seconds * _LOOK_UNITS):
                    return listener.accept()
            if self.subject.ended is not None:
                break
        raise self._blame("accept", Text("程序连接过来", "the program connects"), "chat_gui.never_connects")

    def _blame(self, event: str, wanted: Text, diagnosis: str) -> Wrong:
        """What was waited for will not come: the program has ended, or nothing happens any more."""
        ended = self.subject.ended
        words = Text(ended.describe("zh"), ended.describe("en")) if ended else Text("没有", "it does not")
        step = self.story.add(PROGRAM, "stopped" if ended else "silence", label=words if ended else None)
        mismatch = Mismatch(Side(wanted), Side(words), diagnosis="chat_gui.ends" if ended else diagnosis, event=event)
        self.story.fail(mismatch, step)
        return (Wrong if ended else Silence)(mismatch)

    # -- what there is to see -----------------------------------------------------------------------------------------

    def await_window(self) -> None:
        """The program's window is there, and keeps still."""
        seen: list[Box] = []
        still = 0
        for seconds in while_it_starts(self.subject, self.patience):
            deadline = self.patience.deadline(seconds / self.patience.seconds)
            while not deadline.over and self.subject.ended is None:
                before, seen = seen, self._windows()
                still = still + 1 if seen == before else 0
                if is_still(seen, still):
                    found = max(seen, key=_area)
                    self.story.add(PROGRAM, "window", label=Text(*[f"{found.width} × {found.height}"] * 2))
                    self.take_picture()
                    return
                self.subject.wait(self.patience.seconds * _LOOK_UNITS)
            if self.subject.ended is not None:
                break
        raise self._blame("window", Text("出现一个窗口", "a window comes up"), "chat_gui.no_window")

    def _windows(self) -> list[Box]:
        try:
            return self.screen.windows()
        except Gone:
            return []

    def take_picture(self, *, units: float = 0.0) -> None:
        """What its largest window shows, after so many patience units."""
        self.subject.wait(self.patience.seconds * units)
        with suppress(Gone):
            self.picture = self.screen.picture(max(self._windows(), key=_area, default=None))

    # -- what a person does: with the largest window, where there are several -----------------------------------------

    def ways_to_the_entry(self) -> list[int]:
        """How to get to where one writes, as ``Screen.write`` has it. What can do no harm comes first.

        A click may meet a button, Tab does not: what is typed there, without a space, presses none.
        """
        found: list[Box] = []
        with suppress(Gone):
            found = entries([part for box in self._windows() for part in self.screen.parts(box.window)])
        return [0, *range(-1, -1 - _MOST_TABS, -1), *range(1, 1 + min(_MOST_ENTRIES, len(found)))]

    def type(self, text: str, way: int) -> None:
        """Go to the entry, type the text and press Return."""
        self.story.add(PROGRAM, "keys", data=text.encode() + b"\n", way=way)
        with suppress(Gone, ValueError):  # there may be no window any more
            self.screen.write(max(self._windows(), key=_area), text, way)

    def ask_to_close(self) -> None:
        """Click on the cross in the window's corner."""
        self.story.add(PROGRAM, "shut")
        with suppress(Gone, ValueError):
            self.screen.ask_to_close(max(self._windows(), key=_area).window)

    def agree(self) -> bool:
        """Where it asks or tells something in a window of its own ("leave?"), press Return there; whether it does."""
        windows = self._windows()
        if len(windows) > 1:
            self.story.add(PROGRAM, "keys", data=b"\n", way=0)
            with suppress(Gone):
                self.screen.write(windows[-1], "", 0)
        return len(windows) > 1


def _area(box: Box) -> int:
    return box.width * box.height
