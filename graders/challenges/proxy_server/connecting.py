"""Requests that may be refused: a CONNECT, and one with a body that looks like a request."""

from __future__ import annotations

from graders.core.models.proxy_messages import Pairs, Reply, Sent
from graders.core.models.proxy_passing import Codes, delivered
from graders.core.models.web_answer import Question
from graders.core.wire.proxy import AnswerPart, Origin, Passage
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


#: What anything wrong behind the refusal points to.
TAKEN: Codes = {
    "proxy.wrong_path": "proxy.body_taken_for_request",
    "proxy.wrong_status": "proxy.body_taken_for_request",
}


def refused_with_body(passage: Passage, request: bytes, question: Question, headers: Pairs = ()) -> None:
    """Send it, with one that is right, and has these ``headers``, behind it on the same connection.

    The first one's answer must be right in ``question``. Behind that the program closes the connection, or serves the
    second one; it is not served what the body looks like.
    """
    client, suspect = passage.client, "proxy.body_taken_for_request"
    after, reply = Sent(path="/after", headers=headers), Reply(body=b"after")
    passage.origin.offer(reply, [after], codes=TAKEN)
    client.send(request + after.bytes(passage.origin.authority))
    passage.hear("POST", question)
    answer = AnswerPart("GET", delivered(reply, suspect=suspect), suspect=suspect, may_close=True, codes=TAKEN)
    passage.origin.serve_until(client, answer)
    client.expect(answer, units=0.1)
    passage.hang_up()
