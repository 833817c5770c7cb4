"""Parsing Python in several threads: ast.parse() counts its recursion for the whole interpreter, not for a thread.

Two threads that parse at once end in "SystemError: AST constructor recursion depth mismatch" (Python 3.11.7). A lock
keeps ours apart; Hypothesis parses, too, and knows nothing of it.
"""

from __future__ import annotations

import ast
import contextlib
import threading

_one_at_a_time = threading.Lock()


#: How often to try again; the other thread is done within milliseconds.
_TRIES = 5


def parse(source: str | bytes) -> ast.Module:
    """ast.parse(), one thread at a time."""
    with _one_at_a_time:
        for _ in range(_TRIES):
            with contextlib.suppress(SystemError):
                return ast.parse(source)
        return ast.parse(source)
