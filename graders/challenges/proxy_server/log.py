"""Log: a line for every request, and no credentials in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graders.challenges.proxy_server.connecting import ask_for_tunnel
from graders.challenges.proxy_server.unit import PASSES, unit
from graders.core.models import proxy_log
from graders.core.models.http_message import Response
from graders.core.models.proxy_log import Discreet, Exchange, Logged
from graders.core.models.proxy_messages import Pairs, Reply, Sent
from graders.core.rubric import given
from graders.core.traffic.pools import most_of
from graders.core.traffic.proxy_log import (
    ANSWERED,
    ANSWERS,
    ASKED,
    FAILS,
    PASSWORD,
    SECRETS,
    SLOW_MS,
    SLOWNESS,
    USER,
    VISITS,
    Secret,
    Visit,
)
from graders.core.wire.proxy import AnswerPart, Origin, Passage, ask_anything
from graders.core.wire.server import Server
from graders.sandbox import encode

FILTERS: dict[str, Any] = {"request_filter": ANSWERS.argument(), "response_filter": FAILS.argument()}

#: What is no request of HTTP, with an empty line behind it.
GARBAGE = b"hello\r\n\r\n"


@unit.check(points=4, cases=3, needs=PASSES, actor="stopped")
@given(visits=most_of(VISITS))
def logs_every_request(server: Server, visits: list[Visit]) -> None:
    """日志里每个请求一行 JSON，值都对。 The log has a JSON object a line for every request, with the right values."""
    file = server.file()
    with Passage(server) as passage:
        blocked = encode(("localhost",))
        server.start(log_path=file, blocked_hosts=blocked, **FILTERS)
        exchanges = [exchanged(server, passage, visit) for visit in visits]
        server.expect_written(file, Logged(exchanges))


def exchanged(server: Server, passage: Passage, visit: Visit) -> Exchange:
    """Make the request; what of it must be in the log is what the client has sent and seen."""
    sent, origin = visit.sent, passage.origin
    if visit.kind == "tunnel":
        return tunnelled(server)
    if visit.kind == "slow":
        return slow(passage, visit)
    if visit.kind == "origin":
        before = len(origin.requests)
        answer = passage.ask(sent, visit.reply, lambda answer: None)
        return Exchange(
            sent.method,
            f"http://{origin.authority}{sent.path}",
            answer.status,
            proxy_log.ASKED if len(origin.requests) > before else proxy_log.HIT,
            len(sent.body),
            len(answer.body),
            asked=sent.headers if sent.headers == ASKED else (),
            answered=visit.reply.headers if visit.reply.headers == ANSWERED else (),
        )
    if visit.kind in ("garbage", "origin form"):
        origin.offer(Reply(), None)  # whether it is passed on is not asked here
    if visit.kind == "garbage":
        return own(passage, None, None, GARBAGE)
    if visit.kind == "origin form":
        line = f"GET {sent.path} HTTP/1.1\r\nHost: {origin.authority}\r\n\r\n"
        return own(passage, "GET", sent.path, line.encode())
    with origin.called("localhost" if visit.kind == "blocked" else "127.0.0.1") as authority:
        origin.offer(b"" if visit.kind == "failed" else visit.reply, [sent])
        found = own(passage, sent.method, f"http://{authority}{sent.path}", sent.bytes(authority))
        # What the proxy should have refused has come from the origin, or out of the cache: another check's matter.
        passed_on = found.status == visit.reply.status
        return replace(found, cache=(*proxy_log.HIT, *proxy_log.ASKED)) if passed_on else found


def slow(passage: Passage, visit: Visit) -> Exchange:
    """A request whose origin takes its time, so that its duration is no matter of a fraction of a millisecond."""
    sent, client = visit.sent, passage.client
    with Origin(passage.server, "T") as origin:
        client.send(sent.bytes(origin.authority))
        with origin.accept("T1") as far:
            origin.receive(far, sent)
            far.send(visit.reply.bytes(), pause=SLOWNESS)
        client.expect(answer := AnswerPart("GET", lambda answer: None))
    passage.hang_up()
    assert answer.message is not None
    url = f"http://{origin.authority}{sent.path}"
    return Exchange("GET", url, answer.message.status, response_bytes=len(answer.message.body), least_ms=SLOW_MS)


def own(passage: Passage, method: str | None, url: str | None, request: bytes) -> Exchange:
    """A request that the proxy itself, or a filter, answers."""
    answer = ask_anything(passage, method or "GET", request)
    status, body = (answer.status, answer.body) if answer else (None, b"")
    return Exchange(method, url, status, proxy_log.OWN, response_bytes=len(body))


def tunnelled(server: Server, headers: Pairs = ()) -> Exchange:
    """A tunnel that both sides end: its line is there when it is done."""
    noted: list[int] = []

    def note(answer: Response) -> None:
        noted.append(answer.status)

    authority = ask_for_tunnel(server, note, headers=headers)
    cache = proxy_log.TUNNEL if noted == [200] else proxy_log.OWN
    return Exchange("CONNECT", authority, noted[0], cache)


@unit.check(points=2, cases=3, needs=PASSES, actor="stopped")
@given(visits=most_of(SECRETS))
def keeps_credentials_out(server: Server, visits: list[Secret]) -> None:
    """用户名和密码不写进日志，出错时也一样。 No credentials in the log, not after errors either."""
    file = server.file()
    with Passage(server) as passage:
        server.start(log_path=file, credentials=encode((USER, PASSWORD)))
        answered = [visit for visit in visits if shows_credentials(server, passage, visit)]
        secrets = dict.fromkeys(secret for visit in visits for secret in visit.secrets)
        server.expect_written(file, Discreet(len(answered), secrets))


def shows_credentials(server: Server, passage: Passage, visit: Secret) -> bool:
    """Make a request with credentials; whether there was an answer."""
    if visit.kind == "tunnel":
        return tunnelled(server, visit.headers).status is not None
    origin = passage.origin
    origin.offer(b"" if visit.kind == "failed" else Reply(), [Sent(path=visit.path)])
    return ask_anything(passage, "GET", visit.bytes(origin.authority)) is not None
