"""Whether what comes now is what the story wanted. No I/O: part of every replay script."""

from __future__ import annotations

import json
import re
import urllib.parse
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from graders.core.models.websocket_frames import (
    HEAD_END,
    close_code,
    end_of_items,
    heard,
    is_error,
    items_of,
    message_lines,
    pongs,
    token,
)
from graders.core.replay.messages import HttpMessage, json_lines
from graders.core.replay.values import Json

# What an expression of a story may use besides `names_of`, `output`, and of a call `seconds`, `args` and `kwargs`.
NAMES: dict[str, Any] = {
    "HttpMessage": HttpMessage,
    "close_code": close_code,
    "heard": heard,
    "is_error": is_error,
    "items_of": items_of,
    "json": json,
    "json_lines": json_lines,
    "message_lines": message_lines,
    "pongs": pongs,
    "token": token,
    "re": re,
    "parse": urllib.parse,
    "zlib": zlib,
}


class Wanted:
    """The right answer at the failing step: as an expression, as bytes, as a value, or only as words."""

    def __init__(self, wanted: Mapping[str, Json], recorded: bytes | None, method: str = "GET") -> None:
        # "False" says that no expression can tell: then another answer than the recorded one is taken for right.
        self.python: str | None = None if wanted.get("python") == "False" else wanted.get("python")
        self.event: str | None = wanted.get("event")
        self.bytes: bytes | None = wanted["bytes"] if isinstance(wanted.get("bytes"), bytes) else None
        self.value: Any = wanted.get("value")
        self.recorded = recorded  # the wrong answer that the grader saw
        self.names: dict[str, Any] = {}  # what else an expression may use
        self.method = method  # of the HTTP request that is answered
        self.seen: dict[str, bytes] = {}  # what every peer has received before

    def settled(self, data: bytes) -> bool:
        """Whether what came looks like the whole answer: when nothing follows it shortly, it is."""
        if self.event in ("end", "silence") or not data:
            return False
        if self.recorded and len(data) >= len(self.recorded):
            return True
        if self.bytes is not None and (len(data) >= len(self.bytes) or not self.bytes.startswith(data)):
            return True
        return self.whole(data)

    def whole(self, data: bytes) -> bool:
        """An HTTP message says itself where it ends; other bytes are whole when they are right."""
        if re.match(rb"HTTP/1|[A-Z]+ \S+ HTTP/1", data):
            return HttpMessage(data, request_method=self.method).complete
        return self.right_bytes(data, "complete")

    def right_bytes(self, data: bytes, ending: str) -> bool:
        if self.event == "end":
            return ending in ("end", "reset") and not data
        if self.event == "silence":
            # Another datagram than the one too many may be what is wanted next.
            return (ending == "silence" and not data) or (ending == "complete" and data != self.recorded)
        if self.python:
            return self.holds(seen=self.seen, **names_of(data, ending, self.method))
        if self.bytes is not None:
            return data == self.bytes
        # Only words say what was wanted: another answer than the wrong one may be it.
        return bool(data) and _timeless(data) != _timeless(self.recorded or b"")

    def right_value(self, value: Any, **names: Any) -> bool:
        if self.python:
            return self.holds(got=value, **names)
        if self.event == "return":
            return True
        return same(value, self.value)

    def holds(self, **names: Any) -> bool:
        """Whether the story's expression finds this answer right; one that raises does not."""
        try:
            return bool(
                eval(str(self.python), {**NAMES, **self.names, **names})
            )  # the expression came with this script
        except Exception:
            return False


def names_of(data: bytes, ending: str, method: str = "GET") -> dict[str, Any]:
    """What an expression about bytes may ask for; the parts of an HTTP message where it is one."""
    message = HttpMessage(data, request_method=method)
    complete = message.complete or (ending == "end" and message.status is not None)
    parts = {"status": message.status, "headers": message.headers, "body": message.body, "extra": message.extra}
    return {
        "got": data,
        "ending": ending,
        "how": ending,
        "first_line": message.first_line,
        "complete": complete,
        **parts,
    }


def _timeless(data: bytes) -> bytes:
    """The answer without what differs from one run to the next: dates, times, ports."""
    return re.sub(rb"\d+", b"0", re.sub(rb"(?im)^date:.*$", b"", data))


def same(mine: Any, other: Any) -> bool:
    """Equal, and of one kind: True is not 1 here."""
    return type(mine) is type(other) and bool(mine == other)


def end_of(step: Mapping[str, Json], method: str) -> Callable[[bytes], int] | None:
    """Where the recorded answer ends in what comes now (0: not yet), for a step that says so; None for others."""
    if step.get("message"):
        return lambda data: end_of_message(data, method)
    if step.get("head"):
        return lambda data: data.find(HEAD_END) + len(HEAD_END) if HEAD_END in data else 0
    if step.get("lines"):
        lines = int(step["lines"])
        return lambda data: len(b"\n".join(data.split(b"\n")[:lines])) + 1 if data.count(b"\n") >= lines else 0
    if sum(counts := step.get("frames") or []):
        return lambda data: end_of_items(data, *counts)
    return None


def end_of_message(data: bytes, method: str = "GET") -> int:
    """Where the first HTTP message ends; 0 while it does not."""
    message = HttpMessage(data, request_method=method)
    return len(data) - len(message.extra) if message.complete else 0


def expected(recorded: bytes | None, ending: str | None, method: str) -> Callable[[bytes], bool]:
    """Before the failing step: whether the answer that was recorded has come again, in whatever words."""
    if not recorded or ending in ("end", "reset"):
        return lambda data: False
    if HttpMessage(recorded, request_method=method).complete:
        return lambda data: HttpMessage(data, request_method=method).complete
    if recorded.endswith(b"\n") and recorded.startswith(b"{"):  # lines of JSON: spelled in any way, as many
        lines = recorded.count(b"\n")
        return lambda data: data.endswith(b"\n") and data.count(b"\n") >= lines
    return lambda data: len(data) >= len(recorded)
