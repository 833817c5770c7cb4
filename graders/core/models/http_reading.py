"""What requests and responses have in common when they are read (RFC 9112): lines, fields, and every kind of body.

A reading routine is a generator that yields whenever it lacks bytes and is resumed when more have come.
"""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Generator
from typing import Generic, TypeVar

from graders.core.models.http_headers import Headers
from graders.core.models.http_message import Content, Framing, Request, RequestHead, Response, ResponseHead
from graders.core.models.http_trouble import Broken, Trouble, show

#: Far above what the longest honest head needs, low enough that a flood of headers cannot fill the grader's memory.
MAX_HEAD = 256 * 1024
#: The largest body in the contract is a few MiB; a program that sends without end is stopped here.
MAX_BODY = 64 * 1024 * 1024
#: Of these a reader takes a few microseconds each, whatever they carry.
MAX_CHUNKS = 200_000

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})([ \t]*)(;.*)?", re.DOTALL)


class State(enum.Enum):
    """Where a parser stands."""

    NEEDS_MORE = "needs more"
    COMPLETE = "complete"
    BROKEN = "broken"


Head = TypeVar("Head", ResponseHead, RequestHead)
Message = TypeVar("Message", Response, Request)
T = TypeVar("T")

#: A reading routine: it yields whenever it lacks bytes and is resumed when more have come.
Reading = Generator[None, None, T]


class Parser(Generic[Head, Message]):
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
        self._reading: Reading[Message] = self._read_message()
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

    def _read_message(self) -> Reading[Message]:
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

    def _read_line(self, limit: int) -> Reading[bytes | None]:
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

    def _read_fields(self) -> Reading[Headers]:
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

    def _read_by_length(self, length: int) -> Reading[None]:
        if length > self._max_body:
            raise self._broken("http.body_too_large", limit=self._max_body)
        while (missing := length - len(self.body_so_far)) > 0:
            self.body_so_far += self._take(min(missing, len(self._buffer)))
            if len(self.body_so_far) == length:
                return
            if self._ended:
                raise self._broken("http.length_mismatch", wanted=length, got=len(self.body_so_far))
            yield

    def _read_until_close(self) -> Reading[None]:
        while True:
            room = self._max_body - len(self.body_so_far)
            self.body_so_far += self._take(min(room, len(self._buffer)))
            if self._buffer:
                raise self._broken("http.body_too_large", limit=self._max_body)
            if self._ended:
                return
            yield

    def _read_chunks(self) -> Reading[Headers]:
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

    def _read_chunk(self, size: int) -> Reading[None]:
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

    def _read_content(self, framing: Framing, length: int) -> Reading[Content]:
        trailers = Headers()
        if framing is Framing.LENGTH:
            yield from self._read_by_length(length)
        elif framing is Framing.CHUNKED:
            trailers = yield from self._read_chunks()
        elif framing is Framing.CLOSE:
            yield from self._read_until_close()
        return Content(bytes(self.body_so_far), framing, trailers, tuple(self.deviations))
