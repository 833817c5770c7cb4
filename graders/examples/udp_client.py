"""UDP 客户端：发送文字，在限定的时间内等待回答。 UDP client: sends texts and waits a limited time for answers.

Lesson 21.2.2.2. The grader is the server. An answer may be sent before the program waits for it: loopback keeps it.
"""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core import common
from graders.core.models.datagrams import NothingMore, Sent, explain_received
from graders.core.rubric import Unit, given
from graders.core.traffic import datagrams
from graders.core.traffic.texts import CHARACTERS, PHRASES, short_texts
from graders.core.wire.ports import second_loopback
from graders.core.wire.program import Instance, Program, Returned
from graders.core.wire.script import Script
from graders.core.wire.udp import UdpPeer

unit = Unit(
    __doc__,
    "udp_client",
    section="21.2.2.2",
    offers={"UDPClient": ["create_socket", "send", "receive", "close"]},
)

PORT = 8888  # the lesson's

#: Seconds in which an answer comes for sure: it is sent at once, or after LATE.
PLENTY = 3.0
LATE = 0.3


def client_of(program: Program, server: UdpPeer) -> Instance:
    host, port = server.address
    return program.new("UDPClient", host=host, port=port)


def ready_client(program: Program, server: UdpPeer) -> Instance:
    """A client with a socket."""
    client = client_of(program, server)
    program.expect(client.call("create_socket"), True, diagnosis="udp.create_result")
    return client


def sends(
    client: Instance, server: UdpPeer, text: str, before: tuple[str, ...] = (), *, diagnosis: str = "udp.nothing_sent"
) -> None:
    """``text`` arrives as one datagram, and send() says so."""
    returned = client.call("send", text)
    refused = "udp.send_result" if diagnosis == "udp.nothing_sent" else diagnosis
    client.program.expect(returned, True, diagnosis=refused)
    server.expect_all(Sent(text.encode(), tuple(earlier.encode() for earlier in before), silence=diagnosis))


def greet(program: Program, server: UdpPeer) -> Instance:
    """A client whom the server can answer."""
    client = ready_client(program, server)
    sends(client, server, "hello")
    return client


def expect_answer(program: Program, returned: Returned, wanted: str, diagnosis: str | None = None) -> None:
    """receive() returned this text."""
    program.expect(returned, wanted, diagnosis=diagnosis or explain_received(wanted, returned.value))


PUBLIC = ["offers_the_public_names"]
SENDS = ["sends_a_text"]
RECEIVES = ["receives_an_answer"]

unit.check(points=0)(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


@unit.check(points=10, needs=PUBLIC, cases=15)
@given(texts=datagrams.conversations(), again=st.booleans())
def sends_a_text(program: Program, texts: list[str], again: bool) -> None:
    """send() 把文字作为一个数据报发出，返回 True。 send() sends a text as one datagram and returns True."""
    texts = texts + texts[-1:] if again else texts
    with program.udp("S") as s:
        client = ready_client(program, s)
        for number, text in enumerate(texts):
            sends(client, s, text, tuple(texts[:number]))
        client.call("close")
        s.expect_all(NothingMore(tuple(text.encode() for text in texts)))


@unit.check(points=5, needs=SENDS, cases=len(CHARACTERS) + 1)
@given(character=st.sampled_from(CHARACTERS), phrase=st.sampled_from(PHRASES), mixture=short_texts())
def sends_every_character(program: Program, character: str, phrase: str, mixture: str) -> None:
    """任何字符都原样发出：空白、换行、NUL、表情符号……。 Every character goes out: white space, NUL, emoji, …"""
    with program.udp("S") as s:
        client = ready_client(program, s)
        for text in (character, f"a{character}b", phrase, mixture):
            sends(client, s, text)


@unit.check(points=3, needs=SENDS, cases=3)
@given(text=datagrams.plain_texts())
def sends_the_empty_text(program: Program, text: str) -> None:
    """空的文字是一个空的数据报。 The empty text is an empty datagram."""
    with program.udp("S") as s:
        client = ready_client(program, s)
        sends(client, s, text)
        sends(client, s, "", diagnosis="udp.empty_not_sent")
        sends(client, s, text)


@unit.check(points=4, needs=SENDS, cases=len(datagrams.CLIENT_SIZES) + 1)
@given(size=st.sampled_from(datagrams.CLIENT_SIZES))
def sends_long_texts(program: Program, size: int) -> None:
    """直到 65,507 字节的文字都作为一个数据报发出。 Texts of up to 65,507 bytes go out as one datagram."""
    with program.udp("S") as s:
        client = ready_client(program, s)
        sends(client, s, datagrams.plain(size), diagnosis="udp.long_not_sent")


@unit.check(points=5, needs=SENDS, cases=4)
@given(answer=datagrams.plain_texts())
def receives_an_answer(program: Program, answer: str) -> None:
    """receive() 等待并返回回答的文字。 receive() waits for an answer and returns its text."""
    with program.udp("S") as s:
        client = greet(program, s)
        s.send(answer)
        expect_answer(program, client.call("receive", timeout=PLENTY), answer)
        s.send("hello")
        expect_answer(program, client.call("receive"), "hello")


@unit.check(points=4, needs=RECEIVES, cases=len(datagrams.ANSWERS) + 1)
@given(answer=st.sampled_from(datagrams.ANSWERS))
def keeps_every_answer(program: Program, answer: str) -> None:
    """回答原样返回：前缀、空白、NUL、表情符号……。 Answers come out as they are: prefix, white space, NUL, emoji, …"""
    with program.udp("S") as s:
        client = greet(program, s)
        s.send(answer)
        expect_answer(program, client.call("receive", timeout=PLENTY), answer)


@unit.check(points=3, needs=RECEIVES)
def waits_for_a_late_answer(program: Program) -> None:
    """回答晚一点来，也等得到。 An answer that comes a little later is waited for."""
    with program.udp("S") as s:
        client = greet(program, s)
        receiving = client.begin("receive", timeout=PLENTY)
        s.send("late", pause=LATE)
        expect_answer(program, receiving.result(units=PLENTY), "late", "udp.timeout_early")


@unit.check(points=7, needs=RECEIVES, cases=3)
@given(text=datagrams.plain_texts())
def sends_to_the_right_address(program: Program, text: str) -> None:
    """每个客户端只和自己的服务器对话。 Every client talks to its own server and to no other."""
    # The two servers differ by host alone where the machine has two addresses.
    with (
        program.udp("S") as s,
        program.udp("T", host=second_loopback(), port=s.address[1] if second_loopback() != s.address[0] else 0) as t,
    ):
        one = ready_client(program, s)
        other = ready_client(program, t)
        for client, server, own in ((one, s, f"{text}1"), (other, t, f"{text}2")):
            client.call("send", own)
            for peer in (s, t):
                if peer is not server:
                    peer.expect_all(NothingMore(surplus="udp.wrong_server"))
            server.expect_all(Sent(own.encode(), silence="udp.wrong_server"))
        s.send("from S")
        t.send("from T")
        expect_answer(program, other.call("receive", timeout=PLENTY), "from T", "udp.wrong_server")
        expect_answer(program, one.call("receive", timeout=PLENTY), "from S", "udp.wrong_server")


@unit.check(points=3, needs=RECEIVES, cases=3)
@given(answer=datagrams.plain_texts())
def receives_an_empty_answer(program: Program, answer: str) -> None:
    """空的回答是空的文字，不是 None。 An empty answer is an empty text, not None."""
    with program.udp("S") as s:
        client = greet(program, s)
        s.send("")
        expect_answer(program, client.call("receive", timeout=1), "", "udp.empty_answer")
        s.send(answer)
        expect_answer(program, client.call("receive", timeout=PLENTY), answer)


@unit.check(points=3, needs=RECEIVES, cases=len(datagrams.BUFFERS) + 1)
@given(sizes=st.sampled_from(datagrams.BUFFERS))
def honours_the_buffer_size(program: Program, sizes: tuple[int, int]) -> None:
    """不超过 buffer_size 字节的回答完整地返回。 An answer of up to buffer_size bytes comes back whole."""
    size, buffer_size = sizes
    answer = datagrams.plain(size)
    with program.udp("S") as s:
        client = greet(program, s)
        s.send(answer)
        expect_answer(program, client.call("receive", buffer_size, PLENTY), answer, "udp.answer_truncated")


@unit.check(points=8, needs=RECEIVES, cases=3)
@given(timeout=st.sampled_from([0.1, 1.5]))
def gives_up_after_the_timeout(program: Program, timeout: float) -> None:
    """没有回答时，大约 timeout 秒之后返回 None。 Without an answer it returns None after about timeout seconds."""
    with program.udp("S") as s:
        client = greet(program, s)
        s.send("hello")
        # Far longer than the time-outs that are measured: one that is kept from before shows.
        expect_answer(program, client.call("receive", timeout=4 * PLENTY), "hello")
        program.expect_in_time(
            lambda: client.begin("receive", timeout=timeout).result(units=timeout + 3, hangs="udp.timeout_late"),
            None,
            timeout,
            diagnosis="udp.timeout_result",
            early="udp.timeout_early",
            late="udp.timeout_late",
        )


@unit.check(points=3, needs=["gives_up_after_the_timeout"])
def goes_on_after_the_timeout(program: Program) -> None:
    """超时之后仍然可以发送和接收。 After a time-out it still sends and receives."""
    with program.udp("S") as s:
        client = greet(program, s)
        program.expect(client.call("receive", timeout=0.2), None, diagnosis="udp.timeout_result")
        sends(client, s, "again", diagnosis="udp.unusable_after_timeout")
        s.send("answer")
        expect_answer(program, client.call("receive", timeout=PLENTY), "answer", "udp.unusable_after_timeout")


@unit.check(points=6, needs=RECEIVES, cases=3)
@given(text=datagrams.plain_texts())
def refuses_without_a_socket(program: Program, text: str) -> None:
    """没有套接字时，send() 返回 False，receive() 返回 None。 Without a socket send() gives False and receive() None."""
    with program.udp("S") as s:
        client = client_of(program, s)
        _refuses(client, text)
        program.expect(client.call("create_socket"), True, diagnosis="udp.create_result")
        sends(client, s, text)
        client.call("close")
        _refuses(client, text)
        s.expect_all(NothingMore())


def _refuses(client: Instance, text: str) -> None:
    client.program.expect(client.call("send", text), False, diagnosis="udp.without_socket")
    client.program.expect(client.call("receive", timeout=0.1), None, diagnosis="udp.without_socket")


@unit.check(points=3, needs=SENDS)
def closes_twice(program: Program) -> None:
    """close() 调用两次没有影响。 Closing twice does no harm."""
    with program.udp("S") as s:
        client = greet(program, s)
        client.call("close")
        client.call("close")


unit.check(points=2, needs=SENDS)(common.imports_without_side_effects)


@unit.check(points=2, needs=["gives_up_after_the_timeout"], ports=[f"{PORT}/udp"])
def keeps_the_defaults(program: Program) -> None:
    """不给参数时：127.0.0.1，端口 8888，等 5 秒。 Without arguments: 127.0.0.1, port 8888, five seconds."""
    with program.udp("S", port=PORT) as s:
        client = program.new("UDPClient")
        program.expect(client.call("create_socket"), True, diagnosis="udp.create_result")
        program.expect_has("client_socket", on=client)
        sends(client, s, "hello")
        if program.peek("UDPClient.receive.__defaults__") == (1024, 5):
            return  # said in the definition, and that it goes by its time-out was shown before: no need to wait
        returned = client.begin("receive").result(units=8, hangs="udp.default_timeout")
        program.expect(returned, None, diagnosis="udp.timeout_result")
        program.expect_duration(returned, 5, early="udp.default_timeout", late="udp.default_timeout")


@unit.check(points=3, actor="bare", needs=["waits_for_a_late_answer"], cases=3, ports=[f"{PORT}/udp"])
@given(quits=st.sampled_from([True, False]))
def runs_as_a_script(script: Script, quits: bool) -> None:
    """作为脚本：发送每一行，打印响应，到 quit 或输入结束。 As a script: sends lines, prints responses, ends on quit."""
    with script.udp("S", port=PORT) as s:
        script.run()
        for line, response in (("hello", "response-one"), ("你好", "响应二")):
            script.type(f"{line}\n")
            s.expect_all(Sent(line.encode(), silence="udp.script_sends"), units=4)
            s.send(response)
            script.expect_printed(response)
        if quits:
            script.type("quit\n")
        else:
            script.end_of_input()
        script.expect_end()
        s.expect_all(NothingMore())


@unit.check(points=9, tier="robust", needs=RECEIVES, cases=14)
@given(
    garbage=st.sampled_from([data for data, times in datagrams.NOT_UTF8 if times == 1]), answer=datagrams.plain_texts()
)
def survives_an_answer_that_is_not_utf8(program: Program, garbage: bytes, answer: str) -> None:
    """不是 UTF-8 的回答得到 None，之后仍然可用。 An answer that is not UTF-8 gives None, and the client goes on."""
    with program.udp("S") as s:
        client = greet(program, s)
        s.send(garbage)
        s.send(answer)
        program.expect(client.call("receive", timeout=PLENTY), None, diagnosis="udp.foreign_bytes")
        expect_answer(program, client.call("receive", timeout=PLENTY), answer, "udp.unusable_after_bad_bytes")
        sends(client, s, "again", diagnosis="udp.unusable_after_bad_bytes")


@unit.check(points=9, tier="robust", needs=RECEIVES, cases=12)
@given(
    answers=st.lists(datagrams.plain_texts(), min_size=2, max_size=6), received=st.integers(0, 2), again=st.booleans()
)
def keeps_several_answers_in_order(program: Program, answers: list[str], received: int, again: bool) -> None:
    """几个回答按顺序，每次 receive() 返回一个。 Several answers come one per receive(), in order."""
    answers = answers + answers[-1:] if again else answers
    with program.udp("S") as s:
        client = greet(program, s)
        for answer in answers:
            s.send(answer)
        for answer in answers[:received]:
            expect_answer(program, client.call("receive", timeout=PLENTY), answer, "udp.answers_lost")
        sends(client, s, "more")
        s.send("last")
        for answer in [*answers[received:], "last"]:
            expect_answer(program, client.call("receive", timeout=PLENTY), answer, "udp.answers_lost")


@unit.check(points=8, tier="robust", needs=SENDS, cases=len(datagrams.TOO_LARGE) + 1)
@given(text=st.sampled_from(datagrams.TOO_LARGE))
def refuses_a_text_too_large(program: Program, text: tuple[str, int]) -> None:
    """放不进一个数据报的文字得到 False，不抛出异常。 A text too large for a datagram gives False, no exception."""
    character, times = text
    with program.udp("S") as s:
        client = greet(program, s)
        program.expect(client.call("send", character * times), False, diagnosis="udp.too_large_result")
        returned = client.call("send", "after")
        program.expect(returned, True, diagnosis="udp.unusable_after_too_large")
        s.expect_all(Sent(b"after", strict=False, silence="udp.unusable_after_too_large"))
