"""`--list`: the units and their checks, before anything is graded."""

from __future__ import annotations

from collections.abc import Sequence

from graders.core.replay.characters import pad, width, wrap
from graders.core.rubric import Check, Unit
from graders.sinks.console.page import Page
from graders.sinks.console.words import plain, tier_name


def list_units(units: Sequence[Unit], page: Page) -> None:
    """Each unit with its title, and its checks with tier, points and id."""
    for unit in units:
        page.line((f"{unit.name}  {unit.section}", "title"))
        for line in wrap(plain(unit.title.to_json(), page.lang), page.columns - 2):
            page.line((f"  {line}", "dim"))
        for check in unit.checks.values():
            _print_check(page, check)
        page.line()


def _print_check(page: Page, check: Check) -> None:
    right = f"{pad(tier_name(check.tier, page.lang), 6)} {check.points:>3}"
    room = page.columns - 4 - 1 - width(right)
    title = wrap(plain(check.title.to_json(), page.lang), room)
    page.line((f"    {pad(title[0], room)} {right}", ""))
    for part in title[1:]:
        page.line((f"    {part}", ""))
    page.line((f"      {check.id}", ""))
