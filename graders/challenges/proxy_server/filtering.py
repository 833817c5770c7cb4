"""Filters: the owner's functions change requests and answers, or answer themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from graders.challenges.proxy_server.connecting import ask_for_tunnel
from graders.challenges.proxy_server.unit import PASSES, unit
from graders.core.models.finding import Mismatch
from graders.core.models.http_message import Response
from graders.core.models.proxy_messages import Pairs, Reply, Sent
from graders.core.models.proxy_passing import Codes, absent, delivered, unasked, wrong_status
from graders.core.models.web_answer import Question, all_of
from graders.core.rubric import given
from graders.core.traffic.pools import most_of
from graders.core.traffic.proxy_filters import (
    ALIAS,
    ANSWERS,
    CHANGES,
    MARKS,
    RAISED,
    RAISING,
    RESPONSES,
    TEAPOT,
    Changed,
    Delivered,
    Made,
)
from graders.core.wire.proxy import Origin, Passage
from graders.core.wire.server import Server

#: What it means that a request or an answer is not as the filter has made it.
NOT_APPLIED: Codes = {
    **{f"proxy.wrong_{part}": "proxy.request_filter_ignored" for part in ("method", "path")},
    **{f"proxy.request_{part}": "proxy.request_filter_ignored" for part in ("header_missing", "header_changed")},
    "proxy.request_body_changed": "proxy.request_filter_ignored",
    "proxy.request_body_missing": "proxy.request_filter_ignored",
    "proxy.request_body_cut": "proxy.filter_length",
    "proxy.no_whole_request": "proxy.filter_length",
    "proxy.wrong_status": "proxy.filter_fails",
    "proxy.answer_header_missing": "proxy.response_filter_ignored",
    "proxy.answer_header_changed": "proxy.response_filter_ignored",
    "proxy.answer_body_changed": "proxy.response_filter_ignored",
    "proxy.answer_body_missing": "proxy.response_filter_ignored",
    "proxy.answer_body_cut": "proxy.filter_length",
    "http.length_too_large": "proxy.filter_length",
}

#: The same of headers that stand in several lines: most who lose some of them keep headers in a dict.
REPEATED: Codes = {
    f"proxy.{side}_header_{kind}": "proxy.filter_headers_repeated"
    for side in ("request", "answer")
    for kind in ("missing", "changed", "order")
}

#: The same of what a request filter answers.
NOT_ANSWERED: Codes = {
    name: "proxy.filter_answer_changed"
    for name in NOT_APPLIED
    if name.startswith("proxy.answer") and not name.endswith("_cut")
} | {"proxy.answer_body_cut": "proxy.filter_length", "proxy.wrong_status": "proxy.filter_answer_changed"}


#: What it means that the second answer is not as the first.
AGAIN: Codes = {
    "proxy.answer_header_missing": "proxy.filter_not_called_for_hit",
    "proxy.answer_header_changed": "proxy.filter_changes_the_cache",
    "proxy.answer_body_changed": "proxy.filter_changes_the_cache",
    "proxy.answer_body_cut": "proxy.filter_not_called_for_hit",
}


#: What it means that the next answer does not begin like one.
SURPLUS: Codes = {"http.bad_status_line": "proxy.body_where_none_belongs"}


def repeats(headers: Pairs) -> bool:
    names = [name.lower() for name, _ in headers]
    return len(set(names)) < len(names)


def start(server: Server, **filters: Any) -> None:
    server.start(**filters)


@unit.check(points=2, cases=len(CHANGES) + 2, needs=PASSES, actor="stopped")
@given(edge=st.sampled_from([*CHANGES, None]))
def filters_requests(server: Server, edge: Changed | None) -> None:
    """request_filter 看到整个请求，改成什么就发送什么。 request_filter sees whole requests; what it makes is sent."""
    with Passage(server) as passage, Origin(server, "T") as other:
        if edge is None:
            filters_before_the_cache(server, passage)
            return
        start(server, request_filter=edge.filter.argument(OTHER=other.authority))
        passage.ask(
            edge.sent,
            Reply(),
            # The Host that was there may be left to the filter, too.
            arrives=replace(edge.arrives, host=passage.origin.authority) if edge.elsewhere else edge.arrives,
            at=other if edge.elsewhere else None,
            forwarded=[absent(name, "proxy.request_filter_ignored") for name in edge.without],
            codes={**NOT_APPLIED, **REPEATED} if repeats(edge.arrives.headers) else NOT_APPLIED,
            suspect="proxy.filter_url" if edge.elsewhere else "proxy.filter_fails",
        )


def filters_before_the_cache(server: Server, passage: Passage) -> None:
    """A URL that the filter makes of another one is answered by what is remembered for it."""
    start(server, request_filter=ALIAS.argument())
    page, reply = Sent(path="/page"), Reply(headers=(("Cache-Control", "max-age=1000"),), body=b"the page")
    passage.ask(page, reply)
    passage.ask(page, reply)
    remembers = len(passage.origin.requests) == 1
    passage.ask(
        Sent(path="/alias"),
        reply,
        arrives=page,
        forwarded=[unasked("proxy.cache_before_filter")] if remembers else [],
        codes=NOT_APPLIED,
    )


@unit.check(points=2, cases=len(ANSWERS) + 2, needs=PASSES, actor="stopped")
@given(edge=st.sampled_from([*ANSWERS, None]))
def answers_for_a_request_filter(server: Server, edge: Made | None) -> None:
    """request_filter 返回的 Response 就是回答，不问源服务器。 A Response of request_filter is the answer at once."""
    with Passage(server) as passage:
        if edge is None:
            start(server, request_filter=TEAPOT.argument())
            reply = Reply(418, body=b"tea")
        else:
            start(server, request_filter=edge.filter.argument(), response_filter=MARKS.argument())
            reply = edge.wanted
        own = all_of(
            delivered(reply),
            absent("X-Marked", "proxy.response_filter_called"),
            absent("X-Cache", "proxy.x_cache_on_own_answer"),
        )
        sent = edge.sent if edge else Sent()
        codes = {**NOT_ANSWERED, **REPEATED} if repeats(reply.headers) else NOT_ANSWERED
        never = unasked("proxy.filter_answer_ignored")
        passage.ask(sent, Reply(599), own, forwarded=[never], codes=codes, suspect="proxy.filter_fails")
        if edge is None:
            ask_for_tunnel(server, untouched)
        else:
            passage.ask(Sent(path="/other"), Reply(body=b"from the origin"), codes=SURPLUS)


def untouched(answer: Response) -> Mismatch | None:
    """Filters are not called for CONNECT."""
    return None if answer.status == 200 else wrong_status(answer, 200, code="proxy.filter_gets_connect")


@unit.check(points=2, cases=len(RESPONSES) + 1, needs=PASSES, actor="stopped")
@given(edge=st.sampled_from(RESPONSES))
def filters_responses(server: Server, edge: Delivered) -> None:
    """response_filter 看到整个回答，缓存的也看，改后交付。 response_filter sees whole answers, cached ones too."""
    with Passage(server) as passage:
        start(server, response_filter=edge.filter.argument())
        if edge.then:
            passage.ask(edge.sent, b"", own_502, then=edge.then)
            return
        for number in range(edge.times):
            codes = {**NOT_APPLIED, **AGAIN, **SURPLUS} if number else NOT_APPLIED
            codes = {**codes, **REPEATED} if repeats(edge.wanted.headers) else codes
            questions = [absent(name, "proxy.response_filter_ignored") for name in edge.without]
            passage.ask(edge.sent, edge.reply, all_of(filtered(edge.wanted), *questions), codes=codes)


def filtered(wanted: Reply) -> Question:
    """The answer is as the filter has made it."""

    def ask(answer: Response) -> Mismatch | None:
        if answer.status != wanted.status and answer.status not in (500, 502):
            return wrong_status(answer, wanted.status, code="proxy.response_filter_ignored")
        return delivered(wanted)(answer)

    return ask


def own_502(answer: Response) -> Mismatch | None:
    """What the proxy itself answers, as no response filter has seen it."""
    if answer.status == 502:
        return None
    return wrong_status(
        answer, 502, code="proxy.response_filter_called" if answer.status == 299 else "proxy.wrong_status"
    )


@unit.check(points=2, cases=3, needs=PASSES, actor="stopped")
@given(which=st.sampled_from(sorted(RAISING)), errors=most_of(RAISED))
def survives_filters_that_raise(server: Server, which: str, errors: list[str]) -> None:
    """过滤器出错时回答 502，代理继续工作。 Where a filter raises the answer is 502, and the proxy goes on."""
    page, reply = Sent(path="/page"), Reply(headers=(("Cache-Control", "max-age=1000"),), body=b"the page")
    with Passage(server) as passage:
        start(server, **{which: RAISING[which].argument()})
        for error in errors:
            raising = Sent(path="/page", headers=(("X-Raise", error),))
            passage.ask(raising, reply, failed_502, suspect="proxy.filter_error_silence")
            passage.hang_up()
            passage.ask(page, reply, suspect="proxy.filter_error_lasts")


def failed_502(answer: Response) -> Mismatch | None:
    if answer.status == 502:
        return None
    called = answer.status != 200 or answer.headers.get("X-Cache") != "HIT"
    code = "proxy.filter_error_status" if called else "proxy.filter_not_called_for_hit"
    return wrong_status(answer, 502, code=code)
