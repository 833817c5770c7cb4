"""What clients and origins of a proxy send: requests and answers as values, and the bytes that they are. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from graders.core.models.http_answer import REASONS
from graders.core.models.http_message import Framing, Request

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Spelling:
    """How a head is written where that is free: the case of names, white space before values (RFC 9110 §5, 9112 §5)."""

    case: Literal["usual", "lower", "upper"] = "usual"
    before: str = " "  # behind a value it is legal, too, but Python's own http.client takes "chunked " for no coding
    chunked: str = "chunked"
    reason: bool = True  # a status line may do without (RFC 9112 §4); where HTTP/2 is translated, it does

    def line(self, name: str, value: str) -> str:
        names = {"usual": name, "lower": name.lower(), "upper": name.upper()}
        return f"{names[self.case]}:{self.before}{value}"


#: Bytes of a body up to which its chunks may be tiny, and of a chunk of a larger one, at least.
_MOST_TINY, _LEAST_CHUNK = 5000, 1024


@dataclass(frozen=True)
class Chunks:
    """How a chunked body is written: so many bytes a chunk, with this behind each size, and these trailers.

    ``number``: how a size is written, which is hexadecimal in any letter case, with any zeros in front (RFC 9112 §7.1).
    A large body is never in tiny chunks: who passes each of 40,000 on by itself is right, and takes seconds for it.
    """

    size: int = 7
    extension: str = ""
    trailers: Pairs = ()
    number: Literal["%x", "%X", "%04X"] = "%x"

    def encode(self, body: bytes) -> bytes:
        size = max(self.size, _LEAST_CHUNK) if len(body) > _MOST_TINY else self.size
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
        number, extension = self.number.encode(), self.extension.encode()
        chunks = b"".join(number % len(piece) + extension + b"\r\n" + piece + b"\r\n" for piece in pieces)
        trailers = "".join(f"{name}: {value}\r\n" for name, value in self.trailers).encode()
        return chunks + number % 0 + b"\r\n" + trailers + b"\r\n"


@dataclass(frozen=True)
class Sent:
    """A client's request to the proxy. ``host`` None: the origin's authority, as it should be; "": no Host at all."""

    method: str = "GET"
    path: str = "/"
    headers: Pairs = ()
    body: bytes = b""
    framing: Framing = Framing.NONE
    chunks: Chunks = Chunks()
    version: str = "1.1"
    host: str | None = None
    spelling: Spelling = Spelling()

    @property
    def target(self) -> str:
        """The origin form, in which an empty path is written as "/" (RFC 9112 §3.2.1)."""
        return self.path if self.path.startswith("/") else f"/{self.path}"

    def bytes(self, authority: str, scheme: str = "http") -> bytes:
        """As it goes over the wire, in absolute form."""
        first = f"{self.method} {scheme}://{authority}{self.path} HTTP/{self.version}"
        host = authority if self.host is None else self.host
        headers = [("Host", host)] if host else []
        headers += self.headers
        body = self.body
        if self.framing is Framing.LENGTH:
            headers.append(("Content-Length", f"{len(body)}"))
        elif self.framing is Framing.CHUNKED:
            headers.append(("Transfer-Encoding", self.spelling.chunked))
            body = self.chunks.encode(body)
        return _head(first, headers, self.spelling) + body

    def to(self, path: str) -> Sent:
        return replace(self, path=path)


@dataclass(frozen=True)
class Reply:
    """An origin's answer. Unless ``kept`` the connection is closed behind it, and says so."""

    status: int = 200
    headers: Pairs = ()
    body: bytes = b"ok"
    framing: Framing = Framing.LENGTH
    chunks: Chunks = Chunks()
    kept: bool = False
    version: str = "1.1"
    to_head: bool = False  # the answer to HEAD: its length is that of a body that does not come
    spelling: Spelling = Spelling()

    @property
    def has_body(self) -> bool:
        return not self.to_head and self.status not in (204, 304)

    def bytes(self) -> bytes:
        reason = REASONS.get(self.status, "Status") if self.spelling.reason else ""
        first = f"HTTP/{self.version} {self.status} {reason}"
        headers = list(self.headers)
        body = self.body
        if self.status in (204, 304):
            body = b""
        elif self.framing is Framing.LENGTH:
            headers.append(("Content-Length", f"{len(body)}"))
        elif self.framing is Framing.CHUNKED:
            headers.append(("Transfer-Encoding", self.spelling.chunked))
            body = self.chunks.encode(body)
        if not self.kept and not any(name.lower() == "connection" for name, _ in self.headers):
            headers.append(("Connection", "close"))
        return _head(first, headers, self.spelling) + (b"" if self.to_head else body)


@dataclass(frozen=True)
class Unchanged:
    """The origin's 304 with these headers, for who asks whether this entity tag, or this date, is still the one."""

    etag: str = ""
    last_modified: str = ""
    headers: Pairs = ()

    def bytes(self) -> bytes:
        return Reply(304, self.headers).bytes()

    def is_known_to(self, request: Request) -> bool:
        """Whether the request asks about this one: If-None-Match goes before the date (RFC 9110 §13.2.2)."""
        tags = request.headers.get_all("If-None-Match")
        if tags:
            return bool(self.etag) and self.etag.removeprefix("W/") in ", ".join(tags)
        return bool(self.last_modified) and self.last_modified in request.headers.get_all("If-Modified-Since")

    def to_json(self) -> dict[str, str]:
        """For the story, and with it for the replay."""
        return {"etag": self.etag, "last_modified": self.last_modified, "answer": self.bytes().decode("latin-1")}


def _head(first: str, headers: list[tuple[str, str]], spelling: Spelling) -> bytes:
    return "\r\n".join([first, *(spelling.line(*pair) for pair in headers), "", ""]).encode("latin-1")
