"""WebSocket 服务器：回声、聊天室、聊天网页。 WebSocket server: an echo, a chat room and a page to chat in.

Lesson 21.7, task 2; RFC 6455. A client of the grader speaks frame by frame (wire/websocket.py). Every check ends with
an exchange whose answer is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from hypothesis import strategies as st

from graders.core import common
from graders.core.rubric import Serve, Unit, given
from graders.core.traffic.websocket import (
    Handshake,
    handshakes,
)
from graders.core.wire.server import Server
from graders.core.wire.websocket import WebSocketPeer, open_websocket

unit = Unit(
    __doc__,
    "websocket_server",
    section="21.7",
    offers={"WebSocketServer": ["start", "push"]},
    starts=Serve("WebSocketServer", default_port=8765),
    clients=700,  # 200, and libraries serve each with three threads
)


@contextmanager
def exchange(server: Server, name: str = "A") -> Iterator[WebSocketPeer]:
    """Prove that the server serves ``name``, who stays connected."""
    with open_websocket(server.connect, name) as client:
        client.exchange("你好")
        yield client


PUBLIC = ["offers_the_public_names"]
SHAKES = ["shakes_hands"]
ECHOES = ["echoes_a_text"]

unit.check(points=0, actor="program")(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


@unit.check(points=4, cases=10, needs=PUBLIC)
@given(handshake=handshakes())
def shakes_hands(server: Server, handshake: Handshake) -> None:
    """握手：首部的名字不分大小写，列表逐项看，101 和 Accept 都对。 The handshake: any case, lists, the right Accept."""
    with server.connect("A").become(WebSocketPeer) as client:
        client.shake_hands(handshake)
        client.exchange("a")


@unit.check(points=4, cases=10, needs=SHAKES)
@given(
    texts=st.lists(
        st.sampled_from(["你好", "a", "", "hello", " 好 ", "😀", "é\n\0", "x" * 125]), min_size=1, max_size=6
    )
)
def echoes_a_text(server: Server, texts: list[str]) -> None:
    """每条文字消息原样送回，一条一条来。 Each text message comes back as it was, one after the other."""
    with open_websocket(server.connect) as client:
        for text in texts:
            client.exchange(text)


_ = partial
