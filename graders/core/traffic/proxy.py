"""What goes through a proxy: requests and answers in every framing, headers of every kind. No I/O."""

from __future__ import annotations

import gzip
from dataclasses import replace

from hypothesis import strategies as st

from graders.core.models.http_message import Framing
from graders.core.models.proxy_messages import Chunks, Pairs, Reply, Sent, Spelling

#: Paths and queries that no client or library writes in another way.
PATHS = ("/", "/a", "/a/b.html", "/a?b=c&d=e", "/a/", "/a?b=%E4%BD%A0&c=a%2Bb", "/%E4%BD%A0.txt", "/a//b", "/a%2Fb?")

#: What some take off a path: parameters (RFC 3986 §3.3) belong to it.
PARAMETERS = ("/a;b=c/d;e?f;g=h",)

#: Behind the authority; what the path then is: see ``Sent.target``. OPTIONS without a path is about something else.
EMPTY_PATHS = ("", "?a=b")

#: Bodies that any conversion of line ends, character set or compression would change.
BODIES = (
    b"a",
    b"\r\n\r\n",
    "你好，世界".encode(),
    bytes(range(256)),
    b"\x1f\x8b\x08\x00 not gzip",
    b"0\r\n\r\n",
    b"x" * 4097,
    bytes(range(256)) * 256,
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"line\nline\r\n",
)

GZIPPED = gzip.compress(b"hello " * 50, mtime=0)

#: Chunks of one byte, of uneven sizes, as large as they come, with extensions and trailers, sizes in capital letters.
CHUNKS = (
    Chunks(),
    Chunks(1000),
    Chunks(65_536),
    Chunks(16, extension=";name=value"),
    Chunks(10, extension=';a="b;c"', trailers=(("X-Trailer", "t"),)),
    Chunks(255, trailers=(("X-One", "1"), ("X-Two", "2"))),
    Chunks(171, number="%X"),
    Chunks(10, number="%04X"),
)

#: What clients send along: several lines of one name, odd cases, an empty value, Latin-1, a long one.
HEADERS: tuple[Pairs, ...] = (
    (),
    (("User-Agent", "curl/8.5.0"), ("Accept", "*/*")),
    (("X-Many", "one"), ("Accept", "a/b"), ("X-Many", "two"), ("x-many", "three")),
    (("X-Empty", ""), ("Cookie", "a=1; b=2"), ("x-lower-case", "1"), ("X-UPPER-CASE", "2")),
    (("X-Latin", "\xe9t\xe9"), ("Accept-Encoding", "gzip, br"), ("Accept-Language", "zh-CN,zh;q=0.8,en;q=0.5")),
    (("X-Long", "y" * 4000), ("Referer", "http://example.com/?a=b"), ("X-Colon", "a: b:c")),
)

#: Without it a cache might take an answer with Last-Modified for fresh (RFC 9111 §4.2.2) and not ask again.
NOT_KEPT = ("Cache-Control", "no-store")

#: What an origin sends along.
ANSWER_HEADERS: tuple[Pairs, ...] = (
    (),
    (("Content-Type", "text/html; charset=utf-8"), ("Server", "test/1.0")),
    (("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2, c"), ("Content-Type", "text/plain")),
    (("X-Many", "two"), ("ETag", '"abc"'), ("X-Many", "one")),
    (("Content-Encoding", "gzip"), ("X-Latin", "\xe9t\xe9"), ("X-Empty", "")),
    (("Location", "/elsewhere?a=b"), ("Vary", "Accept"), ("Last-Modified", "Tue, 01 Oct 2019 10:00:00 GMT"), NOT_KEPT),
)

#: Heads as one program or another writes them; HTTP/2 gateways write names in small letters.
SPELLINGS = (
    Spelling(case="lower"),
    Spelling(before=""),
    Spelling(case="upper", chunked="Chunked"),
    Spelling(before="\t"),
    Spelling(before="  ", case="lower", chunked="CHUNKED"),
    Spelling(reason=False),
)

#: Headers of one connection, each with a value that no proxy would send by itself.
HOPS: tuple[Pairs, ...] = (
    (("Connection", "X-Private"), ("X-Private", "mine")),
    (("Connection", "close, X-Private"), ("X-Private", "mine"), ("X-Public", "ours")),
    (("connection", "keep-alive"), ("Connection", "X-PRIVATE , x-second"), ("X-Second", "2"), ("x-private", "1")),
    (("Keep-Alive", "timeout=17, max=42"), ("Connection", "Keep-Alive")),
    (("TE", "trailers;q=0.5"), ("Connection", "TE")),
    (("Upgrade", "test-protocol/7"), ("Connection", "Upgrade")),
    (("Trailer", "X-Checksum"),),
)
REQUEST_HOPS: tuple[Pairs, ...] = (
    *HOPS,
    (("Proxy-Connection", "keep-alive, x-test"),),
    (("Proxy-Authorization", "Basic dGVzdDp0ZXN0"),),
)
ANSWER_HOPS: tuple[Pairs, ...] = (*HOPS, (("Proxy-Connection", "keep-alive, x-test"),))

#: Letter case counts in methods (RFC 9110 §9.1): "Purge" is none of the usual ones, and stays as it is.
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "Purge")

#: Statuses with a body, and without one.
STATUSES = (200, 201, 203, 301, 302, 400, 403, 404, 410, 418, 500, 503)


#: What clients write into Host: what the URL says, or something else, which does not count (RFC 9112 §3.2.2); whether
#: the origin gets to see it, the contract does not say.
HOSTS = (None, None, "elsewhere.test")


@st.composite
def requests_with_bodies(draw: st.DrawFn) -> Sent:
    """Any method, and a body in any framing where the method has one."""
    method = draw(st.sampled_from(METHODS))
    path = draw(st.sampled_from((*PATHS, *PARAMETERS) if method == "OPTIONS" else (*PATHS, *PARAMETERS, *EMPTY_PATHS)))
    sent = Sent(method, path, draw(st.sampled_from(HEADERS)), host=draw(st.sampled_from(HOSTS)))
    if method in ("POST", "PUT", "PATCH", "PROPFIND"):
        framing = draw(st.sampled_from([Framing.LENGTH, Framing.CHUNKED]))
        body = draw(st.sampled_from((*BODIES, b"")))
        sent = replace(sent, body=body, framing=framing, chunks=draw(st.sampled_from(CHUNKS)))
    return sent


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    """Any status, framing, and body; the connection is kept where the framing lets it."""
    status = draw(st.sampled_from(STATUSES))
    framing = draw(st.sampled_from([Framing.LENGTH, Framing.CHUNKED, Framing.CLOSE]))
    body = draw(st.sampled_from((*BODIES, b"")))
    chunks = draw(st.sampled_from(CHUNKS))
    kept = framing is not Framing.CLOSE and draw(st.booleans())
    headers = draw(st.sampled_from(ANSWER_HEADERS))
    if status in (301, 302):
        headers = (*(pair for pair in headers if pair[0] != "Location"), ("Location", "/elsewhere"))
    if ("Content-Encoding", "gzip") in headers:
        body = GZIPPED
    return Reply(status, headers, body, framing, chunks, kept)


def bodiless(method: str) -> Reply:
    """What is answered to HEAD: the headers of an answer, and no body."""
    return Reply(body=b"twelve bytes", to_head=method == "HEAD")
