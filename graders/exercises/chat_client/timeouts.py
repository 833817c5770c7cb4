"""receive() where nothing comes: None after the time-out."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.models.chat_events import said
from graders.core.rubric import given
from graders.core.traffic.chat_client import Told, easily_told
from graders.core.wire.chat_host import expect_none, expect_none_in_time, hear, in_the_room, take
from graders.core.wire.program import Program, Returned
from graders.exercises.chat_client.unit import RECEIVES, unit


@unit.check(points=4, cases=3, needs=RECEIVES)
@given(timeout=st.sampled_from([0.3, 0.6, None]))
def gives_none_on_a_time_out(program: Program, timeout: float | None) -> None:
    """没有事件时，receive() 过了 timeout 秒返回 None（默认 5 秒）。 No event: None after timeout (default 5 s)."""
    with in_the_room(program) as (client, server):
        if timeout is not None:
            expect_none_in_time(program, client, timeout)
        elif program.peek("ChatClient.receive.__defaults__") != (5,):  # else it would be five seconds for nothing
            expect_none(program, client.begin("receive").result(units=8, hangs="chat_client.time_out_late"), after=5)
        hear(program, client, server, Told(said("Ann", "later")), "chat_client.lost_after_time_out")


#: How often an event is asked for that has been sent, and how long between two askings, in patience units.
POLLS, POLL_UNITS = 50, 0.02


@unit.check(points=3, cases=4, needs=RECEIVES)
@given(each=easily_told())
def polls_with_a_time_out_of_0(program: Program, each: Told) -> None:
    """receive(0) 不等，只看一眼。 receive(0) does not wait: it just looks."""
    with in_the_room(program) as (client, server):
        expect_none_in_time(program, client, 0)
        server.send(each.line)
        polls: list[Returned] = []
        while len(polls) < POLLS and not (polls and polls[-1].value is not None):
            # A client that reads in the background needs a moment, too.
            server.expect_silence(units=POLL_UNITS, diagnosis="chat_client.says_too_much")
            polls.append(client.call("receive", timeout=0))
        found = polls[-1] if polls[-1].value is not None else polls[0]
        take(program, found, each.event, "chat_client.poll_sees_nothing", waited=True)
