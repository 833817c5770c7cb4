"""The end, from either side: close(), a closed connection, and calls without one."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.models.chat_events import leave, line, message, said
from graders.core.models.chat_lines import Lines
from graders.core.rubric import given
from graders.core.traffic.chat_client import Told, some_told
from graders.core.wire.chat_host import expect_none, hear, in_the_room, join_room, new, part, refuse, take, waiting
from graders.core.wire.program import Program
from graders.exercises.chat_client.sending import EASY
from graders.exercises.chat_client.unit import RECEIVES, SENDS, unit


@unit.check(points=5, cases=8, needs=RECEIVES)
@given(
    before=some_told(0, 3),
    ending=st.sampled_from(["close", "half a line", "reset"]),
    waits=st.sampled_from([False, True]),
)
def hands_out_what_came_before_the_end(program: Program, before: list[Told], ending: str, waits: bool) -> None:
    """连接关闭后，先返回已到的事件，然后立刻返回 None。 After the end: first what came before it, then None at once."""
    with in_the_room(program) as (client, server):
        if waits:  # what it has taken already, when the end comes, is no matter of luck
            for each in before:
                hear(program, client, server, each)
            call = waiting(program, client)
            server.expect_silence(units=0.02, diagnosis="chat_client.says_too_much")
        else:
            server.send(b"".join(each.line for each in before))
        if ending == "half a line":
            server.send(b'{"type": "message", "name": "Ann", "te')
        if ending == "reset" and waits:
            server.reset()
        else:
            server.close()
        if not waits:
            for each in before:
                returned = waiting(program, client).result(hangs="chat_client.receive_hangs")
                take(program, returned, each.event, "chat_client.lost_at_the_end")
            call = waiting(program, client)
        for _ in range(2):
            returned = call.result(hangs="chat_client.end_unnoticed")
            program.expect(returned, None, diagnosis="chat_client.not_none")
            if not waits:
                expect_none(program, returned, after=0)
            waits, call = False, waiting(program, client)
        call.end()


@unit.check(points=4, cases=6, needs=SENDS)
@given(texts=st.sampled_from([[], ["你好"], ["hello", "你好"], list(EASY)]))
def says_leave(program: Program, texts: list[str]) -> None:
    """close() 先说 leave；之后 receive() 立刻返回 None。 close() says leave; receive() then gives None at once."""
    # Nothing is sent that the client does not read: a close with unread data resets the connection, and what the kernel
    # held back by then (Nagle) is lost without the program's fault.
    with program.listen("S") as listener:
        client = new(program, listener)
        with join_room(program, client, listener) as server:
            calls = [client.begin("send", text) for text in texts]
            call = client.begin("close")
            server.expect(Lines((*map(message, texts), leave())))
            server.close()
            for each in (*calls, call):
                each.result()
            expect_none(program, waiting(program, client).result(hangs="chat_client.none_not_at_once"), after=0)


@unit.check(points=3, cases=5, needs=["says_leave", "reports_a_failed_connect"])
@given(state=st.sampled_from(["new", "not admitted", "closed", "closed with an event unread", "server gone"]))
def raises_nothing_when_not_connected(program: Program, state: str) -> None:
    """没有连接时，哪个方法都不抛出异常。 Whatever is called without a connection, nothing is raised."""
    with program.listen("S") as listener:
        client = new(program, listener)
        if state == "not admitted":
            refuse(client, listener, "error", ()).result()
        elif state != "new":
            server = join_room(program, client, listener)
            if state == "closed with an event unread":
                server.send(line(said("Ann", "再见")))
                server.await_taken()
            if state == "server gone":
                server.reset()
            else:
                part(client, server)
        client.call("send", "有人吗")
        client.call("send", "在吗")
        program.expect(client.call("receive", timeout=0.1), None, diagnosis="chat_client.not_none")
        client.call("close")
        client.call("close")
        program.expect(client.call("receive", timeout=0.1), None, diagnosis="chat_client.not_none")
