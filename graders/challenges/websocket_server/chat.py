"""The chat room: joining, talking, direct messages, push(), leaving."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from hypothesis import strategies as st

from graders.challenges.websocket_server.unit import ANNOUNCES, LEAVES, PONGS, SHAKES, TALKS, unit
from graders.core import chat_room
from graders.core.models.chat_courses import InOrder
from graders.core.models.chat_events import join, joined, leave, line, message
from graders.core.models.chat_seen import Sees
from graders.core.models.websocket_chat import Binary, SeesMessages, direct
from graders.core.rubric import given
from graders.core.traffic.chat import BAD_NAMES, SAME_NAMES, TEXTS
from graders.core.traffic.chat_histories import histories
from graders.core.traffic.pools import most_of
from graders.core.traffic.websocket_chat import (
    BAD_DIRECTS,
    BAD_MESSAGES,
    BINARIES,
    FIRST_MESSAGES,
    PUSHED,
    WRITTEN,
    Long,
    long_texts,
    privately,
)
from graders.core.wire.chat import LEAVE
from graders.core.wire.chat_scenes import everybody
from graders.core.wire.server import Server
from graders.core.wire.websocket import WebSocketPeer, open_as
from graders.core.wire.websocket_chat import SocketChat


def open_room(server: Server) -> SocketChat:
    return SocketChat(server.connect)


@unit.check(points=2, cases=3, needs=SHAKES, fresh=True)
@given(clients=st.integers(1, 3))
def announces_newcomers(server: Server, clients: int) -> None:
    """/chat：加入的通知发给所有已加入的人，也是新来的人的第一条。 /chat: a join goes to all, the newcomer included."""
    with SocketChat(server.connect) as chat:
        for who in "ABC"[:clients]:
            chat.joins(who)
        chat.joins("D", "小明")


unit.check(points=3, cases=6, needs=ANNOUNCES, fresh=True)(chat_room.passes_messages_on(open_room))


@unit.check(points=2, cases=4, needs=TALKS, fresh=True)
@given(texts=most_of(TEXTS), escaped=st.booleans(), fragments=st.lists(st.integers(1, 100), max_size=2))
def keeps_every_text(server: Server, texts: list[str], escaped: bool, fragments: list[int]) -> None:
    """任何文字都原样转发，分片的也一样。 Any text is passed on unchanged, one in fragments, too."""
    with SocketChat(server.connect) as chat:
        chat.joins("A")
        chat.joins("B")
        for text in texts:
            suspect = "websocket.fragments" if fragments else None
            chat.says("A", text, escaped=escaped, fragments=fragments, suspect=suspect)
        everybody(chat)


unit.check(points=1, cases=3, needs=TALKS, fresh=True)(chat_room.takes_every_good_name(open_room))


@unit.check(points=2, cases=4, needs=TALKS, fresh=True)
@given(names=most_of(BAD_NAMES), pairs=most_of(SAME_NAMES), first=most_of(FIRST_MESSAGES))
def refuses_bad_joins(server: Server, names: list[Any], pairs: list[tuple[str, str]], first: list[bytes]) -> None:
    """名字不行、已被使用、第一条不是 join：error，然后关闭。 A bad or taken name, or no join: error, then close."""
    with SocketChat(server.connect) as chat:
        chat.joins("A", "证人")
        for name in names:
            chat.tells("B", join(name), suspect="chat.bad_name_accepted")
            chat.says("A", "还在", suspect="chat.refusal_disturbs")
        for number, (taken, asked) in enumerate(pairs):
            chat.joins(f"C{number}", taken)
            chat.joins("D", asked, suspect="chat.taken_name_accepted")
            chat.says(f"C{number}", "还是我", suspect="chat.refusal_disturbs")
        for words in first:
            chat.tells("E", words, suspect="chat.join_not_required")
            chat.says("A", "还在", suspect="chat.refusal_disturbs")


#: What may stand behind a leave, which ends all.
BEHIND = ((), (message("还在"),), (leave(),), (join("D"), message("x")))

#: A message, and the end of the stream right behind it.
SPEAKING = "half-close behind a message"


@unit.check(points=2, cases=8, needs=TALKS, fresh=True)
@given(how=st.sampled_from((*SocketChat.ways_to_leave, SPEAKING)), spoke=st.booleans(), behind=st.sampled_from(BEHIND))
def announces_those_who_leave(server: Server, how: str, spoke: bool, behind: tuple[Any, ...]) -> None:
    """不管怎样离开，留下的人都收到通知，名字又可以用了。 Every way to leave is announced, and frees the name."""
    with SocketChat(server.connect) as chat:
        for who in "ABC":
            chat.joins(who)
        if spoke:
            chat.says("B", "再见")
        if how == LEAVE and behind:
            chat.tells("B", leave(), *behind, suspect="chat.after_leave")
            everybody(chat, suspect="chat.after_leave")
        elif how == SPEAKING:
            chat.says_and_leaves("B", "最后一句", suspect="chat.last_message_lost")
        else:
            chat.leaves("B", how)
        chat.joins("D", "B", suspect="chat.name_not_freed")
        everybody(chat)


unit.check(points=2, cases=4, needs=TALKS, fresh=True)(
    chat_room.answers_what_it_does_not_understand(open_room, BAD_MESSAGES)
)


@unit.check(points=1, cases=3, needs=TALKS, fresh=True)
@given(binaries=most_of(BINARIES))
def answers_binary_messages_with_an_error(server: Server, binaries: list[Binary]) -> None:
    """聊天室里的二进制消息只得到 error，连接继续。 A binary message in the chat gets an error, and it goes on."""
    with SocketChat(server.connect) as chat:
        for who in "AB":
            chat.joins(who)
        for binary in binaries:
            chat.tells("A", binary, suspect="websocket.binary_in_chat")
            chat.says("A", "你好", suspect="websocket.binary_in_chat")


@unit.check(points=1, cases=3, needs=[*TALKS, *PONGS], fresh=True)
@given(data=st.sampled_from([b"hello", b"", b"\xff" * 125]))
def answers_pings_in_the_chat(server: Server, data: bytes) -> None:
    """/chat：加入之前和之后，ping 都得到 pong。 /chat: a ping gets its pong, before the join and behind it."""
    with SocketChat(server.connect) as chat:
        chat.joins("A")
        chat.pings("B", data)
        chat.joins("B")
        chat.pings("B", data)
        everybody(chat)


@unit.check(points=2, cases=8, needs=TALKS, fresh=True)
@given(letters=privately())
def delivers_direct_messages(server: Server, letters: list[tuple[str, str, str]]) -> None:
    """direct 只给收的人和说的人，各一次；对自己说也是一次。 A direct is for its receiver and its sender alone."""
    with SocketChat(server.connect) as chat:
        for who in "ABC":
            chat.joins(who, f" {who} ")
        for who, to, text in letters:
            chat.writes_to(who, to, text)
            chat.says("C", "在")


unit.check(points=1, cases=4, needs=["delivers_direct_messages", *LEAVES], fresh=True)(
    chat_room.ignores_extra_keys(open_room, [direct("B", "悄悄话")])
)


@unit.check(points=2, cases=4, needs=["delivers_direct_messages"], fresh=True)
@given(bad=most_of(BAD_DIRECTS), texts=most_of(WRITTEN))
def answers_bad_directs_with_an_error(server: Server, bad: list[Any], texts: list[str]) -> None:
    """没有这个人、内容不对的 direct 得到 error，任何文字都原样。 Unknown receivers get an error, any text is kept."""
    with SocketChat(server.connect) as chat:
        for who in "AB":
            chat.joins(who)
        for asked in bad:
            chat.tells("A", asked)
            chat.says("A", "还在", suspect="chat.error_ends")
        for text in texts:
            chat.writes_to("A", "B", text)
        chat.leaves("B")
        chat.writes_to("A", "B", "走了")
        everybody(chat)


@unit.check(points=3, cases=6, needs=TALKS, fresh=True)
@given(
    texts=st.lists(st.sampled_from(PUSHED), min_size=1, max_size=3), stranger=st.sampled_from(["", "/echo", "/chat"])
)
def pushes(server: Server, texts: list[str], stranger: str) -> None:
    """push() 马上把文字发给所有已加入的人，别人没有。 push() sends a text to all who have joined, at once."""
    with SocketChat(server.connect) as chat, ExitStack() as stack:
        guest = None
        if stranger:
            guest = stack.enter_context(open_as(WebSocketPeer, server.connect, "S", stranger))
        for who in "AB":
            chat.joins(who)
        for text in texts:
            chat.are_pushed(server.instance(), [text])
        everybody(chat)
        chat.are_pushed(server.instance(), [f"{number} {texts[0]}" for number in range(30)])
        everybody(chat)
        if guest is not None and stranger == "/echo":
            guest.exchange("完", suspect="websocket.push_to_strangers")
        elif guest is not None:
            guest.say(line(join("S"), end=b"").decode())
            guest.expect(SeesMessages(Sees(InOrder([joined("S")]), first=True, suspect="websocket.push_to_strangers")))


unit.check(points=2, cases=8, needs=[*TALKS, *LEAVES, "refuses_bad_joins"], fresh=True)(
    chat_room.keeps_a_history(open_room, histories(bad_lines=BAD_MESSAGES))
)


@unit.check(points=2, cases=6, needs=TALKS, fresh=True)
@given(long=long_texts(), privately=st.booleans())
def takes_long_texts(server: Server, long: Long, privately: bool) -> None:
    """60,000 个字符的文字也转发。 Texts of up to 60,000 characters are passed on."""
    with SocketChat(server.connect) as chat:
        chat.joins("A")
        chat.joins("B")
        asked = direct("B", long.text) if privately else message(long.text)
        chat.tells("A", asked, escaped=long.escaped, fragments=long.fragments, suspect="websocket.long_text")
        everybody(chat, suspect="websocket.long_text")


unit.check(points=2, cases=4, needs=TALKS, fresh=True)(chat_room.serves_all_who_talk_at_once(open_room))
