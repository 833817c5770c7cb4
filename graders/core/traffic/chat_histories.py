"""Histories of a chat: what several clients do one after the other, and all at once. Plain data, which shrinks.

Every step means something whatever came before it (a client that has not joined connects and says the same as its
first line), but for what the witness must not do, which is to leave.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from graders.core.models.chat_events import join, leave, message
from graders.core.models.chat_history import WITNESS, Begins, GoesAway, Step, Tells
from graders.core.models.chat_rush import Part, Rush
from graders.core.traffic.chat import BAD_LINES, SHORT_TEXTS

#: The clients of a history by the story's names.
CLIENTS = ("A", "B", "C", "D")

#: Names that are asked for, few enough to be taken often. The witness is Ann.
NAMES: tuple[Any, ...] = ("Bob", "小明", " Bob\t", "bob", "Ann", "x" * 32, "x" * 33, "e\u0301", "a\nb", " ", None)

#: How a client leaves without a word.
SILENTLY = ("close", "reset", "half-close")


def _asked(*, may_leave: bool) -> st.SearchStrategy[Any]:
    """A line of a client: a message most of the time."""
    said = st.sampled_from(SHORT_TEXTS).map(message)
    joins = st.sampled_from(NAMES).map(join)
    others = [said, joins, said, st.sampled_from(BAD_LINES), joins, *([st.just(leave())] if may_leave else [])]
    return st.sampled_from(range(len(others))).flatmap(lambda number: others[number])


@st.composite
def steps(draw: st.DrawFn, *, pieces: bool) -> Step:
    """``pieces``: lines may be glued and cut, and begun and left for later."""
    who = draw(st.sampled_from(CLIENTS))
    kind = draw(st.integers(0, 9))
    if kind >= 8:
        return GoesAway(who, draw(st.sampled_from(SILENTLY)))
    line = _asked(may_leave=who != WITNESS)
    escaped, end = draw(st.booleans()), draw(st.sampled_from((b"\n", b"\r\n")))
    if not pieces:
        return Tells(who, (draw(line),), escaped=escaped, end=end)
    if kind >= 6:
        return Begins(who, draw(line), draw(st.integers(1, 200)))
    cuts = tuple(draw(st.lists(st.integers(1, 200), max_size=3)))
    return Tells(who, tuple(draw(st.lists(line, min_size=1, max_size=4))), cuts, escaped, end)


def histories(*, pieces: bool, longest: int) -> st.SearchStrategy[list[Step]]:
    return st.lists(steps(pieces=pieces), min_size=1, max_size=longest)


@st.composite
def rushes(draw: st.DrawFn) -> Rush:
    """Two clients who talk, and perhaps others who talk, come and leave."""
    most = draw(st.sampled_from((40, 80, 20)))
    parts = [Part(who, most) for who in ("A", "B")]
    if draw(st.booleans()):
        parts.append(Part("C", draw(st.sampled_from((most, 0)))))
    if draw(st.booleans()):
        parts.append(Part("D", most, leaves="leave"))
    if draw(st.booleans()):
        parts.append(Part("E", leaves=draw(st.sampled_from(("reset", "close")))))
    parts += [Part(who, draw(st.sampled_from((1, 0, 10))), joins=True) for who in ("F", "G")[: draw(st.integers(0, 2))]]
    return Rush(tuple(parts))
