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

import enum
import itertools
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from graders.core.models.http_headers import Headers

#: Far above what the longest honest head needs, low enough that a flood of headers cannot fill the grader's memory.
MAX_HEAD = 256 * 1024
#: The largest body in the contract is a few MiB; a program that sends without end is stopped here.
MAX_BODY = 64 * 1024 * 1024
#: Of these a reader takes a few microseconds each, whatever they carry.
MAX_CHUNKS = 200_000
MAX_INTERIM = 20

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_STATUS_LINE = re.compile(rb"HTTP/(1\.\d) ([1-5]\d\d)(?:( )([\t\x20-\x7e\x80-\xff]*))?")
_REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^\x00-\x20\x7f]+) HTTP/(1\.\d)")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})([ \t]*)(;.*)?", re.DOTALL)


class State(enum.Enum):
    """Where a parser stands."""

    NEEDS_MORE = "needs more"
    COMPLETE = "complete"
    BROKEN = "broken"


class Framing(enum.Enum):
    """What tells where the body ends (RFC 9112 §6.3)."""

    NONE = "no body"
    LENGTH = "Content-Length"
    CHUNKED = "chunked"
    CLOSE = "end of connection"


#: The sentence of every trouble and deviation, Chinese and English. The facts in braces come with each case.
TEXTS: dict[str, tuple[str, str]] = {
    "http.no_answer": ("连接结束了，一个字节的回答也没有", "the connection ended without one byte of an answer"),
    "http.bad_status_line": (
        "状态行应当是 HTTP/1.x 空格 三位数字 空格 原因短语，实际是 {got}",
        "wanted a status line (HTTP/1.x, a three-digit code, a reason), got {got}",
    ),
    "http.bad_request_line": (
        "请求行应当是 方法 空格 目标 空格 HTTP/1.x，实际是 {got}",
        "wanted a request line (method, target, HTTP/1.x), got {got}",
    ),
    "http.bad_header_line": (
        "第 {number} 个首部行应当是 名字: 值，实际是 {got}",
        "wanted `Name: value` in header line {number}, got {got}",
    ),
    "http.space_before_colon": (
        "第 {number} 个首部行的冒号前不能有空格：{got}",
        "no space is allowed before the colon in header line {number}: {got}",
    ),
    "http.control_character": (
        "第 {number} 个首部行里有控制字符：{got}",
        "header line {number} has a control character: {got}",
    ),
    "http.head_too_large": ("首部超过 {limit} 字节还没有结束", "the head has not ended after {limit} bytes"),
    "http.too_many_interim": (
        "已经有 {limit} 个 1xx 回答了，最终的回答还没有来",
        "there were {limit} answers 1xx already, and no final one",
    ),
    "http.body_too_large": ("正文超过 {limit} 字节还没有结束", "the body has not ended after {limit} bytes"),
    "http.truncated_head": (
        "连接在首部中间结束了，只收到 {got}",
        "the connection ended inside the head, after {got}",
    ),
    "http.bad_content_length": (
        "Content-Length 应当是一个非负整数，实际是 {got}",
        "wanted a non-negative integer in Content-Length, got {got}",
    ),
    "http.differing_lengths": (
        "有几个不同的 Content-Length：{got}",
        "there are several Content-Length values that differ: {got}",
    ),
    "http.length_mismatch": (
        "Content-Length 说正文有 {wanted} 字节，连接却在 {got} 字节之后结束了",
        "Content-Length promised {wanted} bytes of body, the connection ended after {got}",
    ),
    "http.unknown_transfer_coding": (
        "Transfer-Encoding 应当是 chunked，实际是 {got}",
        "wanted chunked in Transfer-Encoding, got {got}",
    ),
    "http.bad_chunk_size": (
        "块的长度应当是十六进制数，实际是 {got}",
        "wanted a chunk size in hexadecimal digits, got {got}",
    ),
    "http.chunk_not_ended": (
        "长度为 {size} 的块后面应当是 CRLF，实际是 {got}",
        "wanted CRLF behind a chunk of {size} bytes, got {got}",
    ),
    "http.truncated_chunks": (
        "连接在分块正文的末块（长度 0）之前结束了，正文到此有 {got} 字节",
        "the connection ended before the last chunk (size 0), after {got} bytes of body",
    ),
    # Deviations: understood by everybody, yet not what RFC 9112 lets a sender do.
    "http.bare_lf": ("行尾是 LF 而不是 CRLF", "a line ends with LF alone instead of CRLF"),
    "http.no_reason_space": ("状态码后面少了空格", "the space behind the status code is missing"),
    "http.folded_header": ("首部的值折成了两行", "a header value is folded over two lines"),
    "http.repeated_length": ("Content-Length 写了不止一次：{got}", "Content-Length is given more than once: {got}"),
    "http.length_and_chunked": (
        "Content-Length 和 Transfer-Encoding 同时出现",
        "Content-Length and Transfer-Encoding come together",
    ),
    "http.chunked_in_http_1_0": ("HTTP/1.0 的消息不能分块", "a message in HTTP/1.0 cannot be chunked"),
    "http.length_not_allowed": (
        "状态码 {status} 的回答不能有 Content-Length",
        "an answer {status} must not have a Content-Length",
    ),
    "http.raw_non_ascii": (
        "请求目标里有没有编码的非 ASCII 字节：{got}",
        "the request target has bytes beyond ASCII that are not percent-encoded: {got}",
    ),
    "http.space_in_chunk_size": ("块的长度后面有空格", "there is a space behind a chunk size"),
}


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a message, and where: `offset` counts from the first byte that the parser was fed."""

    code: str
    offset: int
    facts: dict[str, object] = field(default_factory=dict)

    def sentence(self, lang: str = "en") -> str:
        """One sentence in `zh` or `en`."""
        return TEXTS[self.code][0 if lang == "zh" else 1].format(**self.facts)

    def __str__(self) -> str:
        return f"{self.sentence()} (at byte {self.offset})"


class Broken(Exception):
    """The bytes are not an HTTP message; raised inside a parser, seen outside as `parser.trouble`."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


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
class _Content:
    """What both kinds of message have behind their head."""

    body: bytes
    framing: Framing
    trailers: Headers
    deviations: tuple[Trouble, ...]


@dataclass(frozen=True)
class Response(_Content, ResponseHead):
    """A complete answer. `interim` are the 1xx answers that came before it."""

    interim: tuple[ResponseHead, ...] = ()

    @property
    def keeps_alive(self) -> bool:
        """May another answer follow on this connection (RFC 9112 §9.3)?"""
        return self.framing is not Framing.CLOSE and _keeps_alive(self.version, self.headers)


@dataclass(frozen=True)
class Request(_Content, RequestHead):
    """A complete request."""

    @property
    def keeps_alive(self) -> bool:
        """Does the client offer to send another request on this connection?"""
        return _keeps_alive(self.version, self.headers)


Head = TypeVar("Head", ResponseHead, RequestHead)
Message = TypeVar("Message", Response, Request)
T = TypeVar("T")

#: A reading routine: it yields whenever it lacks bytes and is resumed when more have come.
_Reading = Generator[None, None, T]


class _Parser(Generic[Head, Message]):
    """The buffer, and the parts of RFC 9112 that requests and responses share."""

    def __init__(self, *, max_body: int = MAX_BODY) -> None:
        self.state = State.NEEDS_MORE
        self.trouble: Trouble | None = None
        self.head: Head | None = None
        self.message: Message | None = None
        #: The body as far as it has come, chunks already put together; of use when the message is not complete.
        self.body_so_far = bytearray()
        self.deviations: list[Trouble] = []
        self._max_body = max_body
        self._buffer = bytearray()
        self._taken = 0  # bytes taken out of the buffer so far: the offset of its first byte
        self._ended = False
        self._reading: _Reading[Message] = self._read_message()
        self._resume()

    # -- what a caller does

    def feed(self, data: bytes) -> State:
        """Take bytes that arrived, and tell the new state."""
        if self._ended:
            raise ValueError("feed() after end(): the connection has ended")
        self._buffer += data
        return self._resume()

    def end(self) -> State:
        """Take note that no more bytes will come (end of stream or reset: the bytes before it count alike)."""
        self._ended = True
        return self._resume()

    @property
    def surplus(self) -> bytes:
        """The bytes that are not part of the message: behind its end, or from the offending part on."""
        return bytes(self._buffer) if self.state is not State.NEEDS_MORE else b""

    @property
    def fed(self) -> int:
        """How many bytes were fed in all."""
        return self._taken + len(self._buffer)

    # -- the machinery: run the reading routine until it lacks bytes

    def _resume(self) -> State:
        if self.state is State.NEEDS_MORE:
            try:
                next(self._reading)
            except StopIteration as stop:
                self.message = stop.value
                self.state = State.COMPLETE
            except Broken as broken:
                self.trouble = broken.trouble
                self.state = State.BROKEN
        return self.state

    def _read_message(self) -> _Reading[Message]:
        raise NotImplementedError

    def _broken(self, code: str, offset: int | None = None, **facts: object) -> Broken:
        return Broken(Trouble(code, self._taken if offset is None else offset, facts))

    def _deviates(self, code: str, offset: int | None = None, **facts: object) -> None:
        if code not in {deviation.code for deviation in self.deviations}:
            self.deviations.append(Trouble(code, self._taken if offset is None else offset, facts))

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._taken += count
        return taken

    # -- reading lines and the head

    def _read_line(self, limit: int) -> _Reading[bytes | None]:
        """A line without its end; None when the connection ended before the line did."""
        scanned = 0
        while (end := self._buffer.find(b"\n", scanned)) < 0:
            scanned = len(self._buffer)
            if scanned > limit:
                raise self._broken("http.head_too_large", limit=MAX_HEAD)
            if self._ended:
                return None
            yield
        if end > limit:
            raise self._broken("http.head_too_large", limit=MAX_HEAD)
        offset = self._taken + end
        line = self._take(end + 1)[:-1]
        if line.endswith(b"\r"):
            return line[:-1]
        self._deviates("http.bare_lf", offset)
        return line

    def _read_fields(self) -> _Reading[Headers]:
        """Header lines (or trailers) up to the empty line."""
        pairs: list[tuple[str, str]] = []
        start = self._taken
        number = 0
        while True:
            offset = self._taken
            line = yield from self._read_line(start + MAX_HEAD - offset)
            if line is None:
                raise self._broken("http.truncated_head", self.fed, got=show(bytes(self._buffer)))
            if not line:
                return Headers(pairs)
            number += 1
            if line[:1] in (b" ", b"\t") and pairs:
                self._deviates("http.folded_header", offset)
                name, value = pairs.pop()
                more = line.strip(b" \t").decode("latin-1")
                pairs.append((name, f"{value} {more}".strip()))
                continue
            raw_name, colon, raw_value = line.partition(b":")
            if colon and _TOKEN.fullmatch(raw_name.rstrip(b" \t")) and raw_name != raw_name.rstrip(b" \t"):
                raise self._broken("http.space_before_colon", offset, number=number, got=show(line))
            if not colon or not _TOKEN.fullmatch(raw_name):
                raise self._broken("http.bad_header_line", offset, number=number, got=show(line))
            if control := _CONTROL.search(raw_value):
                at = offset + len(raw_name) + 1 + control.start()
                raise self._broken("http.control_character", at, number=number, got=show(line))
            pairs.append((raw_name.decode("ascii"), raw_value.strip(b" \t").decode("latin-1")))

    # -- reading the body

    def _read_by_length(self, length: int) -> _Reading[None]:
        if length > self._max_body:
            raise self._broken("http.body_too_large", limit=self._max_body)
        while (missing := length - len(self.body_so_far)) > 0:
            self.body_so_far += self._take(min(missing, len(self._buffer)))
            if len(self.body_so_far) == length:
                return
            if self._ended:
                raise self._broken("http.length_mismatch", wanted=length, got=len(self.body_so_far))
            yield

    def _read_until_close(self) -> _Reading[None]:
        while True:
            room = self._max_body - len(self.body_so_far)
            self.body_so_far += self._take(min(room, len(self._buffer)))
            if self._buffer:
                raise self._broken("http.body_too_large", limit=self._max_body)
            if self._ended:
                return
            yield

    def _read_chunks(self) -> _Reading[Headers]:
        """Chunks (RFC 9112 §7.1) into `body_so_far`; gives the trailers."""
        for count in itertools.count():
            if count > MAX_CHUNKS:
                raise self._broken("http.body_too_large", limit=len(self.body_so_far))
            offset = self._taken
            line = yield from self._read_line(MAX_HEAD)
            if line is None:
                raise self._broken("http.truncated_chunks", self.fed, got=len(self.body_so_far))
            if not (match := _CHUNK_SIZE.fullmatch(line)):
                raise self._broken("http.bad_chunk_size", offset, got=show(line))
            if match[2] and not match[3]:
                self._deviates("http.space_in_chunk_size", offset)
            size = int(match[1], 16)
            if size == 0:
                break
            if len(self.body_so_far) + size > self._max_body:
                raise self._broken("http.body_too_large", limit=self._max_body)
            yield from self._read_chunk(size)
        try:
            return (yield from self._read_fields())
        except Broken as broken:
            if broken.trouble.code != "http.truncated_head":
                raise
            raise self._broken("http.truncated_chunks", self.fed, got=len(self.body_so_far)) from None

    def _read_chunk(self, size: int) -> _Reading[None]:
        missing = size
        while missing:
            piece = self._take(min(missing, len(self._buffer)))
            self.body_so_far += piece
            missing -= len(piece)
            if missing:
                if self._ended:
                    raise self._broken("http.truncated_chunks", got=len(self.body_so_far))
                yield
        # Wrong at the first byte that differs: no need to wait for a second one.
        while not self._buffer.startswith(b"\r\n"):
            if not b"\r\n".startswith(self._buffer):
                raise self._broken("http.chunk_not_ended", size=size, got=show(bytes(self._buffer[:2])))
            if self._ended:
                raise self._broken("http.truncated_chunks", self.fed, got=len(self.body_so_far))
            yield
        self._take(2)

    def _framing(self, version: str, headers: Headers, without: Framing) -> tuple[Framing, int]:
        """How the body is delimited, and its length where that is known; `without` when no header says so."""
        codings = headers.tokens("Transfer-Encoding")
        lengths = headers.get_all("Content-Length")
        if codings:
            # gzip as a *transfer* coding is allowed, never asked for here (no TE), and in use nowhere.
            if codings != ["chunked"]:
                raise self._broken("http.unknown_transfer_coding", got=", ".join(codings))
            if lengths:
                self._deviates("http.length_and_chunked")
            if version == "1.0":
                self._deviates("http.chunked_in_http_1_0")
            return Framing.CHUNKED, 0
        if not lengths:
            return without, 0
        values = [element.strip(" \t") for value in lengths for element in value.split(",")]
        for value in values:
            if not re.fullmatch("[0-9]{1,18}", value):
                raise self._broken("http.bad_content_length", got=repr(value))
        if len({int(value) for value in values}) > 1:
            raise self._broken("http.differing_lengths", got=", ".join(values))
        if len(values) > 1:
            self._deviates("http.repeated_length", got=", ".join(values))
        return Framing.LENGTH, int(values[0])

    def _read_content(self, framing: Framing, length: int) -> _Reading[_Content]:
        trailers = Headers()
        if framing is Framing.LENGTH:
            yield from self._read_by_length(length)
        elif framing is Framing.CHUNKED:
            trailers = yield from self._read_chunks()
        elif framing is Framing.CLOSE:
            yield from self._read_until_close()
        return _Content(bytes(self.body_so_far), framing, trailers, tuple(self.deviations))


class ResponseParser(_Parser[ResponseHead, Response]):
    """Reads the answer to one request, whose method it must know: the answer to HEAD has no body (RFC 9112 §6.3)."""

    def __init__(self, method: str = "GET", *, max_body: int = MAX_BODY) -> None:
        self._method = method
        super().__init__(max_body=max_body)

    def _read_message(self) -> _Reading[Response]:
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

    def _read_head(self) -> _Reading[ResponseHead]:
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


class RequestParser(_Parser[RequestHead, Request]):
    """Reads one request, as an origin server does."""

    def _read_message(self) -> _Reading[Request]:
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


def show(data: bytes) -> str:
    """Bytes for a sentence: as Python writes them, without the b; all of them, since evidence is never cut here."""
    return repr(data)[1:]


def _keeps_alive(version: str, headers: Headers) -> bool:
    options = headers.tokens("Connection")
    return "keep-alive" in options if version == "1.0" else "close" not in options
