"""Texts for the wire: short ones that shrink to a single character, and long ones that end exactly at an edge."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from graders.core.traffic.frozen import random_below

#: One of everything that breaks naive code: one to four bytes of UTF-8, NUL, a combining mark, a joined emoji's parts,
#: right-to-left, quotes, what %-formatting, str.format and shells would interpret, line ends that splitlines() knows.
CHARACTERS = (
    "a", "Z", "0", " ", "\n", "\r", "\t", "\0", "\x7f", "%", "{", "}", "\\", '"', "'", "<", "&",
    "é", "ß", "Ж", "א", "\u0301", "\u00a0", "你", "好", "世", "界", "，", "。", "：", "\u2028", "\ufeff",
    "\ufffd", "\uffff", "😀", "👩", "\u200d", "🚀", "𠮷", "\U0010ffff",
)  # fmt: skip

#: Sizes in bytes around what programs use as buffers (1024 is the lesson's), within the contract's 1024.
SIZES = (1, 2, 3, 4, 5, 16, 100, 511, 512, 513, 1000, 1020, 1021, 1022, 1023, 1024)

#: For streams, where the contract sets no limit to one text.
STREAM_SIZES = (
    *SIZES,
    1025,
    1026,
    1027,
    1028,
    2047,
    2048,
    2049,
    4095,
    4096,
    4097,
    8191,
    8192,
    8193,
    16_384,
    65_535,
    65_536,
    65_537,
)

#: What whole-text mistakes hang on: quit words, digits, white space at the ends, the servers' own prefix, escapes.
PHRASES = (
    "你好", "hello", "a", "中", "😀", " ", "\n", "a\n", "\na", " 前后有空格 ", "\tx\t", "0", "None", "False",
    "quit", "exit", "bye", "已收到您的消息: ", "已收到您的消息: 你好", "第一行\n第二行", "第一行\r\n第二行\r\n", "a\0b",
    "%s %d %(x)s", "{0} {name}", "{}", "\\n\\x41\\u4f60", '{"type": "message"}', "[]", "<b>&amp;</b>", "é vs e\u0301",
    "\ufeff带 BOM", "\ufffd", "你好，世界！" * 3, "GET / HTTP/1.1\r\n\r\n", "ÄÖÜäöüß", "Ｆｕｌｌ", "ﬁ", "𠮷野家",
    "👩\u200d🚀",
)  # fmt: skip


def filled(size: int, seed: int = 0) -> str:
    """A text of exactly ``size`` bytes of UTF-8, different at every place, the same for the same ``seed``.

    Numbered blocks: a lost, doubled or swapped block shows, and the text compresses well in a replay script.
    """
    random = Random(seed)
    marks = [CHARACTERS[17 + random_below(random, len(CHARACTERS) - 17)] for _ in range(8)]
    blocks = bytearray()
    number = 0
    while len(blocks) < size:
        following = range(number, number + min(4096, size))
        blocks += "".join([f"{each:x}{marks[each % 8]}" for each in following]).encode()
        number = following.stop
    # The last block is cut to fit; a character that does not fit is replaced by x.
    text = blocks[:size].decode("utf-8", "ignore")
    return text + "x" * (size - len(text.encode()))


def short_texts(min_size: int = 1, max_size: int = 24) -> st.SearchStrategy[str]:
    """Any characters of CHARACTERS; shrinks to ``a``."""
    return st.lists(st.sampled_from(CHARACTERS), min_size=min_size, max_size=max_size).map("".join)


#: PHRASES and fillings of all SIZES: few enough to be dealt one after the other, so that none is left out.
SAMPLES = (*PHRASES, *(filled(size, size) for size in SIZES))


def texts(sizes: tuple[int, ...] = SIZES, *, empty: bool = False) -> st.SearchStrategy[str]:
    """Phrases, mixtures, and fillings of exactly the given sizes in bytes; never empty unless ``empty``."""
    long = st.builds(filled, st.sampled_from(sizes), st.integers(0, 15))
    return st.one_of(short_texts(0 if empty else 1), st.sampled_from(PHRASES), long)


@st.composite
def texts_to_cut(draw: st.DrawFn, *, longest: int = 400) -> tuple[str, tuple[int, ...]]:
    """A text and offsets into its bytes, at least one of which lies inside a character."""
    text = draw(short_texts(0, 12)) + draw(st.sampled_from("你é世😀𠮷")) + draw(short_texts(0, 12))
    data = text.encode()
    inside = [at for at in range(1, len(data)) if data[at] & 0xC0 == 0x80]
    cuts = {draw(st.sampled_from(inside))}
    cuts |= set(draw(st.lists(st.integers(1, len(data) - 1), max_size=3)))
    if len(data) <= longest and draw(st.booleans()):
        cuts = set(range(1, len(data))) if len(data) <= 24 else cuts
    return text, tuple(sorted(cuts))


@st.composite
def texts_at_an_edge(draw: st.DrawFn) -> str:
    """A text longer than the lesson's 1024 bytes, with a character of several bytes across the edge of a buffer."""
    character = draw(st.sampled_from("你é😀"))
    size = len(character.encode())
    edge = draw(st.sampled_from((1024, 2048, 4096, 8192)))
    into = draw(st.integers(1, 3)) % size or 1  # how many of its bytes lie before the edge
    return "a" * (edge - into) + character + draw(short_texts(0, 12))


#: Bytes that are not UTF-8, wrong from the first one on and long enough for a decoder that looks at one character.
BAD_UTF8 = (
    b"\xff\xfe\xfd\xfc",  # never in UTF-8
    b"\x80\x80\x80\x80",  # continuation bytes without a beginning
    b"\xe4abc",  # a beginning without continuation
    b"\xc0\x80\xc0\x80",  # overlong NUL
    b"\xe0\x80\xaf/",  # overlong slash
    b"\xed\xa0\x80\xed\xb0\x80",  # surrogates (CESU-8)
    b"\xf5\x80\x80\x80",  # beyond U+10FFFF
    "你好，世界".encode("gb18030"),  # the code page of Chinese Windows
)
