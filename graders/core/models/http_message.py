"""HTTP/1.x messages as values (RFC 9112): heads, requests and responses. http_parser.py reads them from bytes."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from graders.core.models.http_headers import Headers
from graders.core.models.http_trouble import Trouble


class Framing(enum.Enum):
    """What tells where the body ends (RFC 9112 §6.3)."""

    NONE = "no body"
    LENGTH = "Content-Length"
    CHUNKED = "chunked"
    CLOSE = "end of connection"


@dataclass(frozen=True)
class ResponseHead:
    """Everything before a body; there as soon as the empty line is, see `ResponseParser.head`."""

    version: str
    status: int
    reason: str
    headers: Headers


@dataclass(frozen=True)
class RequestHead:
    """Everything before a body; `target` is the text between the two spaces, one character a byte (Latin-1)."""

    method: str
    target: str
    version: str
    headers: Headers


@dataclass(frozen=True)
class Content:
    """What both kinds of message have behind their head."""

    body: bytes
    framing: Framing
    trailers: Headers
    deviations: tuple[Trouble, ...]


@dataclass(frozen=True)
class Response(Content, ResponseHead):
    """A complete answer. `interim` are the 1xx answers that came before it."""

    interim: tuple[ResponseHead, ...] = ()

    @property
    def keeps_alive(self) -> bool:
        """May another answer follow on this connection (RFC 9112 §9.3)?"""
        return self.framing is not Framing.CLOSE and _keeps_alive(self.version, self.headers)


@dataclass(frozen=True)
class Request(Content, RequestHead):
    """A complete request."""

    @property
    def keeps_alive(self) -> bool:
        """Does the client offer to send another request on this connection?"""
        return _keeps_alive(self.version, self.headers)


def _keeps_alive(version: str, headers: Headers) -> bool:
    options = headers.tokens("Connection")
    return "keep-alive" in options if version == "1.0" else "close" not in options
