"""An exception of the submission as data: its type and text, and where in the submission's own files it came from."""

from __future__ import annotations

import os
import traceback
from typing import Any

from .encode import base_names, type_name

_MAX_TEXT = 4000
_MAX_FRAMES = 50


def raised(error: BaseException, root: str) -> dict[str, Any]:
    """{"type", "bases", "message", "file", "line", "traceback"}; only files below `root`."""
    frames = [frame for frame in _frames(error) if _inside(frame.filename, root)]
    file, line = (frames[-1].filename, frames[-1].lineno) if frames else (None, None)
    if isinstance(error, SyntaxError) and error.filename and _inside(error.filename, root):
        file, line = error.filename, error.lineno
    return {
        "type": type_name(type(error)),
        "bases": base_names(type(error)),
        "message": message(error),
        "file": os.path.relpath(file, root).replace(os.sep, "/") if file else None,
        "line": line,
        "traceback": _text(error, frames, root),
    }


def message(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:
        text = "(its text cannot be had: __str__ raised)"
    return text[:_MAX_TEXT].encode("utf-8", "backslashreplace").decode("utf-8")


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    try:
        return list(traceback.extract_tb(error.__traceback__))
    except BaseException:  # sources that vanished or lie about their encoding
        return []


def _inside(file: str, root: str) -> bool:
    return file.startswith(root)


def _text(error: BaseException, frames: list[traceback.FrameSummary], root: str) -> str:
    lines = traceback.format_list(frames[-_MAX_FRAMES:])
    try:
        lines += traceback.format_exception_only(type(error), error)
    except BaseException:
        lines.append(type_name(type(error)) + "\n")
    text = "".join(lines).replace(root + os.sep, "").replace(root, "")
    return text[-4 * _MAX_TEXT :].encode("utf-8", "backslashreplace").decode("utf-8")
