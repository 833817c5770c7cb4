"""A browser that nobody sees (Chromium, headless), for one conversation: pages of a program are looked at and used.

It is driven through a pipe (the DevTools protocol), so that nothing listens for it. It shares the network of the thread
that starts it, and nothing else of this machine where bubblewrap is there: what the page runs comes from a submission.
Its memory and its processor time are limited, and it ends with the conversation. Standard library only.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graders.sandbox.system_files import system_files

# Bytes of all its processes together, what they share counted again and again, and seconds of processor time of each.
_MEMORY, _SECONDS = 4 << 30, 60

# Seconds for its start, for one answer, and between two looks at its memory.
_START, _ANSWER, _WATCH = 30.0, 20.0, 0.25

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # its own needs user namespaces, which root and containers have not: bubblewrap stands in
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--mute-audio",
    "--hide-scrollbars",
    "--renderer-process-limit=3",
    "--in-process-gpu",
    "--no-zygote",
    "--disable-software-rasterizer",
    "--disable-default-apps",
    "--metrics-recording-only",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,BackForwardCache",
    "--js-flags=--max-old-space-size=256",
    "--window-size=800,700",
    "--remote-debugging-pipe",
)

# The ends of the pipe are descriptors 3 and 4 there.
_LAUNCH = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({_SECONDS}, {_SECONDS}))
there, here = (os.dup(os.dup(os.dup(int(number)))) for number in sys.argv[1:3])
os.dup2(there, 3), os.dup2(here, 4)
os.closerange(5, 256)
os.execv(sys.argv[3], sys.argv[3:])
"""

# What is in an element, as one reads it.
_TEXT = "(e => e ? String(e.value ?? '') + '\\n' + e.innerText : null)(document.querySelector({selector}))"
_THERE = "document.querySelector({selector}) !== null"
_FOCUS = "(e => { e.focus(); if (e.select) e.select(); return document.activeElement === e; })"
_CLICK = "(e => { e.click(); return true; })"


class NoBrowser(Exception):
    """There can be no browser here; the message says what is missing."""


class BrowserGone(Exception):
    """It has ended, was ended for using too much, or does not answer any more."""


class Browser:
    """One Chromium. ``open`` gives a page in a context of its own, as if it were another person's browser."""

    def __init__(self, command: list[str], folder: str) -> None:
        there, self._write = os.pipe()
        self._read, here = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _LAUNCH, str(there), str(here), *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(there, here),
                start_new_session=True,
                cwd=folder,
            )
        except OSError as error:
            raise NoBrowser(f"the browser cannot be started: {error.strerror}") from None
        finally:
            os.close(there)
            os.close(here)
        self._numbers = itertools.count(1)
        self._unread = b""
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            self.ask("Browser.getVersion", seconds=_START)
        except BrowserGone:
            self.close()
            raise NoBrowser("the browser does not start") from None

    def ask(self, method: str, session: str | None = None, seconds: float = _ANSWER, **params: Any) -> dict[str, Any]:
        """A command of the protocol and its result; dialogs that come meanwhile are closed."""
        number = self._tell(method, session, params)
        deadline = time.monotonic() + seconds
        while True:
            message = self._next(deadline)
            if message.get("id") == number:
                if "error" in message:
                    raise BrowserGone(str(message["error"].get("message")))
                result: dict[str, Any] = message["result"]
                return result
            if message.get("method") == "Page.javascriptDialogOpening":
                self._tell("Page.handleJavaScriptDialog", message.get("sessionId"), {"accept": True})

    def _tell(self, method: str, session: str | None, params: dict[str, Any]) -> int:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        try:
            data = json.dumps(message).encode() + b"\0"
            while data:
                data = data[os.write(self._write, data) :]
        except OSError:
            raise BrowserGone("the browser has ended") from None
        return number

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._unread:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                raise BrowserGone("the browser does not answer")
            piece = os.read(self._read, 1 << 16)
            if not piece:
                raise BrowserGone("the browser has ended")
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def open(self, url: str) -> Page:
        context = self.ask("Target.createBrowserContext")["browserContextId"]
        target = self.ask("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, context)
        page.ask("Page.enable")
        page.ask("Page.navigate", url=url)
        return page

    def _watch(self) -> None:
        while not self._over.wait(_WATCH):
            if _memory_of(self._process.pid) > _MEMORY:
                self._kill()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        self._over.set()
        self._kill()
        self._process.kill()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)


class Page:
    """What one person has before him."""

    def __init__(self, browser: Browser, session: str, context: str) -> None:
        self._browser = browser
        self._session = session
        self._context = context

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """A command of the protocol to this page."""
        return self._browser.ask(method, self._session, **params)

    def close(self) -> None:
        self._browser.ask("Target.disposeBrowserContext", browserContextId=self._context)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression; None where it raises, as in a page that is only being loaded."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return None if "exceptionDetails" in found else found["result"].get("value")

    @property
    def loaded(self) -> bool:
        return self.evaluate("location.href !== 'about:blank' && document.readyState === 'complete'") is True

    def has(self, selector: str) -> bool:
        return self.evaluate(_THERE.format(selector=json.dumps(selector))) is True

    def text(self, selector: str) -> str:
        """What one reads in an element; '' when there is none."""
        return str(self.evaluate(_TEXT.format(selector=json.dumps(selector))) or "").strip("\n")

    def write(self, selector: str, text: str) -> bool:
        """Write into an element, in place of what stands there. False when that is not possible."""
        chosen = self.evaluate(_FOCUS + f"(document.querySelector({json.dumps(selector)}))")
        self.ask("Input.insertText", text=text)
        return chosen is True

    def click(self, selector: str) -> bool:
        return self.evaluate(_CLICK + f"(document.querySelector({json.dumps(selector)}))") is True

    def picture(self) -> bytes | None:
        """A PNG file of it."""
        with contextlib.suppress(BrowserGone):
            return base64.b64decode(self.ask("Page.captureScreenshot")["data"])
        return None


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A fresh browser in the network of the calling thread; it ends with the block. Raises NoBrowser."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    program = next((found for name in names if (found := shutil.which(name))), None)
    if program is None or os.name != "posix":
        raise NoBrowser("Chromium is not installed (Debian: apt-get install chromium)")
    folder = tempfile.mkdtemp(prefix="netgrade-browser-")
    browser = None
    try:
        os.mkdir(os.path.join(folder, "profile"))
        command = [*_walls(folder, program), program, *_OPTIONS, f"--user-data-dir={folder}/profile", "about:blank"]
        browser = Browser(command, folder)
        yield browser
    finally:
        if browser is not None:
            browser.close()
        shutil.rmtree(folder, ignore_errors=True)


def _walls(folder: str, program: str) -> list[str]:
    """bubblewrap around it, where it can be had: the system's programs and data and the profile's folder."""
    bwrap = shutil.which("bwrap")
    if bwrap is None or not os.path.realpath(program).startswith(("/usr/", "/opt/")):
        return []
    args = [bwrap, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--cap-drop", "ALL"]
    args += system_files()
    for name in ("/opt", "/etc/fonts", "/etc/chromium", "/etc/chromium.d", "/etc/alternatives", "/etc/ld.so.cache"):
        args += ["--ro-bind-try", name, name]
    args += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", folder, folder]
    args += ["--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", folder]
    works = subprocess.run([*args, "/bin/true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return args if works.returncode == 0 else []


def _memory_of(session: int) -> int:
    """Resident bytes of all processes of a session; 0 where the system does not tell."""
    total = 0
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else []:
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
                if int(fields[3]) == session:
                    total += int(fields[21]) * 4096
    return total
