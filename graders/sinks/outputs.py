"""Where a grading's results go while it runs: progress, the report file, the replay scripts."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from graders.core.replay.render import MARK, picture_name, script_name
from graders.core.results import CheckResult, UnitResult
from graders.sinks.console import Progress
from graders.sinks.json_file import capped, write_bytes, write_report, write_text

Json = Any


class Outputs:
    """The session's listener. Called from several threads; writes one thing at a time."""

    def __init__(
        self, about: Json, units: list[str], progress: Progress, *, report: Path | None, replays: Path | None
    ) -> None:
        self.about = about  # the keys of the document that do not depend on results
        self.units = units
        self.progress = progress
        self.report = report
        self.replays = replays
        self.began = time.monotonic()
        self.done: dict[str, Json] = {}
        self.scripts = 0
        self._lock = threading.Lock()

    def on_check(self, unit: UnitResult, check: CheckResult) -> None:
        with self._lock:
            if check.replay_source is not None and self.replays is not None:
                path = self.replays / script_name(unit.unit, check.id)
                self.replays.mkdir(parents=True, exist_ok=True)
                write_text(path, check.replay_source)
                check.replay = path.as_posix()
                self.scripts += 1
            if check.picture_data is not None and self.replays is not None:
                path = self.replays / picture_name(unit.unit, check.id)
                self.replays.mkdir(parents=True, exist_ok=True)
                write_bytes(path, check.picture_data)
                check.picture = path.as_posix()
        self.progress.check(unit.unit, check.to_json())

    def on_unit(self, unit: UnitResult) -> None:
        found = unit_document(unit)
        with self._lock:
            self.done[unit.unit] = found
            self._forget_old_scripts(unit)
            if self.report is not None:
                write_report(self.report, self.document(complete=False))
        self.progress.unit(found)

    def document(self, *, complete: bool) -> Json:
        """The result of the units that are finished, in the order of the lesson."""
        units = [self.done[name] for name in self.units if name in self.done]
        return {
            **self.about,
            "complete": complete,
            "seconds": round(time.monotonic() - self.began, 3),
            "score": round(sum(unit["score"] for unit in units), 2),
            "max_score": sum(unit["max_score"] for unit in units),
            "bonus": sum(unit["bonus"] for unit in units),
            "units": units,
        }

    def _forget_old_scripts(self, unit: UnitResult) -> None:
        """A script of an earlier run whose check does not fail any more would only mislead; other files stay."""
        if self.replays is None or not self.replays.is_dir():
            return
        current = {script_name(unit.unit, check.id) for check in unit.checks if check.replay}
        ours = {script_name(unit.unit, check.id) for check in unit.checks}
        for path in self.replays.glob(f"{unit.unit}-*.py"):
            if path.name in ours - current and MARK in path.read_text("utf-8", "replace")[:4000]:
                path.unlink()
        for check in unit.checks:
            if not check.picture:
                (self.replays / picture_name(unit.unit, check.id)).unlink(missing_ok=True)


def unit_document(unit: UnitResult) -> Json:
    """The unit as it stands in reports: very long data without its middle."""
    found = unit.to_json()
    for check in found["checks"]:
        check["story"] = capped(check["story"])
    return found
