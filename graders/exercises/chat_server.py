"""聊天服务器：每个人说的话，所有人都按同样的顺序收到。 Chat server: what one says all receive, in one order.

Lesson 21.6, exercise 1: JSON Lines over TCP. Every step of a conversation is a barrier (wire/chat.py): it ends when all
clients have seen what it must lead to. The last step shows that nothing else has come to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from hypothesis import strategies as st

from graders.core import chat_room, common
from graders.core.models.chat_events import MOST_OWED, join, leave, line, message, most_bytes, refused, said
from graders.core.models.chat_history import Step
from graders.core.rubric import Serve, Unit, given
from graders.core.traffic.chat import (
    BAD_LINES,
    BAD_NAMES,
    BAD_TEXTS,
    ENDLESS,
    FIRST_LINES,
    NOT_JSON,
    NOT_OBJECTS,
    SAME_NAMES,
    SHORT_TEXTS,
    TEXTS,
    UNKNOWN_TYPES,
    WHILE_IT_LEAVES,
    WHILE_IT_NEVER_READS,
    WHILE_IT_PAUSES,
    LongText,
    long_texts,
)
from graders.core.traffic.chat_histories import SILENTLY, histories, rushes
from graders.core.traffic.pools import most_of
from graders.core.wire.chat import LEAVE, RESET, WAYS_TO_LEAVE, Chat
from graders.core.wire.chat_scenes import (
    LONE_SURROGATES,
    ODD_LINES,
    crowd,
    everybody,
    follow,
    is_taken,
    joins_and_is_gone,
    refused_at_once,
    something_odd,
    talk_in_rounds,
)
from graders.core.wire.script import Script
from graders.core.wire.server import Server

unit = Unit(
    __doc__,
    "chat_server",
    section="21.6",
    offers={"ChatServer": ["start"]},
    starts=Serve("ChatServer", default_port=9999),
    clients=200,
)


@contextmanager
def exchange(server: Server, name: str = "A") -> Iterator[Chat]:
    """Prove that the server serves ``name``, who stays connected."""
    with Chat(server.connect) as chat:
        chat.joins(name)
        yield chat


def open_room(server: Server) -> Chat:
    return Chat(server.connect)


PUBLIC = ["offers_the_public_names"]
ALIVE = ["answers_a_join"]
ANNOUNCES = ["announces_newcomers"]
TALKS = ["passes_messages_on"]
LEAVES = ["announces_those_who_leave"]
ERRS = ["answers_what_it_does_not_understand"]
FREES = ["frees_the_name_of_one_who_left"]
NOT_BEFORE = ["tells_nothing_to_who_has_not_joined"]
AT_ONCE = ["serves_all_who_talk_at_once"]
PIECES = ["keeps_a_history_in_pieces"]

#: What a history is made of.
EACH = [
    *("keeps_every_text", "refuses_bad_names", "refuses_a_taken_name", "wants_a_join_first"),
    *(*LEAVES, *FREES, *ERRS, "listens_to_nothing_after_a_leave"),
]

unit.check(points=0, actor="program")(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


@unit.check(points=4, cases=3, needs=PUBLIC, fresh=True)
@given(name=st.sampled_from(["Ann", "小明", "Bob"]))
def answers_a_join(server: Server, name: str) -> None:
    """加入的人首先收到自己的加入通知。 Who joins gets his own join first."""
    with Chat(server.connect) as chat:
        chat.joins("A", name)


@unit.check(points=4, cases=4, needs=ALIVE, fresh=True)
@given(clients=st.integers(2, 4))
def announces_newcomers(server: Server, clients: int) -> None:
    """有人加入时，所有已加入的人都收到通知，恰好一次。 A join is announced to all who have joined, once."""
    with Chat(server.connect) as chat:
        for who in "ABCD"[:clients]:
            chat.joins(who)
        chat.joins("E")


unit.check(points=6, cases=8, needs=ANNOUNCES, fresh=True)(chat_room.passes_messages_on(open_room))


@unit.check(points=4, cases=4, needs=TALKS, fresh=True)
@given(texts=most_of(TEXTS), escaped=st.booleans())
def keeps_every_text(server: Server, texts: list[str], escaped: bool) -> None:
    """任何文字都原样转发：空的、有换行的、有表情的。 Any text is passed on unchanged: empty, with line ends, emoji."""
    with Chat(server.connect) as chat:
        chat.joins("A")
        chat.joins("B")
        for text in texts:
            chat.says("A", text, escaped=escaped)
        everybody(chat)


unit.check(points=3, cases=4, needs=TALKS, fresh=True)(chat_room.takes_every_good_name(open_room))


@unit.check(points=3, cases=4, needs=TALKS, fresh=True)
@given(bad_names=most_of(BAD_NAMES), missing=st.booleans())
def refuses_bad_names(server: Server, bad_names: list[Any], missing: bool) -> None:
    """名字不行：error，然后关闭，别人什么也不知道。 A bad name: error, then close, and nobody else notices."""
    with Chat(server.connect) as chat:
        chat.joins("A")
        for asked in [*({"type": "join"} for _ in range(missing)), *map(join, bad_names)]:
            chat.tells("B", asked, suspect="chat.bad_name_accepted")
            everybody(chat, suspect="chat.refusal_disturbs")
        refused_at_once(chat, "B", join(""), join("Bob"), suspect="chat.bad_name_accepted")
        everybody(chat, suspect="chat.refusal_disturbs")


@unit.check(points=4, cases=4, needs=TALKS, fresh=True)
@given(pairs=most_of(SAME_NAMES), times=st.integers(1, 2))
def refuses_a_taken_name(server: Server, pairs: list[tuple[str, str]], times: int) -> None:
    """名字已被使用：error，然后关闭；原来的人不受影响。 A taken name is refused; its owner is not disturbed."""
    with Chat(server.connect) as chat:
        chat.joins("A", "证人")
        for number, (first, second) in enumerate(pairs):
            chat.joins(f"B{number}", first)
            for _ in range(times):  # the second time shows that it is still taken
                chat.joins("C", second, suspect="chat.taken_name_accepted")
                chat.says(f"B{number}", "还是我", suspect="chat.refusal_disturbs")


@unit.check(points=3, cases=4, needs=TALKS, fresh=True)
@given(first_lines=most_of(FIRST_LINES))
def wants_a_join_first(server: Server, first_lines: list[bytes]) -> None:
    """第一行不是 join：error，然后关闭，别人什么也不知道。 Another first line: error, then close, nobody notices."""
    with Chat(server.connect) as chat:
        chat.joins("A")
        for first in first_lines:
            chat.tells("B", first, suspect="chat.join_not_required")
            everybody(chat, suspect="chat.refusal_disturbs")
        refused_at_once(chat, "B", message("x"), join("Bob"), suspect="chat.join_not_required")
        everybody(chat, suspect="chat.refusal_disturbs")


@unit.check(points=5, cases=8, needs=TALKS, fresh=True)
@given(how=st.sampled_from(WAYS_TO_LEAVE), who=st.sampled_from("BC"), spoke=st.booleans())
def announces_those_who_leave(server: Server, how: str, who: str, spoke: bool) -> None:
    """离开（leave、关闭、半关闭、重置）都通知留下的人。 Every way to leave is announced to those who remain, once."""
    with Chat(server.connect) as chat:
        for each in "ABC":
            chat.joins(each)
        if spoke:
            chat.says(who, "再见")
        chat.leaves(who, how)
        everybody(chat)
        chat.joins("D")


@unit.check(points=3, cases=8, needs=LEAVES, fresh=True)
@given(how=st.sampled_from(WAYS_TO_LEAVE), times=st.integers(1, 2), asked=st.booleans())
def frees_the_name_of_one_who_left(server: Server, how: str, times: int, asked: bool) -> None:
    """其他人看到离开之后，名字又可以用了。 Once the others have seen the leave, the name is free again."""
    with Chat(server.connect) as chat:
        chat.joins("A")
        for number in range(times):
            chat.joins(f"B{number}", "Bob", suspect="chat.name_not_freed" if number else None)
            if asked:  # in vain, and too early
                is_taken(chat, "Bob", f"E{number}", suspect="chat.taken_name_accepted")
            chat.leaves(f"B{number}", how)
        chat.joins("C", "Bob", suspect="chat.name_not_freed")
        everybody(chat)
        is_taken(chat, "Bob", "D", suspect="chat.taken_name_accepted")  # by C, whoever cleans up late


unit.check(points=5, cases=4, needs=TALKS, fresh=True)(
    chat_room.answers_what_it_does_not_understand(open_room, BAD_LINES)
)


unit.check(points=2, cases=4, needs=LEAVES, fresh=True)(chat_room.ignores_extra_keys(open_room))


@unit.check(points=2, cases=3, needs=LEAVES, fresh=True)
@given(behind=st.sampled_from([[message("还在")], [leave()], [join("D"), message("x")]]))
def listens_to_nothing_after_a_leave(server: Server, behind: list[Any]) -> None:
    """leave 之后服务器关闭连接，后面的行不再处理。 After leave it closes, and handles nothing that follows."""
    with Chat(server.connect) as chat:
        for who in "ABC":
            chat.joins(who)
        chat.tells("B", leave(), *behind, suspect="chat.after_leave")
        everybody(chat, suspect="chat.after_leave")


@unit.check(points=3, cases=4, needs=TALKS, fresh=True)
@given(texts=st.lists(st.sampled_from(SHORT_TEXTS), min_size=1, max_size=3), early=st.booleans())
def tells_nothing_to_who_has_not_joined(server: Server, texts: list[str], early: bool) -> None:
    """没有加入的人什么也收不到，加入之前说的话也不补发。 Who has not joined gets nothing, not later either."""
    with Chat(server.connect) as chat:
        if early:
            chat.connect("C")
        chat.joins("A")
        for text in texts:
            chat.says("A", text)
        chat.joins("B", suspect="chat.from_before")
        chat.joins("C", suspect="chat.from_before")
        everybody(chat, suspect="chat.from_before")


@unit.check(points=2, cases=5, needs=LEAVES, fresh=True)
@given(manner=st.sampled_from(["carriage return", "empty line", *SILENTLY]))
def knows_where_a_line_ends(server: Server, manner: str) -> None:
    """CR LF 也结束一行，空行无妨，末尾的半行不算。 CR LF ends a line, empty ones do no harm, a half one is none."""
    end = b"\r\n" if manner == "carriage return" else b"\n"
    with Chat(server.connect) as chat:
        chat.joins("A", end=end, suspect="chat.line_ends")
        chat.joins("B", end=end, suspect="chat.line_ends")
        if manner == "empty line":
            chat.connect("B").send(b"\n")
            chat.perhaps["B"] = [refused()]
        chat.says("B", "你好", end=end, suspect="chat.line_ends")
        chat.says("A", "好", end=end, suspect="chat.line_ends")
        chat.says("B", "好", end=end, suspect="chat.line_ends")
        if manner in SILENTLY:
            for who, half in (("B", message("没有换行")), ("C", join("C")), ("D", message("没有加入"))):
                chat.begins(who, half, -1)
                chat.leaves(who, manner, suspect="chat.line_ends")
                everybody(chat, suspect="chat.line_ends")


@unit.check(points=3, cases=4, needs=TALKS, fresh=True)
@given(texts=st.lists(st.sampled_from(["你好", "a", "b", "c"]), min_size=2, max_size=12))
def keeps_each_senders_order(server: Server, texts: list[str]) -> None:
    """一个人接连说的话，顺序不变，不等别人也一样。 What one says without waiting keeps its order."""
    with Chat(server.connect) as chat:
        for who in "ABC":
            chat.joins(who)
        chat.tells_one_by_one("B", [message(f"{number} {text}") for number, text in enumerate(texts)])
        everybody(chat)


unit.check(points=4, cases=6, needs=TALKS, fresh=True)(chat_room.serves_all_who_talk_at_once(open_room))


unit.check(points=3, cases=25, needs=EACH, fresh=True)(chat_room.keeps_a_history(open_room, histories()))


unit.check(points=1, actor="program", needs=ALIVE)(common.imports_without_side_effects)
unit.check(points=2, cases=2, needs=TALKS)(common.starts_again_after_a_kill(exchange))
unit.check(points=2, cases=3, needs=TALKS)(common.stops_on_interrupt(exchange))
unit.check(points=2, cases=4, needs=ALIVE, actor="stopped")(common.reports_an_address_that_cannot_be_bound(exchange))


def converse_with_script(script: Script, port: int) -> None:
    with Chat(partial(script.connect, port=port)) as chat:
        chat.joins("A")


unit.check(points=2, cases=3, actor="bare", needs=ALIVE, ports=common.script_ports(9999))(
    common.runs_as_a_script(9999, converse_with_script)
)


@unit.check(points=5, tier="robust", cases=30, needs=[*LEAVES, *FREES, *NOT_BEFORE], fresh=True)
@given(history=histories(pieces=True))
def keeps_a_history_in_pieces(server: Server, history: list[Step]) -> None:
    """行被切开、粘在一起、先说半行，结果都一样。 Lines cut anywhere, glued, half said: nothing changes."""
    with Chat(server.connect) as chat:
        follow(chat, history, present="BCD", suspect="chat.cut_line")


unit.check(points=2, tier="robust", cases=4, needs=["refuses_a_taken_name", *AT_ONCE], fresh=True)(
    chat_room.admits_one_of_a_name(open_room)
)
unit.check(points=4, tier="robust", cases=12, needs=[*PIECES, *AT_ONCE], fresh=True)(
    chat_room.shows_everybody_the_same_order(open_room, rushes())
)


@unit.check(points=2, tier="robust", cases=14, needs=TALKS, fresh=True)
@given(long=long_texts(), behind=st.sampled_from(("nothing", "a short one", "another", "two others")))
def takes_long_lines(server: Server, long: LongText, behind: str) -> None:
    """接受 65,000 字节以内的行。 Lines of up to 65,000 bytes are taken."""
    with Chat(server.connect) as chat:
        chat.joins("A")
        chat.joins("B")
        text = long.text()
        texts = [text, *{"a short one": ["后面"], "another": [text], "two others": [text, text]}.get(behind, [])]
        if most_bytes([said("A", each) for each in texts]) >= MOST_OWED:
            texts.pop()
        chat.tells("A", *map(message, texts), escaped=long.escaped, suspect="chat.long_line")
        everybody(chat, suspect="chat.long_line")


@unit.check(points=3, tier="robust", cases=len(ENDLESS) + 1, needs=LEAVES, fresh=True)
@given(size_and_fill=st.sampled_from(ENDLESS), joins=st.booleans())
def refuses_a_line_without_end(server: Server, size_and_fill: tuple[int, str], joins: bool) -> None:
    """一行超过 65,536 字节还不结束：error，然后关闭。 Over 65,536 bytes without an end: error, then close."""
    size, fill = size_and_fill
    with Chat(server.connect) as chat:
        chat.joins("A")
        if joins:
            chat.joins("B")
        chat.breaks("B", line(message(fill * size))[:size], suspect="chat.endless_line")
        everybody(chat, suspect="chat.endless_line")


@unit.check(points=2, tier="robust", cases=6, needs=LEAVES, fresh=True)
@given(odd=st.sampled_from([*ODD_LINES, *LONE_SURROGATES]))
def survives_odd_json(server: Server, odd: str) -> None:
    """嵌套几千层的 JSON、单独的代理字符，不影响服务。 JSON nested thousands deep, lone surrogates disturb nobody."""
    with Chat(server.connect) as chat:
        chat.joins("A")
        chat.joins("B")
        something_odd(chat, "B", odd, suspect="chat.odd_json_disturbs")
        chat.joins("C", suspect="chat.odd_json_disturbs")
        everybody(chat, suspect="chat.odd_json_disturbs")


@unit.check(
    points=4,
    tier="robust",
    cases=5,
    needs=["takes_long_lines", "keeps_each_senders_order", *LEAVES, *FREES, *NOT_BEFORE],
    fresh=True,
)
@given(manner=st.sampled_from(["never reads", "says nothing", "half a line", "gone at once", "leaves unread"]))
def is_held_up_by_no_client(server: Server, manner: str) -> None:
    """不接收的、沉默的、只说半行的客户端不耽误别人。 A client that never reads, or is silent, delays nobody."""
    suspect = "tcp.reset_disturbs" if manner == "gone at once" else "chat.held_up"
    with Chat(partial(server.connect, refused=suspect)) as chat:
        chat.joins("A")
        chat.joins("B")
        if manner == "never reads":
            chat.connect("S", narrow=True)
            chat.joins("S")
            talk_in_rounds(chat, WHILE_IT_NEVER_READS, "S", seconds=0.05, may_end=True, suspect=suspect)
        elif manner == "leaves unread":
            for number, how in enumerate((LEAVE, RESET, LEAVE)):
                chat.connect(f"S{number}", narrow=True)
                chat.joins(f"S{number}", "Sue", suspect="chat.name_not_freed")
                if old := chat.peers.pop(f"S{number - 1} unread", None):
                    old.reset()  # which is no matter of the new one
                    everybody(chat)
                rounds = WHILE_IT_LEAVES
                talk_in_rounds(chat, rounds, f"S{number}", seconds=0, may_end=True, suspect=suspect, leaves=how)
        elif manner == "says nothing":
            for who in ("S1", "S2"):
                chat.connect(who)
        elif manner == "gone at once":
            server.is_left_unaccepted(clients=2)
        else:
            chat.connect("S1").send(b'{"type": "jo')
            chat.joins("S2")
            chat.begins("S2", message("没说完"), 20)
        everybody(chat, suspect=suspect)
        chat.joins("D", suspect=suspect)
        if manner == "gone at once":
            joins_and_is_gone(server, chat, "G")


@unit.check(points=3, tier="robust", needs=["is_held_up_by_no_client", *ERRS], fresh=True)
def waits_for_a_slow_reader(server: Server) -> None:
    """停顿一秒的客户端什么也不丢：没收的、说了一半的。 Who pauses for a second loses nothing: unread or half said."""
    with Chat(server.connect) as chat:
        chat.joins("A")
        chat.connect("S", narrow=True)
        chat.joins("S")
        chat.joins("H")
        chat.begins("H", message("一句话"), 20)
        lost, bad = "chat.slow_reader_loses", (NOT_JSON[0], NOT_OBJECTS[0], UNKNOWN_TYPES[0], BAD_TEXTS[0])
        talk_in_rounds(chat, [WHILE_IT_PAUSES], "S", seconds=1.0, may_end=False, suspect=lost, bad=bad)
        chat.tells("H", suspect="chat.cut_line")
        everybody(chat, suspect=lost)


@unit.check(points=3, tier="robust", needs=[*LEAVES, *AT_ONCE], fresh=True)
def serves_200_clients(server: Server) -> None:
    """200 个客户端同时在场，一句也不少。 200 clients at once, and nothing is lost."""
    with Chat(server.connect) as chat:
        crowd(chat, [f"U{number}" for number in range(200)], suspect="chat.many_clients")
