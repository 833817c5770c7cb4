"""The server as a program: importing, starting, stopping, and running as a script."""

from __future__ import annotations

from functools import partial

from graders.challenges.websocket_server.connecting import attentive, exchange
from graders.challenges.websocket_server.unit import ECHOES, unit
from graders.core import common
from graders.core.wire.script import Script
from graders.core.wire.websocket import open_websocket

unit.check(points=1, actor="program", needs=ECHOES)(common.imports_without_side_effects)
unit.check(points=1, cases=2, needs=ECHOES)(common.starts_again_after_a_kill(exchange))
unit.check(points=2, cases=3, needs=ECHOES)(common.stops_on_interrupt(attentive))
unit.check(points=1, cases=4, needs=ECHOES, actor="stopped")(common.reports_an_address_that_cannot_be_bound(exchange))


def converse_with_script(script: Script, port: int) -> None:
    with open_websocket(partial(script.connect, port=port)) as client:
        client.exchange("你好")


unit.check(points=1, cases=3, actor="bare", needs=ECHOES, ports=common.script_ports(8765))(
    common.runs_as_a_script(8765, converse_with_script)
)
