"""connect(): the client joins, and reports when it could not."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from graders.core import common
from graders.core.models.chat_events import joined, line, said
from graders.core.rubric import given
from graders.core.text import Text
from graders.core.traffic.chat_client import EARLIER, ME, NAMES, SPELLINGS, Told
from graders.core.wire.chat_host import OBSTACLES, PAUSE_UNITS, admit, begin_to_join, hear, new, part, refuse
from graders.core.wire.program import Program
from graders.exercises.chat_client.unit import JOINS, PUBLIC, unit

unit.check(points=0)(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


def _join_under(program: Program, name: str | None, spelling: str) -> None:
    with program.listen("S") as listener:
        client = new(program, listener, name)
        call, server = begin_to_join(client, listener, name or "匿名")
        with server:
            admit(program, call, server, Told(joined(name or "匿名"), spelling))
            part(client, server)


@unit.check(points=6, cases=3, needs=PUBLIC)
@given(name=st.sampled_from([ME, None, "Ann"]))
def joins(program: Program, name: str | None) -> None:
    """connect() 用自己的名字加入，返回 True。 connect() joins under the client's name and returns True."""
    _join_under(program, name, "plain")


@unit.check(points=3, cases=len(NAMES), needs=JOINS)
@given(name=st.sampled_from(NAMES), spelling=st.sampled_from(SPELLINGS))
def joins_under_any_name(program: Program, name: str, spelling: str) -> None:
    """不管叫什么、通知怎样书写，都认得自己的加入通知。 It knows its own join event, whatever the name and spelling."""
    _join_under(program, name, "plain")
    _join_under(program, name, spelling)


#: Who joins, and what comes before the own join event; names are compared exactly.
NEWCOMERS = (*((ME, earlier) for earlier in EARLIER), ("Ann", (joined("ann"), joined("ANN"), joined("Anna"))))


@unit.check(points=5, cases=len(NEWCOMERS) + 1, needs=JOINS)
@given(newcomer=st.sampled_from(NEWCOMERS))
def waits_for_its_own_join(program: Program, newcomer: tuple[str, tuple[dict[str, Any], ...]]) -> None:
    """等到自己的加入通知，之前到的事件丢掉。 connect() awaits the own join event and drops what came before."""
    name, earlier = newcomer
    first = Told(said("小红", "欢迎"))
    with program.listen("S") as listener:
        client = new(program, listener, name)
        call, server = begin_to_join(client, listener, name)
        with server:
            for event in earlier:
                server.send(line(event))
            server.expect_silence(units=PAUSE_UNITS, diagnosis="chat_client.says_too_much")
            words = Text("还在等自己的加入通知", "it still waits for its own join event")
            program.expect_to_wait(call, words, "chat_client.joins_too_early")
            admit(program, call, server, Told(joined(name)))
            hear(program, client, server, first, "chat_client.keeps_earlier_events")
            part(client, server)


@unit.check(points=4, cases=8, needs=JOINS)
@given(obstacle=st.sampled_from(OBSTACLES), earlier=st.sampled_from(EARLIER[:2]))
def reports_that_it_was_not_admitted(program: Program, obstacle: str, earlier: tuple[dict[str, Any], ...]) -> None:
    """服务器报错或者关闭连接时，connect() 返回 False。 connect() is False on an error or a closed connection."""
    with program.listen("S") as listener:
        client = new(program, listener)
        call = refuse(client, listener, obstacle, earlier if obstacle != "close at once" else ())
        returned = call.result(hangs="chat_client.refusal_missed")
        program.expect(returned, False, diagnosis="chat_client.refusal_missed")


#: Where no TCP connection leads to: every system says at once that it is no address of a host.
NOBODYS = "255.255.255.255"


@unit.check(points=3, cases=3, needs=JOINS)
@given(where=st.sampled_from(["no server", "no host"]))
def reports_a_failed_connect(program: Program, where: str) -> None:
    """连不上服务器时，connect() 返回 False，不抛出异常。 Without a server connect() is False, and never raises."""
    if where == "no server":
        with program.listen("S") as listener:
            client = new(program, listener)
            listener.stop()
    else:
        client = program.new("ChatClient", host=NOBODYS, port=9999, name=ME)
    returned = client.begin("connect").result(raises="client.connect_raises")
    program.expect(returned, False, diagnosis="client.not_false")
