"""Whether what comes now is what the story wanted. No I/O: part of every replay script."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from graders.core.replay.messages import HttpMessage
from graders.core.replay.telling import Json

# What an expression of a story may use besides `names_of`, `output`, and of a call `seconds`, `args` and `kwargs`.
NAMES: dict[str, Any] = {"HttpMessage": HttpMessage, "json": json, "re": re, "parse": urllib.parse}


class Wanted:
    """The right answer at the failing step: as an expression, as bytes, as a value, or only as words."""

    def __init__(self, wanted: Mapping[str, Json], recorded: bytes | None) -> None:
        self.python: str | None = wanted.get("python")
        self.event: str | None = wanted.get("event")
        self.bytes: bytes | None = wanted["bytes"] if isinstance(wanted.get("bytes"), bytes) else None
        self.value: Any = wanted.get("value")
        self.recorded = recorded  # the wrong answer that the grader saw

    def enough(self, data: bytes) -> bool:
        """Whether more bytes could not change the judgement."""
        if self.event in ("end", "silence"):
            return bool(data)
        if self.python:
            return self.holds(**names_of(data, "complete"))
        if self.bytes is not None:
            # One byte more than wanted is enough to see that there is too much.
            return len(data) > len(self.bytes) or not self.bytes.startswith(data)
        return False

    def quiet_after(self) -> int | None:
        """With so many bytes there, a short quiet is the end of the answer; None: only its end or patience is."""
        sizes = [len(data) for data in (self.bytes, self.recorded) if data]
        return None if self.event in ("end", "silence") or not sizes else min(sizes)

    def right_bytes(self, data: bytes, ending: str) -> bool:
        if self.event == "end":
            return ending in ("end", "reset") and not data
        if self.event == "silence":
            return ending == "silence" and not data
        if self.python:
            return self.holds(**names_of(data, ending))
        if self.bytes is not None:
            return data == self.bytes
        # Only words say what was wanted: another answer than the wrong one may be it.
        return bool(data) and _undated(data) != _undated(self.recorded or b"")

    def right_value(self, value: Any, **names: Any) -> bool:
        if self.python:
            return self.holds(got=value, **names)
        if self.event == "return":
            return True
        return same(value, self.value)

    def holds(self, **names: Any) -> bool:
        """Whether the story's expression finds this answer right; one that raises does not."""
        try:
            return bool(eval(str(self.python), {**NAMES, **names}))  # the expression came with this script
        except Exception:
            return False


def names_of(data: bytes, ending: str) -> dict[str, Any]:
    """What an expression about bytes may ask for; the parts of an HTTP message where it is one."""
    message = HttpMessage(data)
    parts = {
        "status": message.status,
        "headers": message.headers,
        "body": message.body,
        "first_line": message.first_line,
    }
    return {"got": data, "ending": ending, "how": ending, **parts}


def _undated(data: bytes) -> bytes:
    return re.sub(rb"(?im)^date:.*$", b"", data)


def same(mine: Any, other: Any) -> bool:
    """Equal, and of one kind: True is not 1 here."""
    return type(mine) is type(other) and bool(mine == other)


def expected(recorded: bytes | None, ending: str | None) -> Callable[[bytes], bool]:
    """Before the failing step: whether the answer that was recorded has come again, in whatever words."""
    if not recorded or ending in ("end", "reset"):
        return lambda data: False
    if HttpMessage(recorded).complete:
        return lambda data: HttpMessage(data).complete
    return lambda data: len(data) >= len(recorded)
