"""Looks for a conversation that goes wrong, and for the smallest one. Generation and shrinking are Hypothesis' work.

Who decides what:
- a contradiction in content counts when a fresh process repeats it, alone or after the conversations before it;
  when it does not repeat it counts all the same (it was seen), and is marked as depending on chance;
- a silence counts only when a fresh process, alone, with more patience and not starved of a processor, is silent;
- the smallest conversation may have gone wrong by luck: it is held again, and marked when it then goes well;
- shrinking has a budget of attempts, not of seconds, so that the same submission gets the same story; an attempt that
  waits in vain costs more, and waits only a fraction of patience. What it finds is held once more with all patience.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as hypothesis_given
from hypothesis import seed as hypothesis_seed
from hypothesis.errors import HypothesisWarning

from graders.core.rubric import Check
from graders.core.session.case import Case, Outcome
from graders.core.traffic.frozen import BACKEND, seed_of_search

# Hypothesis writes down what it has found, which nobody reads here: a story says it.
warnings.filterwarnings("ignore", "Generating overly large repr", HypothesisWarning)

#: However small the budget and however slow the program, a generated check holds this many conversations.
FEWEST_CASES = 3

#: What shrinking may spend: an attempt that talks costs 1, one that waits in vain or takes long WAIT_COST.
SHRINK_BUDGET = 120
WAIT_COST = 15

#: The part of patience that an attempt of shrinking waits, once silence is what is being shrunk.
SHRINK_PATIENCE = 0.25

#: The second opinion on a silence waits this many times as long.
SECOND_PATIENCE = 2.0

#: How many times a starved program is tried again before the check is called inconclusive.
STARVED_RETRIES = 2

#: How many times more the smallest contradiction is held before its replay promises to show it every time.
CONFIRMATIONS = 2

Hold = Callable[[list[dict[str, Any]], bool, float, bool], Case]
"""hold(conversations, fresh, patience factor, decides): provided by the session, so that searching does no I/O.

``decides``: a silence would count, so that it must be known whether the program was starved of a processor."""


class _Found(Exception):
    """Tells Hypothesis that this example fails."""


class _Stop(BaseException):
    """Leaves Hypothesis at once: the verdict is known, and nothing is to be shrunk."""


class _Spent(BaseException):
    """Leaves Hypothesis at once: nothing is left to shrink with."""


@dataclass
class Search:
    """The search of one check. ``run()`` returns the case that decides it, and counts the conversations held."""

    check: Check
    hold: Hold
    cases: int
    seed: int
    late: Callable[[], bool] = lambda: False  # whether the time for going on with what goes well is over
    conversations: int = 0
    _first: Case | None = None  # the failure as it was found
    _best: Case | None = None  # the smallest that failed so far
    _verdict: Case | None = None  # ends the search: broken, unavailable, inconclusive, not shrinkable
    _budget: int = SHRINK_BUDGET
    _known: dict[str, Case | None] = field(default_factory=dict)
    _since_start: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> Case:
        try:
            if not self.check.strategies:
                return self._try({}) or Case(Outcome.RIGHT, {})
            self._hypothesis()
            return Case(Outcome.RIGHT, {}) if self._best is None else self._confirmed()
        except _Stop:
            assert self._verdict is not None
            return self._verdict

    def _hypothesis(self) -> None:
        """Has Hypothesis propose values until the failure cannot be made smaller, or nothing is left to try it with."""

        def example(**values: Any) -> None:
            if self._try(values) is not None:
                raise _Found

        test = hypothesis_given(**self.check.strategies)(example)
        test = settings(
            backend=BACKEND,
            max_examples=self.cases,
            phases=(Phase.generate, Phase.shrink),
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        )(test)
        token = seed_of_search.set(self.seed)
        try:
            hypothesis_seed(self.seed)(test)()
        except (_Found, _Spent):
            pass
        finally:
            seed_of_search.reset(token)

    # -- one example ---------------------------------------------------------------------------------------------------

    def _try(self, values: dict[str, Any]) -> Case | None:
        """None when the conversation went well, else the failure; the same values get the same answer."""
        key = repr(values)
        if key in self._known:
            return self._known[key]
        if self._first is None:
            if self.conversations >= FEWEST_CASES and self.late():
                return None  # slow is not wrong: fewer conversations, and the result says how many
            failure = self._look(values)
        elif self._budget > 0:
            failure = self._shrink(values)
        else:
            raise _Spent  # of a long history Hypothesis would go on trying parts for minutes
        self._known[key] = failure
        if failure is not None:
            self._first = self._first or failure
            self._best = failure
        return failure

    def _held(self, history: list[dict[str, Any]], fresh: bool, factor: float = 1.0, *, decides: bool = False) -> Case:
        self.conversations += len(history)
        case = self.hold(history, fresh, factor, decides)
        if case.outcome in (Outcome.BROKEN, Outcome.UNAVAILABLE):
            self._stop(case)
        return case

    def _stop(self, case: Case) -> NoReturn:
        self._verdict = case
        raise _Stop

    def _look(self, values: dict[str, Any]) -> Case | None:
        if self.check.alone:
            self._since_start = []
        case = self._held([values], fresh=not self._since_start)
        self._since_start.append(values)
        if not case.failed:
            return None
        history, self._since_start = self._since_start, []
        return self._second_opinion(case, values, history)

    def _second_opinion(self, case: Case, values: dict[str, Any], history: list[dict[str, Any]]) -> Case | None:
        """What a fresh process does: the failure that counts, or None when the first was the machine's hiccup."""
        # A start is waited for as long as the process does anything: twice that would tell nothing new.
        factor = SECOND_PATIENCE if case.outcome is Outcome.SILENT and case.began else 1.0
        again = self._held([values], fresh=True, factor=factor, decides=True)
        for _ in range(STARVED_RETRIES):
            if not (again.outcome is Outcome.SILENT and again.starved):
                break
            factor *= 2 if again.began else 1
            again = self._held([values], fresh=True, factor=factor, decides=True)
        if again.outcome is Outcome.SILENT and again.starved:
            self._stop(again)
        if again.failed and not again.began:
            self._stop(again)  # nothing to shrink: no value was used
        if again.failed:
            return again
        # Alone it goes well. Does it go wrong after what came before it?
        for length in (2, 5, len(history)):
            if length > len(history) or len(history) == 1:
                continue
            again = self._held(history[-length:], fresh=True, factor=factor, decides=True)
            if again.failed and not again.starved:
                self._stop(again)
        if case.outcome is Outcome.WRONG:
            case.depends_on_chance = True
            self._stop(case)
        return None  # a silence that nobody hears again is the machine's hiccup, not the program's

    def _shrink(self, values: dict[str, Any]) -> Case | None:
        assert self._first is not None
        silent = self._first.outcome is Outcome.SILENT
        case = self._held([values], fresh=True, factor=SHRINK_PATIENCE if silent else 1.0)
        self._budget -= WAIT_COST if case.outcome is Outcome.SILENT or case.slow else 1
        # A smaller conversation that goes wrong in another way is another story: a silence found on the way to
        # shrinking a contradiction would have to be confirmed with all patience, again and again.
        return case if _kind_of(case) == _kind_of(self._first) else None

    def _confirmed(self) -> Case:
        """The smallest failure; a silence only if it is one with all patience, else the first that was found."""
        assert self._best is not None and self._first is not None
        if self._best.outcome is not Outcome.SILENT:
            self._best.depends_on_chance = not all(
                self._held([self._best.values], fresh=True).failed for _ in range(CONFIRMATIONS)
            )
            return self._best
        if self._best is self._first:
            return self._best
        case = self._held([self._best.values], fresh=True, decides=True)
        return case if case.outcome is Outcome.SILENT and not case.starved else self._first


def _kind_of(case: Case) -> tuple[Outcome, str | None]:
    return case.outcome, case.mismatch.diagnosis if case.mismatch else None
