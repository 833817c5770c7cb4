"""TCP 回声服务器：每收到一段文字，就回答前缀加这段文字。 TCP echo server: answers every piece of text behind a prefix.

Lesson 21.2.1.1. TCP has no messages: an answer may come in several pieces, each behind its own prefix (models/echo.py).
"""

from __future__ import annotations

from graders.core import common
from graders.core.models.echo import echo_of
from graders.core.rubric import Serve, Unit, given
from graders.core.traffic.texts import texts, texts_to_cut
from graders.core.wire.server import Server
from graders.core.wire.tcp import TcpPeer

unit = Unit(
    __doc__,
    "tcp_server",
    section="21.2.1.1",
    offers={"TCPServer": ["start"], "handle_client": []},
    starts=Serve("TCPServer", default_port=8888),
    clients=200,
)


def exchange(server: Server, name: str = "A") -> TcpPeer:
    """Prove that the server serves ``name``, who stays connected."""
    client = server.connect(name)
    client.send("你好")
    client.expect(echo_of("你好"))
    return client


PUBLIC = ["offers_the_public_names"]
ALIVE = ["answers_a_text"]

unit.check(points=0, actor="program")(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


@unit.check(points=12, cases=60, needs=PUBLIC)
@given(text=texts())
def answers_a_text(server: Server, text: str) -> None:
    """收到一段文字，回答前缀加这段文字。 Answers a text with the prefix and that text."""
    with server.connect("A") as a:
        a.send(text)
        a.expect(echo_of(text))


@unit.check(points=8, tier="robust", cases=60, needs=ALIVE)
@given(text_and_cuts=texts_to_cut())
def keeps_a_character_cut_in_two(server: Server, text_and_cuts: tuple[str, tuple[int, ...]]) -> None:
    """一个汉字被网络切成两段时，回答仍然完整。 A character cut between two segments survives."""
    text, cuts = text_and_cuts
    with exchange(server) as a:  # once it has answered, the server is waiting for the first segment
        a.send(text, cut_at=cuts)
        a.expect(echo_of(text, suspect="echo.split_character"))


unit.check(points=3, actor="program", needs=ALIVE)(common.imports_without_side_effects)
unit.check(points=6, cases=6, needs=ALIVE)(common.starts_again_after_a_kill(exchange))
unit.check(points=6, cases=6, needs=ALIVE)(common.stops_on_interrupt(exchange))
unit.check(points=6, cases=6, needs=ALIVE, actor="stopped")(common.reports_an_address_that_cannot_be_bound(exchange))
