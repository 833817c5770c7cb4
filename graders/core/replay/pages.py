"""The program's page in a browser, once more. Part of the replay scripts in which somebody uses a page."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from graders.core.replay.program import CannotReplay
from graders.sandbox.browser import BrowserGone, NoBrowser, Page, open_browser


class Browsing:
    """A browser with a page for each of the people."""

    def __init__(self) -> None:
        self.stack = contextlib.ExitStack()
        try:
            self.browser = self.stack.enter_context(open_browser())
        except NoBrowser as error:
            raise CannotReplay(str(error)) from None
        self.pages: dict[str, Page] = {}

    def open(self, who: str, url: str) -> None:
        self.pages[who] = self.browser.open(url)

    def await_text(self, who: str, selector: str, right: Callable[[str | None], bool], seconds: float) -> str | None:
        """What is to be read in an element once that is right, or time is up; None: there is no such element."""
        deadline = time.monotonic() + seconds
        while True:
            text = None
            with contextlib.suppress(BrowserGone):
                text = self.pages[who].text(selector) if self.pages[who].has(selector) else None
            if right(text) or time.monotonic() > deadline:
                return text
            time.sleep(0.05)

    def close(self) -> None:
        self.stack.close()
