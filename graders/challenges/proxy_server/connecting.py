"""CONNECT where it is not the tunnel that is graded, but whether it comes about."""

from __future__ import annotations

from graders.core.models.proxy_messages import Pairs
from graders.core.models.proxy_passing import Codes
from graders.core.models.web_answer import Question
from graders.core.wire.proxy import AnswerPart, Origin
from graders.core.wire.server import Server


def ask_for_tunnel(
    server: Server,
    question: Question,
    *,
    host: str = "127.0.0.1",
    port: str = "",
    headers: Pairs = (),
    suspect: str | None = None,
    codes: Codes | None = None,
) -> str:
    """Ask for a tunnel to the host, without ``port`` to an origin of the grader's; end the one that came about.

    Returns the authority that was asked for.
    """
    with Origin(server, "T") as origin, server.connect("B") as client:
        with origin.called(host) as here:
            authority = f"{host}{port}" if port else here
        lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
        lines += [f"{name}: {value}" for name, value in headers]
        client.send("\r\n".join([*lines, "", ""]).encode("latin-1"))
        oracle = AnswerPart("CONNECT", question, suspect=suspect, codes=codes)
        client.expect(oracle)
        if oracle.message is not None and oracle.message.status == 200:
            other = origin.accept("C")
            client.close()
            other.close()
        return authority
