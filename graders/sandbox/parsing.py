"""`ast.parse`, one thread at a time.

CPython 3.11 keeps the depth of the tree that it is building in one place for all threads: two that parse at once fail
with "SystemError: AST constructor recursion depth mismatch" (github.com/python/cpython/issues/106905).
"""

from __future__ import annotations

import ast
import threading

_ONE_AT_A_TIME = threading.Lock()


def parse(source: str | bytes) -> ast.Module:
    """The tree of a module's source; what ast.parse raises."""
    with _ONE_AT_A_TIME:
        return ast.parse(source)
