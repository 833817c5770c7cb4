"""People who use the program's page in a browser: each has a context of his own, and every step is in the story."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from graders.core.models.finding import Mismatch, Side
from graders.core.text import Text
from graders.core.wire.blame import Silence, Wrong
from graders.core.wire.patience import Patience
from graders.core.wire.server import Server
from graders.core.wire.story import Step, Story
from graders.sandbox.browser import Browser, BrowserGone, Page

#: A browser is slow on a busy machine, and its slowness is not the program's.
PAGE_UNITS, LOAD_UNITS = 4.0, 8.0

#: Seconds between two looks at a page.
_LOOK = 0.02


Answer = TypeVar("Answer")


class Visitor:
    """One person and his page."""

    def __init__(self, name: str, browser: Browser, server: Server) -> None:
        self.name = name
        self.story: Story = server.story
        self.patience: Patience = server.patience
        host, port = server.address
        self.story.add(name, "page", port=port, value="/")
        self._page: Page | None = None
        self._page = self._asked(lambda: browser.open(f"http://{host}:{port}/"))
        self._wait(lambda: self._asked(lambda: self.page.loaded), LOAD_UNITS)  # what is missing then is told later

    @property
    def page(self) -> Page:
        assert self._page is not None
        return self._page

    def write(self, selector: str, text: str) -> None:
        """Write into an element, once it is there."""
        self._await(selector)
        self.story.add(self.name, "fill", selector=selector, data=text.encode())
        self._asked(lambda: self.page.write(selector, text))

    def click(self, selector: str) -> None:
        self._await(selector)
        self.story.add(self.name, "click", selector=selector)
        self._asked(lambda: self.page.click(selector))

    def reads(self, selector: str, *texts: str, diagnosis: str) -> None:
        """All of these texts are there to be read in an element."""
        said = ""

        def there() -> bool:
            nonlocal said
            said = self._asked(lambda: self.page.text(selector))
            return all(text in said for text in texts)

        right = self._wait(there)
        step = self.story.add(self.name, "look", selector=selector, contains=list(texts), data=said.encode())
        if not right:
            missing = next(text for text in texts if text not in said)
            mismatch = Mismatch(
                Side(Text(f"{selector} 里看得到", f"in {selector} one reads"), data=missing.encode()),
                Side(data=said.encode()) if said else Side(Text("什么也没有", "nothing")),
                diagnosis=diagnosis,
                python=f"all(text in got for text in {list(texts)!r})",
            )
            self._fail(mismatch, step)
            raise Silence(mismatch)

    def has_none(self, selector: str, *, diagnosis: str) -> None:
        """There is no such element now."""
        found = self._asked(lambda: self.page.text(selector) if self.page.has(selector) else None)
        step = self.story.add(self.name, "look", selector=selector, contains=[], data=(found or "").encode())
        if found is not None:
            mismatch = Mismatch(
                Side(Text(f"网页里没有 {selector}", f"there is no {selector} in the page")),
                Side(Text(f"有 {selector}", f"there is {selector}")),
                diagnosis=diagnosis,
                python="got is None",
            )
            self._fail(mismatch, step)
            raise Wrong(mismatch)

    def _await(self, selector: str) -> None:
        if self._wait(lambda: self._asked(lambda: self.page.has(selector))):
            return
        step = self.story.add(self.name, "look", selector=selector, contains=[], data=b"")
        mismatch = Mismatch(
            Side(Text(f"网页里有元素 {selector}", f"the page has an element {selector}")),
            Side(Text("没有", "it has not")),
            diagnosis="websocket.page_element",
            python="got is not None",
        )
        self._fail(mismatch, step)
        raise Silence(mismatch)

    def _wait(self, condition: Callable[[], bool], units: float = PAGE_UNITS) -> bool:
        deadline = self.patience.deadline(units)
        while not condition():
            if deadline.over:
                return False
            time.sleep(_LOOK)
        return True

    def _asked(self, act: Callable[[], Answer]) -> Answer:
        """What the browser says; when it says nothing any more, the page has brought it to that."""
        try:
            return act()
        except BrowserGone:
            mismatch = Mismatch(
                Side(Text("网页可以使用", "the page can be used")),
                Side(Text("浏览器没有反应了", "the browser does not react any more")),
                diagnosis="websocket.page_hangs",
                python="got is not None",
            )
            self.story.fail(mismatch, self.story.add(self.name, "look", selector="body", contains=[], data=b""))
            raise Silence(mismatch) from None

    def _fail(self, mismatch: Mismatch, step: Step) -> None:
        """It went wrong here; keep what he sees."""
        self.story.picture = self.page.picture()
        self.story.fail(mismatch, step)


@contextmanager
def visitors(server: Server, *names: str) -> Iterator[list[Visitor]]:
    """People who have the program's page before them; Unavailable where there is no browser."""
    browser = server.browsers.get()
    people: list[Visitor] = []
    try:
        for name in names:
            people.append(Visitor(name, browser, server))
        yield people
        for visitor in people:
            visitor.page.close()
    except BaseException:
        server.browsers.close()  # nobody knows what it is busy with
        raise
