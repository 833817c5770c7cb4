"""send(): a text is one line of JSON."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.rubric import given
from graders.core.traffic.chat import SHORT_TEXTS, TEXTS
from graders.core.wire.chat_host import in_the_room, say
from graders.core.wire.program import Program
from graders.exercises.chat_client.unit import JOINS, SENDS, unit

#: Texts and events that break nothing.
EASY = ("你好", "hello", "第二句")


@unit.check(points=4, cases=3, needs=JOINS)
@given(texts=st.lists(st.sampled_from(EASY), min_size=1, max_size=3))
def sends_a_text(program: Program, texts: list[str]) -> None:
    """send() 把文字作为一行 JSON 发出，返回 True。 send() sends a text as one line of JSON and returns True."""
    with in_the_room(program) as (client, server):
        for text in texts:
            say(program, client, server, text)


@unit.check(points=6, cases=len(TEXTS) + 4, needs=SENDS)
@given(text=st.sampled_from(TEXTS), more=st.lists(st.sampled_from(SHORT_TEXTS), max_size=2))
def sends_any_text_unchanged(program: Program, text: str, more: list[str]) -> None:
    """任何文字（空的、有换行的、有引号的）都原样发出。 Any text, empty, with newlines or quotes, is sent as it is."""
    with in_the_room(program) as (client, server):
        for each in (text, *more, "完"):  # what came too much shows at the next text
            say(program, client, server, each)
