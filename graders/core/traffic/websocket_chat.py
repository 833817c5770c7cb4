"""What clients of the chat over WebSocket say besides what those over TCP say (lesson 21.7, task 2). No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from graders.core.models.chat_events import join, line, message
from graders.core.models.websocket_chat import Binary, direct
from graders.core.traffic.chat import BAD_LINES, FIRST_LINES, NOT_UTF8, TEXTS


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


#: Messages of one who has joined that are not understood. What is not UTF-8 is the protocol's matter.
BAD_MESSAGES: tuple[bytes, ...] = (*(bad for bad in BAD_LINES if bad not in NOT_UTF8 and _is_text(bad)), b"", b" ")

#: First messages that are no join; a binary one is not among them, as the contract says of it nothing.
FIRST_MESSAGES: tuple[bytes, ...] = (*filter(_is_text, FIRST_LINES), line(direct("A", "x"), end=b""))

#: Binary messages, good ones if they were text.
BINARIES = tuple(
    Binary(data) for data in (b"", b"\x00\xff", line(message("x"), end=b""), line({"type": "leave"}, end=b""), b"hello")
)

#: Direct messages that get an error: to nobody, to one who is not there, without a text.
BAD_DIRECTS: tuple[Any, ...] = (
    direct("Zoe", "x"),
    direct("b", "x"),
    direct("", "x"),
    direct(None, "x"),
    direct(["B"], "x"),
    direct({"name": "B"}, "x"),
    direct("B", None),
    direct("B", 5),
    direct("B", ["x"]),
    {"type": "direct", "text": "x"},
    {"type": "direct", "to": "B"},
    {"type": "direct", "name": "B", "text": "x"},
    {"type": "Direct", "to": "B", "text": "x"},
    {"type": "push", "text": "x"},
    join("B2"),
)

#: What is pushed: any text.
PUSHED = ("公告", "", "a", "两行\n文字", "<b>&amp;</b>", '{"type": "leave"}', "😀", "x" * 20_000)

#: What is written in private.
WRITTEN = ("悄悄话", "", "a", *TEXTS[2:8])


@dataclass(frozen=True)
class Long:
    """A long text of a message, of one character."""

    characters: int
    fill: str
    escaped: bool
    fragments: tuple[int, ...]

    @property
    def text(self) -> str:
        return self.fill * self.characters


def long_texts() -> st.SearchStrategy[Long]:
    """Up to 60,000 characters, of one to four bytes, in one frame or some."""
    sizes = st.sampled_from((1000, 20_000, 21_846, 60_000, 59_999, 60_000))
    cuts = st.sampled_from(((), (), (30_000,), (65_535, 100_001)))
    return st.builds(Long, sizes, st.sampled_from("a好😀\n"), st.booleans(), cuts)


def privately() -> st.SearchStrategy[list[tuple[str, str, str]]]:
    """(who, to whom, text) among three."""
    each = st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC"), st.sampled_from(("悄悄话", "", "a", "\n")))
    return st.lists(each, min_size=1, max_size=6)
