"""Hosts that are blocked and hosts that are not; logins that are right and wrong. No I/O."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from graders.core.models.http_message import Framing
from graders.core.models.proxy_messages import Pairs, Sent
from graders.core.traffic.pools import most_of

Login = tuple[str, str]


def token(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


# -- blocked hosts


@dataclass(frozen=True)
class Host:
    """A host to be asked for; ``statuses``: of the proxy's own answer, none where the host is not blocked.

    Nothing but `localhost` and 127.0.0.1 has an address, at which the grader's origin is. What is blocked must be known
    by its name.
    """

    name: str
    statuses: tuple[int, ...] = (403,)
    method: str = "GET"
    path: str = "/"
    port: str = ""
    headers: Pairs = ()
    host_header: str | None = None

    @property
    def sent(self) -> Sent:
        body = b"a=1" if self.method == "POST" else b""
        framing = Framing.LENGTH if body else Framing.NONE
        return Sent(self.method, self.path, self.headers, body, framing, host=self.host_header)


@dataclass(frozen=True)
class Gate:
    """What a proxy blocks, and what it is asked for."""

    blocked: tuple[str, ...]
    hosts: tuple[Host, ...]
    login: Login | None = None


_LOGIN = ("alice", "secret")
_LOGGED_IN: Pairs = (("Proxy-Authorization", f"Basic {token(*_LOGIN)}"),)

GATES = (
    Gate(
        ("ads.test", "Tracker.Test", "host", "local"),
        (
            Host("ads.test"),
            Host("x.ads.test"),
            Host("a.b.ads.test"),
            Host("ADS.Test"),
            Host("tracker.test"),
            Host("www.TRACKER.test"),
            Host("ads.test", port=":8080"),
            Host("ads.test", path="/a/b?c=d"),
            Host("ads.test", method="POST"),
            Host("ads.test", method="HEAD"),
            Host("ads.test", (403, 400), host_header="127.0.0.1"),
            Host("ads.test", method="CONNECT", port=":443"),
            Host("x.ADS.test", method="CONNECT", port=":443"),
            Host("localhost", ()),
            Host("127.0.0.1", ()),
            Host("127.0.0.1", (), path="/ads.test?from=http://x.ads.test/"),
            Host("localhost", (), "CONNECT"),
        ),
    ),
    Gate(
        ("localhost",),
        (
            Host("localhost"),
            Host("LocalHost"),
            Host("x.localhost"),
            Host("localhost", method="CONNECT"),
            Host("127.0.0.1", ()),
            Host("127.0.0.1", (), "CONNECT"),
        ),
    ),
    Gate(
        ("ads.test",),
        (
            Host("ads.test", (403, 407)),
            Host("ads.test", headers=_LOGGED_IN),
            Host("ads.test", (403, 407), "CONNECT", port=":443"),
            Host("ads.test", method="CONNECT", port=":443", headers=_LOGGED_IN),
            Host("localhost", (), headers=_LOGGED_IN),
        ),
        _LOGIN,
    ),
)


def gates() -> st.SearchStrategy[tuple[Gate, list[Host]]]:
    """A proxy that blocks, and the hosts that it is asked for."""
    return st.sampled_from(GATES).flatmap(lambda gate: st.tuples(st.just(gate), most_of(gate.hosts)))


# -- logins

#: Plain, with what would cut a password short, and beyond ASCII.
LOGINS: tuple[Login, ...] = (_LOGIN, ("Bob", "pass:word:"), ("用户", "密码é"))


def _basic(value: str) -> Pairs:
    return (("Proxy-Authorization", f"Basic {value}"),)


def _not_utf8() -> str:
    return base64.b64encode(b"\xff\xfe:\xff").decode()


@dataclass(frozen=True)
class Attempt:
    """A request with a login, as its headers are made of the right user and password."""

    says: str
    headers: Callable[[str, str], Pairs]
    right: bool = False
    method: str = "GET"
    odd: bool = False  # it cannot be decoded, or has not the parts that one expects

    def __repr__(self) -> str:
        return f"{self.says} {self.method}"


ATTEMPTS: tuple[Attempt, ...] = (
    Attempt("none", lambda user, password: ()),
    Attempt("right", lambda user, password: _basic(token(user, password)), right=True),
    Attempt("none behind the right one", lambda user, password: ()),
    Attempt("wrong password", lambda user, password: _basic(token(user, "wrong"))),
    Attempt("wrong user", lambda user, password: _basic(token("mallory", password))),
    Attempt("password cut short", lambda user, password: _basic(token(user, password[:-1]))),
    Attempt("password too long", lambda user, password: _basic(token(user, f"{password}x"))),
    Attempt("user cut short", lambda user, password: _basic(token(user[:-1], password))),
    Attempt("the two exchanged", lambda user, password: _basic(token(password, user))),
    Attempt("empty", lambda user, password: _basic(token("", ""))),
    Attempt("not base64", lambda user, password: _basic("???"), odd=True),
    Attempt("not ASCII", lambda user, password: _basic("\xe9\xe8"), odd=True),
    Attempt("half a token", lambda user, password: _basic(token(user, password)[:5]), odd=True),
    Attempt("no colon", lambda user, password: _basic(base64.b64encode(user.encode()).decode()), odd=True),
    Attempt("not UTF-8", lambda user, password: _basic(_not_utf8()), odd=True),
    Attempt("no token", lambda user, password: (("Proxy-Authorization", "Basic"),), odd=True),
    Attempt("one word", lambda user, password: (("Proxy-Authorization", token(user, password)),), odd=True),
    Attempt(
        "another scheme",
        lambda user, password: (("Proxy-Authorization", f"Bearer {token(user, password)}"),),
    ),
    Attempt("for the origin", lambda user, password: (("Authorization", f"Basic {token(user, password)}"),)),
    Attempt(
        "name in small letters",
        lambda user, password: (("proxy-authorization", f"Basic {token(user, password)}"),),
        right=True,
    ),
    Attempt("none", lambda user, password: (), method="POST"),
    Attempt("right", lambda user, password: _basic(token(user, password)), right=True, method="POST"),
    Attempt("none", lambda user, password: (), method="CONNECT"),
    Attempt("wrong password", lambda user, password: _basic(token(user, "wrong")), method="CONNECT"),
    Attempt("right", lambda user, password: _basic(token(user, password)), right=True, method="CONNECT"),
)
