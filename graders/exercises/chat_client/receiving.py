"""receive(): events are returned as they are, one after the other."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.rubric import given
from graders.core.traffic.chat import SHORT_TEXTS
from graders.core.traffic.chat_client import Told, some_told, told
from graders.core.wire.chat_host import hear, in_the_room
from graders.core.wire.program import Program
from graders.exercises.chat_client.unit import JOINS, RECEIVES, unit


@unit.check(points=4, cases=4, needs=JOINS)
@given(some=some_told(1, 3))
def receives_an_event(program: Program, some: list[Told]) -> None:
    """receive() 依次返回别人的发言和进出通知。 receive() returns what others say, and who comes and goes, in turn."""
    with in_the_room(program) as (client, server):
        for each in some:
            hear(program, client, server, each)


@unit.check(points=6, cases=40, needs=RECEIVES)
@given(each=told(), times=st.sampled_from([1, 2]), more=st.lists(told(SHORT_TEXTS), max_size=2))
def receives_every_event_unchanged(program: Program, each: Told, times: int, more: list[Told]) -> None:
    """每个事件都原样返回，自己的发言和错误也在内。 Every event is returned as it is, own messages and errors too."""
    with in_the_room(program) as (client, server):
        for one in (*[each] * times, *more):
            hear(program, client, server, one)
