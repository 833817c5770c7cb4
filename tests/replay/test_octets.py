"""How bytes are shown: nothing cut in silence, the first difference always in view, and fast however long they are."""

from __future__ import annotations

import time

import pytest

from graders.core.replay.characters import fit, printable, width, wrap
from graders.core.replay.octets import Octets, difference, octets, show


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", "(empty)"),
        (b"abc", '"abc"'),
        ("你好".encode(), '"你好"'),
        (b"\xe4\xbd", "e4 bd"),
        (b'a"b\\c', '"a\\"b\\\\c"'),
        (b"\x1b[2J", "1b 5b 32 4a"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", '"GET / HTTP/1.1\\r\\n"\n"Host: a\\r\\n"\n"\\r\\n"'),
        ("已收到您的消息: ".encode() + b"\xe4\xbd", '"已收到您的消息: \\xe4\\xbd"'),
    ],
)
def test_shown(data: bytes, wanted: str) -> None:
    assert show(Octets(data), "en") == wanted


@pytest.mark.parametrize("size", [300, 5_000, 8 << 20])
def test_a_flood_says_how_much_is_left_out(size: int) -> None:
    began = time.monotonic()
    shown = show(Octets(b"x" * size), "en", 60)
    head, _, rest = shown.partition(" … ")
    left_out, _, tail = rest.partition(" bytes omitted … ")
    assert len(head) - 2 + int(left_out.replace(",", "")) + len(tail) - 2 == size
    assert time.monotonic() - began < 5


def test_what_was_left_out_before_is_counted_too() -> None:
    shown = show(octets({"hex": "61" * 4, "bytes": 1000, "omitted": 996, "omitted_at": 2}), "en")
    assert shown == '"aa" … 996 bytes omitted … "aa"'


@pytest.mark.parametrize("at", [0, 1, 5, 4095, 4096, 4097, 100_000, (8 << 20) - 1])
def test_the_first_difference_is_in_view(at: int) -> None:
    wanted = b"a" * (8 << 20)
    got = wanted[:at] + b"b" + wanted[at + 1 :]
    first, second, caret = difference(Octets(wanted), Octets(got), "en", 70)
    assert f"differs from byte {at + 1:,} on" in caret
    assert second[caret.index("^")] == "b" and first[caret.index("^")] == "a"


def test_what_is_missing_and_what_is_too_much() -> None:
    assert "missing from byte 3 on" in difference(Octets(b"abcd"), Octets(b"ab"), "en", 70)[2]
    assert "too much from byte 3 on" in difference(Octets(b"ab"), Octets(b"abcd"), "en", 70)[2]


def test_look_alikes_are_told_apart_as_bytes() -> None:
    wanted, got, _ = difference(Octets("é".encode()), Octets(b"e\xcc\x81"), "en", 70)
    assert wanted.startswith("c3 a9") and got.startswith("65 cc 81")


@pytest.mark.parametrize("cut", [1, 2])
def test_half_a_character_is_shown_as_bytes(cut: int) -> None:
    whole = "你".encode()
    wanted, got, caret = difference(Octets(whole), Octets(whole[:cut]), "en", 70)
    assert wanted.startswith("e4 bd a0") and got.startswith(whole[:cut].hex(" "))
    assert caret.index("^^") == 3 * cut


@pytest.mark.parametrize(("text", "columns"), [("你好，世界", 4), ("你好，世界", 7), ("a b c d", 3), ("x" * 50, 7)])
def test_wrapping_loses_nothing_and_keeps_the_width(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_fitting_says_that_something_is_missing() -> None:
    assert fit("你好世界", 8) == "你好世界"
    assert fit("你好世界", 7) == "你好世…"


@pytest.mark.parametrize("text", ["\x1b[0m", "\u202e", "\u2066", "\x9b", "\ud800", "\x00", "a\u0301\u0301\u0301\u0301"])
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    assert printable(text).isprintable()
    assert "\\" in printable(text)
