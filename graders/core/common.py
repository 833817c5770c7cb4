"""Checks that many units share. A unit registers each with its own points: its file still shows its whole rubric."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack

from hypothesis import strategies as st

from graders.core.models.finding import Mismatch, Side
from graders.core.rubric import CheckFunction, given
from graders.core.text import Text
from graders.core.wire.blame import Wrong
from graders.core.wire.program import Program
from graders.core.wire.script import Script
from graders.core.wire.server import Server
from graders.core.wire.story import PROGRAM


def offers(names: Mapping[str, Iterable[str]]) -> CheckFunction:
    """The module can be imported and has these public names: classes with their methods, functions with none."""

    def offers_the_public_names(program: Program) -> None:
        """模块可以导入，约定的名字都在。 The module can be imported and has the agreed names."""
        for name, methods in names.items():
            for path in (name, *(f"{name}.{method}" for method in methods)):
                step, there = program.has(path)
                if not there:
                    mismatch = Mismatch(
                        Side(Text(f"有 {path}", f"there is {path}")),
                        Side(Text(f"没有 {path}", f"there is no {path}")),
                        diagnosis="program.missing_name",
                        event="name",
                    )
                    program.story.fail(mismatch, step)
                    raise Wrong(mismatch)

    return offers_the_public_names


def imports_without_side_effects(program: Program) -> None:
    """导入模块时什么也不发生：没有连接、线程和输出。 Importing does nothing: no socket, no thread, no output."""
    seen = program.imported
    effects = (
        (seen["sockets"], Text("创建了 socket", "a socket was made"), "program.import_opens_socket"),
        (seen["threads"], Text("启动了线程", "a thread was started"), "program.import_starts_thread"),
        (seen["output"].strip(), Text("打印了文字", "something was printed"), "program.import_prints"),
    )
    for effect, words, code in effects:
        if effect:
            step = program.story.add(PROGRAM, "import", value=effect)
            quiet = Side(Text("什么也没有发生", "nothing happened"))
            mismatch = Mismatch(quiet, Side(words), diagnosis=code, event="quiet")
            program.story.fail(mismatch, step)
            raise Wrong(mismatch)


#: exchange(server, name): a client ``name`` connects, converses and is left connected; proves that the server works.
Exchange = Callable[[Server, str], AbstractContextManager[object]]

#: What cannot be bound, as arguments of the constructor.
UNBINDABLE: dict[str, dict[str, object]] = {
    "port_in_use": {},  # a port that the grader holds itself
    "foreign_address": {"host": "192.0.2.1"},  # TEST-NET-1, RFC 5737: nobody's
    "port_out_of_range": {"port": 70_000},
    "negative_port": {"port": -1},
}

#: What an obstacle's diagnoses are called where not after itself.
_STEMS = {"negative_port": "port_out_of_range"}


def reports_an_address_that_cannot_be_bound(
    exchange: Exchange, obstacles: Iterable[str] = tuple(UNBINDABLE)
) -> CheckFunction:
    """Needs ``actor="stopped"``. That it can serve at all is shown last: silence earns nothing."""
    named = list(obstacles)

    @given(obstacle=st.sampled_from(named))
    def reports_an_address_that_cannot_be_bound(server: Server, obstacle: str) -> None:
        """地址不能绑定时，打印原因并返回，不抛出异常。 Prints why and returns when the address cannot be bound."""
        if obstacle == "port_in_use":
            with server.holding_a_port() as port:
                server.begin(port=port)
                server.expect_return(diagnosis=f"server.{obstacle}")
        else:
            server.begin(**UNBINDABLE[obstacle])
            server.expect_return(diagnosis=f"server.{_STEMS.get(obstacle, obstacle)}")
        server.start()
        with exchange(server, "A"):
            pass

    return reports_an_address_that_cannot_be_bound


#: Longer than the time-outs that programs set out of habit on the socket that they wait at: 1, 2 and 3 s. By the clock,
#: as theirs are; half a second is for a busy machine to begin the call.
NOBODY_SECONDS = 3.5


def stops_on_interrupt(exchange: Exchange) -> CheckFunction:
    """Ctrl+C, with and without clients connected."""

    @given(clients=st.sampled_from([0, 1, 3]))
    def stops_on_interrupt(server: Server, clients: int) -> None:
        """按 Ctrl+C 之后约 2 秒内结束，端口空出来。 Ends within about 2 s of Ctrl+C, and the port is free."""
        with ExitStack() as connected:
            for number in range(clients):
                connected.enter_context(exchange(server, "ABC"[number]))
            server.interrupt()
            server.expect_end_of_process(diagnosis="server.ignores_interrupt")
        if not clients:  # with clients TIME_WAIT comes in, which is another check's matter
            server.start()
            with exchange(server, "D"):
                pass

    return stops_on_interrupt


def starts_again_after_a_kill(exchange: Exchange) -> CheckFunction:
    """The client is connected when the server is killed: only then is there a connection in TIME_WAIT or FIN_WAIT."""

    @given(clients=st.sampled_from([1, 3]))
    def starts_again_after_a_kill(server: Server, clients: int) -> None:
        """有客户端连着时被杀死，也能马上在同一端口重新启动。 Killed with clients connected, it starts again at once."""
        with ExitStack() as connected:
            for number in range(clients):
                connected.enter_context(exchange(server, "ABC"[number]))
            server.kill()
            server.start(diagnosis="server.port_still_in_use")
            with exchange(server, "D"):
                pass

    return starts_again_after_a_kill


def script_ports(port: int) -> list[str]:
    """What ``runs_as_a_script(port, …)`` needs to itself."""
    return [f"{number}/tcp" for number in (port, *_other_ports(port))]


def _other_ports(port: int) -> tuple[int, int]:
    return port - 1, port - 2


def runs_as_a_script(port: int, converse: Callable[[Script, int], object]) -> CheckFunction:
    """With the lesson's ``port``, and with others; ``converse``: prove that it serves there."""
    others = _other_ports(port)

    @given(arguments=st.sampled_from([[], ["--port", f"{others[0]}", "--host", "127.0.0.1"], [f"--port={others[1]}"]]))
    def runs_as_a_script(script: Script, arguments: list[str]) -> None:
        """作为脚本运行，接受 --host 和 --port。 Runs as a script, with --host and --port."""
        used = next((other for other in others if str(other) in " ".join(arguments)), port)
        script.run(*arguments)
        script.await_listening(used)
        converse(script, used)

    return runs_as_a_script
