"""The browser that a unit's conversations share."""

from __future__ import annotations

from contextlib import ExitStack

from graders.core.text import Text
from graders.core.wire.blame import Unavailable
from graders.sandbox.browser import Browser, NoBrowser, open_browser


class Browsers:
    """The browser of a unit: started when somebody needs it, kept for the next conversation where all went well."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._browser: Browser | None = None

    def get(self) -> Browser:
        if self._browser is None:
            try:
                self._browser = self._stack.enter_context(open_browser())
            except NoBrowser as error:
                raise Unavailable(Text(f"没有浏览器: {error}", str(error))) from None
        return self._browser

    def close(self) -> None:
        self._browser = None
        self._stack.close()
