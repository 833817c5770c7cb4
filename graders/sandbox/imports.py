"""What a unit's file will import, read from its text: a zygote imports it once and every subject forks with it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from graders.sandbox.syntax import parse

# Modules of the standard library that do something visible when they are imported, or are huge and never needed.
_NOT_AHEAD = frozenset({"this", "antigravity", "idlelib", "turtledemo", "test", "lib2to3", "ensurepip", "tkinter"})
# Bytes; no exercise has half of it. A mebibyte of one f-string keeps the parser, and with it all threads, for minutes.
_MAX_SOURCE = 64 * 1024


def imports_ahead(file: Path, third_party: Collection[str]) -> list[list[str]]:
    """[module, name, name, …] for each import statement that runs when `file` is imported.

    Only modules of the standard library and `third_party`; the names after the first are those of `from … import`,
    which may be submodules. Nothing beyond what the file itself imports is ever listed: a program that uses
    urllib.request after a mere `import urllib` must fail here as it does elsewhere. A file that cannot be parsed
    gives an empty list: its author will see the error from the subject.
    """
    try:
        source = file.read_bytes()
        if len(source) > _MAX_SOURCE:
            return []
        tree = parse(source)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    siblings = {path.name.partition(".")[0] for path in file.parent.iterdir()}
    allowed = (frozenset(third_party) | sys.stdlib_module_names) - siblings - _NOT_AHEAD
    found = []
    for statement in _executed(tree):
        if isinstance(statement, ast.Import):
            found += [[alias.name] for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and statement.level == 0 and statement.module:
            found.append([statement.module, *(alias.name for alias in statement.names if alias.name != "*")])
    return [entry for entry in found if entry[0].partition(".")[0] in allowed]


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below `node` that run on import: everything outside functions."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from _executed(child)
