"""Frames of the WebSocket protocol (RFC 6455, section 5) as values: built, read off a stream, put together.

Standard library only, no I/O: part of every replay script, too.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable
from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

# The one that the RFC's examples have; others are made from it.
USUAL_MASK = b"\x37\xfa\x21\x3d"

# The end of the head in front of the first frame.
HEAD_END = b"\r\n\r\n"


class Frame(NamedTuple):
    """One frame. ``mask``: None for a server's; ``reserved``: the three bits behind FIN as a number."""

    opcode: int
    payload: bytes = b""
    final: bool = True
    reserved: int = 0
    mask: bytes | None = None

    @property
    def control(self) -> bool:
        return self.opcode >= CLOSE

    def encode(self) -> bytes:
        """As it goes over the wire, with the shortest form of its length."""
        length = len(self.payload)
        first = (0x80 if self.final else 0) | self.reserved << 4 | self.opcode
        masked = 0x80 if self.mask is not None else 0
        if length <= 125:
            head = struct.pack("!BB", first, masked | length)
        elif length < 2**16:
            head = struct.pack("!BBH", first, masked | 126, length)
        else:
            head = struct.pack("!BBQ", first, masked | 127, length)
        return head + self.payload if self.mask is None else head + self.mask + xor(self.payload, self.mask)


def xor(data: bytes, mask: bytes) -> bytes:
    """The data masked, or unmasked; as one large number, which is quick."""
    key = (mask * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(len(data), "big")


def begun_frame(data: bytes) -> tuple[Frame | None, int, int]:
    """The frame that ``data`` begins with, as far as it is there; the size of its head; what its payload should have.

    None where not even the head is there.
    """
    if len(data) < 2:
        return None, 0, 0
    first, second = data[0], data[1]
    length = second & 0x7F
    size = 2 + {126: 2, 127: 8}.get(length, 0)
    length = int.from_bytes(data[2:size], "big") if size > 2 else length
    mask = data[size : size + 4] if second & 0x80 else None
    size += 4 if mask is not None else 0
    if len(data) < size:
        return None, 0, 0
    payload = data[size : size + length]
    payload = payload if mask is None else xor(payload, mask)
    return Frame(first & 0x0F, payload, bool(first & 0x80), first >> 4 & 7, mask), size, length


class FrameReader:
    """Frames of a stream that grows: ``read`` is given all of it again and again, and looks at each frame once."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.ends: list[int] = []  # where each of them ends
        self.end = 0  # of the last whole one
        self.needs = 0  # bytes before which the next one is not whole

    def read(self, data: bytes | bytearray) -> None:
        while len(data) >= self.needs and (found := self._next(data)) is not None:
            frame, self.end = found
            self.needs = self.end + 2
            self.frames.append(frame)
            self.ends.append(self.end)

    def _next(self, data: bytes | bytearray) -> tuple[Frame, int] | None:
        at = self.end
        if len(data) < at + 2:
            return None
        first, second = data[at], data[at + 1]
        length, at = second & 0x7F, at + 2
        size = {126: 2, 127: 8}.get(length, 0)
        if len(data) < at + size:
            return None
        if size:
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        mask = None
        if second & 0x80:
            mask, at = bytes(data[at : at + 4]), at + 4
        if len(data) < at + length:
            self.needs = at + length
            return None
        payload = bytes(data[at : at + length])
        payload = payload if mask is None else xor(payload, mask)
        return Frame(first & 0x0F, payload, bool(first & 0x80), first >> 4 & 7, mask), at + length


class Item(NamedTuple):
    """What frames make together: a whole message, or a control frame."""

    opcode: int
    payload: bytes
    end: int  # where its last frame ends in the stream


class ItemReader:
    """Items of a server's stream that grows. ``broken``: what the server did that it must not, else None."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.broken: str | None = None
        self.end = 0  # of the last frame that was looked at
        self._frames = FrameReader()
        self._at = 0
        self._kind: int | None = None
        self._parts: list[bytes] = []

    @property
    def inside(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._kind is not None

    def read(self, data: bytes | bytearray) -> None:
        self._frames.read(data)
        while self._at < len(self._frames.frames) and self.broken is None:
            frame, self.end = self._frames.frames[self._at], self._frames.ends[self._at]
            self._at += 1
            self.broken = self._take(frame)

    def _take(self, frame: Frame) -> str | None:
        if frame.mask is not None:
            return "masked"
        if frame.reserved or frame.opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            return "reserved"
        if frame.control:
            if not frame.final or len(frame.payload) > 125:
                return "control"
            self.items.append(Item(frame.opcode, frame.payload, self.end))
            return None
        if (frame.opcode == CONTINUATION) != (self._kind is not None):
            return "fragments"
        self._kind = self._kind or frame.opcode
        self._parts.append(frame.payload)
        if frame.final:
            self.items.append(Item(self._kind, b"".join(self._parts), self.end))
            self._kind, self._parts = None, []
        return None


def without_head(data: bytes) -> bytes:
    """The frames in what a client has received: the answer to its handshake may stand in front of them."""
    return data.partition(HEAD_END)[2] if data.startswith(b"HTTP/") else data


def items_of(data: bytes) -> list[Item]:
    reader = ItemReader()
    reader.read(without_head(data))
    return reader.items


def heard(data: bytes) -> list[tuple[int, str]]:
    """The messages of a stretch, each as its opcode and what stands for its payload (see ``token``)."""
    return [(item.opcode, token(item.payload)) for item in items_of(data) if item.opcode < CLOSE]


def pongs(data: bytes) -> list[str]:
    return [token(item.payload) for item in items_of(data) if item.opcode == PONG]


def close_code(data: bytes) -> int | None:
    """Of the Close in a stretch, see below; None where there is no Close."""
    for item in items_of(data):
        if item.opcode == CLOSE:
            return close_code_of(item.payload)
    return None


def close_code_of(payload: bytes) -> int:
    """The code in a Close; 0 where it has none (which may not be sent as a number), -1 where it is broken."""
    if not payload:
        return 0
    try:
        payload[2:].decode("utf-8")
    except UnicodeDecodeError:
        return -1
    return (int.from_bytes(payload[:2], "big") or -1) if len(payload) > 1 else -1


def token(payload: bytes) -> str:
    """Short data in hex, of longer data a digest."""
    return payload.hex() if len(payload) <= 200 else hashlib.sha256(payload).hexdigest()


def is_error(opcode: int, payload: bytes) -> bool:
    """Whether a message is a chat's error."""
    try:
        said = json.loads(payload) if opcode == TEXT else None
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("type") == "error"


def message_lines(data: bytes) -> bytes:
    """Text messages as lines, for those who compare JSON Lines: a line feed in JSON outside of strings is a space.

    A binary message is a line that is no JSON.
    """
    return b"".join(as_line(item) for item in items_of(data) if item.opcode < CLOSE)


def as_line(item: Item) -> bytes:
    return (item.payload if item.opcode == TEXT else b"binary " + item.payload).replace(b"\n", b" ") + b"\n"


def end_of_items(data: bytes, count: int, answers: int, closes: int) -> int:
    """Where so many messages, pongs and Closes end in the stream; 0 when they are not all there."""
    skipped = len(data) - len(without_head(data))
    need = {"messages": count, "pongs": answers, "closes": closes}
    for item in items_of(data):
        kind = {PONG: "pongs", CLOSE: "closes", PING: ""}.get(item.opcode, "messages")
        if kind:
            need[kind] -= 1
        if all(left <= 0 for left in need.values()):
            return skipped + item.end
    return 0


def encode_all(frames: Iterable[Frame]) -> bytes:
    return b"".join(frame.encode() for frame in frames)
