"""Robust: nothing ambiguous passes, many clients, slow ones, bad ones."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.challenges.proxy_server.connecting import HIDDEN, refused_with_body
from graders.challenges.proxy_server.errors import goes_on
from graders.challenges.proxy_server.unit import PASSES, TUNNELS, unit
from graders.core.models.http_message import Framing, Response
from graders.core.models.proxy_attacks import Unsmuggled, refused, via_added
from graders.core.models.proxy_messages import Chunks, Reply, Sent
from graders.core.models.proxy_passing import Codes, unasked
from graders.core.models.proxy_refusals import only
from graders.core.rubric import given
from graders.core.traffic.pools import most_of
from graders.core.traffic.proxy_attacks import AMBIGUOUS, HIDDEN_IN_HEADERS, HIDDEN_IN_URLS, VIAS, Ambiguous
from graders.core.wire.proxy import CLOSE, AnswerPart, Origin, Passage
from graders.core.wire.proxy_scenes import BAD, SLOW, STORABLE, crowd_of_requests, crowd_of_tunnels, slow_one, spoil
from graders.core.wire.server import Server
from graders.core.wire.tunnel import End, open_tunnel


@unit.check(points=2, tier="robust", cases=len(AMBIGUOUS) + 1, needs=PASSES)
@given(request=st.sampled_from(AMBIGUOUS))
def refuses_ambiguous_requests(server: Server, request: Ambiguous) -> None:
    """长度、分块、Host 有歧义的请求：400，关闭连接。 Requests with ambiguous lengths, chunks or Host: 400 and close."""
    with Passage(server) as passage:
        passage.origin.offer(Reply(body=b"accepted"), None)
        client = passage.client
        client.send(request.bytes(passage.origin.authority))
        passage.hear("POST", refused(request.mistake), suspect="proxy.bad_request_unanswered")
        client.expect_end(diagnosis="proxy.goes_on_after_400")
    goes_on(server)


@unit.check(
    points=1,
    tier="robust",
    cases=5,
    needs=["passes_any_request_on", "refuses_what_is_not_http", "says_502", "serves_pipelined_requests"],
)
@given(nobody=st.booleans(), framing=st.sampled_from([Framing.LENGTH, Framing.CHUNKED]))
def takes_no_body_for_a_request(server: Server, nobody: bool, framing: Framing) -> None:
    """拒绝了的请求的正文，不会被当成下一个请求。 The body of a refused request is not taken for the next request."""
    with Passage(server) as passage, Origin(server, "T") as gone:
        authority = passage.origin.authority
        hidden = Sent(path=HIDDEN)
        sent = Sent("POST", body=hidden.bytes(authority), framing=framing, chunks=Chunks(9999))
        if nobody:
            gone.listener.stop()
            refused_with_body(passage, hidden, sent.bytes(gone.authority), only(502, "proxy.unreachable_not_502"))
        else:
            form = sent.bytes(authority).replace(f"http://{authority}".encode(), b"", 1)
            refused_with_body(passage, hidden, form, only(400, "proxy.origin_form_not_400"))
    goes_on(server)


@unit.check(points=2, tier="robust", cases=len(HIDDEN_IN_URLS) + len(HIDDEN_IN_HEADERS) + 1, needs=PASSES)
@given(hidden=st.sampled_from((*HIDDEN_IN_URLS, *HIDDEN_IN_HEADERS)))
def smuggles_nothing(server: Server, hidden: str) -> None:
    """藏在 URL 和首部里的换行，不会变成源服务器看到的首部。 Line ends hidden in URLs and headers become no headers."""
    in_url = hidden.startswith("/")
    with Origin(server) as origin, server.connect("A") as client:
        line = f"GET http://{origin.authority}{hidden if in_url else '/'} HTTP/1.1"
        more = [] if in_url else [hidden]
        client.send("\r\n".join([line, f"Host: {origin.authority}", *more, "", ""]))
        origin.offer(Reply(), None, oracle=lambda: Unsmuggled(hidden))
        answer = AnswerPart("GET", any_answer, suspect="proxy.bad_request_unanswered", may_close=not in_url)
        origin.serve_until(client, answer)
        client.expect(answer, units=0.1)
    goes_on(server)


def any_answer(answer: Response) -> None:
    return None


@unit.check(points=2, tier="robust", cases=3, needs=[*PASSES, *TUNNELS])
@given(tunnels=st.booleans())
def serves_100_clients(server: Server, tunnels: bool) -> None:
    """同时 100 个客户端，各得各的回答。 100 clients at once, each gets its own answer."""
    (crowd_of_tunnels if tunnels else crowd_of_requests)(server, 100)
    goes_on(server)


#: What it means that the answer to one request comes to another one.
MIXED_UP: Codes = {f"proxy.answer_body_{found}": "proxy.answers_mixed_up" for found in ("cut", "changed", "missing")}


@unit.check(points=2, tier="robust", cases=len(SLOW) + 1, needs=[*PASSES, *TUNNELS])
@given(what=st.sampled_from(SLOW), tunnel=st.booleans())
def a_slow_origin_holds_up_nobody(server: Server, what: str, tunnel: bool) -> None:
    """慢的源服务器、慢的客户端不耽误别人，最后也得到回答。 A slow origin or client delays nobody, and is served."""
    other, reply = Sent(path="/other"), Reply(headers=STORABLE, body=b"other")
    with Passage(server, "Z", "T") as passage:
        with slow_one(server, what):
            for sent in (other, Sent("POST", "/other", body=b"hi", framing=Framing.LENGTH), other):
                passage.ask(sent, reply, suspect="proxy.held_up")
            if tunnel:
                with open_tunnel(server, "Y", "U", refused="proxy.held_up") as through:
                    through.passes("client", b"hello", missing="proxy.held_up")
                    through.passes("origin", b"hello", missing="proxy.held_up")
        # Both may have been stored, the slow one after this one: each under its own URL.
        passage.ask(other, reply, codes=MIXED_UP)


@unit.check(points=1, tier="robust", cases=len(VIAS) + 1, needs=PASSES)
@given(asked=st.sampled_from(VIAS), answered=st.sampled_from(VIAS))
def adds_via(server: Server, asked: tuple[str, ...], answered: tuple[str, ...]) -> None:
    """两个方向都在 Via 的末尾加上自己。 Adds itself at the end of Via, both ways."""
    with Passage(server) as passage:
        sent = Sent(headers=tuple(("Via", via) for via in asked))
        reply = Reply(headers=tuple(("Via", via) for via in answered))
        passage.ask(sent, reply, via_added(answered, "answer"), forwarded=[via_added(asked, "request")])


@unit.check(points=1, tier="robust", cases=3, needs=[*PASSES, *TUNNELS])
@given(ways=most_of(BAD))
def survives_bad_clients(server: Server, ways: list[str]) -> None:
    """客户端在任何时候断开（RST），代理照常工作。 Clients that break off at any moment (RST) do no harm."""
    for number, way in enumerate(ways):
        spoil(server, way, f"B{number}", f"O{number}")
        goes_on(server, f"{number}")


@unit.check(points=1, tier="robust", cases=4, needs=["passes_any_request_on", "says_502"])
@given(method=st.sampled_from(["POST", "PATCH"]), broken=st.booleans())
def asks_once_for_what_may_not_be_repeated(server: Server, method: str, broken: bool) -> None:
    """没有回答的 POST 只发一次：它可能已经生效了。 A POST without an answer is not repeated: it may have worked."""
    sent = Sent(method, body=b"one more", framing=Framing.LENGTH)
    with Passage(server) as passage:
        passage.client.send(sent.bytes(passage.origin.authority))
        with passage.origin.accept("S1") as far:
            passage.origin.receive(far, sent)
            far.reset() if broken else far.close()
        passage.client.expect(AnswerPart(method, only(502, "proxy.not_502"), suspect="proxy.sent_twice"))
    goes_on(server)


#: What a refusal, or no answer, means where the origin has ended an idle connection.
STALE = "proxy.stale_connection"

#: An origin is asked for what is another one's.
ASTRAY = "proxy.another_origin_asked"


@unit.check(points=1, tier="robust", cases=3, needs=["passes_any_answer_back", "says_502"])
@given(framing=st.sampled_from([Framing.LENGTH, Framing.CHUNKED]))
def minds_kept_connections(server: Server, framing: Framing) -> None:
    """留着的连接只给同一个源服务器，断了就换。 Kept connections are for their origin alone; ended ones are replaced."""
    with Passage(server) as passage, Passage(server, "B", "T") as other:
        passage.ask(Sent(), Reply(body=b"first", framing=framing, kept=True))
        # On the same host, at another port, while the connection to the first one is idle.
        passage.origin.offer(Reply(404, body=b"not here", kept=True), None, unasked(ASTRAY))
        other.ask(Sent(path="/there"), Reply(body=b"there"), suspect="proxy.held_up", beside=[passage.origin])
        # It does not say that it ends the connection. What was never read may be sent again (RFC 9112 §9.3.1).
        passage.ask(Sent(path="/b"), Reply(body=b"second", framing=framing, kept=True), then=CLOSE)
        passage.ask(Sent(path="/c"), Reply(body=b"third"), suspect=STALE)
    goes_on(server)


@unit.check(points=1, tier="robust", cases=3, needs=[*PASSES, "passes_half_close_on"])
@given(first=st.sampled_from(["client", "origin"]), before=st.sampled_from([b"", b"hello"]))
def ends_with_a_reset(server: Server, first: End, before: bytes) -> None:
    """一边用 RST 断开了，另一边也知道。 One side breaks off with a reset: the other learns of it."""
    with open_tunnel(server) as tunnel:
        one, other = tunnel.end(first), tunnel.other(first)
        if before:
            tunnel.passes(first, before)
        one.reset()
        other.expect_end(diagnosis="proxy.reset_lost")
    goes_on(server)
