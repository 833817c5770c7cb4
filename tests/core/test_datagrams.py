"""The oracles of UDP judge values: no test here needs a port."""

from __future__ import annotations

import pytest

from graders.core.diagnoses import all_diagnoses
from graders.core.models.datagrams import (
    Answers,
    AnyAnswer,
    Found,
    NothingMore,
    Quiet,
    Sent,
    answer_to,
    explain,
    explain_received,
)
from graders.core.traffic import datagrams

HELLO = answer_to(b"hello")
PREFIX = "已收到您的消息: "


def test_the_answer_is_right() -> None:
    oracle = Answers((b"hello",))
    assert oracle.complete([HELLO])
    assert oracle.judge([HELLO]) is None


def test_answers_may_come_in_any_order() -> None:
    assert Answers((b"one", b"two")).judge([answer_to(b"two"), answer_to(b"one")]) is None


def test_equal_texts_want_an_answer_each() -> None:
    oracle = Answers((b"x", b"x"), silence="udp.burst_lost")
    found = oracle.judge([answer_to(b"x")])
    assert isinstance(found, Quiet)
    assert found.diagnosis == "udp.burst_lost"
    assert found.got is not None and found.got.text is not None
    assert found.got.text.en == "1 of 2 answers came"


def test_a_late_answer_to_an_earlier_text_is_no_fault() -> None:
    late = answer_to(b"before")
    oracle = Answers((b"hello",), late=(b"before",))
    assert oracle.judge([late, HELLO]) is None
    assert oracle.units([late]) == 1.0
    assert isinstance(oracle.judge([late]), Quiet)


def test_something_strange_is_not_waited_for_long() -> None:
    oracle = Answers((b"hello",))
    assert oracle.units([]) == 1.0
    assert oracle.units([b"OK"]) < 0.5


def test_something_beside_the_answer_matters_only_where_nothing_else_may_come() -> None:
    got = [HELLO, b"OK"]
    assert Answers((b"hello",)).judge(got) is None
    found = Answers((b"hello",), alone=True).judge(got)
    assert isinstance(found, Found)
    assert (found.index, found.mismatch.diagnosis) == (1, "udp.extra_datagram")


@pytest.mark.parametrize("surplus", [HELLO, answer_to(b"before")])
def test_a_second_answer_is_a_duplicate(surplus: bytes) -> None:
    found = Answers((b"hello",), before=(b"before",), alone=True).judge([HELLO, surplus])
    assert isinstance(found, Found)
    assert found.mismatch.diagnosis == "udp.duplicate_answer"


def test_an_answer_to_somebody_else_is_foreign() -> None:
    found = Answers((b"mine",), others=(b"his",)).judge([answer_to(b"mine"), answer_to(b"his")])
    assert isinstance(found, Found)
    assert (found.index, found.mismatch.diagnosis) == (1, "udp.foreign_answer")


def test_nobodys_answer_is_foreign_when_nothing_was_wanted() -> None:
    found = Answers((), others=(b"his",)).judge([answer_to(b"his")])
    assert isinstance(found, Found)
    assert found.mismatch.diagnosis == "udp.foreign_answer"


def test_texts_that_two_senders_share_are_nobodys_in_particular() -> None:
    assert Answers((b"same",), others=(b"same",)).judge([answer_to(b"same")]) is None


def test_any_answer_will_do_for_a_sign_of_life() -> None:
    assert AnyAnswer().judge([b""]) is None
    assert isinstance(AnyAnswer().judge([]), Quiet)


LONG = "好" * 200


@pytest.mark.parametrize(
    ("text", "got", "code"),
    [
        ("你好", [(PREFIX + "你好").encode("gb18030")], "text.not_utf8"),
        ("你好", [(PREFIX + "你好").encode("utf-16")], "text.not_utf8"),
        ("hello", [PREFIX.encode(), b"hello"], "udp.split"),
        (LONG, [(PREFIX + LONG).encode()[:300], (PREFIX + LONG).encode()[300:]], "udp.split"),
        ("hello", [b"hello"], "echo.no_prefix"),
        ("hello", ["已收到您的消息：hello".encode()], "echo.other_prefix"),
        ("hello", ["已收到您的消息:hello".encode()], "echo.other_prefix"),
        ("", ["已收到您的消息:".encode()], "echo.other_prefix"),
        (LONG, [(PREFIX + "好" * 100).encode()], "udp.truncated"),
        (LONG, [(PREFIX + "好" * 100).encode() + "好".encode()[:2]], "udp.truncated"),
        (" a ", [(PREFIX + "a").encode()], "echo.stripped"),
        ("a\r\n", [(PREFIX + "a\n").encode()], "udp.altered"),
        ("a\u2028b", [(PREFIX + "a\nb").encode()], "echo.stripped"),
        ("\ufeffa", [(PREFIX + "a").encode()], "udp.altered"),
        ("hello", [b"Hello hello"], "echo.other_prefix"),
        ("hello", [(PREFIX + "b'hello'").encode()], "udp.altered"),
    ],
)
def test_the_likeliest_mistake_is_named(text: str, got: list[bytes], code: str) -> None:
    assert explain(text.encode(), got[0], got) == code


def test_text_left_over_from_before_is_named() -> None:
    got = answer_to(b"onetwo")
    assert explain(b"two", got, [got], before=(b"one",)) == "udp.stale_text"


@pytest.mark.parametrize(
    ("oracle", "got", "code"),
    [
        (Sent(b"two", before=(b"one",)), [b"one"], "udp.sent_twice"),
        (Sent(b"hello"), [b"greeting", b"hello"], "udp.extra_datagram"),
        (Sent(b"x" * 100), [b"x" * 60, b"x" * 40], "udp.split"),
        (Sent(b"x" * 100), [b"x" * 60], "udp.sent_truncated"),
        (Sent("你好".encode()), ["你好".encode("gb18030")], "text.not_utf8"),
        (Sent(b"hello"), [b"hello\n"], "udp.sent_altered"),
        (Sent(b""), [b" "], "udp.sent_altered"),
    ],
)
def test_what_a_client_sends_wrong_is_named(oracle: Sent, got: list[bytes], code: str) -> None:
    found = oracle.judge(got)
    assert isinstance(found, Found)
    assert found.mismatch.diagnosis == code


def test_what_a_client_sends_right() -> None:
    assert Sent(b"").complete([b""])
    assert Sent(b"").judge([b""]) is None
    assert Sent(b"hello", strict=False).judge([b"piece", b"hello"]) is None
    assert isinstance(Sent(b"hello", strict=False).judge([b"piece"]), Quiet)
    assert NothingMore().judge([]) is None
    assert NothingMore(before=(b"x",)).judge([b"x"]).mismatch.diagnosis == "udp.sent_twice"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("wanted", "got", "code"),
    [
        ("a", None, "udp.answer_not_received"),
        ("a", b"a", "udp.answer_is_no_text"),
        ("x" * 900, "x" * 512, "udp.answer_truncated"),
        (" a ", "a", "udp.answer_altered"),
    ],
)
def test_what_a_client_receives_wrong_is_named(wanted: str, got: object, code: str) -> None:
    assert explain_received(wanted, got) == code


def test_every_code_has_its_text() -> None:
    codes = {"udp.split", "udp.truncated", "udp.altered", "udp.stale_text", "udp.sent_twice", "udp.answer_altered"}
    assert codes <= set(all_diagnoses())


@pytest.mark.parametrize("size", [*datagrams.SIZES, *datagrams.LONG_SIZES, *datagrams.CLIENT_SIZES])
def test_plain_texts_have_exactly_the_size_asked_for(size: int) -> None:
    assert len(datagrams.plain(size).encode()) == size


@pytest.mark.parametrize(("pattern", "times"), datagrams.NOT_UTF8)
def test_garbage_is_not_utf8_and_fits_a_datagram(pattern: bytes, times: int) -> None:
    data = pattern * times
    assert len(data) <= 65_507
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


@pytest.mark.parametrize(("character", "times"), datagrams.TOO_LARGE)
def test_too_large_is_too_large_in_bytes(character: str, times: int) -> None:
    assert len((character * times).encode()) > 65_507
