"""What a chat server tells a client, and in what spelling: strategies, no I/O."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from graders.core.models.chat_events import joined, left, line, refused, said
from graders.core.traffic.chat import GOOD_NAMES, TEXTS

#: Names as a client has them. Outer white space, which the server strips, is not tried.
NAMES = tuple(name for name in GOOD_NAMES if name == name.strip())

#: Who else is in the room; some of them are called almost as the client, ``ME``.
ME = "小明"
OTHERS = ("小红", "Ann", "小明2", "小", "明小", "join", '"', "😀")

#: How events are written: all ASCII or not, with spaces or without, with keys that do not count, in another order.
SPELLINGS = ("plain", "escaped", "compact", "extra", "reversed")

#: Lines that are no JSON object however they are decoded, without their ends.
NOT_OBJECTS = (
    b"hello",
    b"",
    b"{",
    b"[]",
    b"null",
    b"42",
    b'"{}"',
    b"true",
    b"{'type': 'join'}",
    b'{"type": "message", "name": "Ann", "text": "x"',
    b'[{"type": "message", "name": "Ann", "text": "x"}]',
    b'{"type": "message"}}',
    b"\xff\xfe\xfd",
    b"   ",
)


@dataclass(frozen=True)
class Told:
    """An event and the line that tells it."""

    event: dict[str, Any]
    spelling: str = "plain"

    @property
    def line(self) -> bytes:
        event = self.event
        if self.spelling == "extra":
            event = {
                "id": 7,
                **event,
                "time": "2026-01-01T00:00:00",
                "to": None,
                "more": {"type": "leave", "list": [1]},
            }
        if self.spelling == "reversed":
            event = dict(reversed(event.items()))
        return line(event, escaped=self.spelling == "escaped", compact=self.spelling == "compact")


def events(texts: tuple[str, ...] = TEXTS) -> st.SearchStrategy[dict[str, Any]]:
    """Everything that a server says to one who has joined; shrinks to a message."""
    messages = st.builds(said, st.sampled_from(("小红", ME, *OTHERS[1:])), st.sampled_from(texts))
    others = st.sampled_from(OTHERS)
    return st.one_of(messages, messages, st.builds(joined, others), st.builds(left, others), st.just(refused("太吵了")))


def told(texts: tuple[str, ...] = TEXTS) -> st.SearchStrategy[Told]:
    return st.builds(Told, events(texts), st.sampled_from(SPELLINGS))


#: Texts that break nothing but decoders.
EASY_TEXTS = ("你好", "hello", "é", "网络编程 😀", "a\\b", "好" * 40)


def easily_told() -> st.SearchStrategy[Told]:
    """What others do, for checks that are about something else than what an event may be."""
    names, texts = st.sampled_from(("小红", "Ann", "😀")), st.sampled_from(EASY_TEXTS)
    some = st.one_of(st.builds(said, names, texts), st.builds(joined, names), st.builds(left, names))
    return st.builds(Told, some, st.sampled_from(("plain", "escaped", "compact")))


def some_told(least: int, most: int) -> st.SearchStrategy[list[Told]]:
    """Several that differ from one another."""
    return st.lists(easily_told(), min_size=least, max_size=most, unique_by=lambda each: repr(each.event))


#: What may come before the client's own join: others come, go and talk, and a namesake leaves.
EARLIER = (
    (),
    (joined("小红"),),
    (joined("小明2"), said("小明2", "我是小明")),
    (said(ME, "从前也有一个小明"), left(ME)),
    (left("Ann"), joined("小"), said("小红", json.dumps(joined(ME)))),
)


@dataclass(frozen=True)
class Stream:
    """Lines one behind the other, and the offsets at which they are cut into segments."""

    told: tuple[Told, ...]
    cuts: tuple[int, ...]

    @property
    def data(self) -> bytes:
        return b"".join(each.line for each in self.told)

    @property
    def segments(self) -> list[bytes]:
        edges = [0, *self.cuts, len(self.data)]
        return [self.data[start:end] for start, end in pairwise(edges)]


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    """One to four events, glued; cut inside characters, in escapes, around line ends, anywhere, or not at all."""
    each = tuple(draw(some_told(1, 4)))
    data = b"".join(one.line for one in each)
    places = [
        [at for at in range(1, len(data)) if data[at] & 0xC0 == 0x80],  # inside a character
        [at for at in range(1, len(data)) if data[at - 1 : at] == b"\\" or data[at - 3 : at - 1] == b"\\u"],
        [at for at in range(1, len(data)) if b"\n" in data[at - 1 : at + 1]],  # before and behind a line's end
        list(range(1, len(data))),
    ]
    cuts: set[int] = set()
    for kind in draw(st.lists(st.integers(0, 3), max_size=3)):
        if places[kind]:
            cuts.add(places[kind][draw(st.integers(0, 10_000)) % len(places[kind])])
    return Stream(each, tuple(sorted(cuts)))
