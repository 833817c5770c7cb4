"""An origin's answer as data, and the bytes it is on the wire: well made, or spoilt in one way. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graders.core.models.http_headers import Headers
from graders.core.models.http_message import Framing

#: A phrase for every status that the graders send; a client must not care.
REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non-Authoritative Information",
    204: "No Content",
    206: "Partial Content",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    418: "I'm a teapot",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    599: "Network Connect Timeout",
}

TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """A complete, correct answer. The connection is closed behind it, whatever frames the body."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"ok"
    content_type: str | None = TEXT
    framing: Framing = Framing.LENGTH

    @property
    def has_body(self) -> bool:
        """204 never has one (RFC 9110 §15.3.5)."""
        return self.status != 204

    def head(self) -> bytes:
        """Status line, headers and the empty line."""
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Status')}", *self._header_lines()]
        return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")

    def encode(self) -> bytes:
        """The whole answer."""
        if not self.has_body:
            return self.head()
        return self.head() + (_chunked(self.body) if self.framing is Framing.CHUNKED else self.body)

    def _header_lines(self) -> Iterable[str]:
        if self.has_body:
            if self.content_type is not None:
                yield f"Content-Type: {self.content_type}"
            if self.framing is Framing.LENGTH:
                yield f"Content-Length: {len(self.body)}"
            elif self.framing is Framing.CHUNKED:
                yield "Transfer-Encoding: chunked"
        for name, value in self.headers:
            yield f"{name}: {value}"
        yield "Connection: close"


def of_text(text: str, status: int = 200, **more: object) -> Answer:
    """An answer of UTF-8 text, declared as such."""
    return replace(Answer(status, body=text.encode()), **more)  # type: ignore[arg-type]


def redirect(location: str, status: int = 302) -> Answer:
    """An answer that sends the client elsewhere; `location` may hold any Latin-1, garbage included."""
    return Answer(status, headers=(("Location", location),), body=b"elsewhere")


def cut(answer: Answer, kept: int) -> bytes:
    """The answer's first bytes: its head and `kept` bytes of what follows (a client must miss the rest)."""
    return answer.head() + answer.encode()[len(answer.head()) :][:kept]


def repeated(answer: Answer, name: str) -> list[str]:
    """The values of a header of the answer."""
    return Headers(answer.headers).get_all(name)


#: What takes the place of an HTTP answer: nothing, noise, other protocols, status lines that are none.
GARBAGE: dict[str, bytes] = {
    "nothing": b"",
    "an empty line": b"\r\n\r\n",
    "a word": b"hello\r\n\r\n",
    "a web page without a head": b"<html><body>hello</body></html>\r\n",
    "an SSH server": b"SSH-2.0-OpenSSH_9.2\r\n",
    "bytes that are no text": bytes(range(0x80, 0x100)) + b"\r\n\r\n",
    "NUL bytes": bytes(64),
    "a misspelt protocol": b"HTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "a status that is no number": b"HTTP/1.1 fine OK\r\nContent-Length: 2\r\n\r\nok",
    "a status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok",
    "no version": b"200 OK\r\nContent-Length: 2\r\n\r\nok",
    "a status line without end": b"HTTP/1.1 200 " + b"x" * 70_000,
}


def _chunked(body: bytes, size: int = 7) -> bytes:
    """The body in chunks so small that every reader meets several of them."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
