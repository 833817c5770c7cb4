"""Checks of the request that the server sees, shared by the HTTP clients: target, headers, body, number, leftovers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from graders.core.http_client.talk import OMIT, SHORT, HttpClient, talk
from graders.core.models.finding import Side
from graders.core.models.http_answer import Answer, cut
from graders.core.models.http_asked import (
    Asked,
    Aspect,
    Difference,
    body,
    headers,
    host,
    leftovers,
    method,
    plain,
    readable,
    target,
)
from graders.core.models.http_message import Request
from graders.core.rubric import CheckFunction, given
from graders.core.traffic import http_calls
from graders.core.wire.origin import Reply, Then
from graders.core.wire.program import Program


def asks_for_path_and_query(client: HttpClient) -> CheckFunction:
    """URLs of ASCII: what they say, escapes included, is what arrives."""

    @given(where=http_calls.targets())
    def asks_for_path_and_query(program: Program, where: str) -> None:
        """请求的路径和查询串就是网址里写的。 Path and query of the request are those of the URL."""
        with talk(client, program) as conversation:
            conversation.call(where, method, target, host)

    return asks_for_path_and_query


def encodes_a_non_ascii_url(client: HttpClient) -> CheckFunction:
    """URLs as a person types them."""

    @given(where=http_calls.foreign_targets())
    def encodes_a_non_ascii_url(program: Program, where: str) -> None:
        """网址里的汉字以 UTF-8 的百分号编码发送。 What is not ASCII in the URL is percent-encoded as UTF-8."""
        with talk(client, program) as conversation:
            returned = conversation.call(where, target, unsent="http_client.url_not_encoded")
            conversation.expect_response(returned)

    return encodes_a_non_ascii_url


def sends_the_headers(client: HttpClient) -> CheckFunction:
    """Each once, with its value, Latin-1 on the wire."""

    @given(fields=http_calls.headers(), content=st.sampled_from(sorted(client.contents)))
    def sends_the_headers(program: Program, fields: dict[str, str], content: str) -> None:
        """服务器收到调用者给的每个请求头，值不变。 The server receives every header of the caller's, unchanged."""
        with talk(client, program) as conversation:
            conversation.call("/", headers, headers=fields, **client.contents[content])

    return sends_the_headers


def works_without_headers(client: HttpClient) -> CheckFunction:
    """Left out, None, and empty."""
    ways: dict[str, Any] = {"left out": OMIT, "None": None, "empty": {}}

    @given(way=st.sampled_from(["left out", "None", "empty"]))
    def works_without_headers(program: Program, way: str) -> None:
        """不给请求头（或 headers=None）也能用。 Works without headers, and with headers=None."""
        with talk(client, program) as conversation:
            returned = conversation.call("/", headers=ways[way], unsent="http_client.needs_headers")
            conversation.expect_response(returned, "http_client.needs_headers")

    return works_without_headers


def adds_params(client: HttpClient) -> CheckFunction:
    """`params`, behind the query that the URL has."""

    @given(params=http_calls.params(), query=http_calls.queries())
    def adds_params(program: Program, params: dict[str, Any], query: str) -> None:
        """params 编码后接在网址的查询串后面。 params are encoded and added to the URL's query."""
        with talk(client, program) as conversation:
            conversation.call("/find" + query, target, params=params)

    return adds_params


def sends_a_form(client: HttpClient) -> CheckFunction:
    """`data`: urlencoded, with its Content-Type."""

    @given(fields=http_calls.forms())
    def sends_a_form(program: Program, fields: dict[str, Any]) -> None:
        """data 以表单编码发送，Content-Type 正确。 data is sent as an urlencoded form, and called one."""
        with talk(client, program) as conversation:
            conversation.call("/form", method, body, data=fields)

    return sends_a_form


def sends_json(client: HttpClient) -> CheckFunction:
    """`json`: any value but None, with its Content-Type."""

    @given(value=http_calls.json_values())
    def sends_json(program: Program, value: Any) -> None:
        """json 以 JSON 发送（0、空列表也是），Content-Type 正确。 json is sent and labelled as JSON, be it 0 or []."""
        with talk(client, program) as conversation:
            conversation.call("/json", method, body, json=value, data=OMIT)

    return sends_json


def posts_without_a_body(client: HttpClient) -> CheckFunction:
    """Neither `data` nor `json`, left out or None."""
    ways: dict[str, dict[str, Any]] = {
        "left out": {"data": OMIT},
        "data is None": {"data": None},
        "both are None": {"data": None, "json": None},
    }

    @given(way=st.sampled_from(list(ways)))
    def posts_without_a_body(program: Program, way: str) -> None:
        """不给 data 和 json 时，发送没有正文的 POST。 With neither data nor json it sends a POST without a body."""
        with talk(client, program) as conversation:
            returned = conversation.call("/empty", method, body, **ways[way])
            conversation.expect_response(returned)

    return posts_without_a_body


#: What tempts a program to ask again.
TEMPTATIONS: dict[str, Reply] = {
    "200": Reply(Answer().encode()),
    "503": Reply(Answer(503).encode()),
    "500": Reply(Answer(500).encode()),
    "429": Reply(Answer(429, headers=(("Retry-After", "0"),)).encode()),
    "404": Reply(Answer(404).encode()),
    "204": Reply(Answer(204).encode()),
    "empty": Reply(Answer(body=b"").encode()),
    "cut": Reply(cut(Answer(), 1)),
    "garbage": Reply(b"hello\r\n\r\n"),
    "no answer": Reply(b""),
    "silence": Reply(b"", Then.HOLD),
}


def sends_one_request(client: HttpClient) -> CheckFunction:
    """Whatever comes of it."""

    @given(temptation=st.sampled_from(sorted(TEMPTATIONS)))
    def sends_one_request(program: Program, temptation: str) -> None:
        """调用一次，只发一次请求，失败了也不重发。 One call sends one request, even when it fails."""
        short: dict[str, Any] = {"timeout": SHORT} if temptation == "silence" else {}
        with talk(client, program) as conversation:
            conversation.call_once("/once", TEMPTATIONS[temptation], **short)

    return sends_one_request


def keeps_nothing_between_calls(client: HttpClient) -> CheckFunction:
    """Cookies, headers, parameters, answers: calls in one process know nothing of each other."""
    remember = (("Set-Cookie", "session=1; Path=/"), ("ETag", '"1"'), ("Cache-Control", "max-age=60"))

    @given(
        first=http_calls.own_headers("First"),
        status=st.sampled_from([200, 404]),
        then=st.lists(http_calls.own_headers("Then", min_size=0), min_size=1, max_size=2),
        where=st.sampled_from(["/then", "/first"]),
    )
    def keeps_nothing_between_calls(
        program: Program, first: dict[str, str], status: int, then: list[dict[str, str]], where: str
    ) -> None:
        """上一次调用的 Cookie、请求头和参数不会带到下一次。 Nothing of one call gets into the next."""
        extra: dict[str, Any] = {"params": {"page": "1"}} if client.params else {}
        if client.method == "POST":
            extra["data"] = {"first": "1"}
        with talk(client, program) as conversation:

            def left_over(asked: Asked, request: Request) -> Difference | None:
                """What the program adds of its own, from the first call on, is no leftover."""
                known = {name.lower() for name in first}
                own = {
                    name: value for name, value in conversation.origin.requests[0].headers if name.lower() not in known
                }
                return leftovers(replace(asked, headers={**own, **asked.headers}), request)

            aspects: list[Aspect] = [left_over, _no_agent_of_the_first]
            if client.params:
                aspects.append(target)
            if client.method == "POST":
                aspects.append(_no_data_of_the_first)
            answer = Answer(status, headers=remember)
            conversation.call_before("/first", answer, headers={**first, "User-Agent": "First"}, **extra)
            for fields in then:
                unsent = "http_client.answered_from_memory"
                conversation.call(where, *aspects, headers=fields, answer=Answer(headers=remember), unsent=unsent)

    return keeps_nothing_between_calls


def _no_data_of_the_first(asked: Asked, request: Request) -> Difference | None:
    """Its one field; how forms are encoded is another check's matter."""
    if b"first" not in request.body:
        return None
    whole = "HttpMessage(got)"
    wanted = readable(plain(asked.form or {}))
    python = f"{whole}.complete and b'first' not in {whole}.body"
    return Difference("http_client.leftover", wanted, request.body, python)


def _no_agent_of_the_first(asked: Asked, request: Request) -> Difference | None:
    """A User-Agent that only the first call asked for."""
    if "First" not in request.headers.get_all("User-Agent"):
        return None
    return Difference(
        "http_client.leftover", None, "User-Agent: First", "HttpMessage(got).headers.get('user-agent') != 'First'"
    )


def leaves_the_arguments_alone(client: HttpClient) -> CheckFunction:
    """The caller's own `headers` and `data`."""

    @given(
        fields=st.sampled_from([{}, {"X-A": "b"}, {"User-Agent": "mine"}, {"Accept": "text/html", "X-A": "b"}]),
        content=st.sampled_from(sorted(client.contents)),
    )
    def leaves_the_arguments_alone(program: Program, fields: dict[str, str], content: str) -> None:
        """调用者的 headers 和 data 不会被改动。 The caller's headers and data are not changed."""
        given = {"headers": fields, **client.contents[content]}
        with talk(client, program) as conversation:
            returned = conversation.call("/", **given)
            after = returned.changed.get("kwargs", {})
            for name in ("headers", "data"):
                before = given.get(name)
                if after.get(name, before) != before and before is not OMIT:
                    program.wrong(
                        returned,
                        Side(value={name: before}),
                        got=Side(value={name: after[name]}),
                        diagnosis=f"http_client.changes_{name}",
                        python=f"kwargs[{name!r}] == {before!r}",
                    )

    return leaves_the_arguments_alone
