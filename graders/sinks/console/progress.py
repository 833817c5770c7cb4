"""What is said while it runs."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from rich.console import Console
from rich.live import Live
from rich.text import Text

from graders.core.replay.characters import printable
from graders.core.replay.values import seconds_text
from graders.sinks.console.page import MARKS, STYLES, Json, new_console
from graders.sinks.console.words import say, score_text


class Progress:
    """What is said while it runs, on stderr: a live table on a terminal, else one plain line for each finished unit."""

    def __init__(self, units: Sequence[str], lang: str, *, console: Console | None = None) -> None:
        self.console = console or new_console(stderr=True)
        self.lang = lang
        self.units = list(units)
        self.marks: dict[str, list[str]] = {name: [] for name in self.units}
        self.done: dict[str, Json] = {}
        self.lock = threading.Lock()
        self.live: Live | None = None

    def __enter__(self) -> Progress:
        if self.console.is_terminal:
            self.live = Live(self._table(), console=self.console, transient=True, refresh_per_second=8)
            self.live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self.live:
            self.live.stop()

    def check(self, unit: str, check: Json) -> None:
        with self.lock:
            self.marks.setdefault(unit, []).append(check["verdict"])
            self._refresh()

    def unit(self, unit: Json, *, briefly: bool = False) -> None:
        with self.lock:
            self.done[unit["unit"]] = unit
            if self.live is None:
                place = f"[{len(self.done)}/{len(self.units)}]"
                took = seconds_text(unit["seconds"], self.lang)
                said = f"{place} {say(self.lang, 'graded')} {printable(unit['unit'])}: {score_text(unit)}, {took}"
                self.console.print(Text(said), soft_wrap=True)
            self._refresh()

    def _refresh(self) -> None:
        if self.live:
            self.live.update(self._table())

    def _table(self) -> Text:
        """A line for each unit: its marks so far, one for each check."""
        widest = max((len(name) for name in self.units), default=0)
        room = max(8, self.console.width - widest - 14)
        text = Text(say(self.lang, "running", done=len(self.done), all=len(self.units)) + "\n")
        for name in self.units:
            text.append(f"  {name:<{widest}}  ")
            for verdict in self.marks.get(name, [])[:room]:
                text.append(MARKS[verdict], style=STYLES[verdict])
            unit = self.done.get(name)
            if unit:
                text.append(f"  {score_text(unit)}")
            text.append("\n")
        text.rstrip()
        return text
