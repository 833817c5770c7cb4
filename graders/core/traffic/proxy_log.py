"""Requests of every kind that a log must have, and credentials that it must not have. No I/O."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from graders.core.models.http_message import Framing
from graders.core.models.proxy_messages import Pairs, Reply, Sent
from graders.core.traffic.proxy_filters import on_request, on_response

#: What a line written by hand as `f'{{"x": "{value}"}}'` would not survive.
ASKED: Pairs = (("X-Asked", 'say "hi" \\'),)
ANSWERED: Pairs = (("X-Answered", "tab\tand 'quote'"),)


@dataclass(frozen=True)
class Visit:
    """A request of one kind. ``kind`` says what happens to it: see `graders/challenges/proxy_server/log.py`."""

    kind: str
    sent: Sent = field(default_factory=Sent)
    reply: Reply = field(default_factory=Reply)


_BODY = b"0123456789" * 100
_PAGE = Reply(headers=(("Cache-Control", "max-age=1000"),), body=b"page" * 25)

#: For the filter below.
OWN_PATH = "/own"
ANSWERS = on_request(
    "answers_for_own",
    f'if request.url.endswith("{OWN_PATH}"):',
    '    return module.Response(203, "Own", [("X-Own", "1")], b"own")',
    "return request",
)

#: What a response filter does not get through with; the answer before it may have been kept.
FAILING_PATH = "/failing"
FAILS = on_response(
    "fails_for_one",
    f'if request.url.endswith("{FAILING_PATH}"):',
    '    raise RuntimeError("no answer for you")',
    "return response",
)

VISITS: tuple[Visit, ...] = (
    Visit("origin", Sent(path="/a?b=c", headers=ASKED), Reply(headers=ANSWERED, body=b"hello")),
    Visit("origin", Sent("POST", "/post", ASKED, _BODY, Framing.LENGTH), Reply(201, ANSWERED, _BODY)),
    Visit("origin", Sent("PUT", "/chunks", (), _BODY, Framing.CHUNKED), Reply(body=_BODY, framing=Framing.CHUNKED)),
    Visit("origin", Sent("HEAD", "/head"), Reply(body=b"twelve bytes", to_head=True)),
    Visit("origin", Sent(path="/missing?to=a@b.test"), Reply(404, body=_BODY, framing=Framing.CLOSE)),
    Visit("origin", Sent(path="/latin", headers=(("X-Latin", "\xe9t\xe9"),)), Reply(headers=(("X-Latin", "\xe9"),))),
    Visit("origin", Sent(path="/page"), _PAGE),
    Visit("origin", Sent(path="/page"), _PAGE),
    Visit("filter fails", Sent(path=FAILING_PATH), _PAGE),
    Visit("filter fails", Sent(path=FAILING_PATH), _PAGE),
    Visit("failed", Sent(path="/fails", headers=ASKED)),
    Visit("own", Sent(path=OWN_PATH, headers=ASKED)),
    Visit("blocked", Sent(path="/blocked")),
    Visit("origin form", Sent(path="/form")),
    Visit("garbage"),
    Visit("tunnel"),
    Visit("slow", Sent(path="/slow"), Reply(body=b"slow")),
    # The last client stays connected while the log is looked at.
    Visit("origin", Sent(path="/last"), Reply(body=b"last")),
)

#: Seconds that the origin of the slow one takes, and milliseconds that its request has then taken at least.
SLOWNESS, SLOW_MS = 0.05, 20

# -- credentials

USER, PASSWORD = "aladdin-7", "open:sesame-9"
WRONG_PASSWORD = "sesam-street-3"
URL_USER, URL_PASSWORD = "scheherazade", "1001-n%40ghts"


def basic(user: str, password: str, scheme: str = "Basic") -> str:
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return f"{scheme} {token}"


LOGIN = basic(USER, PASSWORD)


@dataclass(frozen=True)
class Secret:
    """A request with credentials, in headers or in its URL, before the host."""

    path: str
    headers: Pairs
    secrets: tuple[str, ...]
    userinfo: str = ""
    kind: str = "origin"

    def bytes(self, authority: str) -> bytes:
        return Sent(path=self.path, headers=self.headers, host=authority).bytes(f"{self.userinfo}{authority}")


def _token(value: str) -> tuple[str, ...]:
    return (value, value.partition(" ")[2])


_ORIGINS = basic("jasmine", "tiger-1")
_SPACED = basic("abu", "monkey-5")
_BEARER = "Bearer eyJhbGciOiJub25lIn0.e30.c2VjcmV0"
_REFUSED = basic(USER, WRONG_PASSWORD)
_URL = f"{URL_USER}:{URL_PASSWORD}@"
_IN_URL = (URL_USER, URL_PASSWORD, "1001-n@ghts")
_LOGGED_IN: Pairs = (("Proxy-Authorization", LOGIN),)

SECRETS: tuple[Secret, ...] = (
    Secret("/plain", (("Authorization", _ORIGINS), *_LOGGED_IN), _token(_ORIGINS) + _token(LOGIN)),
    Secret("/lower", (("authorization", _BEARER), ("proxy-authorization", LOGIN)), _token(_BEARER) + _token(LOGIN)),
    Secret("/upper", (("AUTHORIZATION", _BEARER), ("PROXY-AUTHORIZATION", LOGIN)), _token(_BEARER) + _token(LOGIN)),
    Secret("/url", _LOGGED_IN, _IN_URL, _URL),
    Secret("/user", _LOGGED_IN, (URL_USER,), f"{URL_USER}@"),
    Secret("/wrong", (("Proxy-Authorization", _REFUSED),), _token(_REFUSED), kind="refused"),
    Secret(
        "/malformed",
        (("Host", "second.test"), ("Authorization", _ORIGINS), *_LOGGED_IN),
        _token(_ORIGINS) + _token(LOGIN) + _IN_URL,
        _URL,
        kind="malformed",
    ),
    Secret("/spaced", (("Authorization ", _SPACED), *_LOGGED_IN), _token(_SPACED) + _token(LOGIN), kind="malformed"),
    Secret("/fails", _LOGGED_IN, _token(LOGIN) + _IN_URL, _URL, kind="failed"),
    Secret("", _LOGGED_IN, _token(LOGIN), kind="tunnel"),
)
