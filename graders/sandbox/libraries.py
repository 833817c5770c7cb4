"""Which third-party code a submission may import: flask, requests, websockets and what these bring.

Nothing else of this environment is shown to a subject. That keeps the grader's own dependencies out of reach, and a
program that works here works on a machine where only the three libraries were installed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOTS = ("flask", "requests", "websockets")


@dataclass(frozen=True)
class Libraries:
    """paths: file or folder name in site-packages -> where it is; names: the importable top-level names among them."""

    paths: dict[str, Path] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()


@cache
def libraries(roots: tuple[str, ...] = ROOTS) -> Libraries:
    """The closure of `roots` over the requirements that are installed here."""
    paths: dict[str, Path] = {}
    missing = []
    todo, seen = list(roots), set()
    while todo:
        name = _normal(todo.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            if name in roots:
                missing.append(name)
            continue
        paths.update(_top_level_paths(found))
        todo += _requirements(found)
    names = frozenset(path.name.partition(".")[0] for path in paths.values() if not path.name.endswith("-info"))
    return Libraries(paths, names, tuple(missing))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirements(found: Distribution) -> list[str]:
    """Names of what it requires. Extras are not wanted; other markers do not matter: what is not there is skipped."""
    wanted = [line for line in found.requires or [] if not re.search(r";.*\bextra\b", line)]
    return [match[0] for line in wanted if (match := re.match(r"[A-Za-z0-9._-]+", line.strip()))]


def _top_level_paths(found: Distribution) -> dict[str, Path]:
    """The entries of site-packages that belong to a distribution, its metadata included (flask asks for versions)."""
    entries = {}
    for file in found.files or []:
        top = file.parts[0]
        if top not in ("..", "__pycache__") and not top.endswith(".pth") and top not in entries:
            path = Path(str(found.locate_file(top)))
            if path.exists():
                entries[top] = path
    return entries
