"""Checks of a chat room that the servers over TCP and over WebSocket share (lesson 21.6 and 21.7).

``open_room`` connects the grader's clients in the unit's own way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from graders.core.models.chat_events import message
from graders.core.models.chat_history import Step
from graders.core.models.chat_rush import Rush
from graders.core.rubric import CheckFunction, given
from graders.core.traffic.chat import GOOD_NAMES
from graders.core.traffic.pools import most_of
from graders.core.wire.chat import Chat
from graders.core.wire.chat_scenes import everybody, follow, race_for_a_name, rush, talk_at_once
from graders.core.wire.server import Server

OpenRoom = Callable[[Server], Chat]

_WORDS = st.sampled_from(["你好", "hello", "a"])


def passes_messages_on(open_room: OpenRoom) -> CheckFunction:
    """Three clients talk in turn."""

    @given(talk=st.lists(st.tuples(st.sampled_from("ABC"), _WORDS), min_size=1, max_size=6))
    def passes_messages_on(server: Server, talk: list[tuple[str, str]]) -> None:
        """消息发给所有人，也包括说话的人，恰好一次。 A message goes to everybody, its sender included, exactly once."""
        with open_room(server) as chat:
            for who in "ABC":
                chat.joins(who)
            for who, text in talk:
                chat.says(who, text)
            everybody(chat)

    return passes_messages_on


def takes_every_good_name(open_room: OpenRoom) -> CheckFunction:
    """All of them join, and some speak."""

    @given(names=most_of(GOOD_NAMES), escaped=st.booleans())
    def takes_every_good_name(server: Server, names: list[str], escaped: bool) -> None:
        """名字去掉首尾空白后有 1–32 个字符，逐字比较。 Names: stripped, then 1-32 characters, compared exactly."""
        with open_room(server) as chat:
            for number, name in enumerate(names):
                chat.joins(f"A{number}", name, suspect="chat.good_name_refused", escaped=escaped)
                if number % 8 == 0:
                    chat.says(f"A{number}", "你好")

    return takes_every_good_name


def answers_what_it_does_not_understand(open_room: OpenRoom, bad: Sequence[bytes]) -> CheckFunction:
    """``bad``: what is no line, or no message, of the chat."""

    @given(bad=most_of(bad), again=most_of(("A", "B", "Zoe", " ")))
    def answers_what_it_does_not_understand(server: Server, bad: list[bytes], again: list[str]) -> None:
        """加入之后，不明白的只回答 error，连接继续。 Once joined, what is not understood gets an error, no more."""
        with open_room(server) as chat:
            for who in "AB":
                chat.joins(who)
            for each in bad:
                chat.tells("A", each)
                chat.says("A", "你好", suspect="chat.error_ends")
            for name in again:  # a second join is one of them, whatever the name
                chat.joins("A", name)
                everybody(chat, suspect="chat.error_ends")
            chat.joins("C", "Zoe")

    return answers_what_it_does_not_understand


def ignores_extra_keys(open_room: OpenRoom, also: Sequence[Mapping[str, Any]] = ()) -> CheckFunction:
    """``also``: what ``A`` may say besides, to ``B`` or to all."""
    extra = ({"name": "B"}, {"color": "red"}, {"name": None, "to": ["B"]}, {"reason": "x", "id": 5})

    @given(more=st.sampled_from(extra))
    def ignores_extra_keys(server: Server, more: dict[str, Any]) -> None:
        """多出来的键被忽略：名字由连接决定。 Extra keys are ignored: the name is the connection's."""
        with open_room(server) as chat:
            chat.tells("A", {**more, "type": "join", "name": "A"}, suspect="chat.extra_keys")
            chat.tells("B", {"type": "join", "name": "B", "text": "x"}, suspect="chat.extra_keys")
            for asked in (message("你好"), *also):
                chat.tells("A", {**more, **asked}, suspect="chat.extra_keys")
            chat.tells("B", {"type": "message", "text": "好", "type2": "leave"}, suspect="chat.extra_keys")
            chat.tells("A", {"type": "leave", "text": "再见", **more}, suspect="chat.extra_keys")
            everybody(chat)

    return ignores_extra_keys


def serves_all_who_talk_at_once(open_room: OpenRoom) -> CheckFunction:
    """Rounds in which several say something at the same time."""
    words = st.sampled_from(["你好", "a", "b", "hello"])

    @given(rounds=st.lists(st.lists(words, min_size=2, max_size=6), min_size=1, max_size=6))
    def serves_all_who_talk_at_once(server: Server, rounds: list[list[str]]) -> None:
        """几个人同时说话，每个人都收到每一句，恰好一次。 When several talk at once, everybody gets each word, once."""
        with open_room(server) as chat:
            for who in "ABCDEF":
                chat.joins(who)
            for texts in rounds:
                talk_at_once(chat, {who: [text] for who, text in zip("ABCDEF", texts, strict=False)})
            everybody(chat)

    return serves_all_who_talk_at_once


def keeps_a_history(open_room: OpenRoom, histories: st.SearchStrategy[list[Step]]) -> CheckFunction:
    """Whatever clients do one after the other."""

    @given(history=histories)
    def keeps_a_history(server: Server, history: list[Step]) -> None:
        """任意来去、说话、出错的经过，每个人看到的都对。 Any course of joins, talk, errors and leaves is seen right."""
        with open_room(server) as chat:
            follow(chat, history)

    return keeps_a_history


def admits_one_of_a_name(open_room: OpenRoom) -> CheckFunction:
    """They ask while the server stands still; often, as it takes bad luck to get a name twice."""

    @given(racers=st.lists(st.integers(2, 8), min_size=1, max_size=8))
    def admits_one_of_a_name(server: Server, racers: list[int]) -> None:
        """几个人同时要同一个名字，只有一个能加入。 Of many who ask for one name at the same time one gets it."""
        with open_room(server) as chat:
            chat.joins("A")
            for name, many in zip("BCDEFGHI", racers, strict=False):
                them = [f"{name}{number}" for number in range(many)]
                race_for_a_name(server, chat, them, name, suspect="chat.taken_name_accepted")
            everybody(chat, suspect="chat.refusal_disturbs")

    return admits_one_of_a_name


def shows_everybody_the_same_order(open_room: OpenRoom, rushes: st.SearchStrategy[Rush]) -> CheckFunction:
    """They act while the server stands still."""

    @given(parts=rushes)
    def shows_everybody_the_same_order(server: Server, parts: Rush) -> None:
        """几个人同时说话、来去，所有人看到的顺序都相同。 However many act at once, all see one and the same order."""
        with open_room(server) as chat:
            rush(server, chat, parts, suspect="chat.different_order")

    return shows_everybody_the_same_order
