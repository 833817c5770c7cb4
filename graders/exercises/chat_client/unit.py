"""The unit: what it is called and offers; and what its checks need of each other."""

from __future__ import annotations

from graders.core.rubric import Unit

unit = Unit(
    "聊天室客户端：加入、发言，收到大家的发言和进出通知。 Chat client: joins, speaks, hears the room's events.",
    "chat_client",
    section="21.6",
    offers={"ChatClient": ["connect", "send", "receive", "close"]},
    modules=("chat_gui",),
)

PUBLIC = ["offers_the_public_names"]
JOINS = ["joins"]
SENDS = ["sends_a_text"]
RECEIVES = ["receives_an_event"]
