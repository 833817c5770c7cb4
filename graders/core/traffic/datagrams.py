"""Texts for datagrams. Plain ones for what is not about characters, so that each mistake shows in one check only."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.traffic.texts import CHARACTERS, PHRASES, short_texts

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

#: No UTF-8 by RFC 3629: a lone byte, characters that are cut, continuations without a beginning, overlong forms,
#: surrogates, beyond U+10FFFF, text in other encodings; last, what grows beyond a datagram when U+FFFD replaces it.
NOT_UTF8 = (
    b"\xff", b"\x80", "你".encode()[:2], "你好".encode()[:-1], "好".encode()[1:], "😀".encode()[:3], b"abc\xe4",
    b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "你好".encode("gb18030"), "你好".encode("utf-16"),
    bytes(range(256)), b"\x80" * 21_829, b"\xff" * 65_484, b"\xfe" * 65_507,
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


def plain_texts() -> st.SearchStrategy[str]:
    return st.sampled_from(PLAIN)


def conversations(max_size: int = 4) -> st.SearchStrategy[list[str]]:
    """A few plain texts, one after the other."""
    return st.lists(plain_texts(), min_size=1, max_size=max_size)


def sized(sizes: tuple[int, ...]) -> st.SearchStrategy[str]:
    """Plain texts of exactly these sizes in bytes."""
    return st.sampled_from(sizes).map(plain)


def any_texts() -> st.SearchStrategy[str]:
    """Every character and phrase that a careless program would change; short, never empty."""
    return st.one_of(
        st.sampled_from(CHARACTERS),
        st.sampled_from(PHRASES),
        st.builds("a{}b".format, st.sampled_from(CHARACTERS)),
        short_texts(),
    )
