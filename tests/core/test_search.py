"""The search for the smallest failing conversation, against programs that are functions: no process, no socket."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from graders.core.models.finding import Mismatch, Side
from graders.core.results import Tier
from graders.core.rubric import Actor, Check
from graders.core.session.case import Case, Outcome
from graders.core.session.search import Search
from graders.core.text import Text
from graders.core.wire.story import Story

WRONG = Mismatch(Side(), Side(), diagnosis="wire.mismatch")


def check(actor: Actor = Actor.PROGRAM, **strategies: st.SearchStrategy[Any]) -> Check:
    return Check("c", Text("一。", "One."), print, 1, Tier.CORE, (), strategies, 25, None, {}, False, actor)


class Program:
    """Plays a submission: ``answer(values, earlier, attempt)`` says what comes of a conversation."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.earlier: list[dict[str, Any]] = []
        self.held: list[tuple[list[dict[str, Any]], bool, float]] = []
        self.decided: list[bool] = []

    def hold(self, history: list[dict[str, Any]], fresh: bool, factor: float, decides: bool) -> Case:
        self.held.append((history, fresh, factor))
        self.decided.append(decides)
        if fresh:
            self.earlier = []
        for values in history:
            outcome = self.answer(values, self.earlier, factor)
            self.earlier = [*self.earlier, values]
            if outcome is not Outcome.RIGHT:
                mismatch = WRONG if outcome in (Outcome.WRONG, Outcome.SILENT) else None
                return Case(outcome, values, Story(), mismatch, began=True)
        return Case(Outcome.RIGHT, history[-1])


def search(program: Program, cases: int = 25, **strategies: st.SearchStrategy[Any]) -> Case:
    return Search(check(**strategies), program.hold, cases, seed=1).run()


def test_a_right_program_holds_every_case_in_one_process() -> None:
    program = Program(lambda values, earlier, factor: Outcome.RIGHT)
    assert search(program, n=st.integers(0, 10**6)).outcome is Outcome.RIGHT
    assert len(program.held) >= 20
    assert [fresh for _, fresh, _ in program.held].count(True) == 1


@pytest.mark.parametrize("actor", [Actor.STOPPED, Actor.BARE, Actor.WINDOW])
def test_who_starts_the_program_itself_never_meets_the_one_of_an_earlier_case(actor: Actor) -> None:
    hiccups = iter([Outcome.RIGHT, Outcome.RIGHT, Outcome.RIGHT, Outcome.SILENT])
    program = Program(
        lambda values, earlier, factor: Outcome.WRONG if earlier else next(hiccups, Outcome.RIGHT)  # its port is taken
    )
    found = Search(check(actor, n=st.integers(0, 10**6)), program.hold, 25, seed=1).run()
    assert found.outcome is Outcome.RIGHT


def test_a_contradiction_is_shrunk_to_the_smallest_conversation() -> None:
    program = Program(lambda values, earlier, factor: Outcome.WRONG if values["n"] >= 17 else Outcome.RIGHT)
    case = search(program, n=st.integers(0, 10**6))
    assert (case.outcome, case.values) == (Outcome.WRONG, {"n": 17})


def test_one_silence_that_does_not_repeat_is_the_machines_hiccup() -> None:
    hiccups = iter([Outcome.RIGHT, Outcome.SILENT])
    program = Program(lambda values, earlier, factor: next(hiccups, Outcome.RIGHT))
    assert search(program, n=st.integers(0, 10**6)).outcome is Outcome.RIGHT


def test_the_second_opinion_on_a_silence_has_more_patience() -> None:
    program = Program(lambda values, earlier, factor: Outcome.SILENT if factor <= 1 else Outcome.RIGHT)
    assert search(program, cases=3, n=st.integers(0, 9)).outcome is Outcome.RIGHT
    assert max(factor for _, _, factor in program.held) > 1


def test_a_silence_that_stays_is_the_programs() -> None:
    program = Program(lambda values, earlier, factor: Outcome.SILENT if values["n"] >= 5 else Outcome.RIGHT)
    case = search(program, n=st.integers(0, 1000))
    assert (case.outcome, case.values) == (Outcome.SILENT, {"n": 5})
    assert program.decided[-1]  # it was looked at whether the machine starved the program


def test_a_smaller_silence_that_only_impatience_sees_is_not_believed() -> None:
    def slow_when_small(values: dict[str, Any], earlier: object, factor: float) -> Outcome:
        if values["n"] >= 500:
            return Outcome.SILENT
        return Outcome.SILENT if factor < 1 else Outcome.RIGHT

    case = search(Program(slow_when_small), n=st.integers(0, 1000))
    assert case.outcome is Outcome.SILENT
    assert case.values["n"] >= 500


def test_what_goes_wrong_only_after_others_is_shown_with_them() -> None:
    program = Program(lambda values, earlier, factor: Outcome.WRONG if len(earlier) >= 3 else Outcome.RIGHT)
    case = search(program, n=st.integers(0, 10**6))
    assert case.outcome is Outcome.WRONG
    assert not case.depends_on_chance
    history, fresh, _ = program.held[-1]
    assert fresh
    assert len(history) >= 4


def test_a_contradiction_that_was_seen_once_counts() -> None:
    answers = iter([Outcome.RIGHT, Outcome.RIGHT, Outcome.WRONG])
    case = search(Program(lambda values, earlier, factor: next(answers, Outcome.RIGHT)), n=st.integers(0, 10**6))
    assert case.outcome is Outcome.WRONG
    assert case.depends_on_chance


def test_a_smallest_contradiction_that_was_luck_is_marked() -> None:
    met: list[int] = []

    def once_when_small(values: dict[str, Any], earlier: object, factor: float) -> Outcome:
        n = values["n"]
        met.append(n)
        return Outcome.WRONG if n >= 500 or (max(met) >= 500 and met.count(n) == 1) else Outcome.RIGHT

    case = search(Program(once_when_small), n=st.integers(0, 1000))
    assert case.outcome is Outcome.WRONG
    assert case.values["n"] < 500
    assert case.depends_on_chance


@pytest.mark.parametrize("outcome", [Outcome.BROKEN, Outcome.UNAVAILABLE])
def test_the_graders_own_fault_while_the_smallest_is_confirmed_ends_the_search(outcome: Outcome) -> None:
    def falls_over(values: dict[str, Any], earlier: object, factor: float) -> Outcome:
        met.append(values["n"])
        if values["n"] < 17:
            return Outcome.RIGHT
        return outcome if met.count(17) > 1 else Outcome.WRONG

    met: list[int] = []
    assert search(Program(falls_over), n=st.integers(0, 10**6)).outcome is outcome


@pytest.mark.parametrize("outcome", [Outcome.BROKEN, Outcome.UNAVAILABLE])
def test_the_graders_own_fault_ends_the_search(outcome: Outcome) -> None:
    program = Program(lambda values, earlier, factor: outcome)
    assert search(program, n=st.integers(0, 10**6)).outcome is outcome
    assert len(program.held) == 1


@pytest.mark.parametrize("outcome", [Outcome.WRONG, Outcome.SILENT, Outcome.BROKEN, Outcome.RIGHT])
def test_a_check_without_strategies_is_judged_alike(outcome: Outcome) -> None:
    assert search(Program(lambda values, earlier, factor: outcome)).outcome is outcome


def test_shrinking_is_bounded_by_attempts() -> None:
    program = Program(lambda values, earlier, factor: Outcome.SILENT if values["t"] else Outcome.RIGHT)
    search(program, t=st.lists(st.integers(0, 10**9), min_size=0, max_size=200))
    assert len(program.held) < 40


def test_the_same_seed_holds_the_same_conversations() -> None:
    first, second = (Program(lambda values, earlier, factor: Outcome.RIGHT) for _ in range(2))
    for program in (first, second):
        search(program, n=st.lists(st.integers(0, 10**9)), m=st.sampled_from("abc"))
    assert first.held == second.held
