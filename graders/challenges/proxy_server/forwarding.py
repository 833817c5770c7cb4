"""HTTP: requests reach the origin, its answers the client, as they were."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.challenges.proxy_server.unit import PASSES, PUBLIC, unit
from graders.core import common
from graders.core.models.http_message import Framing
from graders.core.models.proxy_messages import Pairs, Reply, Sent, Spelling
from graders.core.models.proxy_passing import Codes, delivered
from graders.core.rubric import given
from graders.core.traffic.proxy import (
    ANSWER_HEADERS,
    ANSWER_HOPS,
    HEADERS,
    PATHS,
    REQUEST_HOPS,
    SPELLINGS,
    bodiless,
    replies,
    requests_with_bodies,
)
from graders.core.wire.proxy import Passage
from graders.core.wire.server import Server

#: The answer to one more request, which shows that nothing is left over of what was before.
AFTER = Reply(body=b"after")

unit.check(points=0, actor="program")(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


@unit.check(points=3, cases=10, needs=PUBLIC)
@given(path=st.sampled_from(PATHS), headers=st.sampled_from(HEADERS[:2]))
def passes_a_request_on(server: Server, path: str, headers: Pairs) -> None:
    """完整的 URL 变成路径和 Host，回答原样送回。 The URL becomes a path and Host; the answer comes back as it was."""
    with Passage(server) as passage:
        passage.ask(Sent(path=path, headers=headers), Reply(body=b"hello"))


@unit.check(points=4, cases=48, needs=PASSES)
@given(sent=requests_with_bodies())
def passes_any_request_on(server: Server, sent: Sent) -> None:
    """任何方法，正文有长度或者分块，一个字节也不变。 Any method; bodies with a length or chunked, byte for byte."""
    with Passage(server) as passage:
        passage.ask(sent, bodiless(sent.method), suspect="proxy.body_awaited" if sent.method == "HEAD" else None)
        passage.ask(Sent(path="/after"), AFTER)  # what was left of the first would be in front of this


@unit.check(points=4, cases=30, needs=PASSES)
@given(reply=replies())
def passes_any_answer_back(server: Server, reply: Reply) -> None:
    """回答有长度、分块或到连接关闭为止，都完整。 Answers with a length, chunked, or ended by the close, come whole."""
    with Passage(server) as passage:
        passage.ask(Sent(), reply)
        passage.ask(Sent(path="/after"), AFTER)


#: Method, status, how the body would be framed that does not come, and whether the origin's connection stays open, so
#: that only the head tells where the answer ends.
BODILESS = [
    (method, status, framing, kept)
    for method, status, framing in (
        ("HEAD", 200, Framing.LENGTH),
        ("GET", 204, Framing.NONE),
        ("HEAD", 404, Framing.LENGTH),
        ("DELETE", 204, Framing.NONE),
        ("GET", 304, Framing.NONE),
        ("HEAD", 200, Framing.CHUNKED),
    )
    for kept in (True, False)
]


@unit.check(points=2, cases=len(BODILESS) + 1, needs=PASSES)
@given(case=st.sampled_from(BODILESS))
def knows_answers_without_a_body(server: Server, case: tuple[str, int, Framing, bool]) -> None:
    """HEAD、204、304 没有正文，不等正文，也不添正文。 HEAD, 204 and 304 have no body: none is awaited, none added."""
    method, status, framing, kept = case
    condition = (("If-None-Match", '"a"'),) if status == 304 else ()
    reply = Reply(status, (("ETag", '"a"'),), b"twelve bytes", framing, kept=kept, to_head=method == "HEAD")
    with Passage(server) as passage:
        passage.ask(Sent(method, headers=condition), reply, suspect="proxy.body_awaited")
        passage.ask(Sent(path="/after"), AFTER)  # what came too much would be in front of this


@unit.check(points=3, cases=12, needs=PASSES)
@given(asked=st.sampled_from(REQUEST_HOPS), answered=st.sampled_from(ANSWER_HOPS))
def keeps_hop_by_hop_headers_back(server: Server, asked: Pairs, answered: Pairs) -> None:
    """只属于一段连接的首部不传到另一边。 Headers of one connection do not reach the other side."""
    with Passage(server) as passage:
        passage.ask(Sent(headers=asked), Reply(headers=answered))


@unit.check(points=2, cases=12, needs=PASSES)
@given(asked=st.sampled_from(HEADERS), answered=st.sampled_from(ANSWER_HEADERS))
def passes_headers_on(server: Server, asked: Pairs, answered: Pairs) -> None:
    """其他首部都到，值不变，重复的按顺序。 All other headers arrive unchanged, repeated ones in their order."""
    with Passage(server) as passage:
        passage.ask(Sent(headers=asked), Reply(headers=answered))


#: What anything wrong points to where only the spelling of a head is unusual.
MISREAD: Codes = {
    f"proxy.{found}": "proxy.head_misread"
    for found in (
        *("good_request_refused", "good_answer_refused", "wrong_host", "wrong_status", "no_whole_request"),
        *(f"{side}_{part}" for side in ("request", "answer") for part in ("header_missing", "header_changed")),
        *(f"{side}_body_{kind}" for side in ("request", "answer") for kind in ("missing", "cut", "changed")),
    )
}


@unit.check(points=1, cases=2 * len(SPELLINGS) + 1, needs=["passes_any_request_on", "passes_any_answer_back"])
@given(spelling=st.sampled_from(SPELLINGS), framing=st.sampled_from([Framing.LENGTH, Framing.CHUNKED]))
def reads_heads_in_any_spelling(server: Server, spelling: Spelling, framing: Framing) -> None:
    """首部的名字不分大小写，冒号后面可以没有空格。 Names have no letter case; space before values is optional."""
    headers = (("X-A", "b c"),)
    sent = Sent("POST", "/", headers, b"hello", framing, spelling=spelling)
    reply = Reply(200, headers, b"good bye", framing, kept=True, spelling=spelling)
    with Passage(server) as passage:
        passage.ask(sent, reply, codes=MISREAD, suspect="proxy.head_misread")
        passage.ask(Sent(path="/after"), AFTER, codes=MISREAD, suspect="proxy.head_misread")


@unit.check(points=3, cases=12, needs=PASSES)
@given(
    bodies=st.lists(st.sampled_from([b"", b"a", b"bc" * 500]), min_size=2, max_size=4),
    framing=st.sampled_from([Framing.LENGTH, Framing.CHUNKED]),
)
def serves_requests_one_after_the_other(server: Server, bodies: list[bytes], framing: Framing) -> None:
    """一个连接上可以有几个请求。 Several requests on one connection."""
    with Passage(server) as passage:
        for number, body in enumerate(bodies):
            passage.ask(
                Sent("POST", f"/{number}", body=body, framing=framing),
                Reply(body=b"%d" % number),
                stays=True,
                suspect="proxy.one_request_only",
            )


@unit.check(points=2, cases=8, needs=["serves_requests_one_after_the_other"])
@given(bodies=st.lists(st.sampled_from([None, b"a", b"bc" * 500]), min_size=2, max_size=4), kept=st.booleans())
def serves_pipelined_requests(server: Server, bodies: list[bytes | None], kept: bool) -> None:
    """不等回答就接着发来的请求，按顺序回答。 Requests sent without waiting are answered in order."""
    requests = [
        Sent("GET", f"/{number}") if body is None else Sent("POST", f"/{number}", body=body, framing=Framing.LENGTH)
        for number, body in enumerate(bodies)
    ]
    reply = Reply(body=b"the same for all", kept=kept)
    with Passage(server) as passage:
        client = passage.client
        passage.origin.offer(reply, requests)
        client.send(b"".join(sent.bytes(passage.origin.authority) for sent in requests))
        for sent in requests:
            passage.hear(sent.method, delivered(reply), suspect="proxy.pipelined_lost")


@unit.check(points=3, cases=12, needs=PASSES)
@given(
    framing=st.sampled_from([Framing.NONE, Framing.LENGTH, Framing.CHUNKED]),
    cuts=st.lists(st.integers(0, 99), min_size=1, max_size=4),
)
def takes_a_request_in_any_pieces(server: Server, framing: Framing, cuts: list[int]) -> None:
    """请求可以分成任意几段到来。 A request may arrive in any pieces."""
    body = b"" if framing is Framing.NONE else b"first\r\n\r\nsecond"
    sent = Sent("GET" if framing is Framing.NONE else "POST", headers=(("X-A", "1"),), body=body, framing=framing)
    with Passage(server) as passage:
        size = len(sent.bytes(passage.origin.authority))
        passage.ask(sent, Reply(), cut_at=[size * cut // 100 for cut in cuts], suspect="proxy.request_in_pieces")
