"""What breaks the protocol is refused with the right code, and no client holds up others."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from hypothesis import strategies as st

from graders.challenges.websocket_server.chat import open_room
from graders.challenges.websocket_server.connecting import ask, exchange
from graders.challenges.websocket_server.unit import CLOSES, LEAVES, PONGS, SHAKES, SIZED, unit
from graders.core import chat_room
from graders.core.models.web_answer import REFUSED, status
from graders.core.rubric import given
from graders.core.traffic.chat_histories import rushes
from graders.core.traffic.pools import part_of
from graders.core.traffic.websocket import (
    BAD_CLOSES,
    BAD_HANDSHAKES,
    CHAT_VIOLATIONS,
    MEBIBYTE,
    NOT_UTF8,
    PROTOCOL_VIOLATIONS,
    Handshake,
    Violation,
    fragmented,
    in_fragments,
    in_one,
    payload_of,
    ping,
    pong,
)
from graders.core.wire.chat_scenes import crowd, everybody, talk_beside_a_late_reader
from graders.core.wire.server import Server
from graders.core.wire.tcp import Reading
from graders.core.wire.web import host_of, still_running
from graders.core.wire.websocket import WebSocketPeer, open_as, open_websocket
from graders.core.wire.websocket_chat import SocketChat

BROKEN = ["refuses_broken_frames", "refuses_what_is_not_utf8", "refuses_what_is_too_big"]
AT_ONCE = ["serves_all_who_talk_at_once"]


@unit.check(points=4, tier="robust", cases=len(PROTOCOL_VIOLATIONS) + 1, needs=CLOSES)
@given(violation=st.sampled_from(PROTOCOL_VIOLATIONS))
def refuses_broken_frames(server: Server, violation: Violation) -> None:
    """违反协议的帧：Close 1002。 Frames that break the protocol: a Close with 1002."""
    with exchange(server) as client:
        client.send_frames(violation.frames)
        client.expect_close([1002], suspect=violation.diagnosis)
    with exchange(server, "B", suspect="websocket.several_clients"):
        pass


@unit.check(points=3, tier="robust", cases=len(NOT_UTF8) + 1, needs=CLOSES)
@given(data=st.sampled_from(NOT_UTF8), cut=st.one_of(st.none(), st.integers(0, 8)))
def refuses_what_is_not_utf8(server: Server, data: bytes, cut: int | None) -> None:
    """文字不是 UTF-8：Close 1007；二进制就可以。 Text that is not UTF-8: a Close with 1007; binary is fine."""
    with exchange(server) as client:
        client.exchange(data)
        client.send_frames(in_fragments(data, [] if cut is None else [cut], text=True))
        client.expect_close([1007], suspect="websocket.not_utf8_taken")
    with exchange(server, "B", suspect="websocket.several_clients"):
        pass


@unit.check(points=2, tier="robust", cases=6, needs=[*CLOSES, *SIZED])
@given(
    sizes=st.sampled_from([[MEBIBYTE + 1], [MEBIBYTE, 1], [600_000, 600_000], [1, MEBIBYTE], [2 * MEBIBYTE]]),
    binary=st.booleans(),
)
def refuses_what_is_too_big(server: Server, sizes: list[int], binary: bool) -> None:
    """超过 1 MiB 的消息（片段合计）：Close 1009。 Over 1 MiB, fragments together: a Close with 1009."""
    total = sum(sizes)
    with exchange(server) as client:
        payload = payload_of(total, binary)
        client.send_frames(in_fragments(payload, sizes[:1] if len(sizes) > 1 else []))
        client.expect_close([1009], suspect="websocket.too_big_taken")
    with exchange(server, "B", suspect="websocket.several_clients"):
        pass


@unit.check(points=2, tier="robust", cases=len(BAD_CLOSES) + 1, needs=CLOSES)
@given(payload=st.sampled_from(BAD_CLOSES))
def refuses_invalid_close_codes(server: Server, payload: bytes) -> None:
    """无效的关闭码，只有一个字节的 Close：Close 1002。 An invalid code, or a Close of one byte: a Close with 1002."""
    with exchange(server) as client:
        client.send_close(payload)
        client.expect_close([1002], suspect="websocket.bad_close_taken")
    with exchange(server, "B"):
        pass


@unit.check(points=3, tier="robust", cases=8, needs=["joins_fragments", *PONGS, *CLOSES])
@given(
    message_and_cuts=fragmented(),
    payload=st.sampled_from([b"", b"ping", b"\xff" * 125]),
    pongs=st.booleans(),
    waits=st.booleans(),
    closes=st.booleans(),
)
def takes_control_frames_between_fragments(
    server: Server,
    message_and_cuts: tuple[str | bytes, tuple[int, ...]],
    payload: bytes,
    pongs: bool,
    waits: bool,
    closes: bool,
) -> None:
    """ping、pong 和 Close 可以夹在片段之间，马上得到回答。 Pings, pongs and a Close may come between fragments."""
    message, cuts = message_and_cuts
    first, *rest = in_fragments(message, cuts)
    between = [*([pong(payload)] if pongs else []), ping(payload)]
    with open_websocket(server.connect) as client:
        if waits:  # the rest comes when the pong has come
            client.send_frames([first, *between])
            client.hear(pongs=[payload], suspect="websocket.control_between")
            client.send_frames(rest)
            client.hear(message, suspect="websocket.control_between")
        else:
            client.send_frames([first, *between, *rest])
            client.hear(message, pongs=[payload], suspect="websocket.control_between")
        client.exchange("完")
        if closes:
            client.send_frames([first])
            client.say_goodbye()


@unit.check(points=3, tier="robust", cases=4, needs=[*BROKEN, *LEAVES], fresh=True)
@given(violations=part_of(CHAT_VIOLATIONS))
def throws_out_of_the_chat_who_breaks_the_protocol(server: Server, violations: list[Violation]) -> None:
    """/chat 也守协议：Close 1002、1007、1009，别人看到他离开。 In the chat, too: the Close, and a leave."""
    with SocketChat(server.connect) as chat:
        chat.joins("A")
        for violation in violations:
            chat.joins("B", suspect="chat.name_not_freed")
            chat.breaks_the_protocol("B", violation)
            chat.says("A", "还在")
        chat.joins("B", suspect="chat.name_not_freed")
        everybody(chat)


unit.check(points=1, tier="robust", cases=3, needs=["refuses_bad_joins", *AT_ONCE], fresh=True)(
    chat_room.admits_one_of_a_name(open_room)
)
unit.check(points=2, tier="robust", cases=12, needs=[*LEAVES, *AT_ONCE], fresh=True)(
    chat_room.shows_everybody_the_same_order(open_room, rushes())
)


@unit.check(points=2, tier="robust", cases=len(BAD_HANDSHAKES) + 1, needs=SHAKES)
@given(what=st.sampled_from(sorted(BAD_HANDSHAKES)))
def refuses_bad_handshakes(server: Server, what: str) -> None:
    """握手缺少首部或者不对：4xx。 A handshake whose headers are missing or wrong: 4xx."""
    suspect = "websocket.bad_handshake_taken"
    question = status(*REFUSED, suspect=suspect, accepted=suspect)
    # A header that is no ASCII may be more than a server's parser can bear: hanging up is an answer, too.
    ask(server, BAD_HANDSHAKES[what], question, may_close=not what.isascii())
    with still_running(server), exchange(server):
        pass


@unit.check(points=3, tier="robust", cases=5, needs=["takes_long_texts"], fresh=True)
@given(manner=st.sampled_from(["never reads", "echo never read", "says nothing", "half a request", "half a frame"]))
def is_held_up_by_no_client(server: Server, manner: str) -> None:
    """不接收的、沉默的、只说一半的客户端不耽误别人。 A client that never reads, or is silent, delays nobody."""
    suspect = "websocket.held_up"
    with SocketChat(server.connect, suspect=suspect) as chat, ExitStack() as stack:
        chat.joins("A")
        chat.joins("B")
        if manner == "never reads":
            chat.connect("S", narrow=True)
            chat.joins("S")
            texts = ["x" * 60_000] * 80
            talk_beside_a_late_reader(chat, texts, "S", pause=0.05, may_end=True, suspect=suspect)
        elif manner == "echo never read":
            deaf = stack.enter_context(open_websocket(server.connect, "S", narrow=True))
            deaf.send_frames([in_one(payload_of(MEBIBYTE, True))] * 8, reading=Reading.NEVER)
        elif manner == "says nothing":
            for name in ("S1", "S2", "S3"):
                stack.enter_context(server.connect(name))
        elif manner == "half a request":
            half = stack.enter_context(server.connect("S"))
            half.send(Handshake("/chat").request.bytes(host_of(server))[:60])
        else:
            half = stack.enter_context(open_as(WebSocketPeer, server.connect, "S", "/chat"))
            half.send(in_one("没说完").encode()[:5])
        everybody(chat, suspect=suspect)
        chat.joins("D", suspect=suspect)
        with exchange(server, "E"):
            pass


@unit.check(points=2, tier="robust", needs=["serves_all_who_talk_at_once", "announces_those_who_leave"], fresh=True)
def serves_200_clients(server: Server) -> None:
    """200 个客户端同时在场，谁也不少。 200 clients at once, and nothing is lost."""
    suspect = "websocket.many_clients"
    with ExitStack() as stack:
        guests = [open_websocket(server.connect, f"E{number}", suspect=suspect) for number in range(120)]
        for guest in guests:
            stack.enter_context(guest)
            guest.exchange("你好", suspect=suspect)
        chat = stack.enter_context(SocketChat(partial(server.connect, refused=suspect), suspect=suspect))
        crowd(chat, [f"U{number}" for number in range(80)], suspect=suspect)
        for guest in guests:
            guest.exchange("完", suspect=suspect)
