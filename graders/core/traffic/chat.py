"""Names and texts for the chat (lesson 21.6), at every edge: small pools, which are dealt one after the other."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from graders.core.traffic.texts import filled, short_texts

#: Names as they are asked for; each joins, under itself without its outer white space. What only some languages call
#: white space (U+001C, U+0085, U+FEFF, U+200B) is not at an end of any.
GOOD_NAMES = (
    "Ann",
    "a",
    "小明",
    "x" * 32,
    "名" * 32,
    "😀" * 32,  # 32 characters, 64 UTF-16 units, 128 bytes
    "e\u0301" * 16,  # 32 characters, though a reader counts 16
    "é",
    "e\u0301",  # another name: names are compared exactly
    "ann",  # and so is another letter case
    "ANN",
    "Ann Lee",
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
    "x" * 60_000,
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

#: (first, second): the second is another name than the first, however alike they look.
DIFFERENT_NAMES = (
    ("Ann", "ann"),
    ("é", "e\u0301"),
    ("Ann Lee", "Ann  Lee"),
    ("ﬁ", "fi"),
    ("Ａnn", "Ann"),
    ("ß", "ss"),
)

#: (first, second): the second is taken once the first has joined.
SAME_NAMES = (
    ("Ann", "Ann"),
    ("Ann", " Ann"),
    ("Ann", "Ann\u3000"),
    ("  Ann", "\tAnn\n"),
    ("小明", "\u3000小明 "),
    ("x" * 32, " " + "x" * 32 + "  "),
)

#: Texts of messages, whole ones that naive code has a way to break. Everything is text, the empty one and line ends
#: included.
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
    "x" * 1024,
    "好" * 1400,  # 4200 bytes: across 4096, and three bytes do not divide it
    "a" * 4096,
    filled(20_000, 5),
)

#: Shorter ones, for histories of many steps.
SHORT_TEXTS = (
    "你好", "", "a", "\n", "a\u2028b", '"\\', "😀", '{"type": "leave"}', "e\u0301", "\0", "  ", "好" * 700,
)  # fmt: skip


def good_names() -> st.SearchStrategy[str]:
    """As they are asked for; shrinks to ``Ann``."""
    return st.sampled_from(GOOD_NAMES)


def bad_names() -> st.SearchStrategy[Any]:
    return st.sampled_from(BAD_NAMES)


def chat_texts(*, short: bool = False) -> st.SearchStrategy[str]:
    """Whole phrases and mixtures of characters; shrinks to ``你好``."""
    return st.one_of(st.sampled_from(SHORT_TEXTS if short else TEXTS), short_texts(0, 12))
