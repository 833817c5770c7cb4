"""connect() after a connect() that failed."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.models.chat_events import join, joined, line, said
from graders.core.models.chat_lines import Lines
from graders.core.rubric import given
from graders.core.traffic.chat_client import ME, Told
from graders.core.wire.chat_host import OBSTACLES, hear, new, part, refuse, say
from graders.core.wire.program import Program
from graders.exercises.chat_client.unit import RECEIVES, SENDS, unit


@unit.check(points=4, cases=len(OBSTACLES), needs=[*SENDS, *RECEIVES, "reports_that_it_was_not_admitted"])
@given(obstacle=st.sampled_from(OBSTACLES))
def can_try_again(program: Program, obstacle: str) -> None:
    """加入失败之后可以再试。 After a failure connect() may be tried again."""
    with program.listen("S") as listener:
        client = new(program, listener)
        program.expect(refuse(client, listener, obstacle, ()).result(), False, diagnosis="chat_client.refusal_missed")
        call = client.begin("connect")
        server = listener.accept()
        with server:
            server.expect(Lines((join(ME),)))
            server.send(line(joined(ME)))
            returned = call.result(hangs="chat_client.second_try_fails")
            program.expect(returned, True, diagnosis="chat_client.second_try_fails")
            say(program, client, server, "你好")
            hear(program, client, server, Told(said("小红", "你好")), "chat_client.second_try_fails")
            part(client, server)
