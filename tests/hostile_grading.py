"""Grades files in a process of its own and prints what came of it: python -m tests.hostile_grading UNIT=FILE…

A grader that crashes, fills its memory or leaves processes behind then shows as such.
"""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from graders.commands.bench import graders
from graders.core.results import GradeResult
from graders.core.session.grade import Options, grade
from graders.core.session.slots import open_slots
from graders.sandbox import SubmissionRefused, enter_private_network
from graders.sinks import junit
from graders.sinks.console import ConsoleReport
from graders.sinks.console.page import new_console
from graders.sinks.outputs import unit_document


def main(arguments: list[str]) -> int:
    enter_private_network()
    pairs = [argument.partition("=") for argument in arguments]
    files = {unit: Path(file) for unit, _, file in pairs if unit not in ("folder", "only")}
    options = Options(only=frozenset(check for name, _, check in pairs if name == "only"))
    folders = [Path(file) for unit, _, file in pairs if unit == "folder"]
    started = time.monotonic()
    with open_slots(options.jobs) as slots:
        try:
            whole, units = (folders[0], None) if folders else (files, list(files))
            result = grade(whole, units, options, slots=slots)
        except SubmissionRefused as error:
            print(json.dumps({"refused": str(error)}))
            return 0
        seconds = time.monotonic() - started
        megabytes = sum(peak_megabytes(process.pid) for process in graders())
    document = rendered(result)
    time.sleep(0.1)
    print(
        json.dumps(
            {
                "seconds": round(seconds, 2),
                "megabytes": megabytes,
                "report": len(json.dumps(document)),
                "left": [process.name() for process in psutil.Process().children(recursive=True)],
                "units": {unit["unit"]: told(unit) for unit in document["units"]},
            }
        )
    )
    return 0


def peak_megabytes(pid: int) -> int:
    """The most memory that a process had. Not ru_maxrss: that begins with what the parent had when it forked."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))) // 1024


def told(unit: dict[str, Any]) -> dict[str, Any]:
    return {
        "score": unit["score"],
        "checks": {
            check["id"]: [check["verdict"], (check["diagnosis"] or {}).get("code"), check["seconds"], check["cases"]]
            for check in unit["checks"]
        },
        "tracebacks": [check["traceback"] for check in unit["checks"] if check["traceback"]],
    }


def rendered(result: GradeResult) -> dict[str, Any]:
    """The document, after every sink has shown it; AssertionError where a terminal would obey something of it."""
    document = {**result.to_json(), "complete": True, "seconds": 1.0}
    document["units"] = [unit_document(unit) for unit in result.units]
    for lang in ("zh", "en"):
        out = io.StringIO()
        console = new_console(file=out, width=80)
        ConsoleReport(lang, console=console, verbose=True).render(document)
        shown = out.getvalue()
        assert all(character == "\n" or character.isprintable() or character == "\u3000" for character in shown)
        junit.render(document, lang)
    for unit in result.units:
        for check in unit.checks:
            if check.replay_source is not None:
                compile(check.replay_source, "replay", "exec")
    return document


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
