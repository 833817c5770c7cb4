"""Requests that may be refused: a CONNECT, and one with a body that looks like a request."""

from __future__ import annotations

from dataclasses import replace

from graders.core.models.finding import Mismatch
from graders.core.models.http_message import Request
from graders.core.models.proxy_messages import Pairs, Reply, Sent
from graders.core.models.proxy_passing import Codes, delivered, unasked
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


#: What a body says that is not to be taken for a request, and the request behind it, which is one.
HIDDEN, AFTER = "/hidden", "/after"


def refused_with_body(passage: Passage, refused: Sent, request: bytes, question: Question, headers: Pairs = ()) -> None:
    """Send the ``request``, with one that is right, and has these ``headers``, behind it on the same connection.

    ``refused``: what its body looks like. Its answer must be right in ``question``. Behind that the program closes the
    connection, or serves the second one; it is not served what is in the body.
    """
    client, suspect = passage.client, "proxy.body_taken_for_request"
    after, reply = Sent(path=AFTER, headers=headers), Reply(body=b"after")
    passage.origin.offer(reply, [after, refused], not_taken)
    client.send(request + after.bytes(passage.origin.authority))
    passage.hear("POST", question)
    answer = AnswerPart("GET", delivered(reply, suspect=suspect), suspect=suspect, may_close=True)
    passage.origin.serve_until(client, answer)
    client.expect(answer, units=0.1)
    passage.hang_up()


def not_taken(message: Request) -> Mismatch | None:
    """The question about a request that the origin gets: it is none out of a body."""
    if message.target != HIDDEN:
        return None
    found = unasked("proxy.body_taken_for_request")(message)
    return found and replace(found, python=f"{HIDDEN!r} not in first_line")
