"""What everything on the terminal is written with: lines of styled parts, as wide as the terminal and no wider."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.style import Style
from rich.text import Text

from graders.core.replay.characters import pad, width, wrap

Json = Any

WIDEST = 100

MARKS = {"pass": "✓", "fail": "✗", "skipped": "·", "unavailable": "-", "inconclusive": "?", "broken": "!"}
STYLES = {
    "pass": "green",
    "fail": "bold red",
    "skipped": "dim",
    "unavailable": "dim",
    "inconclusive": "yellow",
    "broken": "bold magenta",
    "failed": "bold red",
    "step": "",
    "note": "dim",
    "wanted": "green",
    "got": "red",
    "caret": "bold red",
    "hint": "cyan",
    "title": "bold",
    "dim": "dim",
    "": "",
}


def bar(score: float, out_of: float, columns: int) -> str:
    """Full only for full marks, empty only for none: rounding never hides a missing or an earned point."""
    share = score / out_of if out_of else 0
    filled = round(share * columns)
    if 0 < share < 1:
        filled = min(columns - 1, max(1, filled))
    return "█" * filled + "░" * (columns - filled)


def score_style(unit: Json) -> str:
    """The colour of a unit's marks: all, none or some."""
    return "green" if unit["score"] >= unit["max_score"] else "red" if not unit["score"] else "yellow"


def new_console(**options: Any) -> Console:
    """A console that leaves nothing for rich to interpret: no markup, no highlighting, no emoji codes."""
    return Console(highlight=False, markup=False, emoji=False, **options)


class Page:
    """Lines on a rich console, in one language; ``verbose``: nothing is shortened."""

    def __init__(self, lang: str, console: Console | None = None, *, verbose: bool = False) -> None:
        self.console = console or new_console()
        self.lang = lang
        self.verbose = verbose
        self.columns = max(60, min(self.console.width, WIDEST))

    def line(self, *parts: tuple[str, str]) -> None:
        """One line of (text, style) parts; a file gets no trailing spaces."""
        text = Text()
        for index, (part, style) in enumerate(parts):
            last = index == len(parts) - 1
            text.append(part.rstrip() if last else part, style=Style.parse(STYLES.get(style, style)))
        self.console.print(text, soft_wrap=True)

    def wrapped(self, label: str, text: str, style: str = "", indent: int = 4) -> None:
        """A labelled paragraph with a hanging indent."""
        lead = " " * indent + pad(label, width(label)) + "  "
        lines = wrap(text, self.columns - width(lead)) if text else [""]
        self.line((lead, "dim"), (lines[0], style))
        for part in lines[1:]:
            self.line((" " * width(lead), ""), (part, style))

    def rule(self) -> None:
        self.line(("─" * self.columns, "dim"))
