"""Every check as a pytest item, for those who live in pytest: ``pytest graders --submission student -k split``.

The items call the same ``grade`` as the command line; a failure's text is its story, never a traceback of ours. The
checks of a unit that were selected are graded together when the first of them is run, with those that they need.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from graders.core.results import CheckResult, UnitResult, Verdict
from graders.core.rubric import TIERS, Check, Unit, all_units
from graders.core.session.grade import Options, grade
from graders.sandbox import enter_private_network
from graders.sinks.console.page import Page, new_console
from graders.sinks.console.stories import print_broken, print_story

_RESULTS = pytest.StashKey[dict[str, UnitResult]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("netgrade")
    group.addoption("--submission", type=Path, default=Path("student"), help="folder to grade (default: student)")
    group.addoption("--isolation", default="auto", help="auto, bubblewrap or plain")
    group.addoption("--budget", type=float, default=None, help="scale of the number of conversations (default: 1)")
    group.addoption("--lang", choices=("zh", "en"), default="zh", help="language of the stories")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RESULTS] = {}
    if "graders" in {Path(str(argument)).name for argument in config.args}:
        enter_private_network()  # while there is one thread


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    place = _place_of(file_path)
    if place.parent.parent == Path(__file__).parent and place.parent.name in TIERS and place.name in all_units():
        unit: pytest.File = UnitFile.from_parent(parent, path=file_path)
        return unit
    return None


def _place_of(file: Path) -> Path:
    """A unit's file without its suffix, or its package."""
    return file.parent if file.name == "__init__.py" else file.with_suffix("")


class UnitFile(pytest.File):
    def collect(self) -> Iterable[pytest.Item]:
        unit = all_units()[_place_of(self.path).name]
        for check in unit.checks.values():
            yield CheckItem.from_parent(self, name=check.id, unit=unit, check=check)


class NotPassed(Exception):
    def __init__(self, unit: UnitResult, check: CheckResult) -> None:
        super().__init__(check.id)
        self.unit = unit
        self.check = check


class CheckItem(pytest.Item):
    def __init__(self, *, unit: Unit, check: Check, **rest: Any) -> None:
        super().__init__(**rest)
        self.unit = unit
        self.check = check

    def runtest(self) -> None:
        results = self.config.stash[_RESULTS]
        if self.unit.name not in results:
            results[self.unit.name] = self._grade_selected()
        unit = results[self.unit.name]
        check = next(check for check in unit.checks if check.id == self.check.id)
        if check.verdict in (Verdict.SKIPPED, Verdict.UNAVAILABLE, Verdict.INCONCLUSIVE):
            assert check.reason is not None
            pytest.skip(getattr(check.reason, self.config.getoption("--lang")))
        if check.verdict is not Verdict.PASS:
            raise NotPassed(unit, check)

    def _grade_selected(self) -> UnitResult:
        mine = {item.check.id for item in self.session.items if isinstance(item, CheckItem) and item.unit is self.unit}
        options = Options(
            isolation=self.config.getoption("--isolation"),
            budget=self.config.getoption("--budget") or 1.0,
            only=frozenset(mine),
        )
        return grade(self.config.getoption("--submission"), [self.unit.name], options).units[0]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if not isinstance(excinfo.value, NotPassed):
            return super().repr_failure(excinfo, style)
        check = excinfo.value.check
        console = new_console(width=96, no_color=True)
        with console.capture() as captured:
            page = Page(self.config.getoption("--lang"), console)
            if check.verdict is Verdict.BROKEN:
                print_broken(page, check.to_json())
            else:
                print_story(page, check.to_json(), self.unit.name)
        return captured.get()

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.unit.name}: {self.check.title.zh}"
