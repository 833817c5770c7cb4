"""The unit: what it is called, offers, and how it is started; and what its checks need of each other."""

from __future__ import annotations

from graders.core.rubric import Serve, Unit

unit = Unit(
    "WebSocket 服务器：回声、聊天室、聊天网页。 WebSocket server: an echo, a chat room and a page to chat in.",
    "websocket_server",
    section="21.7",
    offers={"WebSocketServer": ["start", "push"]},
    starts=Serve("WebSocketServer", default_port=8765),
    clients=200,
)

PUBLIC = ["offers_the_public_names"]
SHAKES = ["shakes_hands"]
ECHOES = ["echoes_a_text"]
SIZED = ["echoes_any_size"]
ANNOUNCES = ["announces_newcomers"]
TALKS = ["passes_messages_on"]
CLOSES = ["closes_in_good_order"]
PONGS = ["answers_pings"]
LEAVES = ["announces_those_who_leave"]
