"""The oracle of the echo servers, against answers right and wrong, whole and in the making."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.core.models.echo import PREFIX, EchoOf, align, echo_of
from graders.core.models.finding import Ending
from graders.core.traffic.texts import short_texts

TEXTS = st.one_of(short_texts(), st.sampled_from([PREFIX, PREFIX * 2, f"a{PREFIX}b", PREFIX[:-1], PREFIX[1:]]))


@st.composite
def right_answers(draw: st.DrawFn) -> tuple[str, str]:
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(text) - 1)), max_size=4)))
    edges = [0, *[cut for cut in cuts if cut < len(text)], len(text)]
    pieces = [text[start:end] for start, end in pairwise(edges)]
    return text, "".join(PREFIX + piece for piece in pieces)


@given(right_answers())
def test_every_cutting_into_pieces_is_right(pair: tuple[str, str]) -> None:
    text, answer = pair
    assert align(text.encode(), answer.encode()).whole
    assert echo_of(text).complete(answer.encode())
    assert echo_of(text).judge(answer.encode(), Ending.COMPLETE) is None


@given(right_answers())
def test_no_beginning_of_a_right_answer_is_hopeless(pair: tuple[str, str]) -> None:
    text, answer = pair
    data = answer.encode()
    for length in range(len(data)):
        found = align(text.encode(), data[:length])
        assert not found.hopeless
        assert found.right == length


@given(right_answers(), st.data())
def test_an_answer_with_one_byte_changed_is_wrong(pair: tuple[str, str], data: st.DataObject) -> None:
    text, answer = pair
    octets = bytearray(answer.encode())
    place = data.draw(st.integers(0, len(octets) - 1))
    octets[place] ^= 0x01
    found = align(text.encode(), bytes(octets))
    assert not found.whole
    assert found.right <= place + 1


@pytest.mark.parametrize(
    ("sent", "got", "ending", "code"),
    [
        ("你好", "", Ending.SILENCE, "echo.no_answer"),
        ("你好", "", Ending.END, "echo.closed_without_answer"),
        ("你好", "你好", Ending.SILENCE, "echo.no_prefix"),
        ("你好", "已收到您的消息：你好", Ending.SILENCE, "echo.other_prefix"),
        ("你好", PREFIX + "\ufffd好", Ending.SILENCE, "echo.split_character"),
        ("你好", PREFIX + "好", Ending.SILENCE, "echo.split_character"),
        ("你好", PREFIX + PREFIX + "你好", Ending.COMPLETE, "echo.empty_piece"),
        ("你好" * 9, PREFIX + "你好" * 5, Ending.SILENCE, "echo.truncated"),
        ("你好", PREFIX + "你好\n", Ending.COMPLETE, "echo.too_much"),
        ("ab", PREFIX + "AB", Ending.COMPLETE, "echo.altered"),
        ("\ufeffa", PREFIX + "a", Ending.SILENCE, "text.byte_order_mark"),
        (" 你好\n", PREFIX + "你好", Ending.SILENCE, "echo.stripped"),
        ("e\u0301", PREFIX + "é", Ending.COMPLETE, "echo.altered"),
        ("0123456789" * 9, PREFIX + "01236789" + "0123456789" * 8, Ending.COMPLETE, "echo.truncated"),
    ],
)
def test_near_misses_are_named(sent: str, got: str, ending: Ending, code: str) -> None:
    mismatch = EchoOf(sent.encode()).judge(got.encode(), ending)
    assert mismatch is not None
    assert mismatch.diagnosis == code


def test_half_a_character_is_no_piece() -> None:
    first, rest = "你".encode()[:2], "你".encode()[2:]
    raw = PREFIX.encode() + first + PREFIX.encode() + rest
    mismatch = echo_of("你").judge(raw, Ending.COMPLETE)
    assert mismatch is not None
    assert mismatch.diagnosis == "echo.split_character"


def test_what_others_sent_is_told_apart_from_silence() -> None:
    oracle = echo_of("<A0:>", others=["<B", "<C"], suspect="tcp.one_at_a_time")
    foreign = oracle.judge(f"{PREFIX}<B0:>".encode(), Ending.COMPLETE)
    silence = oracle.judge(b"", Ending.SILENCE)
    assert foreign is not None and foreign.diagnosis == "echo.foreign_text"
    assert silence is not None and silence.diagnosis == "tcp.one_at_a_time"


@given(right_answers())
def test_the_replay_scripts_expression_agrees_with_the_oracle(pair: tuple[str, str]) -> None:
    text, answer = pair
    mismatch = echo_of(text).judge(b"", Ending.SILENCE)
    assert mismatch is not None and mismatch.python is not None
    assert eval(mismatch.python, {"got": answer.encode(), "re": re})
    whole = answer.encode()
    for other in (b"", whole[:-1], whole + b"\xe4", whole + PREFIX.encode(), PREFIX.encode() + whole):
        assert eval(mismatch.python, {"got": other, "re": re}) == align(text.encode(), other).whole


def test_a_long_text_has_a_short_expression() -> None:
    text = "你好" * 100_000
    mismatch = echo_of(text).judge(b"", Ending.SILENCE)
    assert mismatch is not None and mismatch.python is not None and len(mismatch.python) < 400
    assert eval(mismatch.python, {"got": (PREFIX + text[:7] + PREFIX + text[7:]).encode()})
    assert not eval(mismatch.python, {"got": (PREFIX + text[:-1]).encode()})
