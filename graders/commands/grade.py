"""`python -m graders grade`: grade a submission, show and write what came of it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Any

from graders.commands.arguments import UsageError, chosen_checks, submission_and_units
from graders.core.results import SCHEMA
from graders.core.rubric import all_units
from graders.core.session.grade import NOMINAL_BUDGET, Options, about_grader, grade
from graders.core.session.slots import open_slots
from graders.sandbox import Level, SandboxError, SubmissionRefused, choose_level, enter_private_network
from graders.sinks.console import ConsoleReport, Progress
from graders.sinks.console.page import Page
from graders.sinks.json_file import Unwritable, check_writable, write_report
from graders.sinks.junit import write_junit
from graders.sinks.listing import list_units
from graders.sinks.outputs import Outputs

GRADED, UNDER, BROKEN, INTERRUPTED = 0, 1, 3, 130

REPORT, REPLAYS = Path("report.json"), Path("replay")


def run(options: argparse.Namespace) -> int:
    known = all_units()
    if options.list:
        _, names = submission_and_units(options, known) if options.names else (None, list(known))
        list_units([known[name] for name in names], Page(options.lang))
        return GRADED
    submission, names = submission_and_units(options, known)
    only = chosen_checks(options.only, {check for name in names for check in known[name].checks})
    report, replays = places(options)
    try:
        level = choose_level(options.isolation)
    except SandboxError as error:
        raise UsageError(str(error)) from None
    end_as_on_interrupt()
    # Before the first thread: only then can an ordinary user's process enter a network of its own.
    enter_private_network()
    settings = Options(
        seed=options.seed,
        budget=(options.budget or NOMINAL_BUDGET) / NOMINAL_BUDGET,
        jobs=options.jobs,
        isolation=options.isolation,
        only=only,
    )
    # Before there is a second thread: showing progress takes one.
    with open_slots(options.jobs) as slots, Progress(names, options.lang) as progress:
        outputs = Outputs(about(settings, level, submission), names, progress, report=report, replays=replays)
        try:
            result = grade(submission, names, settings, outputs, name=str(submission), slots=slots)
        except SandboxError as error:
            raise UsageError(str(error)) from None
        except SubmissionRefused as error:
            raise UsageError(f"{error}; mend that and grade again") from None
        except KeyboardInterrupt:
            return interrupted(outputs, report)
    outputs.about["grader"] = result.grader
    document = outputs.document(complete=True)
    if report is not None:
        write_report(report, document)
    if options.junit is not None:
        write_junit(options.junit, document, options.lang)
    console = ConsoleReport(options.lang, verbose=options.verbose, command=command_to_repeat(submission))
    console.render(document, report=str(report) if report else None, replays=str(replays) if outputs.scripts else None)
    return status(document, options.fail_under)


def places(options: argparse.Namespace) -> tuple[Path | None, Path | None]:
    """(report file, folder of replay scripts), found to be writable; a default that is not is left out."""
    try:
        for asked in (options.json, options.junit):
            if asked is not None:
                check_writable(asked)
        if options.replay is not None:
            if options.replay.is_dir():
                check_writable(options.replay / "replay.py")
            else:
                check_writable(options.replay)
    except Unwritable as error:
        raise UsageError(str(error)) from None
    report, replays = options.json, options.replay
    if not options.no_files:
        report = report or usable(REPORT)
        replays = replays or usable(REPLAYS / "replay.py" if REPLAYS.is_dir() else REPLAYS, REPLAYS)
    return report, replays


def usable(probe: Path, place: Path | None = None) -> Path | None:
    try:
        check_writable(probe)
    except Unwritable as error:
        print(f"netgrade: {error} (going on without)", file=sys.stderr)
        return None
    return place or probe


def about(settings: Options, level: Level, submission: Path) -> dict[str, Any]:
    """The keys of the document that are known before the first result."""
    return {
        "schema": SCHEMA,
        "grader": about_grader(level, settings),
        "submission": str(submission),
    }


def end_as_on_interrupt() -> None:
    """SIGTERM and SIGHUP (a time limit of CI, a closed terminal) end a grade as Ctrl+C does: with no trace.

    Tidying up takes a moment. Who says it twice does not want to wait for that.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    usual = (signal.SIG_DFL, signal.default_int_handler)  # and not what somebody wants to be ignored
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    numbers = [number for number in numbers if signal.getsignal(number) in usual]

    def end(number: int, frame: object) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_DFL)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, end)


def interrupted(outputs: Outputs, report: Path | None) -> int:
    """Ctrl+C or the like: what is finished is kept."""
    finished = f"{len(outputs.done)} of {len(outputs.units)} units were finished"
    where = f", they are in {report}" if report is not None and outputs.done else ""
    print(f"netgrade: interrupted: {finished}{where}", file=sys.stderr)
    return INTERRUPTED


def status(document: dict[str, Any], fail_under: float | None) -> int:
    """The exit status. The grader's own failure says more than any score."""
    if any(check["verdict"] == "broken" for unit in document["units"] for check in unit["checks"]):
        return BROKEN
    if fail_under is not None and document["score"] * 100 < fail_under * document["max_score"]:
        return UNDER
    return GRADED


def command_to_repeat(submission: Path) -> str:
    """What the user types to grade again: nox's form where nox runs this, with a submission that is not the default."""
    base = "nox -s grade --" if "NOX_CURRENT_SESSION" in os.environ else "python -m graders grade"
    return base if submission == Path("student") else f"{base} {submission}"
