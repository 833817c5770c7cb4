"""What a chat client's lines are taken for."""

from __future__ import annotations

import json

import pytest

from graders.core.models.chat_events import Event, join, leave, line, message
from graders.core.models.chat_lines import Leaves, Lines, SaysText, judge_event
from graders.core.models.finding import Ending
from graders.core.replay.judging import NAMES

TWO = (message("a\nb"), leave())


def judged(wanted: tuple[Event, ...], data: bytes, ending: Ending = Ending.SILENCE) -> str | None:
    oracle = Lines(wanted)
    found = oracle.judge(data, Ending.COMPLETE if oracle.complete(data) else ending)
    right = bool(_evaluated(oracle.python(), data))
    assert right == (found is None), "the replay script judges as the grader does"
    return found.diagnosis if found else None


def _evaluated(python: str, data: bytes) -> bool:
    try:
        return bool(eval(python, {**NAMES, "got": data}))
    except Exception:
        return False


@pytest.mark.parametrize(
    "data",
    [
        line(TWO[0]) + line(TWO[1]),
        line(TWO[0], escaped=True, compact=True) + line(TWO[1], end=b"\r\n"),
        line({"client": 1, **dict(reversed(TWO[0].items()))}) + line({"type": "leave", "name": "Ann"}),
    ],
)
def test_any_spelling_is_right(data: bytes) -> None:
    assert judged(TWO, data) is None


@pytest.mark.parametrize(
    ("data", "diagnosis"),
    [
        (b"", "says_nothing"),
        (line(TWO[0]), "says_nothing"),
        (line(TWO[0], end=b""), "no_line_end"),
        (line(TWO[0])[:12], "sends_in_part"),
        (b'{"type": "message", "text": "a\nb"}\n', "newline_in_text"),
        (b"a\tb\nleave\n", "not_json"),
        (b"[]\n{}\n", "not_json"),
        (line(leave()) + line(leave()), "wrong_line"),
        (line({"type": "message", "message": "a\nb"}) + line(leave()), "wrong_line"),
        (line(message("a b")) + line(leave()), "text_altered"),
        (line(TWO[0]) + line(TWO[1]) + b"\n", "says_too_much"),
        (line(TWO[0]) + line(TWO[1]) + b"{", "says_too_much"),
    ],
)
def test_what_is_wrong_is_named(data: bytes, diagnosis: str) -> None:
    assert judged(TWO, data) == f"chat_client.{diagnosis}"


def test_another_name_is_named() -> None:
    assert judged((join("Ann"),), line(join("ann"))) == "chat_client.name_altered"


def test_a_long_text_is_judged_by_its_ends_in_a_replay() -> None:
    text = "好" * 60_000
    assert judged((message(text),), line(message(text), escaped=True)) is None
    assert judged((message(text),), line(message(text[:-1]))) == "chat_client.text_altered"
    assert len(Lines((message(text),)).python()) < 1000


@pytest.mark.parametrize(
    ("got", "diagnosis"),
    [
        ({"type": "message", "name": "Ann", "text": "x", "time": 5}, None),
        (None, "event_lost"),
        ('{"type": "message"}', "no_dict"),
        ({"type": "join", "name": "Ann"}, "other_event"),
        ({"type": "message", "name": "Ann", "text": "x "}, "event_altered"),
        ({"type": "message", "name": "Ann"}, "event_altered"),
    ],
)
def test_an_event_is_compared_by_its_keys(got: object, diagnosis: str | None) -> None:
    wanted = {"type": "message", "name": "Ann", "text": "x"}
    found = judge_event(wanted, ("name", "text"), got)
    assert (found and found[0]) == (diagnosis and f"chat_client.{diagnosis}")
    if found:
        assert eval(found[1], {"got": wanted})


def test_leaving_is_a_line_or_an_end() -> None:
    assert Leaves().complete(line(message("x")) + line(leave()))
    assert not Leaves().complete(line(message('{"type": "leave"}')))
    for ending in (Ending.END, Ending.RESET):
        assert Leaves().judge(b"", ending) is None
    assert Leaves().judge(line(message("x")), Ending.SILENCE) is not None


def test_a_typed_text_is_found_among_others() -> None:
    oracle = SaysText(("hi", "hello"))
    assert oracle.complete(line(message("")) + line(message("hello")))
    found = oracle.judge(line(message("hell")), Ending.SILENCE)
    assert found is not None and found.python is not None
    assert eval(found.python, {"json": json, "got": line(message("")) + line(message("hello"))})
    assert not eval(found.python, {"json": json, "got": line(message("hell"))})
