"""Access (bonus): hosts that nobody may visit, and a login."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from graders.challenges.proxy_server.connecting import HIDDEN, ask_for_tunnel, refused_with_body
from graders.challenges.proxy_server.unit import PASSES, unit
from graders.core.models.finding import Mismatch, Side
from graders.core.models.http_message import Framing, Response
from graders.core.models.proxy_messages import Chunks, Reply, Sent
from graders.core.models.proxy_passing import Codes, unasked, wrong_status
from graders.core.models.web_answer import Question
from graders.core.rubric import given
from graders.core.text import Text
from graders.core.traffic.pools import most_of
from graders.core.traffic.proxy_access import ATTEMPTS, GATES, LOGINS, Attempt, Gate, Host, Login, gates, token
from graders.core.wire.proxy import Passage
from graders.core.wire.server import Server
from graders.sandbox import encode

#: What an origin says that anybody may keep; but not everybody may see it.
REPLY = Reply(headers=(("Cache-Control", "max-age=1000"),), body=b"come in")


@unit.check(points=5, tier="bonus", cases=len(GATES) + 1, needs=PASSES, actor="stopped")
@given(asked=gates())
def blocks_hosts(server: Server, asked: tuple[Gate, list[Host]]) -> None:
    """blocked_hosts 和它们的子域得到 403，别的不受影响。 blocked_hosts and their subdomains get 403, no others do."""
    gate, hosts = asked
    with Passage(server) as passage:
        server.start(blocked_hosts=encode(gate.blocked), credentials=encode(gate.login))
        for host in hosts:
            visit(server, passage, host)


def visit(server: Server, passage: Passage, host: Host) -> None:
    """Ask for something there; the answer is the proxy's own where the host is blocked."""
    question = own(host.statuses, "proxy.not_blocked") if host.statuses else not_blocked
    suspect = "proxy.not_blocked" if host.statuses else None
    if host.method == "CONNECT":
        ask_for_tunnel(server, question, host=host.name, port=host.port, headers=host.headers, suspect=suspect)
        return
    origin, sent = passage.origin, host.sent
    with origin.called(host.name) as here:
        reply = Reply(body=b"come in", to_head=host.method == "HEAD")
        origin.offer(reply, [sent], *([unasked("proxy.blocked_after_connecting")] if host.statuses else []))
        there = host.port or host.name not in ("localhost", "127.0.0.1")
        passage.client.send(sent.bytes(f"{host.name}{host.port}" if there else here))
        passage.hear(host.method, question, suspect=suspect)
    passage.hang_up()


def own(statuses: tuple[int, ...], code: str) -> Question:
    return lambda answer: None if answer.status in statuses else wrong_status(answer, *statuses, code=code)


def not_blocked(answer: Response) -> Mismatch | None:
    """The origin's answer, or that of a tunnel."""
    if answer.status == 403:
        return wrong_status(answer, 200, code="proxy.blocked_by_mistake")
    return None if answer.status == 200 else wrong_status(answer, 200)


@unit.check(points=4, tier="bonus", cases=len(LOGINS) + 1, needs=PASSES, actor="stopped")
@given(login=st.sampled_from(LOGINS), attempts=most_of(ATTEMPTS))
def asks_for_a_login(server: Server, login: Login, attempts: list[Attempt]) -> None:
    """没有正确的用户名和密码就是 407，CONNECT 也一样。 Without the right login it is 407, for CONNECT, too."""
    with Passage(server) as passage:
        server.start(credentials=encode(login))
        strangers = [attempt for attempt in attempts if not attempt.headers(*login)]
        for attempt in strangers:  # before anybody else: who lets them in asks for no login at all
            knock(server, passage, attempt, login, {})
        for attempt in attempts:
            knock(server, passage, attempt, login, LATER if attempt in strangers else {})


#: What it means that somebody without any login is let in where a right one was before.
LATER: Codes = {"proxy.login_missing": "proxy.login_remembered"}


def knock(server: Server, passage: Passage, attempt: Attempt, login: Login, codes: Codes) -> None:
    """One request, with or without the right login."""
    headers = attempt.headers(*login)
    question = let_in if attempt.right else turned_away
    suspect = "proxy.login_breaks" if attempt.odd else None
    if attempt.method == "CONNECT":
        ask_for_tunnel(server, question, headers=headers, codes=codes)
        return
    body = b"a=1" if attempt.method == "POST" else b""
    sent = Sent(attempt.method, "/", headers, body, Framing.LENGTH if body else Framing.NONE)
    stranger = [] if attempt.right else [unasked("proxy.login_missing")]
    passage.ask(sent, REPLY, question, forwarded=stranger, codes=codes, suspect=suspect)
    passage.hang_up()


@unit.check(points=1, tier="bonus", cases=5, needs=["blocks_hosts", "asks_for_a_login"], actor="stopped")
@given(stranger=st.booleans(), framing=st.sampled_from([Framing.LENGTH, Framing.CHUNKED]))
def takes_no_body_of_the_refused_for_a_request(server: Server, stranger: bool, framing: Framing) -> None:
    """403、407 的请求的正文，不会被当成下一个请求。 The body of a 403 or 407 is not taken for the next request."""
    login = ("alice", "secret")
    entered = (("Proxy-Authorization", f"Basic {token(*login)}"),)
    with Passage(server) as passage:
        server.start(blocked_hosts=encode(("localhost",)), credentials=encode(login))
        hidden = Sent(path=HIDDEN, headers=entered)
        body = hidden.bytes(passage.origin.authority)
        sent = Sent("POST", "/", () if stranger else entered, body, framing, Chunks(9999))
        with passage.origin.called("127.0.0.1" if stranger else "localhost") as authority:
            request = sent.bytes(authority)
        question = own((407,), "proxy.login_missing") if stranger else own((403,), "proxy.not_blocked")
        refused_with_body(passage, hidden, request, question, entered)


def let_in(answer: Response) -> Mismatch | None:
    if answer.status == 407:
        return wrong_status(answer, 200, code="proxy.login_refused")
    return None if answer.status == 200 else wrong_status(answer, 200)


def turned_away(answer: Response) -> Mismatch | None:
    if answer.status != 407:
        codes = {200: "proxy.login_missing", 401: "proxy.login_401", 400: "proxy.login_breaks"}
        code = codes.get(answer.status, "proxy.login_breaks" if answer.status >= 500 else "proxy.wrong_status")
        return wrong_status(answer, 407, code=code)
    told = answer.headers.get_all("Proxy-Authenticate")
    if any(re.search(r"(^|,\s*)basic\b", value.lower()) for value in told):
        return None
    wanted = Side(Text("Proxy-Authenticate: Basic …", "Proxy-Authenticate: Basic …"))
    right = "'basic' in headers.get('proxy-authenticate', '').lower()"
    return Mismatch(wanted, Side(value=list(map(list, answer.headers))), "proxy.login_challenge", python=right)
