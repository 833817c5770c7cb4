"""Puts what the slots find into the order of the rubric, and tells whoever listens."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Protocol

from graders.core.results import CheckResult, UnitResult, Verdict
from graders.core.rubric import Check, Unit


class Listener(Protocol):
    """Is told of results as they come, from several threads."""

    def on_check(self, unit: UnitResult, check: CheckResult) -> None: ...

    def on_unit(self, unit: UnitResult) -> None: ...


class Silent:
    """A listener that does not listen."""

    def on_check(self, unit: UnitResult, check: CheckResult) -> None: ...

    def on_unit(self, unit: UnitResult) -> None: ...


class Collector:
    """The results of some units. All methods may be called from any thread."""

    def __init__(self, chosen: Iterable[tuple[Unit, list[Check]]], listener: Listener) -> None:
        self._order = {unit.name: [check.id for check in checks] for unit, checks in chosen}
        self._results = {unit.name: UnitResult(unit.name, unit.section, unit.title) for unit, _ in chosen}
        self._began: dict[str, float] = {}
        self._listener = listener
        self._lock = threading.Lock()

    @property
    def units(self) -> list[UnitResult]:
        return list(self._results.values())

    def begin(self, unit: Unit) -> None:
        """The unit's time runs. Once more is harmless."""
        with self._lock:
            self._began.setdefault(unit.name, time.monotonic())

    def add(self, unit: Unit, found: CheckResult) -> None:
        """The last check of a unit completes it."""
        order, result = self._order[unit.name], self._results[unit.name]
        self._listener.on_check(result, found)  # before anybody can find the unit complete without it
        with self._lock:
            result.checks.append(found)
            result.checks.sort(key=lambda check: order.index(check.id))
            result.seconds = time.monotonic() - self._began[unit.name]
            complete = len(result.checks) == len(order)
        if complete:
            result.problem = _problem(result)
            self._listener.on_unit(result)


def _problem(result: UnitResult) -> dict[str, str] | None:
    """Why nothing at all could be graded, when the very first check already tells."""
    first = result.checks[0] if result.checks else None
    if first is None or first.verdict is not Verdict.FAIL or first.story is None:
        return None
    if any(check.verdict not in (Verdict.FAIL, Verdict.SKIPPED) for check in result.checks):
        return None
    words = first.story["got"]["text"] or {"zh": first.title.zh, "en": first.title.en}
    return {"zh": words["zh"], "en": words["en"], "output": first.output}
