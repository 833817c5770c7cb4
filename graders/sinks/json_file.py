"""The report file: the whole result document, replaced in one step each time a unit has been graded.

Whoever reads it while the grader runs, or after it was interrupted, finds a valid document.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

Json = Any

# Of longer data the report keeps the beginning, the end and the first difference; the replay script has all of it.
MOST_BYTES = 64 * 1024


class Unwritable(Exception):
    """An output cannot be written where it was asked for; the message is one line and names the remedy."""


def check_writable(path: Path) -> None:
    """Find out before the grading whether the file can be written after it; nothing that is there is touched."""
    if path.is_dir():
        raise Unwritable(f"cannot write {path}: it is a folder; name a file in it")
    if not path.parent.is_dir():
        raise Unwritable(f"cannot write {path}: there is no folder {path.parent}; create it first")
    try:
        if path.exists() and not path.is_file():
            with path.open("ab"):
                return
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(13, "the file is read-only")
    except OSError as error:
        raise Unwritable(f"cannot write {path}: {error.strerror or error}; choose another place") from None


def write_text(path: Path, text: str) -> None:
    """As write_bytes; inside a JSON string or an XML text a lone surrogate then reads as its escape."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Replace the file in one step: a reader sees the old content or the new, never a part."""
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a pipe or a device: nothing to replace
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        with contextlib.suppress(OSError):
            os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def write_report(path: Path, document: Json) -> None:
    write_text(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def capped(story: Json | None) -> Json | None:
    """The story with the middle left out of data that is too long for a report; `bytes` says how long it was."""
    if story is None:
        return None
    keep_at = story.get("first_difference")
    steps = [{**step, "data": _capped(step.get("data"), None)} if step.get("data") else step for step in story["steps"]]
    sides = {}
    for name in ("wanted", "got"):
        side = story.get(name)
        if side and side.get("bytes") is not None:
            data = side["bytes"] if isinstance(side["bytes"], dict) else _data(side["bytes"])
            side = {**side, "bytes": _capped(data, keep_at)}
        sides[name] = side
    return {**story, "steps": steps, **sides}


def _data(hexadecimal: str) -> Json:
    return {"hex": hexadecimal, "bytes": len(hexadecimal) // 2, "omitted": 0, "omitted_at": None}


def _capped(data: Json, keep_at: int | None) -> Json:
    size = len(data["hex"]) // 2
    if size <= MOST_BYTES or data.get("omitted"):
        return data
    # One gap only: in front of the last quarter, or behind the first difference where that lies further back.
    head = MOST_BYTES * 3 // 4
    if keep_at is not None and keep_at > head - 1024:
        head = min(keep_at + 1024, size)
    tail = min(MOST_BYTES // 4, size - head)
    omitted = size - head - tail
    kept = data["hex"][: 2 * head] + (data["hex"][-2 * tail :] if tail else "")
    return {"hex": kept, "bytes": data["bytes"], "omitted": omitted, "omitted_at": head}
