"""聊天室客户端：加入、发言，收到大家的发言和进出通知。 Chat client: joins, speaks, hears the room's events.

Lesson 21.6, exercise 1. The grader plays the server: one JSON object a line (models/chat_events.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st

from graders.core import common
from graders.core.models.chat_events import join, joined, leave, left, line, message, said
from graders.core.models.chat_lines import Leaves, Lines, SaysText
from graders.core.rubric import Unit, given
from graders.core.text import Text
from graders.core.traffic.chat import SHORT_TEXTS, TEXTS
from graders.core.traffic.chat_client import (
    EARLIER,
    ME,
    NAMES,
    NOT_OBJECTS,
    SPELLINGS,
    Stream,
    Told,
    easily_told,
    some_told,
    streams,
    told,
)
from graders.core.wire.chat_host import (
    OBSTACLES,
    PAUSE_UNITS,
    admit,
    begin_to_join,
    expect_none,
    hear,
    in_the_room,
    join_room,
    new,
    part,
    refuse,
    say,
    take,
    timed,
    waiting,
)
from graders.core.wire.program import Program, Returned
from graders.core.wire.script import Script
from graders.core.wire.tcp import TcpPeer
from graders.core.wire.window import Window
from graders.sandbox import source

unit = Unit(
    __doc__,
    "chat_client",
    section="21.6",
    offers={"ChatClient": ["connect", "send", "receive", "close"]},
    clients=32,  # whose threads may take a moment to end
    modules=("chat_gui",),
)

PUBLIC = ["offers_the_public_names"]
JOINS = ["joins"]
SENDS = ["sends_a_text"]
RECEIVES = ["receives_an_event"]

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


@unit.check(points=5, cases=len(EARLIER), needs=JOINS)
@given(earlier=st.sampled_from(EARLIER))
def waits_for_its_own_join(program: Program, earlier: tuple[dict[str, Any], ...]) -> None:
    """等到自己的加入通知，之前到的事件丢掉。 connect() awaits the own join event and drops what came before."""
    first = Told(said("小红", "欢迎"))
    with program.listen("S") as listener:
        client = new(program, listener)
        call, server = begin_to_join(client, listener)
        with server:
            for event in earlier:
                server.send(line(event))
            server.expect_silence(units=PAUSE_UNITS, diagnosis="chat_client.says_too_much")
            words = Text("还在等自己的加入通知", "it still waits for its own join event")
            program.expect_to_wait(call, words, "chat_client.joins_too_early")
            admit(program, call, server, Told(joined(ME)))
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


@unit.check(points=3, needs=JOINS)
def reports_a_failed_connect(program: Program) -> None:
    """没有服务器时，connect() 返回 False，不抛出异常。 Where nobody listens connect() is False and does not raise."""
    with program.listen("S") as listener:
        listener.stop()
    returned = new(program, listener).begin("connect").result(raises="client.connect_raises")
    program.expect(returned, False, diagnosis="client.not_false")


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


@unit.check(points=4, cases=3, needs=RECEIVES)
@given(timeout=st.sampled_from([0.3, 0.6, None]))
def gives_none_on_a_time_out(program: Program, timeout: float | None) -> None:
    """没有事件时，receive() 过了 timeout 秒返回 None（默认 5 秒）。 No event: None after timeout (default 5 s)."""
    with in_the_room(program) as (client, server):
        if timeout is not None:
            expect_none(program, timed(client, timeout), after=timeout)
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
        expect_none(program, timed(client, 0), after=0)
        server.send(each.line)
        polls: list[Returned] = []
        while len(polls) < POLLS and not (polls and polls[-1].value is not None):
            # A client that reads in the background needs a moment, too.
            server.expect_silence(units=POLL_UNITS, diagnosis="chat_client.says_too_much")
            polls.append(client.call("receive", timeout=0))
        found = polls[-1] if polls[-1].value is not None else polls[0]
        take(program, found, each.event, "chat_client.poll_sees_nothing", waited=True)


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


unit.check(points=2, needs=JOINS)(common.imports_without_side_effects)


@unit.check(points=5, actor="bare", cases=3, needs=[*SENDS, *RECEIVES])
@given(
    lines=st.lists(st.sampled_from(["你好", "hello world", "quite right", "a"]), min_size=1, max_size=2),
    named=st.sampled_from([True, False]),
    ending=st.sampled_from(["quit", "input ends"]),
)
def runs_as_a_script(script: Script, lines: list[str], named: bool, ending: str) -> None:
    """作为脚本：逐行发送，事件一到就打印，遇 quit 或输入结束离开。 As a script: sends lines, prints events, leaves."""
    with script.listen("S", port=0) as listener:
        host, port = listener.address
        script.run("--host", host, "--port", str(port), *(["--name", ME] if named else []))
        if not named:
            script.type(f"{ME}\n")  # it asks
        with listener.accept(units=2.0) as server:
            server.expect(Lines((join(ME),)), units=2.0)
            server.send(line(joined(ME)))
            # Nobody types meanwhile: events are printed as they come.
            server.send(line(joined("小红")) + line(said("小红", "anybody here? 7531")))
            script.expect_printed("anybody here? 7531", diagnosis="chat_client.script_shows_late")
            server.send(line(joined("Zoe")) + line(left("Yan")))
            for who in ("Zoe", "Yan"):
                script.expect_printed(who, diagnosis="chat_client.script_hides")
            for each in lines:
                script.type(each + "\n")
                server.expect(Lines((message(each),)))
                server.send(line(said(ME, each)))
            if ending == "quit":
                script.type("quit\n")
            else:
                script.end_of_input()
            server.expect(Leaves())
            server.close()
            script.expect_end()


@unit.check(points=6, tier="robust", cases=60, needs=RECEIVES)
@given(stream=streams())
def keeps_events_whole(program: Program, stream: Stream) -> None:
    """不管网络怎样切开、粘连，事件都完整。 Events come whole wherever the network cuts and glues."""
    with in_the_room(program) as (client, server):
        left = list(stream.told)
        due, arrived = len(left[0].line), 0
        call = waiting(program, client)  # it waits, so that it sees each segment on its own
        for segment in stream.segments:
            server.send(segment, apart=arrived > 0)
            arrived += len(segment)
            while left and due <= arrived:
                returned = call.result(hangs="chat_client.receive_hangs")
                take(program, returned, left.pop(0).event, "chat_client.cut_or_glued")
                if left:
                    due += len(left[0].line)
                    call = waiting(program, client)


@unit.check(points=5, tier="robust", cases=6, needs=[*SENDS, *RECEIVES])
@given(some=some_told(1, 4))
def sends_while_it_receives(program: Program, some: list[Told]) -> None:
    """一个线程在 receive() 里等，另一个线程可以 send()。 One thread waits in receive(), another sends meanwhile."""
    with in_the_room(program) as (client, server):
        for number, each in enumerate(some):
            text = f"第 {number} 句"
            receiving = client.begin("receive", thread="receiver", timeout=30)
            server.expect_silence(units=0.01, diagnosis="chat_client.says_too_much")  # it waits by now
            sending = client.begin("send", text)
            server.expect(Lines((message(text),)), units=0.5)
            program.expect(sending.result(), True, diagnosis="client.not_true")
            server.send(each.line)
            take(program, receiving.result(hangs="chat_client.receive_hangs"), each.event)


@unit.check(points=4, tier="robust", cases=2 * len(NOT_OBJECTS), needs=RECEIVES)
@given(
    garbage=st.sampled_from(NOT_OBJECTS),
    joining=st.sampled_from([False, True]),
    each=easily_told(),
)
def skips_what_is_no_object(program: Program, garbage: bytes, joining: bool, each: Told) -> None:
    """服务器发来的一行不是 JSON 对象时，跳过它。 A line of the server's that is no JSON object is skipped."""
    with program.listen("S") as listener:
        client = new(program, listener)
        call, server = begin_to_join(client, listener)
        with server:
            if joining:
                server.send(garbage + b"\n")
            server.send(line(joined(ME)))
            returned = call.result(hangs="chat_client.stumbles", raises="chat_client.stumbles")
            program.expect(returned, True, diagnosis="chat_client.stumbles")
            if not joining:
                server.send(garbage + b"\n")
            server.send(each.line)
            returned = waiting(program, client).result(hangs="chat_client.stumbles", raises="chat_client.stumbles")
            take(program, returned, each.event, "chat_client.stumbles", sure=True)
            part(client, server)


@unit.check(points=4, tier="robust", cases=10, needs=["gives_none_on_a_time_out"])
@given(stream=streams(), polls=st.sampled_from([0.05, 0]))
def loses_nothing_on_a_time_out(program: Program, stream: Stream, polls: float) -> None:
    """一行到了一半时超时，什么也不丢。 A time-out in the middle of a line loses nothing."""
    data = stream.told[0].line
    cut = (stream.cuts[0] if stream.cuts else 7) % (len(data) - 1) + 1
    with in_the_room(program) as (client, server):
        server.send(data[:cut])
        server.await_taken()
        expect_none(program, timed(client, polls), after=polls)
        server.send(data[cut:])
        returned = waiting(program, client).result(raises="chat_client.lost_after_time_out")
        take(program, returned, stream.told[0].event, "chat_client.lost_after_time_out")


#: Something comes so often, in patience units, for so long: never a whole event.
DRIP_UNITS, DRIPS = 0.08, 40


@unit.check(points=3, tier="robust", cases=2, needs=["gives_none_on_a_time_out", "skips_what_is_no_object"])
@given(drips=st.sampled_from(["bytes", "lines"]))
def keeps_the_time_while_bytes_drip(program: Program, drips: str) -> None:
    """不断有零碎的数据到达，超时也准时。 The time-out is kept while bits and pieces keep coming."""
    timeout = 0.4
    whole = line(said("Ann", "x" * DRIPS))
    with in_the_room(program) as (client, server):
        call = client.begin("receive", timeout=timeout)
        sent = 0
        while sent < DRIPS and not call.arrived(0):
            server.send(
                whole[sent : sent + 1] if drips == "bytes" else b"[]\n", pause=program.patience.unit * DRIP_UNITS
            )
            sent += 1
        returned = call.result(hangs="chat_client.time_out_late")
        program.expect(returned, None, diagnosis="chat_client.not_none")
        program.expect_duration(returned, timeout, early="chat_client.time_out_early", late="chat_client.time_out_late")
        if drips == "bytes":
            server.send(whole[sent:])
            take(
                program, waiting(program, client).result(), said("Ann", "x" * DRIPS), "chat_client.lost_after_time_out"
            )
        else:
            hear(program, client, server, Told(said("Ann", "later")))


#: What a long text is made of: characters of one, three and four bytes, the last ones doubled once they are escaped.
LONG = ("x", "好", "😀")


@unit.check(points=3, tier="robust", cases=2 * len(LONG), needs=[*SENDS, *RECEIVES])
@given(character=st.sampled_from(LONG), direction=st.sampled_from(["sent", "received"]))
def carries_long_texts(program: Program, character: str, direction: str) -> None:
    """60,000 个字符的文字，收发都完整。 A text of 60,000 characters arrives whole, either way."""
    text = character * 60_000
    with in_the_room(program, narrow=direction == "sent") as (client, server):
        if direction == "sent":
            # Made on both sides, so that the story stays short.
            call = client.begin("send", source(f"text = {character!r} * 60_000", "text"))
            server.expect(Lines((message(text),)), late=0.15, units=2.0)
            program.expect(call.result(), True, diagnosis="client.not_true")
        else:
            hear(program, client, server, Told(said("Ann", text)), "chat_client.cut_or_glued")
        hear(program, client, server, Told(said("Ann", "完")))


@unit.check(points=2, tier="robust", cases=3, needs=RECEIVES)
@given(count=st.sampled_from((2, 130, 300)))
def keeps_many_events(program: Program, count: int) -> None:
    """一下子来很多事件，一个也不少。 Of many events that come at once none is lost."""
    with in_the_room(program) as (client, server):
        events = [said("Ann", f"{number} 你好") for number in range(count)]
        server.send(b"".join(map(line, events)))
        server.await_taken()
        for event in events:
            returned = waiting(program, client).result(hangs="chat_client.loses_many")
            take(program, returned, event, "chat_client.loses_many", sure=True)


@unit.check(points=2, tier="robust", cases=2, needs=[*SENDS, *RECEIVES])
@given(first=st.sampled_from((0, 1)))
def keeps_clients_apart(program: Program, first: int) -> None:
    """一个进程里的两个客户端互不相干。 Two clients in one process share nothing."""
    with program.listen("S") as one, program.listen("T") as two:
        names, listeners = ("Bob", "小红"), (one, two)
        clients = [new(program, *each) for each in zip(listeners, names, strict=True)]
        servers = [join_room(program, *each) for each in zip(clients, listeners, names, strict=True)]
        for number, server in enumerate(servers):
            server.send(line(said("Ann", f"给第 {number} 个")))
            server.await_taken()
        for number in (first, 1 - first):
            returned = waiting(program, clients[number]).result(hangs="chat_client.clients_share")
            take(program, returned, said("Ann", f"给第 {number} 个"), "chat_client.clients_share", sure=True)
            say(program, clients[number], servers[number], f"我是 {names[number]}")
        for client, server in zip(clients, servers, strict=True):
            with server:
                part(client, server)


# -- the window (chat_gui.py) ------------------------------------------------------------------------------------------

#: What is typed, and a number: on every keyboard, and without a space, which would press a button.
TYPED = "hello,is-anybody-there?"


@contextmanager
def window_in_the_room(window: Window) -> Iterator[TcpPeer]:
    """The window's program runs and has joined."""
    with window.listen() as listener:
        host, port = listener.address
        with window.running("--host", host, "--port", str(port), "--name", ME), window.accept(listener) as server:
            server.expect(Lines((join(ME),)), units=2.0)
            server.send(line(joined(ME)))
            server.send(line(joined("小红")) + line(said("小红", "大家好！")))
            yield server


@unit.check(points=3, tier="bonus", actor="window", module="chat_gui")
def window_joins(window: Window) -> None:
    """窗口：打开就加入聊天室。 The window opens, and joins the room."""
    with window_in_the_room(window):
        window.await_window()


#: How long a text that was typed may take to arrive before another way to the entry is tried.
ARRIVAL_UNITS = 0.7

#: How often it is looked whether the window, asked to close, asks back.
MOST_LOOKS = 5


@unit.check(points=4, tier="bonus", actor="window", module="chat_gui", needs=["window_joins"])
def window_sends_what_is_typed(window: Window) -> None:
    """窗口：输入文字后按回车，就发送出去。 What is typed into the window's entry is sent by Return."""
    with window_in_the_room(window) as server:
        window.await_window()
        ways = window.ways_to_the_entry()
        texts: tuple[str, ...] = ()
        for number, way in enumerate(ways):
            # A click may meet the button that sends what was typed before: that is not Return's doing.
            texts = (*(texts if way <= 0 else ()), f"{TYPED}{number}")
            window.type(texts[-1], way)
            if way == ways[-1] or server.await_data(SaysText(texts), units=ARRIVAL_UNITS):
                break
            window.agree()  # it may have said something first, in a window of its own
        server.expect(SaysText(texts))
        server.send(line(said(ME, texts[-1])))
        window.take_picture(units=0.3)


@unit.check(points=3, tier="bonus", actor="window", module="chat_gui", needs=["window_joins"])
def window_leaves_when_it_is_closed(window: Window) -> None:
    """窗口：关闭窗口就离开聊天室。 Closing the window leaves the room."""
    with window_in_the_room(window) as server:
        window.await_window()
        window.ask_to_close()
        for look in range(MOST_LOOKS):
            if server.await_data(Leaves(), units=ARRIVAL_UNITS):
                break
            if not window.agree() and look == MOST_LOOKS // 2:
                window.ask_to_close()  # something in front of it may have kept it from hearing
        server.expect(Leaves(), units=2.0)
