"""Servers of the grader that answer whoever asks with what was offered. Part of replay scripts with such a server.

Whether and how often the program asks is its own choice, and may be another one than in the recorded conversation.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping

from graders.core.replay.messages import HttpMessage
from graders.core.replay.peers import QUIET, Connection, Listener

# A request that stops in the middle is whole, or never will be, when nothing follows for that long.
REQUEST_QUIET = 2.0


class Offering:
    """Answers on every connection to the listener, as long as the script runs, with the data that it has just now."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.data = b""
        self.then = "close"
        self.unchanged: Mapping[str, str] | None = None
        self.asked: list[bytes] = []  # requests since the last change
        self.changed = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def change(self, data: bytes, then: str, unchanged: Mapping[str, str] | None = None) -> None:
        """From now on this is answered; ``unchanged``: what is answered to who has that already."""
        with self.changed:
            self.data, self.then, self.unchanged, self.asked = data, then, unchanged, []

    def receive(
        self, settled: Callable[[bytes], bool], seconds: float, *, end_of: Callable[[bytes], int] | None = None
    ) -> tuple[bytes, str]:
        """The last request of those that come, once it is settled, as a Connection has it."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while (left := deadline - time.monotonic()) > 0:
                if self.asked and settled(self.asked[-1]):
                    return self.asked[-1], "complete"
                self.changed.wait(left)
            return (self.asked[-1], "complete") if self.asked else (b"", "silence")

    def _accept(self) -> None:
        while True:
            connection = self.listener.accept(3600)
            if connection is None:
                return  # the listener is closed
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        def end(data: bytes) -> int:
            message = HttpMessage(data)
            return len(data) - len(message.extra) if message.complete else 0

        with contextlib.suppress(OSError):
            while True:
                request, how = connection.receive(lambda data: False, REQUEST_QUIET, end_of=end)
                if not request:
                    if how == "silence":
                        continue
                    break
                with self.changed:
                    self.asked.append(request)
                    data, then = self.data, self.then
                    if self.unchanged and has_already(request, self.unchanged):
                        data = self.unchanged["answer"].encode("latin-1")
                    self.changed.notify_all()
                connection.send(data)
                if then == "reset":
                    connection.reset()
                    return
                if then == "close":
                    time.sleep(QUIET / 10)
                    break
        connection.close()


def has_already(request: bytes, unchanged: Mapping[str, str]) -> bool:
    """Whether the request asks if this entity tag, or this date, is still the one."""
    headers = HttpMessage(request).headers
    if tags := headers.get("if-none-match"):
        return bool(unchanged["etag"]) and unchanged["etag"].removeprefix("W/") in tags
    return bool(unchanged["last_modified"]) and headers.get("if-modified-since") == unchanged["last_modified"]
