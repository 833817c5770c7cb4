"""Filters of the grader's that run inside the program, with what each makes of a request or an answer. No I/O.

They are source text, as the program's own process has to run them; the report shows it. `module` is the program's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graders.core.models.http_message import Framing
from graders.core.models.proxy_messages import Chunks, Pairs, Reply, Sent
from graders.sandbox import source


@dataclass(frozen=True)
class Filter:
    """A filter by its name, and the lines of its body."""

    name: str
    body: tuple[str, ...]
    takes: str = "request"

    def argument(self, **words: str) -> dict[str, str]:
        """As an argument of the program's constructor; ``words`` stand for parts of the text that only a case knows."""
        lines = [f"def {self.name}({self.takes}):", *(f"    {line}" for line in self.body)]
        text = "\n".join([*lines, ""])
        for word, value in words.items():
            text = text.replace(word, value)
        return source(text, self.name)


def on_request(name: str, *body: str) -> Filter:
    return Filter(name, body)


def on_response(name: str, *body: str) -> Filter:
    return Filter(name, body, "request, response")


# -- requests


@dataclass(frozen=True)
class Changed:
    """What a request filter makes of a request: ``arrives`` is what the origin must get."""

    filter: Filter
    sent: Sent
    arrives: Sent
    without: tuple[str, ...] = ()  # headers that must not be there any more
    elsewhere: bool = False  # at another origin than that of the URL asked for

    def __repr__(self) -> str:
        return self.filter.name


_TEN = b"0123456789"

ALIAS = on_request("knows_an_alias", 'request.url = request.url.replace("/alias", "/page")', "return request")


def _changed(name: str, *body: str, sent: Sent | None = None, arrives: Sent, **more: Any) -> Changed:
    return Changed(on_request(name, *body), sent or Sent(), arrives, **more)


def _post(body: bytes, framing: Framing = Framing.LENGTH, path: str = "/", headers: Pairs = (), size: int = 7) -> Sent:
    return Sent("POST", path, headers, body, framing, Chunks(size))


CHANGES: tuple[Changed, ...] = (
    _changed(
        "adds_a_header",
        'request.headers.append(("X-Added", "1"))',
        "return request",
        arrives=Sent(headers=(("X-Added", "1"),)),
    ),
    _changed(
        "drops_a_header",
        'request.headers = [pair for pair in request.headers if pair[0].lower() != "x-drop"]',
        "return request",
        sent=Sent(headers=(("X-Keep", "1"), ("X-Drop", "secret"))),
        arrives=Sent(headers=(("X-Keep", "1"),)),
        without=("X-Drop",),
    ),
    _changed(
        "changes_a_header",
        'request.headers[:] = [(n, "new" if n.lower() == "x-changed" else v) for n, v in request.headers]',
        "return request",
        sent=Sent(headers=(("X-Changed", "old"),)),
        arrives=Sent(headers=(("X-Changed", "new"),)),
    ),
    _changed(
        "adds_to_many_headers",
        'request.headers.insert(0, ("X-Many", "zero"))',
        "return request",
        sent=Sent(headers=(("X-Many", "one"), ("X-Many", "two"))),
        arrives=Sent(headers=(("X-Many", "zero"), ("X-Many", "one"), ("X-Many", "two"))),
    ),
    _changed(
        "changes_the_path",
        'request.url = request.url.replace("/old", "/new?a=b")',
        "return request",
        sent=Sent(path="/old"),
        arrives=Sent(path="/new?a=b"),
    ),
    _changed(
        "sends_it_elsewhere",
        'request.url = "http://OTHER/there"',
        "return request",
        sent=Sent(path="/here"),
        arrives=Sent(path="/there"),
        elsewhere=True,
    ),
    _changed(
        "changes_the_method",
        'request.method = "PUT"',
        "return request",
        sent=_post(_TEN),
        arrives=Sent("PUT", body=_TEN),
    ),
    _changed(
        "lengthens_the_body",
        'request.body = b"<" + request.body + b">"',
        "return request",
        sent=_post(_TEN),
        arrives=Sent("POST", body=b"<" + _TEN + b">"),
    ),
    _changed(
        "shortens_the_body",
        "request.body = request.body[:3]",
        "return request",
        sent=_post(_TEN),
        arrives=Sent("POST", body=b"012"),
    ),
    _changed(
        "removes_the_body",
        'request.body = b""',
        "return request",
        sent=_post(_TEN),
        arrives=Sent("POST"),
    ),
    _changed(
        "turns_the_body_round",
        "request.body = request.body[::-1]",
        "return request",
        sent=_post(_TEN, Framing.CHUNKED),
        arrives=Sent("POST", body=_TEN[::-1]),
    ),
    _changed(
        "measures_the_body",
        'request.headers.append(("X-Length", str(len(request.body))))',
        "return request",
        sent=_post(_TEN * 7_000, Framing.CHUNKED, size=3_000),
        arrives=Sent("POST", headers=(("X-Length", "70000"),), body=_TEN * 7_000),
    ),
    _changed(
        "tells_what_it_sees",
        "pairs = all(isinstance(name, str) and isinstance(value, str) for name, value in request.headers)",
        "kinds = isinstance(request.headers, list) and isinstance(request.body, bytes)",
        'seen = request.url.startswith("http://127.0.0.1:") and request.url.endswith("/a?b=c")',
        'request.headers.append(("X-Saw", f"{request.method} {seen} {pairs and kinds} {len(request.body)}"))',
        "return request",
        sent=_post(_TEN, path="/a?b=c"),
        arrives=Sent("POST", "/a?b=c", (("X-Saw", "POST True True 10"),), _TEN),
    ),
    _changed(
        "makes_a_new_request",
        'return module.Request("POST", request.url, [("X-New", "1")], b"made anew")',
        sent=Sent(path="/a", headers=(("X-Old", "1"),)),
        arrives=Sent("POST", "/a", (("X-New", "1"),), b"made anew"),
        without=("X-Old",),
    ),
)

# -- answers of request filters


@dataclass(frozen=True)
class Made:
    """What a request filter answers at once, and to which request; ``wanted`` is what the client must get."""

    filter: Filter
    sent: Sent
    wanted: Reply

    def __repr__(self) -> str:
        return self.filter.name


def _made(name: str, response: str, wanted: Reply, sent: Sent | None = None) -> Made:
    made = (f"    return module.Response({response})", "return request")
    return Made(on_request(name, 'if "/filtered" in request.url:', *made), sent or Sent(path="/filtered"), wanted)


ANSWERS: tuple[Made, ...] = (
    _made(
        "answers_200",
        '200, "OK", [("X-Made", "1"), ("Content-Type", "text/plain")], b"made here"',
        Reply(headers=(("X-Made", "1"), ("Content-Type", "text/plain")), body=b"made here"),
    ),
    _made("answers_without_headers", '403, "Forbidden", [], b"no"', Reply(403, body=b"no")),
    _made(
        "redirects",
        '302, "Found", [("Location", "http://127.0.0.1/else")], b""',
        Reply(302, (("Location", "http://127.0.0.1/else"),), b""),
    ),
    _made("answers_204", '204, "No Content", [("X-Made", "1")], b""', Reply(204, (("X-Made", "1"),))),
    _made(
        "answers_with_a_wrong_length",
        '200, "OK", [("content-length", "3")], b"longer than three"',
        Reply(body=b"longer than three"),
    ),
    _made("answers_with_much", '200, "OK", [], b"0123456789" * 7000', Reply(body=_TEN * 7_000)),
    _made(
        "sets_two_cookies",
        '200, "OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], b"two"',
        Reply(headers=(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")), body=b"two"),
    ),
    _made(
        "answers_a_post",
        '201, "Created", [], request.body[::-1]',
        Reply(201, body=_TEN[::-1]),
        Sent("POST", "/filtered", body=_TEN, framing=Framing.LENGTH),
    ),
    _made(
        "answers_a_head",
        '200, "OK", [("X-Made", "1")], b"never sent"',
        Reply(headers=(("X-Made", "1"),), body=b"never sent", to_head=True),
        Sent("HEAD", "/filtered"),
    ),
)

#: A response filter whose traces would be seen.
MARKS = on_response("marks_answers", 'response.headers.append(("X-Marked", "1"))', "return response")

#: A request filter that lets nothing through.
TEAPOT = on_request("answers_everything", 'return module.Response(418, "Teapot", [], b"tea")')


# -- responses


@dataclass(frozen=True)
class Delivered:
    """What a response filter makes of the origin's answer, each time: ``wanted`` is what the client must get."""

    filter: Filter
    reply: Reply
    wanted: Reply
    sent: Sent = field(default_factory=Sent)
    without: tuple[str, ...] = ()
    times: int = 1
    then: str | None = None  # the origin does not answer at all, but does this

    def __repr__(self) -> str:
        return self.filter.name


def _delivered(name: str, *body: str, reply: Reply | None = None, wanted: Reply, **more: Any) -> Delivered:
    return Delivered(on_response(name, *body), reply or Reply(), wanted, **more)


_FRESH: Pairs = (("Cache-Control", "max-age=1000"), ("X-Page", "1"))

RESPONSES: tuple[Delivered, ...] = (
    _delivered(
        "adds_a_header",
        'response.headers.append(("X-Added", "1"))',
        "return response",
        wanted=Reply(headers=(("X-Added", "1"),)),
    ),
    _delivered(
        "drops_a_header",
        'response.headers = [pair for pair in response.headers if pair[0].lower() != "x-drop"]',
        "return response",
        reply=Reply(headers=(("X-Drop", "secret"), ("X-Keep", "1"))),
        wanted=Reply(headers=(("X-Keep", "1"),)),
        without=("X-Drop",),
    ),
    _delivered(
        "adds_a_cookie",
        'response.headers.append(("Set-Cookie", "c=3"))',
        "return response",
        reply=Reply(headers=(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))),
        wanted=Reply(headers=(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Set-Cookie", "c=3"))),
    ),
    _delivered(
        "changes_the_status",
        'response.status, response.reason = 404, "Not Found"',
        "return response",
        wanted=Reply(404),
    ),
    _delivered(
        "mends_an_error",
        'response.status, response.reason = 200, "OK"',
        "return response",
        reply=Reply(503, body=b"sorry"),
        wanted=Reply(200, body=b"sorry"),
    ),
    _delivered(
        "lengthens_the_body",
        'response.body = b"<" + response.body + b">"',
        "return response",
        reply=Reply(body=_TEN),
        wanted=Reply(body=b"<" + _TEN + b">"),
    ),
    _delivered(
        "shortens_the_body",
        "response.body = response.body[:3]",
        "return response",
        reply=Reply(body=_TEN),
        wanted=Reply(body=b"012"),
    ),
    _delivered(
        "turns_chunks_round",
        "response.body = response.body[::-1]",
        "return response",
        reply=Reply(body=_TEN * 30, framing=Framing.CHUNKED),
        wanted=Reply(body=(_TEN * 30)[::-1]),
    ),
    _delivered(
        "turns_all_until_the_close_round",
        "response.body = response.body[::-1]",
        "return response",
        reply=Reply(body=_TEN * 7_000, framing=Framing.CLOSE),
        wanted=Reply(body=(_TEN * 7_000)[::-1]),
    ),
    _delivered(
        "removes_the_body",
        'response.body = b""',
        "return response",
        reply=Reply(body=_TEN),
        wanted=Reply(body=b""),
    ),
    _delivered(
        "makes_a_new_response",
        'return module.Response(410, "Gone", [("X-New", "1")], b"gone")',
        reply=Reply(headers=(("X-Old", "1"),), framing=Framing.CHUNKED),
        wanted=Reply(410, (("X-New", "1"),), b"gone"),
        without=("X-Old",),
    ),
    _delivered(
        "tells_what_it_sees",
        "pairs = all(isinstance(name, str) and isinstance(value, str) for name, value in response.headers)",
        "kinds = isinstance(response.headers, list) and isinstance(response.body, bytes)",
        'seen = request.method == "POST" and request.url.endswith("/a?b=c")',
        'response.headers.append(("X-Saw", f"{response.status} {seen} {pairs and kinds} {len(response.body)}"))',
        "return response",
        reply=Reply(201, body=_TEN, framing=Framing.CHUNKED),
        wanted=Reply(201, (("X-Saw", "201 True True 10"),), _TEN),
        sent=_post(b"a", path="/a?b=c"),
    ),
    _delivered(
        "adds_a_header_to_head",
        'response.headers.append(("X-Added", "1"))',
        'response.body = b"nobody gets this"',
        "return response",
        reply=Reply(body=b"twelve bytes", to_head=True),
        wanted=Reply(headers=(("X-Added", "1"),), to_head=True),
        sent=Sent("HEAD"),
        times=2,  # what came too much would be in front of the second
    ),
    _delivered(
        "marks_whatever_comes",
        'response.headers.append(("X-Marked", "1"))',
        'response.body += b"!"',
        "return response",
        reply=Reply(headers=_FRESH, body=b"page"),
        wanted=Reply(headers=(("X-Page", "1"), ("X-Marked", "1")), body=b"page!"),
        times=3,
    ),
    _delivered(
        "takes_502_for_an_answer",
        "response.status = 299",
        "return response",
        wanted=Reply(502),
        then="close",
    ),
)

# -- filters that raise

#: What they raise: each may be taken by the program for an error of its own that means something else.
RAISED = (
    *("ValueError", "KeyError", "TimeoutError", "ConnectionResetError", "AttributeError", "BrokenPipeError"),
    *("ZeroDivisionError", "Exception", "UnicodeError", "EOFError", "AssertionError"),
)

_RAISE = (
    "for name, value in request.headers:",
    '    if name.lower() == "x-raise":',
    '        raise getattr(__import__("builtins"), value)("raised by the filter")',
)

#: Filters that raise what the request's X-Raise says.
RAISING = {
    "request_filter": on_request("raises", *_RAISE, "return request"),
    "response_filter": on_response("raises", *_RAISE, "return response"),
}
