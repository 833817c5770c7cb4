"""receive(): events are returned as they are, one after the other."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.models.chat_events import said
from graders.core.rubric import given
from graders.core.text import Text
from graders.core.traffic.chat import SHORT_TEXTS
from graders.core.traffic.chat_client import Told, some_told, told
from graders.core.wire.chat_host import hear, in_the_room, take
from graders.core.wire.program import Program
from graders.exercises.chat_client.unit import JOINS, RECEIVES, unit


@unit.check(points=4, cases=4, needs=JOINS)
@given(some=some_told(1, 3))
def receives_an_event(program: Program, some: list[Told]) -> None:
    """receive() 依次返回别人的发言和进出通知。 receive() returns what others say, and who comes and goes, in turn."""
    with in_the_room(program) as (client, server):
        for each in some:
            hear(program, client, server, each)


#: Seconds by the clock: a time-out of five, the default one of receive(), must not be what ends it.
SILENCE = 5.3


@unit.check(points=2, needs=RECEIVES)
def waits_out_a_silence(program: Program) -> None:
    """房间里安静了五秒多，之后的事件照样收到。 After more than five seconds of silence events still arrive."""
    with in_the_room(program) as (client, server):
        call = client.begin("receive", timeout=30)
        server.expect_silence(seconds=SILENCE, diagnosis="chat_client.gives_up_in_silence")
        words = Text("还在等下一个事件", "it still waits for the next event")
        program.expect_to_wait(call, words, "chat_client.gives_up_in_silence")
        later = said("Ann", "早上好")
        server.send(Told(later).line)
        returned = call.result(hangs="chat_client.gives_up_in_silence", raises="chat_client.gives_up_in_silence")
        take(program, returned, later, "chat_client.gives_up_in_silence", sure=True)
        hear(program, client, server, Told(said("Ann", "在吗")), "chat_client.gives_up_in_silence")


@unit.check(points=5, cases=40, needs=RECEIVES)
@given(each=told(), times=st.sampled_from([1, 2]), more=st.lists(told(SHORT_TEXTS), max_size=2))
def receives_every_event_unchanged(program: Program, each: Told, times: int, more: list[Told]) -> None:
    """每个事件都原样返回，自己的发言和错误也在内。 Every event is returned as it is, own messages and errors too."""
    with in_the_room(program) as (client, server):
        for one in (*[each] * times, *more):
            hear(program, client, server, one)
