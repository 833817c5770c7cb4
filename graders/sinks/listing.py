"""`--list`: the units and their checks, before anything is graded."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from graders.core.replay.characters import pad, width, wrap
from graders.core.replay.telling import pick
from graders.core.rubric import Check, Unit
from graders.sinks.console import say

WIDEST = 100


def list_units(units: Sequence[Unit], lang: str, console: Console | None = None) -> None:
    console = console or Console(highlight=False, markup=False, emoji=False)
    columns = max(60, min(console.width, WIDEST))
    for unit in units:
        title = pick(unit.title.to_json(), lang)
        console.print(Text(f"{unit.name}  {unit.section}", style="bold"), soft_wrap=True)
        for line in wrap(title, columns - 2):
            console.print(Text(f"  {line}", style="dim"), soft_wrap=True)
        for check in unit.checks.values():
            for line in _lines(check, lang, columns):
                console.print(Text(line), soft_wrap=True)
        console.print()


def _lines(check: Check, lang: str, columns: int) -> list[str]:
    tier = say(lang, "bonus_tier" if check.tier == "bonus" else check.tier.value)
    right = f"{pad(tier, 6)} {check.points:>3}"
    room = columns - 4 - 1 - width(right)
    title = wrap(pick(check.title.to_json(), lang).removesuffix("。").removesuffix("."), room)
    return [f"    {pad(title[0], room)} {right}", *(f"    {part}" for part in title[1:]), f"      {check.id}"]
