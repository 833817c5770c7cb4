"""Requests that two programs may understand in different ways, and so end at different bytes. No I/O.

Who gets a second request past a proxy inside of what it took for one has smuggled it (RFC 9112 §11.2).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ambiguous:
    """Header lines and what follows them ({} is an authority), and the mistake that accepting them is."""

    mistake: str
    lines: tuple[str, ...]
    body: str = ""
    host: bool = True  # with a right Host in front

    def bytes(self, authority: str) -> bytes:
        """The request, and an innocent one right behind it."""
        method = "POST" if self.body else "GET"
        host = ["Host: {}"] if self.host else []
        head = "\r\n".join([method + " http://{}/ HTTP/1.1", *host, *self.lines, "", ""])
        behind = "GET http://{}/next HTTP/1.1\r\nHost: {}\r\n\r\n"
        return (head + self.body + behind).replace("{}", authority).encode("latin-1")


_CHUNKED = "Transfer-Encoding: chunked"
_BODY = "5\r\nhello\r\n0\r\n\r\n"

#: What no reading of a Content-Length allows, though int(), or cutting off what is odd, makes a number of some.
_BAD_LENGTHS = ("-5", "abc", "+5", "0x5", "5.0", "0_5", "5 5", "\xb5", "\xb2", "5;", "5e0")
#: The same for a chunk of five bytes.
_BAD_SIZES = ("+5", "-5", "0x5", "0_5", "g", "", "5 5", "five", "5.0")

AMBIGUOUS: tuple[Ambiguous, ...] = (
    Ambiguous("length_and_chunked", ("Content-Length: 15", _CHUNKED), _BODY),
    Ambiguous("length_and_chunked", (_CHUNKED, "Content-Length: 5"), _BODY),
    Ambiguous("length_and_chunked", ("content-length: 15", "transfer-encoding: CHUNKED"), _BODY),
    Ambiguous("differing_lengths", ("Content-Length: 5", "Content-Length: 6"), "hello!"),
    Ambiguous("differing_lengths", ("Content-Length: 6", "X-A: b", "content-length: 5"), "hello!"),
    Ambiguous("differing_lengths", ("Content-Length: 5, 6",), "hello!"),
    *(Ambiguous("bad_length", (f"Content-Length: {length}",), "hello") for length in _BAD_LENGTHS),
    *(Ambiguous("bad_chunk_size", (_CHUNKED,), f"{size}\r\nhello\r\n0\r\n\r\n") for size in _BAD_SIZES),
    Ambiguous("bad_chunk_size", (_CHUNKED,), "5\r\nhello\r\n-1\r\n\r\n"),
    Ambiguous("long_chunk", (_CHUNKED,), "3\r\nhello\r\n0\r\n\r\n"),
    Ambiguous("long_chunk", (_CHUNKED,), "3\r\nhello0\r\n\r\n"),
    Ambiguous("long_chunk", (_CHUNKED,), "5\r\nhello\r\n3\r\nworld\r\n0\r\n\r\n"),
    Ambiguous("space_before_colon", ("X-A : b",)),
    Ambiguous("space_before_colon", ("Content-Length : 5",), "hello"),
    Ambiguous("space_before_colon", ("Transfer-Encoding\t: chunked",), _BODY),
    Ambiguous("no_host", (), host=False),
    Ambiguous("no_host", ("X-A: b", "Content-Length: 5"), "hello", host=False),
    Ambiguous("two_hosts", ("Host: {}",)),
    Ambiguous("two_hosts", ("X-A: b", "host: other.test")),
)

#: Line ends hidden in a URL by percent-encoding: they are data there, and stay encoded.
HIDDEN_IN_URLS = (
    "/a%0d%0aX-Injected:%201",
    "/a?b=%0D%0AX-Injected:%201",
    "/a%0aX-Injected:%201",
    "/a?b=%0D%0A%0D%0AGET%20/b%20HTTP/1.1",
    "/%0D%0A",
)

#: Header lines with something inside that some take for a line's end: a CR alone, an LF alone, a line that goes on.
HIDDEN_IN_HEADERS = (
    "X-A: 1\rX-Injected: 1",
    "X-A: 1\r\n X-Injected: 1",
    "X-A: 1\nX-Injected: 1",
    "X-A:\rX-Injected: 1\r",
    "X-A: 1\r\n\tX-Injected: 1",
    "X-A: 1\r\rX-Injected: 1",
)

#: What stands in Via before the proxy adds itself.
VIAS: tuple[tuple[str, ...], ...] = ((), ("1.0 fred",), ("1.0 fred, 1.1 p.example.net",), ("1.0 fred", "1.1 lucy"))
