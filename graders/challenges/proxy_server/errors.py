"""Errors: 400 to what is no request for a proxy, 502 and 504 for an origin that does not answer."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.challenges.proxy_server.unit import PASSES, unit
from graders.core.models.http_message import Framing
from graders.core.models.proxy_messages import Reply, Sent
from graders.core.models.proxy_refusals import NotWhole, only
from graders.core.rubric import given
from graders.core.traffic.proxy_errors import (
    CUT,
    IMPOSSIBLE,
    NO_ANSWERS,
    NOT_FOR_A_PROXY,
    NOT_HTTP,
    UNFINISHED,
    WITHOUT_COLON,
)
from graders.core.wire.proxy import CLOSE, HOLD, RESET, AnswerPart, Origin, Passage
from graders.core.wire.server import Server
from graders.core.wire.tunnel import connect_request
from graders.core.wire.web import still_running

#: How long an answer may take where the program waits a second for the origin, and perhaps asks it once more.
TIME_OUT_UNITS = 4.0


def goes_on(server: Server, number: str = "") -> None:
    """Prove that the proxy still serves, with a new client and a new origin. ``number`` makes their names new, too."""
    with still_running(server), Passage(server, f"Z{number}", f"T{number}") as passage:
        passage.ask(Sent(path="/after"), Reply(body=b"after"), suspect="proxy.stops_after_error")


NOT_REQUESTS = (*NOT_HTTP, *UNFINISHED, *NOT_FOR_A_PROXY, WITHOUT_COLON)


@unit.check(points=3, cases=len(NOT_REQUESTS) + 1, needs=PASSES)
@given(data=st.sampled_from(NOT_REQUESTS))
def refuses_what_is_not_http(server: Server, data: bytes | str) -> None:
    """不是 HTTP，或者既不是 CONNECT 又没有完整的 URL：400。 No HTTP, or neither CONNECT nor an absolute URL: 400."""
    with Passage(server) as passage:
        passage.origin.offer(Reply(body=b"not for you"), None)
        client = passage.client
        garbage = isinstance(data, bytes) or data == WITHOUT_COLON
        client.send(data if isinstance(data, bytes) else data.replace("{}", passage.origin.authority))
        if data in UNFINISHED:
            client.half_close()
        kind = "garbage" if garbage else "origin_form"
        skipped = [200] if data == WITHOUT_COLON else []
        passage.hear("GET", only(400, f"proxy.{kind}_not_400", *skipped), suspect=f"proxy.{kind}_unanswered")
    goes_on(server)


#: The origin cannot be reached, for each kind of request.
NOBODY = ("GET", "POST", "CONNECT")


@unit.check(points=3, cases=len(NO_ANSWERS) + len(CUT) + len(NOBODY) + 1, needs=PASSES)
@given(case=st.sampled_from((*NO_ANSWERS, *CUT, *NOBODY)), method=st.sampled_from(["GET", "POST"]))
def says_502(server: Server, case: tuple[bytes, bool] | bytes | str, method: str) -> None:
    """源服务器连不上、回答不是 HTTP、没有回答就断开：502。 502 for an origin that is not there or answers no HTTP."""
    with Passage(server) as passage:
        sent = Sent(method, body=b"hi", framing=Framing.LENGTH) if method == "POST" else Sent(method)
        match case:
            case str():
                _ask_nobody(passage, case)
            case bytes():  # 502, or nothing whole: what had come may have been passed on by then
                passage.origin.offer(case, [sent], then=CLOSE)
                passage.client.send(sent.bytes(passage.origin.authority))
                passage.origin.serve_until(passage.client, oracle := NotWhole(method))
                passage.client.expect(oracle)
            case data, broken:
                passage.ask(
                    sent, data, only(502, "proxy.not_502"), then=RESET if broken else CLOSE, suspect="proxy.no_502"
                )
    goes_on(server)


def _ask_nobody(passage: Passage, method: str) -> None:
    """Nobody listens any more where this request is for."""
    authority = passage.origin.authority
    passage.origin.listener.stop()
    data = connect_request(authority) if method == "CONNECT" else Sent(method).bytes(authority)
    if method == "POST":
        data = Sent(method, body=b"hi", framing=Framing.LENGTH).bytes(authority)
    passage.client.send(data)
    passage.client.expect(AnswerPart(method, only(502, "proxy.unreachable_not_502"), suspect="proxy.no_502"))


@unit.check(points=1, tier="robust", cases=len(IMPOSSIBLE) + 1, needs=["refuses_what_is_not_http", "says_502"])
@given(url=st.sampled_from(IMPOSSIBLE))
def refuses_impossible_addresses(server: Server, url: str) -> None:
    """不可能的地址（例如端口 99999）：400 或 502。 An address that cannot be, such as port 99999: 400 or 502."""
    method = "GET" if url.startswith("http:") else "CONNECT"
    with server.connect("A") as client:
        client.send(f"{method} {url} HTTP/1.1\r\nHost: {url.removeprefix('http://')}\r\n\r\n".encode())
        question = only(400, "proxy.impossible_address", 502)
        client.expect(AnswerPart(method, question, suspect="proxy.impossible_address"))
    goes_on(server)


@unit.check(points=2, needs=PASSES, options={"timeout": 1})
def says_504(server: Server) -> None:
    """源服务器在 timeout 秒内什么也不说：504，代理继续工作。 504 when the origin is silent for timeout seconds."""
    asked = Sent(path="/a"), Sent("POST", "/b", body=b"hi", framing=Framing.LENGTH)
    with Origin(server) as origin, server.connect("A") as first, server.connect("B") as second:
        origin.offer(b"", asked, then=HOLD)
        for client, sent in zip((first, second), asked, strict=True):
            client.send(sent.bytes(origin.authority))
        for client, sent in zip((first, second), asked, strict=True):
            answer = AnswerPart(sent.method, only(504, "proxy.not_504"), suspect="proxy.no_504")
            origin.serve_until(client, answer, units=TIME_OUT_UNITS)
            client.expect(answer, units=0.1)
    goes_on(server)
