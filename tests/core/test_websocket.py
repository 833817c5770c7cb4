"""Frames of WebSocket, and what the oracles make of a server's; the expressions of replay scripts judge alike."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from graders.core.models.chat_courses import SOCKET_KINDS, InOrder
from graders.core.models.chat_events import joined, said
from graders.core.models.chat_seen import Sees
from graders.core.models.finding import Ending, Mismatch, PartOracle
from graders.core.models.websocket_chat import SeesMessages, SocketRoom, direct, directed, pushed
from graders.core.models.websocket_frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Frame,
    FrameReader,
    end_of_items,
    items_of,
    message_lines,
)
from graders.core.models.websocket_heard import NO_CODE, VALID_CODES, Accepted, Hears, Wanted, closes, hears
from graders.core.replay.frames import frames_text
from graders.core.replay.judging import Wanted as Judging
from graders.core.replay.judging import end_of
from graders.core.replay.octets import Octets
from graders.core.traffic.websocket import Handshake, in_fragments, in_one

HI = Frame(TEXT, b"hi")
ERROR = Frame(TEXT, b'{"type": "error", "reason": "x"}')
BYE = Frame(CLOSE, b"\x03\xe8")


def stream(*frames: Frame) -> bytes:
    return b"".join(frame.encode() for frame in frames)


def judged(oracle: PartOracle, data: bytes, ending: Ending = Ending.SILENCE) -> str | None:
    """The diagnosis; the replay's expression must find the same data right or wrong."""
    complete = oracle.complete(data)  # type: ignore[attr-defined]
    taken = data[: oracle.taken(data)]
    found: Mismatch | None = oracle.judge(taken, Ending.COMPLETE if complete else ending)  # type: ignore[attr-defined]
    if found is not None:
        python = Judging({"python": found.python}, None)
        assert not python.right_bytes(taken, "complete" if complete else ending.value)
    return (found.diagnosis or "none") if found else None


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
@pytest.mark.parametrize("mask", [None, bytes(4), b"\x01\x02\x03\xff"])
def test_a_frame_is_read_as_it_was_written_however_it_is_cut(size: int, mask: bytes | None) -> None:
    frame = Frame(BINARY, bytes(number % 251 for number in range(size)), mask=mask)
    data = frame.encode() + HI.encode()
    for cut in {0, 1, 2, 3, 5, 9, 13, 14, 15, len(data) - 5, len(data) - 1}:
        reader = FrameReader()
        reader.read(data[:cut])
        reader.read(data)
        assert reader.frames == [frame, HI]
        assert reader.end == len(data)


def test_the_rfcs_examples() -> None:
    assert in_one("Hello").encode() == bytes.fromhex("818537fa213d7f9f4d5158")  # section 5.7
    assert stream(Frame(TEXT, b"Hel", final=False), Frame(CONTINUATION, b"lo")) == bytes.fromhex("010348656c80026c6f")
    answer = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )
    assert judged(Accepted(Handshake().key), answer + HI.encode()) is None


@pytest.mark.parametrize(
    ("old", "new", "diagnosis"),
    [
        (b"101", b"200", "websocket.not_upgraded"),
        (b"s3pP", b"S3pP", "websocket.wrong_accept"),
        (b"Upgrade: websocket\r\n", b"", "websocket.answer_headers"),
        (b"Connection: Upgrade", b"Connection: close", "websocket.answer_headers"),
        (b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "websocket.unasked_extension"),
        (b"\r\n\r\n", b"\r\n", "websocket.unfinished_answer"),
    ],
)
def test_what_is_wrong_with_an_answer_to_the_handshake(old: bytes, new: bytes, diagnosis: str) -> None:
    answer = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )
    assert judged(Accepted(Handshake().key), answer.replace(old, new)) == diagnosis


@pytest.mark.parametrize(
    "frames",
    [
        [HI],
        [Frame(PING, b"x"), HI],
        [Frame(TEXT, b"h", final=False), Frame(PING), Frame(CONTINUATION, b"i")],
        [Frame(TEXT, b"", final=False), Frame(CONTINUATION, b"hi", final=False), Frame(CONTINUATION)],
        [Frame(PONG, b"nobody asked"), HI],
        [HI, Frame(TEXT, b"the next oracle's")],
    ],
)
def test_a_server_may_cut_its_messages_and_ping(frames: Sequence[Frame]) -> None:
    assert judged(hears("hi"), stream(*frames)) is None


def test_a_pong_may_come_on_either_side_of_a_message_and_behind_others() -> None:
    for frames in ([Frame(PONG, b"unasked"), Frame(PONG, b"p"), HI], [HI, Frame(PONG), Frame(PONG, b"p")]):
        assert judged(hears("hi", pongs=[b"p"]), stream(*frames)) is None
    for frames in ([HI, Frame(PONG, b"p")], [Frame(PONG, b"p"), HI]):
        assert judged(hears("hi", pongs=[b"p"]), stream(*frames)) is None


@pytest.mark.parametrize(
    ("oracle", "frames", "diagnosis"),
    [
        (hears("hi"), [Frame(BINARY, b"hi")], "websocket.other_kind"),
        (hears("hi"), [Frame(TEXT, b"h")], "websocket.message_cut"),
        (hears("hi"), [Frame(TEXT, b"ho")], "websocket.message_altered"),
        (hears("hi"), [], "websocket.no_message"),
        (hears("hi"), [BYE], "websocket.closes_early"),
        (hears("hi"), [Frame(TEXT, b"hi", mask=b"abcd")], "websocket.masks_its_frames"),
        (hears("hi"), [Frame(TEXT, b"hi", reserved=4)], "websocket.sends_reserved"),
        (hears("hi"), [Frame(CONTINUATION, b"hi")], "websocket.sends_bad_fragments"),
        (hears("hi"), [Frame(PING, b"x" * 126)], "websocket.sends_bad_control"),
        (hears("hi"), [Frame(TEXT, b"hi", final=False)], "websocket.unfinished_frame"),
        (hears(pongs=[b"p"]), [Frame(PONG, b"q")], "websocket.wrong_pong"),
        (hears(pongs=[b"p"]), [Frame(PONG)], "websocket.no_pong"),
        (hears(pongs=[b"p"]), [HI], "websocket.unwanted_message"),
        (closes([1002]), [BYE], "websocket.wrong_close_code"),
        (closes([1002], suspect="websocket.x"), [HI], "websocket.x"),
        (closes([1002], suspect="websocket.x"), [Frame(TEXT, b"hi", reserved=4)], "websocket.x"),
        (closes([1002], suspect="websocket.x"), [Frame(TEXT, b"hi", mask=b"abcd")], "websocket.masks_its_frames"),
        (closes([1002]), [ERROR, BYE], "websocket.unwanted_message"),
        (closes([1007], errors=True), [ERROR, HI], "websocket.unwanted_message"),
        (closes([1007], errors=True), [ERROR], "websocket.no_close_back"),
        (closes([1002]), [], "websocket.no_close_back"),
        (closes(VALID_CODES), [Frame(CLOSE, b"\x03\xed")], "websocket.wrong_close_code"),
        (closes(VALID_CODES), [Frame(CLOSE, b"\x03")], "websocket.wrong_close_code"),
        (closes(VALID_CODES), [Frame(CLOSE)], "websocket.wrong_close_code"),
        (closes({*VALID_CODES, NO_CODE}), [Frame(CLOSE, b"\x03\xed")], "websocket.wrong_close_code"),
        (closes({*VALID_CODES, NO_CODE}), [Frame(CLOSE, b"\0\0")], "websocket.wrong_close_code"),
    ],
)
def test_what_is_wrong_with_a_servers_frames(oracle: Hears, frames: Sequence[Frame], diagnosis: str) -> None:
    assert judged(oracle, stream(*frames)) == diagnosis


def test_a_chat_may_say_in_words_what_it_closes_for() -> None:
    assert judged(closes([1000], errors=True), stream(ERROR, BYE)) is None


def test_an_end_without_a_close_is_told_as_that() -> None:
    assert judged(closes([1002]), b"", Ending.END) == "websocket.no_close"
    assert judged(hears("hi"), b"", Ending.RESET) == "websocket.hangs_up"


def test_an_oracle_takes_no_byte_of_what_is_the_next_ones() -> None:
    data = stream(Frame(TEXT, b"h", final=False), Frame(CONTINUATION, b"i"), HI)
    oracle = hears("hi")
    assert oracle.complete(data)
    rest = data[oracle.taken(data) :]
    assert rest == HI.encode()
    counts = oracle.part(data)["frames"]
    assert end_of_items(data, *counts) == len(data) - len(rest)
    found = end_of({"frames": counts}, "GET")
    assert found is not None and found(data) == len(data) - len(rest)


def test_many_messages_make_a_short_expression() -> None:
    texts = [f"{number} 好" for number in range(1000)]
    wanted = Wanted(tuple((TEXT, text.encode()) for text in texts))
    assert len(wanted.python()) < 400
    data = stream(*(Frame(TEXT, text.encode()) for text in texts))
    assert Judging({"python": wanted.python()}, None).right_bytes(data, "complete")
    assert not Judging({"python": wanted.python()}, None).right_bytes(data[:-1] + b"x", "complete")


def test_fragments_make_the_message_again() -> None:
    for cuts in ([], [0], [1, 1, 4], [99], range(6)):
        frames = in_fragments("你好", cuts)
        sent = stream(*(frame._replace(mask=None) for frame in frames))
        assert [item.payload.decode() for item in items_of(sent)] == ["你好"]
        assert len({frame.mask for frame in frames}) == len(frames)


# -- the chat ----------------------------------------------------------------------------------------------------------


def events(*values: object) -> bytes:
    import json

    return stream(*(Frame(TEXT, json.dumps(value, indent=1).encode()) for value in values))


def sees(*wanted: object, **more: object) -> SeesMessages:
    return SeesMessages(Sees(InOrder(wanted), kinds=SOCKET_KINDS, **more))  # type: ignore[arg-type]


def test_messages_are_judged_as_lines_however_they_are_spelled() -> None:
    assert judged(sees(joined("A"), said("A", "a\nb")), events(joined("A"), said("A", "a\nb"))) is None
    assert message_lines(events(joined("A"))).count(b"\n") == 1


@pytest.mark.parametrize(
    ("came", "diagnosis"),
    [
        (directed("A", "B", "x"), None),
        (directed("A", "B", "y"), "websocket.wrong_direct"),
        (directed("A", "C", "x"), "websocket.wrong_direct"),
        ({"type": "direct", "name": "A", "text": "x"}, "chat.wrong_keys"),
        (pushed("x"), "websocket.push_to_strangers"),
    ],
)
def test_direct_messages_are_compared_by_their_keys(came: object, diagnosis: str | None) -> None:
    assert judged(sees(directed("A", "B", "x")), events(came)) == diagnosis


def test_a_direct_message_is_for_two_or_for_oneself() -> None:
    room = SocketRoom({"a": "A", "b": "B", "c": "C"})
    assert room.hears("a", direct("B", "x")).sees == {each: [directed("A", "B", "x")] for each in "ab"}
    assert room.hears("a", direct("A", "x")).sees == {"a": [directed("A", "A", "x")]}
    assert [event["type"] for event in room.hears("a", direct("Z", "x")).sees["a"]] == ["error"]
    assert room.push("x").sees == {each: [pushed("x")] for each in "abc"}


def test_a_clients_frame_without_a_mask_is_told_as_that() -> None:
    data = Octets(stream(Frame(TEXT, b"a"), Frame(TEXT, b"b", mask=b"abcd")))
    assert frames_text(data, "en", masked=True).split("\n") == ['TEXT unmasked "a"', 'TEXT "b"']


def test_frames_are_told_one_a_row() -> None:
    data = stream(Frame(TEXT, "好".encode(), final=False, mask=b"abcd"), Frame(PING), Frame(CONTINUATION, b"!"), BYE)
    assert frames_text(Octets(data), "en").split("\n") == ['TEXT FIN 0 "好"', "PING", 'CONTINUATION "!"', "CLOSE 1000"]
    long = Frame(BINARY, b"x" * 100_000).encode()
    assert "99,9" in frames_text(Octets(long[:64], len(long) - 64), "en")
