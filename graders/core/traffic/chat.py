"""Names and texts for the chat (lesson 21.6), at every edge: small pools, which are dealt one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from graders.core.models.chat_events import REFUSED, TAKEN, leave, line, message
from graders.core.traffic.texts import BAD_UTF8

#: Names as they are asked for; all of them join, together, each under itself without its outer white space: names are
#: compared exactly, however alike they look. What only some languages call white space (U+001C, U+0085, U+FEFF, U+200B)
#: is not at an end of any.
GOOD_NAMES = (
    "Ann",
    "a",
    "小明",
    "x" * 32,
    "名" * 32,
    "😀" * 32,  # 32 characters, 64 UTF-16 units, 128 bytes
    "e\u0301" * 16,  # 32 characters, though a reader counts 16
    "é",
    "e\u0301",
    "ann",
    "ANN",
    "Ａnn",
    "ﬁ",
    "fi",
    "ß",
    "ss",
    "Ann Lee",
    "Ann  Lee",
    "a  b\u3000c\u00a0d",  # white space inside stays as it is
    "a\u2028b",  # a line separator is no control character
    "👩\u200d🚀",
    "  Bob",
    "Bob2 ",
    "\t\n Bob3 \r\n",
    "\u3000小红\u00a0",
    " " * 40 + "y" * 32 + " " * 40,  # 32 once it is stripped
    '"quoted" \\ {name} %s <b>',
    "join",
    "error",
    "null",
    "0",
    "匿名",
)

#: Names that nobody may join under; ``None`` and what follows it are no strings.
BAD_NAMES: tuple[Any, ...] = (
    "",
    " ",
    " \t\n\u3000 ",
    "x" * 33,
    "名" * 33,
    "e\u0301" * 17,
    "😀" * 33,
    "x" * 10_000,
    "a\nb",
    "a\tb",
    "a\0b",
    "\0",
    "a\x7f",
    "a\x1bb",
    "a\x85b",  # a control character beyond ASCII
    "a\x9fb",
    None,
    5,
    0,
    True,
    1.5,
    [],
    ["Ann"],
    {},
    {"name": "Ann"},
)

#: (first, second): the second is taken once the first has joined. No two pairs are of the same name.
SAME_NAMES = (
    ("Ann", "Ann"),
    ("Bob", " Bob"),
    ("Cid", "Cid\u3000"),
    ("Dan", "\tDan\n"),
    ("小明", "\u3000小明 "),
    ("x" * 32, " " + "x" * 32 + "  "),
)

#: Texts of messages, whole ones that naive code has a way to break. Everything is text, the empty one and line ends
#: included. None makes a line of more than 1000 bytes, written in ASCII or not.
TEXTS = (
    "你好",
    "",
    "\n",
    "两行\n文字\r\n",
    "a\u2028b\u2029c\x85d\x0be\x0cf",  # what splitlines() takes for line ends
    "a\0b",
    '"引号" 和 \\ 和 / \\n \\u4f60',
    '{"type": "leave"}',
    '{"type": "message", "text": "x"}\n{"type": "leave"}\n',
    "😀👩\u200d🚀𠮷\U0010ffff",
    "e\u0301 é \u00a0\u3000 \ufeff\ufffd\uffff",
    " 前后有空格 ",
    "%s %d {0} {name} <b>&amp;</b>",
    "\x7f\x1b[31m\x01",
    "quit",
    "null",
    "x" * 900,
    "好" * 150,
)

#: Lengths in bytes of whole lines, their ends included, around what programs take for a buffer, up to what is tried.
LINES = (1023, 1024, 1025, 2048, 4095, 4096, 4097, 8192, 16_384, 32_768, 60_000, TAKEN)

#: (bytes, a character): the beginnings of lines that are too long whether or not their end ever comes. A limit of
#: 65,536 is one of bytes: lines of 名 reach it with a third as many characters.
ENDLESS = ((REFUSED, "x"), (REFUSED, "名"), (70_000, "x"), (180_000, "名"), (2**20, "x"))

#: What a client is owed while it pauses: under 1 MB whatever the server escapes, and nearly as much even if it escapes
#: no more than it must, as each of these characters takes six bytes in any JSON. Behind it come many short ones.
WHILE_IT_PAUSES = ("\x01" * 10_000,) * 14 + tuple(f"{number:04}" for number in range(150))

_LONG = ("x" * 60_000,)
_SHORT = tuple(tuple(f"{first + number:04}" for number in range(200)) for first in range(0, 2200, 200))

#: What is said to a client that does not read, in rounds of far less than 1 MB: more than the buffers on the way to it
#: hold, then more lines than a queue that is bounded by their number may have room for, then bytes in bulk.
WHILE_IT_NEVER_READS = (*[_LONG] * 5, *_SHORT, *[_LONG] * 75)

#: What is said before one leaves that has not read: more than the buffers on the way to it hold.
WHILE_IT_LEAVES = [_LONG] * 30

#: Shorter ones, for histories of many steps.
SHORT_TEXTS = (
    "你好", "", "a", "\n", "a\u2028b", '"\\', "😀", '{"type": "leave"}', "e\u0301", "\0", "  ", "好" * 60,
)  # fmt: skip


#: Lines that are no JSON.
NOT_JSON = (
    b"hello",
    b'{"type": "message", "text": "x"',
    b"{'type': 'message', 'text': 'x'}",
    b'{"type": "message", "text": "x"} x',
    b'{"type": "message", "text": x}',
    b"[1, 2",
    b"nul",
    b'"',
    b"/join Bob",
    b'{"type": "message", "text": "a\tb"}',  # a control character in a string must be escaped (RFC 8259, section 7)
    b'{"type": "message", "text": "\x00"}',
)

#: Lines that are JSON and no object.
NOT_OBJECTS = (
    b"[]", b'"message"', b"5", b"0", b"null", b"true", b'[{"type": "message", "text": "x"}]', b'["message", "x"]',
)  # fmt: skip

#: Objects whose type is none that a client may send.
UNKNOWN_TYPES = tuple(
    line(value, end=b"")
    for value in (
        {"type": "shout", "text": "x"},
        {"type": "Message", "text": "x"},
        {"type": " message", "text": "x"},
        {"type": "", "text": "x"},
        {"type": None, "text": "x"},
        {"type": 5, "text": "x"},
        {"type": True, "text": "x"},
        {"type": ["message"], "text": "x"},  # cannot be looked up in a dict
        {"type": {"message": "x"}, "text": "x"},
        {"text": "x"},
        {},
        {"type": "error", "reason": "x"},
        {"Type": "message", "text": "x"},
    )
)

_NO_STRINGS: tuple[Any, ...] = (None, 5, 0, True, False, 1.5, [], ["x"], {}, {"text": "x"})

#: Messages without a text, or with one that is no string.
BAD_TEXTS = tuple(
    line({"type": "message", **more}, end=b"")
    for more in (
        *({"text": text} for text in _NO_STRINGS),
        {"Text": "x"},
        {"message": "x"},
        {},
    )
)

#: Lines that are not UTF-8, bare and inside a message.
NOT_UTF8 = tuple(each for bad in BAD_UTF8 for each in (bad, b'{"type": "message", "text": "' + bad + b'"}'))

BAD_LINES = (*NOT_JSON, *NOT_OBJECTS, *UNKNOWN_TYPES, *BAD_TEXTS, *NOT_UTF8)


#: First lines that are no join.
FIRST_LINES = (
    line(message("x"), end=b""),
    line(leave(), end=b""),
    b'{"type": "JOIN", "name": "Bob"}',
    b'{"type": "login", "name": "Bob"}',
    b'{"name": "Bob"}',
    b'{"type": null, "name": "Bob"}',
    b'{"type": ["join"], "name": "Bob"}',
    b'["join", "Bob"]',
    b'"Bob"',
    b"Bob",
    b"null",
    b"GET / HTTP/1.1",
    b'{"type": "join", "name": "Bob"',
    b'{"type": "join", "name": "\xff"}',
    b"\xff\xfe",
)


def long_texts() -> st.SearchStrategy[LongText]:
    return st.builds(LongText, st.sampled_from(LINES), st.sampled_from("a好\n😀"), st.booleans())


@dataclass(frozen=True)
class LongText:
    """A text of one character, filled up so that it makes a line of exactly ``size`` bytes, its end included."""

    size: int
    fill: str
    escaped: bool  # whether it is sent in ASCII

    def text(self) -> str:
        room = self.size - len(line(message("")))
        each = len(line(message(self.fill), escaped=self.escaped)) - len(line(message("")))
        return self.fill * (room // each) + "b" * (room % each)
