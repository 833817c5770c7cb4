"""The chat without a network: vocabulary, room, and the oracles of what clients see, right and wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.core.models.chat import Room
from graders.core.models.chat_courses import Alike, InOrder, Mixed, OneOf
from graders.core.models.chat_events import (
    MOST_OWED,
    Event,
    event_of,
    join,
    joined,
    key_of,
    leave,
    left,
    line,
    message,
    most_bytes,
    name_of,
    refused,
    said,
    same_event,
    split_lines,
)
from graders.core.models.chat_rush import Part, Rush, seen_by
from graders.core.models.chat_seen import Sees, in_order
from graders.core.models.finding import Ending
from graders.core.replay.judging import Wanted
from graders.core.traffic.chat import (
    BAD_LINES,
    BAD_NAMES,
    FIRST_LINES,
    GOOD_NAMES,
    LINES,
    SAME_NAMES,
    TEXTS,
    WHILE_IT_NEVER_READS,
    WHILE_IT_PAUSES,
    LongText,
)

# -- vocabulary --------------------------------------------------------------------------------------------------------


def test_the_pools_are_what_they_are_called() -> None:
    assert len({name_of(name) for name in GOOD_NAMES} - {None}) == len(GOOD_NAMES)
    assert [name for name in BAD_NAMES if name_of(name) is not None] == []
    assert all(name_of(first) == name_of(second) is not None for first, second in SAME_NAMES)
    assert len({name_of(first) for first, _ in SAME_NAMES}) == len(SAME_NAMES)
    assert all(len(line(message(text), escaped=True)) <= 1000 for text in TEXTS)
    for bad in BAD_LINES:
        room = Room({"A": "Ann"})
        assert b"\n" not in bad
        assert room.hears("A", _value(bad)).sees == {"A": [refused()]}
    for first in FIRST_LINES:
        assert Room().hears("A", _value(first)).ends


def _value(data: bytes) -> Any:
    try:
        return event_of(data)
    except ValueError:
        return None


def _all_escaped(text: str) -> str:
    units = text.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)) + '"'


@pytest.mark.parametrize("text", [*TEXTS, *WHILE_IT_PAUSES[:1]])
def test_no_spelling_of_a_line_takes_more_bytes_than_are_counted(text: str) -> None:
    event = said("小明😀", text)
    escaped = ", ".join(f"{_all_escaped(key)}: {_all_escaped(value)}" for key, value in event.items())
    assert event_of(f"{{{escaped}}}".encode()) == event
    added = b', "time": "2026-01-01T00:00:00.000000+00:00", "id": 1234567890}\r\n'
    assert len(escaped) + len(added) < most_bytes([event])


def test_who_pauses_is_owed_less_than_the_least_that_a_server_may_drop_it_for() -> None:
    assert most_bytes([said("A", text) for text in WHILE_IT_PAUSES]) < MOST_OWED
    assert sum(len(line(said("A", text))) for text in WHILE_IT_PAUSES) > 0.8 * MOST_OWED  # however little is escaped
    assert all(most_bytes([said("A", text) for text in texts]) < MOST_OWED / 2 for texts in WHILE_IT_NEVER_READS)


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("text", [*TEXTS, "a\ud800"])
def test_a_line_is_one_line(text: str, escaped: bool) -> None:
    data = line(message(text), escaped=escaped)
    assert split_lines(data) == ([data[:-1]], b"")
    assert event_of(data[:-1] + b"\r") == message(text)


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("fill", "a好\n😀")
@pytest.mark.parametrize("size", LINES)
def test_a_long_text_makes_a_line_of_its_size(size: int, fill: str, escaped: bool) -> None:
    long = LongText(size, fill, escaped)
    assert len(line(message(long.text()), escaped=escaped)) == size


@pytest.mark.parametrize(
    ("wanted", "got", "same"),
    [
        (joined("Ann"), {"name": "Ann", "type": "join", "users": 3}, True),
        (joined("Ann"), {"type": "join", "name": "ann"}, False),
        (joined("Ann"), {"type": "leave", "name": "Ann"}, False),
        (said("Ann", ""), {"type": "message", "name": "Ann"}, False),
        (said("Ann", ""), {"type": "message", "name": "Ann", "text": ""}, True),
        (said("é", "x"), {"type": "message", "name": "e\u0301", "text": "x"}, False),
        (refused("bad"), refused("another word"), True),
        (refused("bad"), {"type": "error"}, False),
        (refused("bad"), {"type": "error", "reason": 5}, False),
    ],
)
def test_events_are_compared_by_the_keys_that_count(wanted: Event, got: Event, same: bool) -> None:
    assert same_event(wanted, got) is same


@pytest.mark.parametrize("event", [{}, {"type": "join"}, {"type": ["join"], "name": "A"}, {"type": "join", "name": 5}])
def test_what_is_no_event_has_no_key(event: Event) -> None:
    with pytest.raises(ValueError):
        key_of(event)


# -- the room ----------------------------------------------------------------------------------------------------------

HISTORIES: list[tuple[list[tuple[str, Any]], dict[str, list[Event]], bool]] = [
    # what was said, and of the last line: who sees what, and whether the connection ends
    ([("A", join(" Ann "))], {"A": [joined("Ann")]}, False),
    ([("A", join("Ann")), ("B", join("Ann\t"))], {"B": [refused()]}, True),
    ([("A", join("Ann")), ("B", join("ann"))], {"A": [joined("ann")], "B": [joined("ann")]}, False),
    ([("A", join("Ann")), ("B", message("x"))], {"B": [refused()]}, True),
    ([("A", join("Ann")), ("B", leave())], {"B": [refused()]}, True),
    ([("A", join("Ann")), ("A", join("Bob"))], {"A": [refused()]}, False),
    ([("A", join("Ann")), ("A", join("Bob")), ("A", message(""))], {"A": [said("Ann", "")]}, False),
    ([("A", join("Ann")), ("A", message(None))], {"A": [refused()]}, False),
    ([("A", join("Ann")), ("A", None)], {"A": [refused()]}, False),
    ([("A", join("Ann")), ("A", {"type": ["leave"]})], {"A": [refused()]}, False),
    ([("A", join("Ann")), ("B", join("Bob")), ("A", leave())], {"B": [left("Ann")]}, True),
    (
        [("A", join("Ann")), ("B", join("Bob")), ("A", leave()), ("C", join("Ann"))],
        {"B": [joined("Ann")], "C": [joined("Ann")]},
        False,
    ),
]


@pytest.mark.parametrize(("told", "sees", "ends"), HISTORIES)
def test_the_room_knows_who_sees_what(told: list[tuple[str, Any]], sees: dict[str, list[Event]], ends: bool) -> None:
    room = Room()
    outcomes = [room.hears(client, asked) for client, asked in told]
    assert outcomes[-1].sees == sees
    assert outcomes[-1].ends is ends


def test_too_much_of_a_line_is_an_error_and_a_leave() -> None:
    room = Room({"A": "Ann", "B": "Bob"})
    outcome = room.breaks("A")
    assert (outcome.sees, outcome.ends) == ({"A": [refused()], "B": [left("Ann")]}, True)
    assert room.breaks("C").sees == {"C": [refused()]}


# -- what is seen ------------------------------------------------------------------------------------------------------


def stream(*events: Any) -> bytes:
    return b"".join(event if isinstance(event, bytes) else line(event) for event in events)


HI, HO = said("Ann", "hi"), said("Ann", "ho")

SEEN: list[tuple[Sees, bytes, Ending, str | None]] = [
    (in_order([HI, HO]), stream(HI, HO), Ending.COMPLETE, None),
    (in_order([HI]), stream({**HI, "time": 5}), Ending.COMPLETE, None),
    (in_order([HI]), line(HI, escaped=True, compact=True, end=b" \r\n"), Ending.COMPLETE, None),
    (in_order([HI]), stream({"type": "users", "count": 3}, HI), Ending.COMPLETE, None),
    (in_order([HI, refused()]), stream(refused("why"), HI), Ending.COMPLETE, None),
    (in_order([refused()], ends=True), stream(refused("why")), Ending.RESET, None),
    (in_order([HI], ends=True), b"", Ending.END, None),
    (Sees(InOrder([HI], perhaps=[left("Bob")])), stream(left("Bob"), HI), Ending.COMPLETE, None),
    (Sees(InOrder([HI, HO]), may_end=True), stream(HI) + b'{"ty', Ending.RESET, None),
    (in_order([HI]), b"", Ending.SILENCE, "chat.no_message"),
    (in_order([HI]), b"", Ending.END, "chat.hangs_up"),
    (in_order([joined("Ann")]), b"", Ending.SILENCE, "chat.no_join"),
    (in_order([left("Ann")]), b"", Ending.SILENCE, "chat.no_leave"),
    (in_order([refused()]), b"", Ending.SILENCE, "chat.no_error"),
    (in_order([HI]), line(HI)[:-1], Ending.SILENCE, "chat.no_line_end"),
    (in_order([HI]), stream(b"\n", HI), Ending.COMPLETE, "chat.not_json"),
    (in_order([HI]), stream(b'["message"]\n'), Ending.COMPLETE, "chat.not_json"),
    (in_order([HI]), stream(HO), Ending.COMPLETE, "chat.wrong_text"),
    (in_order([HI]), stream(said("Bob", "hi")), Ending.COMPLETE, "chat.wrong_name"),
    (in_order([left("Ann")]), stream(left("Bob")), Ending.COMPLETE, "chat.wrong_name"),
    (in_order([joined("Ann")], first=True), stream(joined("Ann ")), Ending.COMPLETE, "chat.name_not_stripped"),
    (in_order([joined("Ann")], first=True), stream({"type": "hello"}), Ending.COMPLETE, "chat.wrong_keys"),
    (in_order([joined("Ann")], first=True), stream(joined("Bob")), Ending.COMPLETE, "chat.join_not_first"),
    (in_order([HI, HO]), stream(HO), Ending.COMPLETE, "chat.out_of_order"),
    (in_order([HO], before=[HI]), stream(HI), Ending.COMPLETE, "chat.twice"),
    (in_order([HI]), stream({"type": "message", "text": "hi"}), Ending.COMPLETE, "chat.wrong_keys"),
    (in_order([refused()]), stream({"type": "error"}), Ending.COMPLETE, "chat.error_without_reason"),
    (in_order([HI]), stream(refused(), HI), Ending.COMPLETE, "chat.unwanted_error"),
    (in_order([HI]), stream(left("Bob"), HI), Ending.COMPLETE, "chat.unwanted_leave"),
    (in_order([HI], suspect="chat.cut_line"), stream(left("Bob"), HI), Ending.COMPLETE, "chat.cut_line"),
    # Two lines run into one where bytes between them were lost; something else that is no JSON is another mistake.
    (in_order([HI, HI], suspect="chat.long_line"), line(HI)[:-4] + line(HI), Ending.COMPLETE, "chat.long_line"),
    (in_order([HI, HI], suspect="chat.long_line"), b"{'type': 'message'}\n", Ending.COMPLETE, "chat.not_json"),
    (in_order([HI, HI]), line(HI)[:-4] + line(HI), Ending.COMPLETE, "chat.not_json"),
    (in_order([HI], ends=True), b"", Ending.SILENCE, "chat.stays_open"),
    (in_order([refused()], ends=True), b"", Ending.END, "chat.closes_without_error"),
    (Sees(OneOf([joined("Ann"), refused()])), line(joined("Ann")), Ending.COMPLETE, None),
    (Sees(OneOf([joined("Ann"), refused()])), line(refused()), Ending.COMPLETE, None),
    (
        Sees(OneOf([refused()]), suspect="chat.taken_name_accepted"),
        line(joined("Ann")),
        Ending.COMPLETE,
        "chat.taken_name_accepted",
    ),
    (Sees(OneOf([joined("Ann"), refused()])), b"", Ending.SILENCE, "chat.no_join"),
    (in_order([], ends=True), stream(HI), Ending.END, "chat.unwanted_message"),
    (Sees(InOrder([HI, HO]), may_end=True), stream(HO), Ending.COMPLETE, "chat.out_of_order"),
]


@pytest.mark.parametrize(("oracle", "data", "ending", "code"), SEEN)
def test_what_is_seen_is_judged(oracle: Sees, data: bytes, ending: Ending, code: str | None) -> None:
    oracle.complete(data)
    mismatch = oracle.judge(data[: oracle.taken(data)], ending)
    assert (mismatch.diagnosis if mismatch else None) == code
    if mismatch is not None:
        assert not Wanted({"python": mismatch.python}, None).right_bytes(data, ending.value)


@pytest.mark.parametrize(
    ("wanted", "right"), [((HI, HO), stream(HI, {**HO, "x": 1})), ((HI, refused()), stream(refused(), HI))]
)
def test_the_replay_judges_likewise(wanted: tuple[Event, ...], right: bytes) -> None:
    mismatch = in_order(wanted).judge(b"", Ending.SILENCE)
    assert mismatch is not None
    replayed = Wanted({"python": mismatch.python}, None)
    assert replayed.right_bytes(right, "complete")
    assert not replayed.right_bytes(right + line(HI), "complete")
    assert not replayed.right_bytes(right + line(refused()), "complete")
    assert not replayed.right_bytes(right[: right.index(b"\n") + 1], "complete")


def test_long_texts_are_a_digest_in_the_replay() -> None:
    long = said("Ann", "好" * 5000)
    mismatch = in_order([long]).judge(b"", Ending.SILENCE)
    assert mismatch is not None and mismatch.python is not None and len(mismatch.python) < 1500
    assert Wanted({"python": mismatch.python}, None).right_bytes(line(long, escaped=True), "complete")
    assert not Wanted({"python": mismatch.python}, None).right_bytes(line(said("Ann", "好" * 4999)), "complete")


def test_what_comes_behind_is_left() -> None:
    data = stream(HI, HO)
    oracle = in_order([HI])
    assert oracle.taken(data) == len(line(HI))
    assert oracle.judge(line(HI), Ending.COMPLETE) is None


# -- at the same time --------------------------------------------------------------------------------------------------

CAUSES = {"A": [said("A", "0"), said("A", "1"), left("A")], "B": [joined("B"), said("B", "0")], "C": [left("C")]}


@st.composite
def mixtures(draw: st.DrawFn) -> list[Event]:
    waiting = {name: list(events) for name, events in CAUSES.items()}
    order: list[Event] = []
    while waiting:
        name = draw(st.sampled_from(sorted(waiting)))
        order.append(waiting[name].pop(0))
        waiting = {name: events for name, events in waiting.items() if events}
    return order


@given(mixtures())
def test_every_mixture_is_right(order: list[Event]) -> None:
    oracle = Sees(Mixed(CAUSES))
    assert oracle.complete(stream(*order))
    assert oracle.judge(stream(*order), Ending.COMPLETE) is None
    assert oracle.events == order


@given(mixtures(), st.data())
def test_a_mixture_with_one_event_lost_doubled_or_moved_is_wrong(order: list[Event], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(order) - 1))
    lost = order[:at] + order[at + 1 :]
    assert Sees(Mixed(CAUSES)).judge(stream(*lost), Ending.SILENCE) is not None
    doubled = order[: at + 1] + order[at:]
    assert Sees(Mixed(CAUSES)).judge(stream(*doubled), Ending.SILENCE) is not None or doubled[-1] == doubled[-2]
    a = [number for number, event in enumerate(order) if event["name"] == "A"]
    swapped = list(order)
    swapped[a[0]], swapped[a[1]] = order[a[1]], order[a[0]]
    assert Sees(Mixed(CAUSES)).judge(stream(*swapped), Ending.SILENCE) is not None


def test_parts_see_their_part_of_the_order() -> None:
    rush = Rush((Part("A", 2), Part("B", 1, joins=True), Part("C", 1, leaves="leave"), Part("D", leaves="reset")))
    assert sorted(rush.causes()) == ["A", "B", "C", "D"]
    order = [said("A", "A0"), joined("B"), said("C", "C0"), left("C"), said("A", "A1"), left("D"), said("B", "B0")]
    assert seen_by(rush.parts[0], order) == order
    assert seen_by(rush.parts[1], order) == order[1:]
    assert seen_by(rush.parts[2], order) == order[:3]


@pytest.mark.parametrize(
    ("course", "mine", "right"),
    [
        (Alike([], "A", 3), [HI, HO, left("Bob")], True),
        (Alike([], "A", 3), [HO, HI, left("Bob")], False),
        (Alike([], "A", 3, "Ann"), [joined("Ann"), left("Bob")], False),
        (Alike([], "A", 3), [HI, HO], False),
    ],
)
def test_the_replay_compares_orders(course: Alike, mine: list[Event], right: bool) -> None:
    wanted = Wanted({"python": course.python(part=False)}, None)
    wanted.seen = {"A": stream(joined("Ann"), HI, HO, left("Bob"))}
    assert wanted.right_bytes(stream(*mine), "complete") is right


def test_the_replay_lets_a_newcomer_begin_with_his_join() -> None:
    wanted = Wanted({"python": Alike([], "A", 3, "Bob").python(part=False)}, None)
    wanted.seen = {"A": stream(HI, HO, joined("Bob"), HO)}
    assert wanted.right_bytes(stream(joined("Bob"), HO), "complete")
    assert not wanted.right_bytes(stream(HO, joined("Bob"), HO), "complete")
    assert not wanted.right_bytes(b"", "silence")
