"""Reads the command line. Every mistake in it becomes one line that names the remedy."""

from __future__ import annotations

import argparse
import difflib
import importlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from graders.core.replay.language import language

#: A submission's folder when none is named.
SUBMISSION = Path("student")

Command = Callable[[argparse.Namespace], int]


class UsageError(Exception):
    """The command cannot be carried out as given; the text is one line and names the remedy."""


class Parser(argparse.ArgumentParser):
    """argparse, but an error is one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (help: {self.prog} --help)")


def parse(arguments: Sequence[str]) -> tuple[Command, argparse.Namespace]:
    """The command's function and its options. Raises UsageError."""
    parser = Parser(prog="python -m graders", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for name, summary, add in COMMANDS:
        add(commands.add_parser(name, help=summary, description=summary, allow_abbrev=False))
    # Options may stand between units, which plain argparse does not take: see to the command first.
    name = arguments[0] if arguments else ""
    if name in commands.choices:
        options = commands.choices[name].parse_intermixed_args(list(arguments[1:]))
        options.command = name
    else:
        options = parser.parse_args(list(arguments))
    module = importlib.import_module(f"graders.commands.{options.command}")
    run: Command = module.run
    return run, options


def _grade(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="[SUBMISSION] UNIT", help="units to grade (default: all)")
    parser.add_argument("--submission", type=Path, metavar="DIR", help=f"the folder to grade (default: {SUBMISSION})")
    parser.add_argument("--list", action="store_true", help="list the units and their checks, grade nothing")
    parser.add_argument("--only", action="append", default=[], metavar="CHECK", help="only this check (and its needs)")
    parser.add_argument("--lang", choices=("zh", "en"), default=language(), help="default: the locale's, else zh")
    parser.add_argument("--verbose", "-v", action="store_true", help="tell every story, list every check")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the whole result (default: report.json)")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="JUnit XML for CI systems")
    parser.add_argument("--replay", type=Path, metavar="DIR", help="where replay scripts go (default: replay)")
    parser.add_argument("--no-files", action="store_true", help="no report and no replay scripts unless named")
    parser.add_argument("--budget", type=positive, metavar="SECONDS", help="dimension the traffic for that time (15)")
    parser.add_argument("--seed", type=whole, default=0, metavar="N", help="other traffic (default: 0)")
    parser.add_argument("--jobs", type=at_least_one, default=6, metavar="N", help="units at a time (default: 6)")
    parser.add_argument("--isolation", default="auto", metavar="LEVEL", help="default: auto, the best that works here")
    parser.add_argument(
        "--fail-under", type=percent, metavar="PERCENT", help="exit with 1 below that share of the marks"
    )


def _validate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="UNIT", help="units to validate (default: all)")
    parser.add_argument(
        "--sample", action="append", default=[], metavar="NAME", help="only samples whose name has this"
    )
    parser.add_argument("--jobs", type=at_least_one, default=4, metavar="N", help="samples at a time (default: 4)")


def _rubric(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--write", type=Path, metavar="FILE", help="into this file instead of the terminal")


def _bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="UNIT", help="units to grade for it (default: all)")
    parser.add_argument("--submission", type=Path, default=Path("reference"), metavar="DIR", help="default: reference")


COMMANDS: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("grade", "Grade a submission.", _grade),
    ("validate", "Grade the reference, the stubs and the samples; anything not as declared fails.", _validate),
    ("rubric", "Write the table of all checks (docs/rubric.md).", _rubric),
    ("bench", "Measure the grader itself, as ratios within one run.", _bench),
)


# --- values -----------------------------------------------------------------------------------------------------------


def positive(text: str) -> float:
    value = _number(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"wanted seconds above 0, got {text}")
    return value


def percent(text: str) -> float:
    value = _number(text)
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"wanted a percentage from 0 to 100, got {text}")
    return value


def whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"wanted a whole number from 0 on, got {text!r}")
    return int(text)


def at_least_one(text: str) -> int:
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"wanted 1 or more, got {text}")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"wanted a number, got {text!r}") from None


# --- names ------------------------------------------------------------------------------------------------------------


def submission_and_units(options: argparse.Namespace, known: Iterable[str]) -> tuple[Path, list[str]]:
    """What `UNIT…` or `SUBMISSION UNIT…` means: the folder, and the units in the lesson's order (all for none).

    Raises UsageError for a unit that does not exist and for a folder that cannot be a submission.
    """
    known = list(known)
    names = list(options.names)
    submission = options.submission
    if submission is None and names and names[0] not in known and _names_a_folder(names[0]):
        submission = Path(names.pop(0))
    submission = submission or SUBMISSION
    units = chosen_units(names, known)
    if not submission.exists():
        raise UsageError(f"there is no folder {submission}: name the one to grade with --submission DIR")
    if not submission.is_dir():
        raise UsageError(f"{submission} is a file: name the folder that has examples/ in it, as student/ has")
    try:
        inside = {path.name for path in submission.iterdir()}
    except OSError as error:
        raise UsageError(f"{submission} cannot be read: {error.strerror}; change its permissions") from None
    if not inside & set(FOLDERS):
        folders = ", ".join(f"{name}/" for name in FOLDERS)
        raise UsageError(f"{submission} has none of {folders}: name a folder like student/")
    return submission, units


def _names_a_folder(name: str) -> bool:
    return Path(name).is_dir() or (not name.endswith(".py") and ("/" in name or "\\" in name))


FOLDERS = ("examples", "exercises", "challenges")


def chosen_units(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """The named units in the lesson's order, all for none. A file's name or path will do. Raises UsageError."""
    asked = [Path(name).stem if name.endswith(".py") else name for name in names]
    for name in asked:
        if name not in known:
            raise UsageError(f"no unit is called {name!r}{_nearest(name, known)}; units: {', '.join(known)}")
    return [unit for unit in known if unit in asked or not asked]


def chosen_checks(names: Sequence[str], checks: Any) -> frozenset[str]:
    """The named checks. Raises UsageError for one that none of the units has."""
    for name in names:
        if name not in checks:
            raise UsageError(f"no check is called {name!r}{_nearest(name, list(checks))}; list them with --list")
    return frozenset(names)


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f" (did you mean {near[0]}?)" if near else ""
