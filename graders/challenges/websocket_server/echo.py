"""The protocol, at the echo: the handshake, messages in frames and fragments, pings, the closing handshake."""

from __future__ import annotations

from contextlib import ExitStack

from hypothesis import strategies as st

from graders.challenges.websocket_server.connecting import ask, exchange
from graders.challenges.websocket_server.unit import ECHOES, PUBLIC, SHAKES, unit
from graders.core import common
from graders.core.models.web_answer import status
from graders.core.rubric import given
from graders.core.traffic.web_requests import get
from graders.core.traffic.websocket import (
    GOOD_CLOSES,
    LARGEST,
    MANY_FRAGMENTS,
    MASKS,
    SIZES,
    SPELLINGS,
    Handshake,
    Spelling,
    evenly,
    fragmented,
    handshakes,
    in_fragments,
    in_one,
    payload_of,
    ping,
    pong,
)
from graders.core.wire.server import Server
from graders.core.wire.websocket import WebSocketPeer, open_websocket

unit.check(points=0, actor="program")(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


@unit.check(points=2, cases=10, needs=PUBLIC)
@given(handshake=handshakes())
def shakes_hands(server: Server, handshake: Handshake) -> None:
    """握手：101、它的首部和 Sec-WebSocket-Accept 都对。 The handshake: 101, its headers, the right Accept."""
    with server.connect("A").become(WebSocketPeer) as client:
        client.shake_hands(handshake)
        client.exchange("a")


@unit.check(points=1, cases=len(SPELLINGS) + 1, needs=SHAKES)
@given(spelling=st.sampled_from(SPELLINGS))
def shakes_hands_in_any_spelling(server: Server, spelling: Spelling) -> None:
    """首部名不分大小写，列表逐项看，冒号后可以没有空格。 Names in any case, lists, no space needed behind a colon."""
    with server.connect("A").become(WebSocketPeer) as client:
        client.shake_hands(Handshake(spelling=spelling), suspect="websocket.head_misread")
        client.exchange("a")


#: The last three are changed by programs that mean well: who takes off a BOM, line ends, normal forms.
ECHOED = (
    "你好", "a", "", "hello", " 好 ", "😀", "é\n\0", "x" * 125,
    "\ufeff有 BOM", "两行\r\n文字\r", "e\u0301\u1100\u1161",
)  # fmt: skip


@unit.check(points=3, cases=len(ECHOED) + 1, needs=SHAKES)
@given(texts=st.lists(st.sampled_from(ECHOED), min_size=1, max_size=6))
def echoes_a_text(server: Server, texts: list[str]) -> None:
    """每条文字消息原样送回，一条一条来。 Each text message comes back as it was, one after the other."""
    with open_websocket(server.connect) as client:
        for text in texts:
            client.exchange(text)


@unit.check(points=2, cases=8, needs=SHAKES)
@given(
    payloads=st.lists(
        st.sampled_from([b"\x00\xff\xfe", b"", b"abc", "你好".encode(), bytes(range(256))]), min_size=1, max_size=4
    )
)
def echoes_binary(server: Server, payloads: list[bytes]) -> None:
    """二进制消息作为二进制原样送回。 Binary messages come back as they were, as binary ones."""
    with open_websocket(server.connect) as client:
        for payload in payloads:
            client.exchange(payload)
            client.exchange("你好")


#: Who takes a mask off byte by byte has a second's work with 1 MiB, and more on a busy machine.
BY_HAND_UNITS = 3.0


@unit.check(points=3, cases=2 * len(SIZES) + 1, needs=ECHOES)
@given(size=st.sampled_from((*SIZES, *SIZES, *LARGEST)), binary=st.booleans(), mask=st.sampled_from(MASKS))
def echoes_any_size(server: Server, size: int, binary: bool, mask: bytes) -> None:
    """消息可以是 1 MiB 以内的任何长度，掩码任意。 A message may be of any length up to 1 MiB, with any mask."""
    with open_websocket(server.connect) as client:
        payload = payload_of(size, binary)
        client.send_frames([in_one(payload, mask)])
        client.hear(payload, suspect="websocket.size", units=BY_HAND_UNITS)
        client.exchange("完")


@unit.check(points=3, cases=20, needs=ECHOES)
@given(message_and_cuts=fragmented(), mask=st.sampled_from(MASKS))
def joins_fragments(server: Server, message_and_cuts: tuple[str | bytes, tuple[int, ...]], mask: bytes) -> None:
    """一条消息可以分成几帧，汉字可以切开，片段可以是空的。 Fragments, cut anywhere, even empty, make one message."""
    message, cuts = message_and_cuts
    with open_websocket(server.connect) as client:
        client.send_frames(in_fragments(message, cuts, mask))
        client.hear(message, suspect="websocket.fragments")
        client.exchange("完")


@unit.check(points=2, cases=len(MANY_FRAGMENTS) + 1, needs=["joins_fragments"])
@given(size_and_count=st.sampled_from(MANY_FRAGMENTS), binary=st.booleans())
def joins_a_thousand_fragments(server: Server, size_and_count: tuple[int, int], binary: bool) -> None:
    """最多 1000 个片段，合计 1 MiB。 Up to 1000 fragments, 1 MiB together."""
    size, count = size_and_count
    with open_websocket(server.connect) as client:
        payload = payload_of(size, binary)
        client.send_frames(in_fragments(payload, evenly(size, count)))
        client.hear(payload, suspect="websocket.many_fragments", units=BY_HAND_UNITS)
        client.exchange("完")


@unit.check(points=2, cases=12, needs=ECHOES)
@given(
    handshake=handshakes(),
    cuts=st.lists(st.integers(1, 160), max_size=4),
    behind=st.lists(st.sampled_from(["你好", "a", "x" * 200]), max_size=2),
    apart=st.booleans(),
)
def takes_a_request_in_pieces(
    server: Server, handshake: Handshake, cuts: list[int], behind: list[str], apart: bool
) -> None:
    """请求可以切成几段，后面可以紧跟着帧。 The request may come in pieces, with frames right behind it."""
    frames = b"".join(in_one(text).encode() for text in behind)
    end = len(handshake.request.bytes(f"127.0.0.1:{server.address[1]}"))
    places = [*cuts, *([end - 1] if apart else [])]
    if any(place < end for place in places):
        with server.connect("A").become(WebSocketPeer) as client:
            client.shake_hands(handshake, cut_at=places, suspect="websocket.request_in_pieces")
            client.exchange("完", suspect="websocket.request_in_pieces")
    with server.connect("B").become(WebSocketPeer) as client:
        client.shake_hands(handshake, cut_at=places, behind=frames)
        if behind:
            client.hear(*behind, suspect="websocket.lost_behind_request")
        client.exchange("完")


@unit.check(points=2, cases=12, needs=ECHOES)
@given(
    texts=st.lists(st.sampled_from(["你好", "a", "", "x" * 130, "好" * 30]), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 600), max_size=6),
)
def takes_frames_in_pieces(server: Server, texts: list[str], cuts: list[int]) -> None:
    """帧可以在任何地方切开，也可以几帧粘在一起。 Frames may be cut anywhere, and glued together."""
    with open_websocket(server.connect) as client:
        frames = [in_one(text) for text in texts]
        length = sum(len(frame.encode()) for frame in frames)
        client.send_frames(frames, cut_at=[1 + cut % length for cut in cuts])
        client.hear(*texts, suspect="websocket.cut_frames")
        client.exchange("完", suspect="websocket.cut_frames")


@unit.check(points=2, cases=8, needs=ECHOES)
@given(payload=st.sampled_from([b"hello", b"", b"\x00\xff", "你好".encode(), b"p" * 125, bytes(range(125))]))
def answers_pings(server: Server, payload: bytes) -> None:
    """ping 用同样数据的 pong 回答；没有问过的 pong 不用理会。 A ping gets a pong with its data; a pong gets nothing."""
    with open_websocket(server.connect) as client:
        client.send_frames([ping(payload)])
        client.hear(pongs=[payload])
        client.exchange("你好")
        client.send_frames([pong(payload)])
        client.exchange("完")


@unit.check(points=3, cases=len(GOOD_CLOSES) + 1, needs=ECHOES)
@given(payload=st.sampled_from(GOOD_CLOSES), spoke=st.booleans())
def closes_in_good_order(server: Server, payload: bytes, spoke: bool) -> None:
    """关闭握手：Close 得到 Close，然后服务器关闭连接。 A Close gets a Close, and the server closes the connection."""
    with open_websocket(server.connect) as client:
        if spoke:
            client.exchange("你好")
        client.say_goodbye(payload)
    with exchange(server, "B"):
        pass


@unit.check(points=2, cases=8, needs=ECHOES)
@given(
    talk=st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["你好", "a", "hello"])), min_size=1, max_size=6),
    half=st.booleans(),
)
def serves_several_clients(server: Server, talk: list[tuple[str, str]], half: bool) -> None:
    """几个客户端同时连着，各自只得到自己的。 Several clients at once, each gets its own and no more."""
    suspect = "websocket.several_clients"
    with ExitStack() as stack:
        clients = {name: stack.enter_context(open_websocket(server.connect, name, suspect=suspect)) for name in "ABC"}
        if half:
            clients["C"].send_frames(in_fragments("你好", [2])[:1])
        for name, text in talk:
            if name != "C" or not half:
                clients[name].exchange(text, suspect=suspect)
        if half:
            clients["C"].send_frames(in_fragments("你好", [2])[1:])
            clients["C"].hear("你好", suspect=suspect)
        for name, client in clients.items():
            client.exchange(f"{name} 完", suspect=suspect)


@unit.check(points=2, cases=14, needs=SHAKES)
@given(
    path=st.sampled_from(["/nothing", "/echo/x", "/chats", "/echo/", "/index.html", "/chat/", "/%20"]),
    upgrade=st.booleans(),
)
def answers_404_elsewhere(server: Server, path: str, upgrade: bool) -> None:
    """别的路径是 404，有没有要求升级都一样。 Other paths are 404, with and without an upgrade."""
    request = Handshake(path).request if upgrade else get(path)
    ask(server, request, status(404, suspect="websocket.not_404", accepted="websocket.not_404"))
    with exchange(server):
        pass
