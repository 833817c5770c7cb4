"""TCP 客户端：连接服务器，收发 UTF-8 文字。 TCP client: connects to a server, sends and receives UTF-8 text.

Lesson 21.2.1.2. TCP has no messages: receive() may hand out a text in any pieces (models/plain_text.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import strategies as st

from graders.core import common
from graders.core.models.finding import Side
from graders.core.models.plain_text import judge_piece, text_of
from graders.core.rubric import Unit, given
from graders.core.text import Text
from graders.core.traffic.texts import BAD_UTF8, SAMPLES, short_texts, texts, texts_to_cut
from graders.core.wire.ports import second_loopback
from graders.core.wire.program import Call, Instance, Program, Returned
from graders.core.wire.script import Script
from graders.core.wire.tcp import TcpPeer
from graders.core.wire.tcp_opening import Listener
from graders.sandbox import source

unit = Unit(
    __doc__,
    "tcp_client",
    section="21.2.1.2",
    offers={"TCPClient": ["connect", "send", "receive", "close"]},
)


@contextmanager
def connected(program: Program, *, closes: bool = True) -> Iterator[tuple[Instance, TcpPeer]]:
    """A client and the grader's end of its connection; ``closes``: the client closes it at the end."""
    with program.listen("S") as listener:
        client = program.new("TCPClient", host=listener.address[0], port=listener.address[1])
        with connect(program, client, listener) as server:
            yield client, server
            if closes:
                client.call("close")


def connect(program: Program, client: Instance, listener: Listener) -> TcpPeer:
    call = client.begin("connect")
    server = listener.accept()
    program.expect(call.result(), True, diagnosis="client.not_true")
    return server


def send(program: Program, client: Instance, server: TcpPeer, text: str) -> None:
    """The client sends ``text``; it arrives, and send() says so."""
    call = client.begin("send", text)
    server.expect(text_of(text))
    program.expect(call.result(), True, diagnosis="client.not_true")


def take(program: Program, returned: Returned, rest: str, suspect: str | None = None) -> str:
    """Judge a piece of text that receive() returned while ``rest`` was to come; what is to come after it."""
    found = judge_piece(rest, returned.value)
    if found:
        certain = found.diagnosis in ("client.bytes_for_text", "client.end_too_early")
        program.wrong(
            returned,
            Side(value=found.wanted),
            diagnosis=found.diagnosis if certain else suspect or found.diagnosis,
            note=Text("或者它的前面一部分", "or a beginning of it"),
            python=found.python,
        )
    return rest[len(returned.value) :]


def receive(
    program: Program, client: Instance, text: str, *, size: int | None = None, suspect: str | None = None
) -> None:
    """receive() gives ``text``, in one piece or several."""
    rest = text
    while rest:
        call = client.begin("receive") if size is None else client.begin("receive", size)
        visible = rest.strip().strip("\0")  # what is left of a text whose ends were stripped never comes
        hangs = "client.waits_for_more" if visible else "text.stripped"
        rest = take(program, call.result(hangs=hangs), rest, suspect)


def expect_end(program: Program, client: Instance) -> None:
    """The server has closed: receive() gives ''. Asked again it may say so again, or None."""
    program.expect(client.call("receive"), "", diagnosis="client.no_end")
    again = client.call("receive")
    if again.value is not None:
        program.expect(again, "", diagnosis="client.no_end")


PUBLIC = ["offers_the_public_names"]
CONNECTS = ["connects"]
SENDS = ["sends_the_exact_text"]
RECEIVES = ["receives_text"]

unit.check(points=0)(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


@unit.check(points=7, needs=PUBLIC)
def connects(program: Program) -> None:
    """connect() 连接到指定的服务器，返回 True。 connect() connects to the given server and returns True."""
    with connected(program) as (client, _):
        if client.get("client_socket") is None:
            program.expect_attribute("client_socket", "a socket", on=client, diagnosis="client.looks_unconnected")


@unit.check(points=10, cases=len(SAMPLES), needs=CONNECTS)
@given(text=st.sampled_from(SAMPLES), more=st.lists(short_texts(), max_size=2))
def sends_the_exact_text(program: Program, text: str, more: list[str]) -> None:
    """send() 发出的正是这段文字的 UTF-8 字节，返回 True。 send() sends exactly the text's UTF-8 bytes, returns True."""
    with connected(program) as (client, server):
        for each in (text, *more, "完"):  # what came too much shows at the next text
            send(program, client, server, each)


@unit.check(points=9, cases=len(SAMPLES), needs=CONNECTS)
@given(text=st.sampled_from(SAMPLES), waits=st.sampled_from([False, True]), more=st.lists(short_texts(), max_size=2))
def receives_text(program: Program, text: str, waits: bool, more: list[str]) -> None:
    """receive() 等待并返回到达的文字。 receive() waits for text and returns it."""
    with connected(program) as (client, server):
        rest = text
        if waits:
            call = client.begin("receive")
            server.expect_silence(units=0.005)
            server.send(text)
            returned = call.result(hangs="client.waits_for_more")
            rest = take(program, returned, text, "client.does_not_wait" if returned.value is None else None)
        else:
            server.send(text)
        receive(program, client, rest)
        for each in more:
            server.send(each)
            receive(program, client, each)


@unit.check(points=5, cases=6, needs=RECEIVES)
@given(before=st.sampled_from(["", "再见", "a" * 3000]))
def gives_an_empty_text_at_the_end(program: Program, before: str) -> None:
    """服务器关闭连接后，receive() 返回 ''。 Once the server has closed, receive() returns ''."""
    with connected(program) as (client, server):
        if before:
            server.send(before)
        server.close()
        receive(program, client, before)
        expect_end(program, client)


@unit.check(points=4, cases=4, needs=RECEIVES)
@given(spoke=st.sampled_from([False, True]), waits=st.sampled_from([False, True]))
def gives_none_after_a_reset(program: Program, spoke: bool, waits: bool) -> None:
    """连接被重置（RST）时，receive() 返回 None。 receive() returns None when the connection is reset (RST)."""
    with connected(program) as (client, server):
        if spoke:
            server.send("你好")
            receive(program, client, "你好")
        call = client.begin("receive") if waits else None
        server.reset()
        program.expect((call or client.begin("receive")).result(), None, diagnosis="client.reset_not_none")


@unit.check(points=4, cases=len(BAD_UTF8), needs=RECEIVES)
@given(bad=st.sampled_from(BAD_UTF8))
def gives_none_for_bytes_that_are_not_utf8(program: Program, bad: bytes) -> None:
    """收到的不是 UTF-8 时，receive() 返回 None。 receive() returns None for bytes that are not UTF-8."""
    with connected(program) as (client, server):
        server.send(bad)
        program.expect(client.call("receive"), None, diagnosis="client.accepts_bad_utf8")


def _expect_refusals(program: Program, client: Instance) -> None:
    """Not connected: nothing works, nothing raises."""
    client.expect("client_socket", None, diagnosis="client.looks_connected")
    program.expect(client.call("send", "你好"), False, diagnosis="client.not_false")
    program.expect(client.call("receive"), None, diagnosis="client.no_text")


@unit.check(points=5, cases=2, needs=SENDS)
@given(closed=st.sampled_from([False, True]))
def refuses_when_not_connected(program: Program, closed: bool) -> None:
    """没有连接时，send() 返回 False，receive() 返回 None。 Not connected, send() gives False and receive() None."""
    with program.listen("S") as listener:  # somebody is there: it must not connect of its own accord
        client = program.new("TCPClient", host=listener.address[0], port=listener.address[1])
        if closed:
            connect(program, client, listener)
            client.call("close")
        _expect_refusals(program, client)


#: What cannot be connected to, as arguments of the constructor; {} is a port that nobody listens on any more.
UNREACHABLE: dict[str, dict[str, object]] = {
    "a port where nobody listens": {},
    "a port out of range": {"port": 70_000},
}


@unit.check(points=4, cases=len(UNREACHABLE), needs=CONNECTS)
@given(obstacle=st.sampled_from(list(UNREACHABLE)))
def reports_a_failed_connect(program: Program, obstacle: str) -> None:
    """连接失败时，connect() 返回 False，不抛出异常。 When it cannot connect, connect() gives False and never raises."""
    with program.listen("S") as listener:
        host, port = listener.address
        listener.stop()
    client = program.new("TCPClient", **({"host": host, "port": port} | UNREACHABLE[obstacle]))
    call = client.begin("connect")
    program.expect(call.result(raises="client.connect_raises"), False, diagnosis="client.not_false")
    client.expect("client_socket", None, diagnosis="client.looks_connected")


@unit.check(points=3, cases=2, needs=SENDS)
@given(times=st.sampled_from([2, 1]))
def can_be_closed_again_and_again(program: Program, times: int) -> None:
    """close() 关闭连接；再关一次、没有连接时关，都没有害处。 close() closes; twice or unconnected, it does no harm."""
    with connected(program, closes=False) as (client, server):
        for _ in range(times):
            client.call("close")
        server.expect_end(diagnosis="client.not_closed")
    program.new("TCPClient").call("close")


@unit.check(points=4, cases=3, needs=[*SENDS, *RECEIVES, "can_be_closed_again_and_again"])
@given(answers=st.lists(short_texts(), min_size=2, max_size=3))
def connects_again_after_close(program: Program, answers: list[str]) -> None:
    """关闭之后可以再次连接。 After close() it can connect again."""
    with program.listen("S") as listener:
        client = program.new("TCPClient", host=listener.address[0], port=listener.address[1])
        for answer in answers:
            with connect(program, client, listener) as server:
                send(program, client, server, "你好")
                server.send(answer)
                receive(program, client, answer)
                client.call("close")


@unit.check(points=2, needs=["reports_a_failed_connect"])
def connects_to_no_other_host(program: Program) -> None:
    """连接的是给它的 host，不是别的地址上的同一端口。 It connects to the host it was given, no other."""
    with program.listen("S") as listener:
        elsewhere = second_loopback()
        if elsewhere != listener.address[0]:  # a machine with one address cannot tell
            client = program.new("TCPClient", host=elsewhere, port=listener.address[1])
            program.expect(client.call("connect"), False, diagnosis="client.wrong_host")


unit.check(points=3, needs=CONNECTS)(common.imports_without_side_effects)


@unit.check(points=3, needs=CONNECTS)
def is_not_connected_at_first(program: Program) -> None:
    """刚创建时还没有连接，client_socket 是 None。 When made it is not connected: client_socket is None."""
    with program.listen("S") as listener:
        client = program.new("TCPClient", *listener.address)
        client.expect("client_socket", None, diagnosis="client.looks_connected")
    program.new("TCPClient").expect("client_socket", None, diagnosis="client.looks_connected")


#: Longer than the time-outs that programs set out of habit: 1, 2, 3 and, as for UDP in the lesson, 5 s. In seconds by
#: the clock, as theirs are; half a second is for a busy machine to begin the call.
LATE_SECONDS = 5.5


@unit.check(points=4, needs=RECEIVES)
def waits_for_a_late_text(program: Program) -> None:
    """文字来得很晚，receive() 也一直等。 receive() waits for a text that comes late."""
    with connected(program) as (client, server):
        call = client.begin("receive")
        server.expect_silence(seconds=LATE_SECONDS)
        server.send("迟到的消息")
        rest = take(program, call.result(), "迟到的消息", "client.does_not_wait")
        receive(program, client, rest)


#: What a user may type, short, so that the answer comes in one segment.
LINES = ("你好", "hello world", "第二行", "a", "quite right")


@unit.check(points=4, actor="bare", cases=2, needs=[*SENDS, *RECEIVES], ports=["8888/tcp"])
@given(lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=3), ending=st.sampled_from(["quit", "input ends"]))
def runs_as_a_script(script: Script, lines: list[str], ending: str) -> None:
    """作为脚本：逐行发送，打印回答，遇 quit 或输入结束退出。 As a script: sends lines, prints answers, ends on quit."""
    with script.listen("S", port=8888) as listener:
        script.run()
        with listener.accept() as server:
            for number, line in enumerate(lines):
                script.type(line + "\n")
                server.expect(text_of(line, or_line=True))
                answer = f"回答{number}<{line}>{'。' * 30}"
                server.send(answer)
                script.expect_printed(answer)
            if ending == "quit":
                script.type("quit\n")
            else:
                script.end_of_input()
            script.expect_end()


#: How long the reader is busy with something else: longer than a time-out of one second for all of it.
SLOW_READER_UNITS = 1.3


@unit.check(points=7, tier="robust", needs=SENDS)
def sends_eight_mebibytes_to_a_slow_reader(program: Program) -> None:
    """一次 send() 8 MiB，对方读得很慢，也完整到达。 8 MiB in one send() to a slow reader arrives whole."""
    # Made on both sides, so that the story stays short: numbered blocks of 100 bytes that follow one another.
    blocks = 8 * 2**20 // 100
    rest = "你" * 31
    text = "".join(f"{number:07x}{rest}" for number in range(blocks))
    argument = source(f'text = "".join(f"{{number:07x}}{rest}" for number in range({blocks}))', "text")
    with program.listen("S", narrow=True) as listener:
        client = program.new("TCPClient", *listener.address)
        with connect(program, client, listener) as server:
            call = client.begin("send", argument)
            server.expect(text_of(text, suspect="client.sends_in_part"), late=SLOW_READER_UNITS)
            program.expect(call.result(), True, diagnosis="client.not_true")


@unit.check(points=8, tier="robust", cases=40, needs=RECEIVES)
@given(text_and_cuts=texts_to_cut())
def keeps_a_character_cut_in_two(program: Program, text_and_cuts: tuple[str, tuple[int, ...]]) -> None:
    """一个汉字被网络切成两段时，收到的文字仍然完整。 A character cut between two segments survives."""
    text, cuts = text_and_cuts
    data = text.encode()
    with connected(program) as (client, server):
        call: Call | None = None
        start = 0
        rest = text
        for end in (*cuts, len(data)):
            # receive() is called first and waits, so that it sees each segment on its own.
            call = call or client.begin("receive")
            server.send(data[start:end])
            server.await_taken()
            start = end
            arrived = len(data[:end].decode("utf-8", "ignore"))
            while len(text) - len(rest) < arrived:
                call = call or client.begin("receive")
                rest = take(program, call.result(hangs="client.waits_for_more"), rest, "client.splits_characters")
                call = None
        server.close()
        program.expect((call or client.begin("receive")).result(), "", diagnosis="client.no_end")


@unit.check(points=8, tier="robust", cases=20, needs=RECEIVES)
@given(size=st.sampled_from([1, 2, 3, 4, 5, 7, 16, 1023, 1025, 65_536]), text=texts((64, 100)))
def reads_with_any_buffer_size(program: Program, size: int, text: str) -> None:
    """buffer_size 是几都可以，文字连起来恰好是服务器发送的。 Whatever buffer_size, the pieces join to what was sent."""
    with connected(program) as (client, server):
        server.send(text)
        server.close()
        receive(program, client, text, size=size, suspect="client.splits_characters")
        expect_end(program, client)


@unit.check(points=3, tier="robust", cases=4, needs=["connects_again_after_close", "keeps_a_character_cut_in_two"])
@given(left=st.sampled_from([b"bc", *(character.encode()[:-1] for character in "你😀é")]), text=short_texts(1, 6))
def starts_afresh_with_each_connection(program: Program, left: bytes, text: str) -> None:
    """上一个连接没有收完的文字，不会混进新的连接。 What was left of one connection does not get into the next one."""
    with program.listen("S") as listener:
        client = program.new("TCPClient", *listener.address)
        with connect(program, client, listener) as server:
            server.send(b"a" + left)
            call = client.begin("receive", 1) if left == b"bc" else client.begin("receive")
            take(program, call.result(), "a" + left.decode("utf-8", "ignore"))
            client.call("close")
        with connect(program, client, listener) as server:
            server.send(text)
            receive(program, client, text, suspect="client.left_over")


APART = [*SENDS, "keeps_a_character_cut_in_two", "reads_with_any_buffer_size"]


@unit.check(points=3, tier="robust", cases=5, needs=[*APART, "can_be_closed_again_and_again"])
@given(
    cut=st.sampled_from([("b", 0), *((character, 1) for character in "你😀é")]),
    said=st.tuples(*[short_texts(1, 6)] * 3),
)
def keeps_clients_apart(program: Program, cut: tuple[str, int], said: tuple[str, str, str]) -> None:
    """同时连着的两个客户端互不相干。 Two clients that are connected at the same time have nothing in common."""
    shared = "client.shared"
    character, at = cut
    first, second, answer = f"一{said[0]}", f"二{said[1]}", f"三{said[2]}"
    with program.listen("S") as here, program.listen("T") as there:
        one = program.new("TCPClient", *here.address)
        other = program.new("TCPClient", *there.address)
        with connect(program, one, here) as s, connect(program, other, there) as t:
            sending = one.begin("send", first)
            program.expect(sending.result(), True, diagnosis=shared)
            sending = other.begin("send", second)
            t.expect(text_of(second, suspect=shared, sure=True))
            program.expect(sending.result(), True, diagnosis=shared)
            s.expect(text_of(first, suspect=shared, sure=True))
            # When the other receives, one has not got all yet: the end of a text, or of a character, is still to come.
            data = character.encode()
            s.send(b"a" + (data[:at] or data))
            rest = "a" if at else f"a{character}"
            call = one.begin("receive") if at else one.begin("receive", 1)
            rest = take(program, call.result(hangs=shared), rest, shared)
            t.send(answer)
            receive(program, other, answer, suspect=shared)
            if at:
                s.send(data[at:])
                rest += character
            receive(program, one, rest, suspect=shared)
            one.call("close")
            s.expect_end(diagnosis=shared)
            send(program, other, t, "再见")
