"""What a level of isolation is, and how one is chosen."""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod

from graders.sandbox import levels
from graders.sandbox.errors import SandboxError
from graders.sandbox.limits import Limits
from graders.sandbox.sandbox import Sandbox
from graders.sandbox.submission import PrivateCopy


class Level(ABC):
    """A way to keep a subject apart from the grader and the machine."""

    name: str
    rank: int  # the higher, the better it isolates
    isolated: bool  # False: the result must say NOT ISOLATED

    @abstractmethod
    def probe(self) -> str | None:
        """None when this level works here, else the reason and the remedy in one line."""

    @abstractmethod
    def open(self, unit_path: str, copy: PrivateCopy, limits: Limits) -> Sandbox:
        """A new sandbox; returns at once, the first start waits for it."""


def all_levels() -> list[Level]:
    """Every level that there is, best first, usable here or not."""
    found: list[Level] = []
    for module in pkgutil.iter_modules(levels.__path__):
        found.append(importlib.import_module(f"{levels.__name__}.{module.name}").LEVEL)
    return sorted(found, key=lambda level: -level.rank)


def choose_level(name: str = "auto") -> Level:
    """The named level, or the best that works here for `auto`. SandboxError says why a named one cannot be had."""
    known = all_levels()
    if name == "auto":
        return next(level for level in known if level.probe() is None)
    for level in known:
        if level.name == name:
            reason = level.probe()
            if reason is not None:
                raise SandboxError(f"--isolation {name} cannot be had here: {reason}")
            return level
    raise SandboxError(f"unknown isolation {name!r}: choose auto, {', '.join(level.name for level in known)}")


def open_sandbox(level: Level, unit_path: str, copy: PrivateCopy, limits: Limits | None = None) -> Sandbox:
    """A sandbox for one unit, for example `examples/tcp_server.py`, of a copied submission."""
    return level.open(unit_path, copy, limits or Limits())
