"""The headless browser: pages are read, written into and clicked; people are apart; nothing goes on running."""

from __future__ import annotations

import os
import shutil
from urllib.parse import quote

import pytest

from graders.sandbox import browser
from graders.sandbox.browser import Browser, BrowserGone, NoBrowser, open_browser

pytestmark = pytest.mark.skipif(not (shutil.which("chromium") and os.name == "posix"), reason="no Chromium here")

PAGE = "data:text/html," + quote(
    "<input id=name value=old><button id=go onclick=\"out.textContent = document.getElementById('name').value\">"
    "go</button><div id=out></div>"
)


def used(chromium: Browser) -> str:
    page = chromium.open(PAGE)
    while not page.has("#go"):
        pass
    assert page.write("#name", "小明 <b>")
    assert page.click("#go")
    assert not page.has("#other") and page.text("#other") == ""
    assert page.picture()
    return page.text("#out")


def test_a_page_is_used_as_a_person_uses_it() -> None:
    with open_browser() as chromium:
        assert used(chromium) == "小明 <b>"
        assert used(chromium) == "小明 <b>"
    with pytest.raises((BrowserGone, OSError)):
        chromium.ask("Browser.getVersion")


def test_one_that_takes_too_much_memory_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "_MEMORY", 1 << 20)
    with pytest.raises((BrowserGone, NoBrowser)), open_browser() as chromium:
        for _ in range(100):
            chromium.open(PAGE).picture()


def test_where_there_is_none_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoBrowser, match="apt-get install chromium"), open_browser():
        pass
