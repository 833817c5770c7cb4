"""Histories of a chat: what several clients do one after the other, and all at once. Plain data, which shrinks.

Every step means something whatever came before it (a client that has not joined connects and says the same as its
first line), but for what the witness must not do, which is to leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from graders.core.models.chat_events import join, leave, message
from graders.core.models.chat_history import WITNESS, Begins, GoesAway, Step, Tells
from graders.core.models.chat_rush import Part, Rush
from graders.core.traffic.chat import BAD_LINES, SHORT_TEXTS

#: The clients of a history by the story's names.
CLIENTS = ("A", "B", "C", "D")

#: Names that are asked for, few enough to be taken often. The witness is Ann.
NAMES: tuple[Any, ...] = ("Bob", "小明", "Bob", " Bob\t", "bob", "Ann", "x" * 33, "a\nb", None)

#: How a client leaves without a word.
SILENTLY = ("close", "reset", "half-close")

#: Steps of a history, and of one in pieces.
LONGEST, LONGEST_IN_PIECES = 16, 10


def _asked(bad_lines: Sequence[bytes], *, may_leave: bool) -> st.SearchStrategy[Any]:
    """A line of a client: a message or a join most of the time."""
    said = st.sampled_from(SHORT_TEXTS).map(message)
    joins = st.sampled_from(NAMES).map(join)
    others = [said, joins, joins, st.sampled_from(bad_lines), *([st.just(leave())] if may_leave else [])]
    return st.integers(0, len(others) - 1).flatmap(lambda number: others[number])


@st.composite
def _steps(draw: st.DrawFn, bad_lines: Sequence[bytes]) -> Step:
    who = draw(st.sampled_from(CLIENTS))
    if draw(st.integers(0, 4)) == 4:
        return GoesAway(who, draw(st.sampled_from(SILENTLY)))
    line = draw(_asked(bad_lines, may_leave=who != WITNESS))
    return Tells(who, (line,), escaped=draw(st.booleans()), end=draw(st.sampled_from((b"\n", b"\r\n"))))


@st.composite
def _pieces(draw: st.DrawFn) -> Step:
    """Nothing but messages, joins and leaves, in pieces: who has left joins again before it says anything."""
    who = draw(st.sampled_from(CLIENTS))
    kind = draw(st.integers(0, 9))
    if kind == 9:
        return GoesAway(who, draw(st.sampled_from(SILENTLY)))
    said = st.sampled_from(SHORT_TEXTS).map(message)
    if kind == 8:
        return Begins(who, draw(said), draw(st.integers(1, 200)))
    asked = draw(st.lists(said, min_size=1, max_size=4))
    if kind == 7 and who != WITNESS:
        asked.append(leave())
    begins = (draw(said), draw(st.integers(1, 200))) if kind in (5, 6) else None
    cuts = tuple(draw(st.lists(st.integers(1, 200), max_size=3)))
    end = draw(st.sampled_from((b"\n", b"\r\n")))
    return Tells(who, tuple(asked), cuts, begins, draw(st.booleans()), end)


@st.composite
def histories(draw: st.DrawFn, *, pieces: bool = False, bad_lines: Sequence[bytes] = BAD_LINES) -> list[Step]:
    """Long ones, which shrink to the steps that matter. ``pieces``: lines are glued, cut, and left half said."""
    step = _pieces() if pieces else _steps(bad_lines)
    longest = LONGEST_IN_PIECES if pieces else LONGEST
    return [draw(step) for _ in range(longest) if draw(st.integers(0, 63))]


@st.composite
def rushes(draw: st.DrawFn) -> Rush:
    """Two clients who talk, and perhaps others who talk, come and leave.

    Long ones, and before many who only listen: threads of a Python program take turns some hundred times a second,
    unless they wait for something.
    """
    most = draw(st.sampled_from((50, 300, 200, 300)))
    parts = [Part(who, most) for who in ("A", "B")]
    parts += [Part(who) for who in "CHIJKLMNOPQR"[: draw(st.sampled_from((0, 12, 1, 12)))]]
    if draw(st.booleans()):
        parts.append(Part("D", most, leaves="leave"))
    goers = "ESTUVWXYZ"[: draw(st.sampled_from((0, 1, 9)))]
    parts += [Part(who, leaves=draw(st.sampled_from(("reset", "close")))) for who in goers]
    comers = ("F", "G")[: draw(st.integers(0, 2))]
    parts += [Part(who, draw(st.sampled_from((1, 0, 10))), joins=True) for who in comers]
    return Rush(tuple(parts))
