"""TCP 回声服务器：每收到一段文字，就回答前缀加这段文字。 TCP echo server: answers every piece of text behind a prefix.

Lesson 21.2.1.1. TCP has no messages: an answer may come in several pieces, each behind its own prefix (models/echo.py).
"""

from __future__ import annotations

from contextlib import ExitStack

from hypothesis import strategies as st

from graders.core import common
from graders.core.models.echo import echo_of
from graders.core.rubric import Serve, Unit, given
from graders.core.traffic.datagrams import plain_texts
from graders.core.traffic.texts import BAD_UTF8, SAMPLES, filled, short_texts, texts_at_an_edge, texts_to_cut
from graders.core.wire.program import Program
from graders.core.wire.script import Script
from graders.core.wire.server import Server
from graders.core.wire.tcp import Reading, TcpPeer

unit = Unit(
    __doc__,
    "tcp_server",
    section="21.2.1.1",
    offers={"TCPServer": ["start"], "handle_client": []},
    starts=Serve("TCPServer", default_port=8888),
    clients=200,
)


#: Sizes in bytes that fit the lesson's buffer with their prefix: longer texts are matters of checks of their own.
MODEST = (16, 100, 500, 1000)

#: How long handle_client's client stays at least, in units of patience: returning before that is returning early.
STAYS = 0.1


def ask(client: TcpPeer, text: str = "你好", *, suspect: str | None = None) -> None:
    """One text and its answer."""
    client.send(text)
    client.expect(echo_of(text, suspect=suspect))


def exchange(server: Server, name: str = "A", *, suspect: str | None = None) -> TcpPeer:
    """Prove that the server serves ``name``, who stays connected."""
    client = server.connect(name, refused=suspect)
    ask(client, suspect=suspect)
    return client


PUBLIC = ["offers_the_public_names"]
ALIVE = ["answers_a_text"]
KEEPS = ["keeps_every_text"]
CONVERSES = ["answers_text_after_text"]
SEVERAL = ["serves_several_clients_at_once"]
GOES_ON = ["goes_on_after_a_client_leaves"]

unit.check(points=0, actor="program")(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


@unit.check(points=6, cases=4, needs=PUBLIC, fresh=True)
@given(text=st.sampled_from(["你好", "hello", "网络编程", "a"]))
def answers_a_text(server: Server, text: str) -> None:
    """收到一段文字，回答前缀加这段文字。 Answers a text with the prefix and that text."""
    with server.connect("A") as a:
        ask(a, text)


@unit.check(points=6, cases=len(SAMPLES), needs=ALIVE, fresh=True)
@given(text=st.sampled_from(SAMPLES))
def keeps_every_text(server: Server, text: str) -> None:
    """1024 字节以内的任何文字都原样返回（空白、NUL、表情……）。 Any text up to 1024 bytes comes back as it was."""
    with server.connect("A") as a:
        ask(a, text)


@unit.check(points=7, cases=15, needs=ALIVE, fresh=True)
@given(conversation=st.lists(plain_texts(MODEST), min_size=2, max_size=6))
def answers_text_after_text(server: Server, conversation: list[str]) -> None:
    """同一个连接上一问一答，可以有很多次。 Many texts on one connection, each answered before the next."""
    with server.connect("A") as a:
        for number, text in enumerate(conversation):
            ask(a, text, suspect="tcp.one_answer_only" if number else None)


@unit.check(points=8, cases=8, needs=CONVERSES, fresh=True)
@given(rounds=st.lists(st.tuples(*[short_texts(0, 6)] * 3), min_size=1, max_size=4))
def serves_several_clients_at_once(server: Server, rounds: list[tuple[str, str, str]]) -> None:
    """几个客户端同时连着，各自只得到自己的回答。 Of several clients at once each gets its own answers, no others."""
    with ExitStack() as connected:
        clients = [connected.enter_context(server.connect(name)) for name in "ABC"]
        for turn, said in enumerate([*rounds, ("", "", "")]):  # the last round shows what else came to anybody
            lines = [f"<{client.name}{turn}:{text}>" for client, text in zip(clients, said, strict=True)]
            for client, line in zip(clients, lines, strict=True):
                client.send(line)
            for client, line in reversed(list(zip(clients, lines, strict=True))):
                others = [f"<{name}" for name in "ABC" if name != client.name]
                client.expect(echo_of(line, others=others, suspect="tcp.one_at_a_time"))


@unit.check(points=2, needs=SEVERAL, fresh=True)
def serves_after_a_silence(server: Server) -> None:
    """好几秒没有人来、没有人说话，之后照常服务。 Serves on after seconds in which nobody comes and nobody speaks."""
    code = "server.stops_when_nobody_comes"
    with exchange(server, "A") as a:
        server.expect_serving(common.NOBODY_SECONDS, diagnosis=code)
        with exchange(server, "B", suspect=code):
            ask(a, "还在", suspect="tcp.idle_clients")


@unit.check(points=4, cases=3, needs=SEVERAL, options={"max_connections": 2}, fresh=True)
@given(clients=st.integers(3, 6))
def takes_more_clients_than_max_connections(server: Server, clients: int) -> None:
    """max_connections 是等待队列的长度，不限制客户端数量。 max_connections is the backlog, no limit of clients."""
    with ExitStack() as connected:
        for number in range(clients):
            connected.enter_context(exchange(server, "ABCDEF"[number], suspect="tcp.backlog_as_limit"))


@unit.check(points=7, cases=4, needs=SEVERAL)
@given(leaver=st.sampled_from([2, 0, 1]), silently=st.sampled_from([False, True]))
def goes_on_after_a_client_leaves(server: Server, leaver: int, silently: bool) -> None:
    """一个客户端离开后，其他的和新来的照常得到服务。 When a client leaves, the others and new ones are served."""
    with ExitStack() as connected:
        clients = [connected.enter_context(server.connect(name)) for name in "ABC"]
        for client in clients:
            ask(client)
        if silently:
            server.connect("X").close()
        clients[leaver].close()
        connected.enter_context(exchange(server, "D", suspect="tcp.leaving_disturbs"))
        for client in clients:
            if client is not clients[leaver]:
                ask(client, "还在", suspect="tcp.leaving_disturbs")
                client.close()
        connected.enter_context(exchange(server, "E", suspect="tcp.leaving_disturbs"))


@unit.check(points=5, cases=10, needs=CONVERSES, fresh=True)
@given(before=st.lists(plain_texts(MODEST), max_size=2), last=plain_texts(MODEST))
def answers_after_a_half_close(server: Server, before: list[str], last: str) -> None:
    """客户端发完就半关闭，仍然得到全部回答。 A client that has finished sending still gets every answer."""
    with server.connect("A") as a:
        for text in before:
            ask(a, text)
        a.send(last, more=True)  # the FIN comes in the same segment as the text
        a.half_close()
        a.expect(echo_of(last, suspect="tcp.half_close"))


@unit.check(points=5, cases=5, actor="program", needs=CONVERSES)
@given(conversation=st.lists(plain_texts(MODEST), min_size=1, max_size=4))
def handle_client_serves_one_connection(program: Program, conversation: list[str]) -> None:
    """handle_client 服务一个连接，客户端离开后返回。 handle_client serves one connection and returns when it ends."""
    with program.listen("A") as listener:
        call = program.begin("handle_client", program.connection_to(listener), program.as_tuple(listener.address))
        with listener.accept("A") as a:
            for text in conversation:
                ask(a, text, suspect="tcp.handler_gives_up")
            a.expect_silence(units=STAYS, diagnosis="tcp.handler_gives_up")
        program.expect_lasted(call.result(), STAYS, diagnosis="tcp.handler_returns_early")


unit.check(points=3, actor="program", needs=ALIVE)(common.imports_without_side_effects)


@unit.check(points=3, actor="program", needs=ALIVE)
def keeps_its_settings(program: Program) -> None:
    """host、port、max_connections 有默认值，也可以指定。 Settings have their defaults and can be given."""
    default = program.new("TCPServer")
    given_all = program.new("TCPServer", host="127.0.0.2", port=4711, max_connections=7)
    for server, host, port, backlog in ((default, "0.0.0.0", 8888, 5), (given_all, "127.0.0.2", 4711, 7)):
        server.expect("host", host)
        server.expect("port", port)
        server.expect("max_connections", backlog)
        server.expect("server_socket", None)


unit.check(points=4, cases=2, needs=GOES_ON)(common.starts_again_after_a_kill(exchange))
unit.check(points=4, cases=3, needs=GOES_ON)(common.stops_on_interrupt(exchange))
unit.check(points=5, cases=4, needs=ALIVE, actor="stopped")(common.reports_an_address_that_cannot_be_bound(exchange))


@unit.check(points=4, actor="bare", needs=ALIVE, ports=["8888/tcp"])
def runs_as_a_script(script: Script) -> None:
    """作为脚本运行时，用默认参数启动。 Run as a script, it starts with the defaults."""
    script.run()
    script.await_listening(8888)
    with script.connect("A", port=8888) as a:
        ask(a)


@unit.check(points=6, tier="robust", cases=50, needs=[*GOES_ON, *KEEPS])
@given(text_and_cuts=texts_to_cut(), between=st.sampled_from([False, True]))
def keeps_a_character_cut_in_two(server: Server, text_and_cuts: tuple[str, tuple[int, ...]], between: bool) -> None:
    """一个汉字被网络切成两段时，回答仍然完整。 A character cut between two segments survives."""
    text, cuts = text_and_cuts
    data = text.encode()
    with exchange(server, "A") as a:  # the server now waits for the first segment
        if between:  # another client's text comes between the two segments
            with exchange(server, "B") as b:
                a.send(data[: cuts[0]])
                ask(b, "世", suspect="echo.split_character")
                a.send(data[cuts[0] :], cut_at=[cut - cuts[0] for cut in cuts[1:]])
        else:
            a.send(data, cut_at=cuts)
        a.expect(echo_of(text, suspect="echo.split_character"))


@unit.check(points=5, tier="robust", cases=24, needs=[*GOES_ON, *KEEPS])
@given(text=texts_at_an_edge())
def keeps_a_character_at_the_buffers_edge(server: Server, text: str) -> None:
    """长文字中，跨在 1024 字节边上的汉字不会坏。 In a long text a character across a buffer's edge survives."""
    with server.connect("A") as a:
        ask(a, text, suspect="echo.split_character")


@unit.check(points=4, tier="robust", cases=3, needs=["keeps_a_character_at_the_buffers_edge"])
@given(size=st.sampled_from([2**20, 2**20 - 1, 300_000]), seed=st.integers(0, 15))
def echoes_a_mebibyte(server: Server, size: int, seed: int) -> None:
    """一个连接上 1 MiB 文字，边发边收，完整返回。 1 MiB on one connection, read as it is sent, comes back whole."""
    text = filled(size, seed)
    with server.connect("A", narrow=True) as a:
        a.send(text, reading=Reading.WHEN_STUCK)
        a.expect(echo_of(text, suspect="echo.truncated"))


@unit.check(points=4, tier="robust", cases=len(BAD_UTF8), needs=GOES_ON)
@given(bad=st.sampled_from(BAD_UTF8), spoke=st.sampled_from([False, True]))
def survives_invalid_utf8(server: Server, bad: bytes, spoke: bool) -> None:
    """不是 UTF-8 的字节最多断开那一个连接。 Bytes that are not UTF-8 cost at most that connection."""
    with exchange(server, "B") as b, server.connect("A") as a:
        if spoke:
            ask(a)
        a.send(bad)
        with exchange(server, "C", suspect="tcp.bad_text_disturbs"):
            ask(b, "还在", suspect="tcp.bad_text_disturbs")
        a.close()
        with exchange(server, "D", suspect="tcp.bad_text_disturbs"):
            ask(b, "仍然还在", suspect="tcp.bad_text_disturbs")


@unit.check(points=4, tier="robust", cases=6, needs=GOES_ON)
@given(before=st.sampled_from(["an answer", "a text", "nothing"]), resets=st.sampled_from([1, 4]))
def survives_a_reset(server: Server, before: str, resets: int) -> None:
    """连接被重置（RST）时，其他客户端不受影响。 A reset (RST) disturbs nobody else."""
    with exchange(server, "B") as b:
        if before == "nothing":
            server.is_left_unaccepted(resets)
        else:
            clients = [server.connect(f"A{number}") for number in range(resets)]
            for client in clients:
                ask(client) if before == "an answer" else client.send("你好")
            for client in clients:
                client.reset()
        with exchange(server, "C", suspect="tcp.reset_disturbs"):
            ask(b, "还在", suspect="tcp.reset_disturbs")


#: So many that a program which waits half a second for each of them, or more, is late even by the patience of a second
#: opinion on a slow machine.
SILENT = 40


@unit.check(points=2, tier="robust", cases=2, needs=GOES_ON, options={"max_connections": 256})
@given(manner=st.sampled_from(["says nothing", "never reads"]))
def is_held_up_by_no_client(server: Server, manner: str) -> None:
    """沉默的、从不接收的客户端，不耽误别人。 A client that is silent or never reads delays nobody."""
    with ExitStack() as connected:
        b = connected.enter_context(exchange(server, "B"))
        if manner == "never reads":
            a = connected.enter_context(server.connect("A", narrow=True))
            a.send("0123456789abcdef" * 2**18, reading=Reading.NEVER)
        else:
            for number in range(SILENT):
                connected.enter_context(server.connect(f"A{number}"))
                if number % 4 == 3:  # gives the program time to accept them
                    ask(b, suspect="tcp.held_up")
        ask(b, "还在", suspect="tcp.held_up")
        with exchange(server, "C", suspect="tcp.held_up"):
            ask(b, "仍然还在", suspect="tcp.held_up")
        if manner == "never reads":
            a.reset()


@unit.check(points=2, tier="robust", needs=GOES_ON, options={"max_connections": 256})
def serves_beside_200_idle_clients(server: Server) -> None:
    """有 200 个空闲的客户端连着时，照常服务。 Serves beside 200 idle clients."""
    with ExitStack() as connected:
        idle = [connected.enter_context(server.connect(f"I{number}")) for number in range(5)]
        for number in range(5, 200):
            # Every fifth says something: when it is answered those before it are accepted, and no backlog runs over.
            name = f"I{number}"
            client = server.connect(name) if number % 5 else exchange(server, name, suspect="tcp.idle_clients")
            idle.append(connected.enter_context(client))
        idle[0].expect_silence(units=1.1, diagnosis="tcp.idle_clients")
        ask(connected.enter_context(server.connect("Z")), suspect="tcp.idle_clients")
        for number in (0, 1, 99, 100, 198, 199):
            ask(idle[number], "还在", suspect="tcp.idle_clients")
