"""The proxy as a server of its own: starting, stopping, and running as a script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from graders.challenges.proxy_server.unit import PASSES, TUNNELS, unit
from graders.core import common
from graders.core.models.proxy_messages import Reply, Sent
from graders.core.models.proxy_passing import delivered
from graders.core.wire.proxy import AnswerPart, Origin, Passage
from graders.core.wire.script import Script
from graders.core.wire.server import Server
from graders.core.wire.tunnel import open_tunnel

#: Clients that say nothing: who gives each of them a second at the end needs more than two.
IDLE = 4


@contextmanager
def connected(server: Server, name: str) -> Iterator[None]:
    """Prove that the proxy serves, and leave a client connected: in the middle of a request, or with a tunnel."""
    with Passage(server, f"{name}'", f"S{name}") as passage:
        passage.ask(Sent(), Reply())
        if name == "B":
            with open_tunnel(server, name, "T"):
                yield
        else:
            with ExitStack() as idle, server.connect(name) as client:
                client.send(f"GET http://{passage.origin.authority}/ HTTP/1.1\r\nHost: ")
                for number in range(IDLE):
                    idle.enter_context(server.connect(f"{name}{number}"))
                yield


def converse(script: Script, port: int) -> None:
    """One request through the proxy that the script is."""
    reply = Reply(body=b"hello")
    with Origin(script) as origin, script.connect(port=port) as client:
        origin.offer(reply, [Sent()])
        client.send(Sent().bytes(origin.authority))
        answer = AnswerPart("GET", delivered(reply))
        origin.serve_until(client, answer)
        client.expect(answer, units=0.1)


unit.check(points=0, actor="program", needs=PASSES)(common.imports_without_side_effects)
unit.check(points=1, cases=3, needs=[*PASSES, *TUNNELS])(common.starts_again_after_a_kill(connected))
unit.check(points=1, cases=4, needs=[*PASSES, *TUNNELS])(common.stops_on_interrupt(connected))
unit.check(points=1, cases=4, needs=PASSES, actor="stopped")(common.reports_an_address_that_cannot_be_bound(connected))
unit.check(points=1, cases=4, needs=PASSES, actor="bare", ports=common.script_ports(8080))(
    common.runs_as_a_script(8080, converse)
)
