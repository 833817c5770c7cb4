"""Parsing Python source in one thread at a time.

CPython 3.11 counts the depth of all threads' parsers in one place: two at once may raise SystemError ("AST constructor
recursion depth mismatch"), whatever they parse.
"""

from __future__ import annotations

import ast
import threading

_ONE_AT_A_TIME = threading.Lock()


def parse(source: str | bytes) -> ast.Module:
    """`ast.parse`, safe to call from several threads."""
    with _ONE_AT_A_TIME:
        return ast.parse(source)
