"""A whole result document on the terminal."""

from __future__ import annotations

from rich.console import Console

from graders.core.replay.characters import fit, printable
from graders.sinks.console.page import Json, Page
from graders.sinks.console.summary import is_untouched, print_summary
from graders.sinks.console.unit import print_unit
from graders.sinks.console.words import say


class ConsoleReport:
    """Renders whole result documents on a rich console."""

    def __init__(
        self, lang: str, *, console: Console | None = None, verbose: bool = False, command: str = "nox -s grade --"
    ) -> None:
        """``command``: what grades the same submission again, but for the unit's name."""
        self.page = Page(lang, console, verbose=verbose)
        self.command = command

    def render(self, document: Json, *, report: str | None = None, replays: str | None = None) -> None:
        """``report`` and ``replays``: where the report was written to, and the scripts."""
        _print_header(self.page, document)
        known_untouched = False
        for unit in document["units"]:
            # The first one shows where to begin; the others would say the same.
            briefly = known_untouched and is_untouched(unit) and not self.page.verbose
            print_unit(self.page, unit, briefly=briefly)
            known_untouched = known_untouched or is_untouched(unit)
        print_summary(self.page, document, self.command, report=report, replays=replays)


def _print_header(page: Page, document: Json) -> None:
    grader = document["grader"]
    facts = [
        f"netgrade {printable(grader['version'])}",
        printable(document["submission"]),
        say(page.lang, "isolation", level=grader["isolation"]),
        say(page.lang, "seed", seed=grader["seed"]),
    ]
    if grader["budget"] != 1:
        facts.append(say(page.lang, "budget", budget=f"{grader['budget']:g}"))
    page.line((fit(" · ".join(facts), page.columns), "dim"))
