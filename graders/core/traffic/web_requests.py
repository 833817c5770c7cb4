"""HTTP requests as data: built byte by byte, so that a check decides what is on the wire, right or wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

Pairs = tuple[tuple[str, str], ...]

FORM_TYPE = ("Content-Type", "application/x-www-form-urlencoded")

#: Paths unlike any that a web server here has.
_STRANGE = ("/nothing", "/favicon.ico", "/%E4%BD%A0")
#: Like a known path, but another one. A dot segment or `//` would be a question of normalisation, so there is none.
SIMILAR = (
    "/api", "/api/", "/api/data/", "/api/data2", "/api/submit/", "/api/submit2", "/API/data", "/index.html",
    "/data", "/submit", "/nothing/api/data", "/api/dat",
)  # fmt: skip
UNKNOWN = (*_STRANGE, *SIMILAR)

#: What clients of several kinds send along; an answer must not hang on it. Header names come in any letter case.
CLIENTS: tuple[Pairs, ...] = (
    (),
    (("User-Agent", "curl/8.5.0"), ("Accept", "*/*")),
    (
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("accept-language", "zh-CN,zh;q=0.8,en;q=0.5"),
        ("accept-encoding", "identity"),  # a program may compress for those who ask for it, and need not
        ("connection", "keep-alive"),
        ("upgrade-insecure-requests", "1"),
    ),
    (("Accept-Encoding", "identity"), ("User-Agent", "Python-urllib/3.11"), ("Connection", "close")),
    (("X-Name", "\xe9t\xe9"), ("X-Empty", ""), ("Cookie", "a=1; b=2"), ("Accept", "application/json")),
)


@dataclass(frozen=True)
class Ask:
    """One request. ``length``: name the body's length in a Content-Length header (None: when there is a body).

    ``colon``: what stands between the names and values of ``headers``.
    """

    method: str = "GET"
    target: str = "/"
    headers: Pairs = ()
    body: bytes = b""
    version: str = "1.1"
    length: bool | None = None
    colon: str = ": "

    def bytes(self, host: str) -> bytes:
        """As it goes over the wire to ``host`` (with its port)."""
        lines = [f"{self.method} {self.target} HTTP/{self.version}", f"Host: {host}"]
        lines += [f"{name}{self.colon}{value}" for name, value in self.headers]
        if self.length if self.length is not None else bool(self.body):
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body

    def head_size(self, host: str) -> int:
        """The number of bytes before the body."""
        return len(self.bytes(host)) - len(self.body)

    def with_headers(self, headers: Iterable[tuple[str, str]]) -> Ask:
        """The same request with more headers behind its own."""
        return replace(self, headers=(*self.headers, *headers))


def get(target: str, headers: Pairs = ()) -> Ask:
    return Ask("GET", target, headers)


def post_form(target: str, body: str | bytes, headers: Pairs = ()) -> Ask:
    """A form that is already encoded; its length is named also when it is empty."""
    data = body.encode() if isinstance(body, str) else body
    return Ask("POST", target, (FORM_TYPE, *headers), data, length=True)


def clients() -> st.SearchStrategy[Pairs]:
    """The headers of some client; shrinks to none at all."""
    return st.sampled_from(CLIENTS)
