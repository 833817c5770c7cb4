"""The oracles of text that passes as it is: on the wire, and handed out by receive()."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.core.models.finding import Ending
from graders.core.models.plain_text import LONG, judge_piece, text_of
from graders.core.traffic.texts import short_texts


@given(short_texts(), st.data())
def test_the_text_itself_is_right_and_nothing_else(text: str, data: st.DataObject) -> None:
    whole = text.encode()
    oracle = text_of(text)
    assert oracle.complete(whole)
    assert oracle.judge(whole, Ending.COMPLETE) is None
    beginning = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert not oracle.complete(beginning)
    assert oracle.judge(beginning, Ending.SILENCE) is not None
    assert oracle.judge(whole + b"\n", Ending.COMPLETE) is not None


def test_a_line_may_keep_its_end() -> None:
    oracle = text_of("你好", or_line=True)
    assert oracle.judge("你好\n".encode(), Ending.COMPLETE) is None
    assert oracle.judge("你好!".encode(), Ending.COMPLETE) is not None


@pytest.mark.parametrize(
    ("sent", "got", "code"),
    [
        ("你好", "你好".encode("gb18030"), "text.not_utf8"),
        ("你好", "你好".encode("utf-16"), "text.not_utf8"),
        ("你好", b"", "text.nothing"),
        (" a ", b"a", "text.stripped"),
        ("abc", b"ab", "text.truncated"),
        ("abc", b"abc\n", "text.too_much"),
        ("abc", b"\xef\xbb\xbfabc", "text.byte_order_mark"),
        ("e\u0301x", "éx".encode(), "text.altered"),
        ("a\r\nb", b"a\nb", "text.altered"),
        ("a你b", b"ab", "text.split_character"),
    ],
)
def test_near_misses_are_named(sent: str, got: bytes, code: str) -> None:
    mismatch = text_of(sent).judge(got, Ending.COMPLETE)
    assert mismatch is not None
    assert mismatch.diagnosis == code


def test_megabytes_are_told_in_numbers() -> None:
    text = "a" * (LONG + 1)
    mismatch = text_of(text, suspect="client.sends_in_part").judge(b"a" * LONG, Ending.SILENCE)
    assert mismatch is not None and mismatch.diagnosis == "client.sends_in_part"
    assert mismatch.wanted.data is None
    assert mismatch.wanted.text is not None and mismatch.wanted.text.en == "262,145 bytes"


@given(short_texts(), st.data())
def test_any_beginning_that_is_not_empty_is_a_piece(rest: str, data: st.DataObject) -> None:
    assert judge_piece(rest, rest[: data.draw(st.integers(1, len(rest)))]) is None


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        (None, "client.none_for_text"),
        (b"ab", "client.bytes_for_text"),
        ("", "client.end_too_early"),
        ("abx", "text.altered"),
        ("ab\ufffd", "text.split_character"),
        (7, "client.no_text"),
    ],
)
def test_what_is_no_piece_is_named(piece: Any, code: str) -> None:
    finding = judge_piece("abc", piece)
    assert finding is not None
    assert finding.diagnosis == code
    assert not eval(finding.python, {"got": piece})
