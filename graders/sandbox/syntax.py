"""Parsing Python in several threads: ast.parse() counts its recursion for the whole interpreter, not for a thread.

Two threads that parse at once end in "SystemError: AST constructor recursion depth mismatch" (Python 3.11.7).
"""

from __future__ import annotations

import ast
import threading

_one_at_a_time = threading.Lock()


def parse(source: str | bytes) -> ast.Module:
    """ast.parse(), one thread at a time."""
    with _one_at_a_time:
        return ast.parse(source)
