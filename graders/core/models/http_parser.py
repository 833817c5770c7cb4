"""HTTP/1.x messages read from bytes, without I/O (RFC 9112).

A parser is fed whatever arrived, in pieces of any size, and is asked where it stands:

    parser = ResponseParser("GET")
    parser.feed(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi")
    parser.state                 # State.COMPLETE
    parser.message.body          # b"hi"
    parser.surplus               # bytes behind the message: the next answer, or something that should not be there

`end()` says that the connection has ended: it completes a body that is ended by the close, and breaks everything else.

Strict but fair. What leaves in doubt where the message ends or what it says is *broken*: `parser.trouble` then tells
the stable code, the offset of the offending byte (counted from the first byte fed) and a sentence. What RFC 9112
forbids to send but every client understands (a bare LF, `HTTP/1.1 200` without a reason) is a *deviation*: it is
remembered in `message.deviations` and costs nothing unless a check says so.

A parser reads one message. For the next one on the same connection make a new parser and feed it `surplus` first.
"""

from __future__ import annotations

import re

from graders.core.models.http_message import Framing, Request, RequestHead, Response, ResponseHead
from graders.core.models.http_reading import MAX_BODY, MAX_HEAD, Parser, Reading, State
from graders.core.models.http_trouble import show

MAX_INTERIM = 20

_STATUS_LINE = re.compile(rb"HTTP/(1\.\d) ([1-5]\d\d)(?:( )([\t\x20-\x7e\x80-\xff]*))?")
_REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^\x00-\x20\x7f]+) HTTP/(1\.\d)")


class ResponseParser(Parser[ResponseHead, Response]):
    """Reads the answer to one request, whose method it must know: the answer to HEAD has no body (RFC 9112 §6.3)."""

    def __init__(self, method: str = "GET", *, max_body: int = MAX_BODY) -> None:
        self._method = method
        super().__init__(max_body=max_body)

    def _read_message(self) -> Reading[Response]:
        interim: list[ResponseHead] = []
        head = yield from self._read_head()
        while 100 <= head.status < 200 and head.status != 101:  # 101 ends HTTP on this connection: it is final
            interim.append(head)
            if len(interim) > MAX_INTERIM:
                raise self._broken("http.too_many_interim", limit=MAX_INTERIM)
            head = yield from self._read_head()
        self.head = head
        if self._method == "CONNECT" and 200 <= head.status < 300:
            framing, length = Framing.NONE, 0  # a tunnel begins here, whatever the headers say
        else:
            framing, length = self._framing(head.version, head.headers, Framing.CLOSE)
            if head.status in (101, 204) and framing is Framing.LENGTH:
                self._deviates("http.length_not_allowed", status=head.status)
            if self._method == "HEAD" or head.status in (101, 204, 304):
                framing = Framing.NONE
        content = yield from self._read_content(framing, length)
        return Response(**vars(head), **vars(content), interim=tuple(interim))

    def _read_head(self) -> Reading[ResponseHead]:
        # Say at the first byte that it is not HTTP: a program that sends garbage need not send a whole line.
        while len(self._buffer) < len(b"HTTP/1.") and b"\n" not in self._buffer and not self._ended:
            if not b"HTTP/1.".startswith(self._buffer):
                break
            yield
        if not self.fed and self._ended:
            raise self._broken("http.no_answer")
        start = self._taken
        if not b"HTTP/1.".startswith(self._buffer[: len(b"HTTP/1.")]):
            raise self._broken("http.bad_status_line", got=show(bytes(self._buffer[:80]).split(b"\n")[0]))
        line = yield from self._read_line(MAX_HEAD)
        if line is None:
            raise self._broken("http.truncated_head", self.fed, got=show(bytes(self._buffer)))
        if not (match := _STATUS_LINE.fullmatch(line)):
            raise self._broken("http.bad_status_line", start, got=show(line))
        if not match[3]:
            self._deviates("http.no_reason_space", start)
        headers = yield from self._read_fields()
        return ResponseHead(match[1].decode(), int(match[2]), (match[4] or b"").decode("latin-1"), headers)


class RequestParser(Parser[RequestHead, Request]):
    """Reads one request, as an origin server does."""

    def _read_message(self) -> Reading[Request]:
        line: bytes | None = b""
        while line == b"":  # empty lines before a request are to be ignored (RFC 9112 §2.2)
            start = self._taken
            line = yield from self._read_line(MAX_HEAD)
        if line is None:
            if not self._buffer:
                raise self._broken("http.no_answer")
            raise self._broken("http.truncated_head", self.fed, got=show(bytes(self._buffer)))
        if not (match := _REQUEST_LINE.fullmatch(line)):
            raise self._broken("http.bad_request_line", start, got=show(line))
        if not match[2].isascii():
            self._deviates("http.raw_non_ascii", start + len(match[1]) + 1, got=show(match[2]))
        headers = yield from self._read_fields()
        head = RequestHead(match[1].decode(), match[2].decode("latin-1"), match[3].decode(), headers)
        self.head = head
        framing, length = self._framing(head.version, headers, Framing.NONE)
        content = yield from self._read_content(framing, length)
        return Request(**vars(head), **vars(content))


__all__ = ["MAX_BODY", "MAX_HEAD", "RequestParser", "ResponseParser", "State"]
