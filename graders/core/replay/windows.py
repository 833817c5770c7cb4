"""The learner's program on a screen that nobody sees, once more. Part of the replay scripts of windows."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time

from graders.core.replay.program import CannotReplay
from graders.core.wire.x11 import Box, Gone, Screen, is_still
from graders.sandbox.display import NoDisplay, open_display
from graders.sandbox.tk import python_with_tkinter

# Between two looks at the screen, in seconds.
LOOK = 0.02


class Desk:
    """A screen, and what a program needs to draw on it; `close` ends it."""

    def __init__(self) -> None:
        self.interpreter = python_with_tkinter()
        if self.interpreter is None:
            raise CannotReplay("no Python with tkinter here (Debian, Ubuntu: apt-get install python3-tk)")
        self.stack = contextlib.ExitStack()
        try:
            display = self.stack.enter_context(open_display())
        except NoDisplay as error:
            raise CannotReplay(f"{error}; or run the program and look at it yourself") from None
        self.screen = Screen(display.number, display.cookie)
        authority = os.path.join(self.stack.enter_context(tempfile.TemporaryDirectory()), "authority")
        with open(authority, "wb") as file:
            file.write(display.authority())
        self.environment = {"DISPLAY": display.name, "XAUTHORITY": authority}

    def await_window(self, seconds: float) -> Box | None:
        """The program's window, the largest where there are several, once it keeps still."""
        deadline = time.monotonic() + seconds
        seen: list[Box] = []
        still = 0
        while time.monotonic() < deadline:
            before, seen = seen, self.screen.windows()
            still = still + 1 if seen == before else 0
            if is_still(seen, still):
                return max(seen, key=lambda box: box.width * box.height)
            time.sleep(LOOK)
        return None

    def write(self, text: str, way: int) -> None:
        """Type into the program's window, or into the one that came up last where it asks back."""
        windows = self.screen.windows()
        if windows:
            window = max(windows, key=lambda box: box.width * box.height) if text else windows[-1]
            with contextlib.suppress(Gone):
                self.screen.write(window, text, way)

    def ask_to_close(self) -> None:
        for window in self.screen.windows():
            with contextlib.suppress(Gone):
                self.screen.ask_to_close(window.window)

    def close(self) -> None:
        self.screen.close()
        self.stack.close()
