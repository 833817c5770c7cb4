"""Texts for datagrams. Plain ones for what is not about characters, so that each mistake shows in one check only."""

from __future__ import annotations

from hypothesis import strategies as st

#: Nothing that a careless program would change.
PLAIN = ("a", "hello", "你好", "中", "网络编程", "UDP", "第二条消息", "z", "数据报", "python3")

#: Around the lesson's buffer of 1024 bytes, and what the prefix (23 bytes) leaves of it.
SIZES = (1, 2, 3, 64, 500, 512, 513, 1000, 1001, 1002, 1020, 1021, 1022, 1023, 1024)

#: Beyond 1024 bytes: around an Ethernet frame's payload (1472), powers of two, what the answer leaves of them, and the
#: longest text whose answer fits a datagram, 65,507 - 23 = 65,484.
LONG_SIZES = (
    1025, 1026, 1027, 1449, 1450, 1472, 1473, 2025, 2048, 2049, 4096, 4097, 8192, 8193, 9000, 16_384, 16_385,
    32_768, 32_769, 49_152, 60_000, 65_001, 65_400, 65_477, 65_482, 65_483, 65_484,
)  # fmt: skip

#: No UTF-8 by RFC 3629, as bytes and how often to repeat them: a lone byte, characters that are cut, continuations
#: without a beginning, an overlong form, a surrogate, beyond U+10FFFF, text in other encodings; last, what grows beyond
#: a datagram when each byte is replaced by U+FFFD, and what fills a datagram.
NOT_UTF8 = (
    (b"\xff", 1), (b"\x80", 1), ("你".encode()[:2], 1), ("你好".encode()[:-1], 1), ("好".encode()[1:], 1),
    (b"abc\xe4", 1), ("😀".encode()[:3], 1), (b"\xc0\xaf", 1), (b"\xed\xa0\x80", 1), (b"\xf4\x90\x80\x80", 1),
    ("你好".encode("gb18030"), 1), ("你好".encode("utf-16"), 1), (bytes(range(256)), 1),
    (b"\x80", 21_829), (b"\xff", 65_484), (b"\xfe", 65_507),
)  # fmt: skip

#: What a client may send at most: up to the 65,507 bytes that fill a datagram.
CLIENT_SIZES = (1025, 1473, 2049, 4097, 8193, 16_385, 32_769, 65_001, 65_506, 65_507)

#: A character and how often it is repeated: just too large for a datagram in bytes, the last ones in bytes only.
TOO_LARGE = (("a", 65_508), ("a", 65_509), ("a", 70_000), ("好", 21_836), ("é", 32_754))

#: Texts of this many bytes, received with this buffer_size.
BUFFERS = (
    (10, 10), (1, 1), (3, 3), (512, 512), (1023, 1024), (1024, 1024), (1025, 1025), (1025, 2048), (2000, 4096),
    (4096, 4096), (8193, 16_384), (65_507, 65_507), (60_000, 65_535),
)  # fmt: skip

#: Answers that a careless program would change; the last one fills most of the default buffer of 1024 bytes.
ANSWERS = (
    "a", "已收到您的消息: 你好", " a ", "a\n", "\n", "\ufeffa", "a\0b", "\0a\0", "😀", "e\u0301", "quit", "0", "None",
    "第一行\r\n第二行\r\n", "{}", "%s",
    "0123456789" * 90,
)  # fmt: skip


def plain(size: int) -> str:
    """A text of exactly ``size`` bytes, different at every place: ``0好1好2好``…; where 好 does not fit, x fills up."""
    parts: list[str] = []
    length = number = 0
    while length < size:
        part = f"{number:x}好"
        parts.append(part)
        length += len(part) + 2
        number += 1
    text = "".join(parts).encode()[:size].decode("utf-8", "ignore")
    return text + "x" * (size - len(text.encode()))


def plain_texts(sizes: tuple[int, ...] = ()) -> st.SearchStrategy[str]:
    """Plain texts, and such of exactly the given sizes in bytes."""
    words = st.sampled_from(PLAIN)
    return st.one_of(words, st.sampled_from(sizes).map(plain)) if sizes else words


def conversations(max_size: int = 4) -> st.SearchStrategy[list[str]]:
    """A few plain texts, one after the other, all different."""
    return st.lists(plain_texts(), min_size=1, max_size=max_size, unique=True)
