"""Handshakes and frames as data, right ones and wrong ones (RFC 6455). No I/O."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from graders.core.models.websocket_frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    USUAL_MASK,
    Frame,
    xor,
)
from graders.core.traffic.texts import BAD_UTF8, filled
from graders.core.traffic.web_requests import Ask, Pairs

MEBIBYTE = 2**20

# -- the handshake -----------------------------------------------------------------------------------------------------

#: The RFC's own key; others hold what Base64 has besides letters and digits.
KEYS = ("dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==", "+/+/+/+/+/+/+/+/+/+/+w==", "x3JJHMbDL1EzLkh9GBhXDw==")


Four = tuple[tuple[str, str | None], ...]

#: Name and value of each of the four headers, as browsers write them; None stands for the key.
USUAL: Four = (
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", None),
    ("Sec-WebSocket-Version", "13"),
)


@dataclass(frozen=True)
class Spelling:
    """The four headers as one client or another writes them, and what stands between a name and its value."""

    headers: Four = USUAL
    colon: str = ": "


SPELLINGS = (
    Spelling(tuple((name.lower(), value and value.lower()) for name, value in USUAL)),
    Spelling(
        (
            ("Connection", "keep-alive, Upgrade"),  # Firefox
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", None),
            ("Upgrade", "websocket"),
        )
    ),
    Spelling(
        (
            ("UPGRADE", "WebSocket"),  # old Internet Explorer
            ("CONNECTION", "UPGRADE"),
            ("SEC-WEBSOCKET-KEY", None),
            ("SEC-WEBSOCKET-VERSION", "13"),
        )
    ),
    Spelling(
        (
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", None),
            ("Connection", "Upgrade , keep-alive"),
            ("Upgrade", "websocket"),
        )
    ),
    Spelling((*USUAL[:1], ("Connection", "keep-alive"), *USUAL[1:])),  # a list in two lines
    Spelling((USUAL[1], ("Connection", "keep-alive"), USUAL[0], *USUAL[2:])),
    Spelling(colon=":"),
    Spelling(colon=":\t"),
)


@dataclass(frozen=True)
class Handshake:
    """A request to upgrade. ``others``: headers besides the four."""

    path: str = "/echo"
    key: str = KEYS[0]
    spelling: Spelling = Spelling()
    others: Pairs = ()

    @property
    def request(self) -> Ask:
        headers = [(name, self.key if value is None else value) for name, value in self.spelling.headers]
        return Ask("GET", self.path, (*headers, *self.others), colon=self.spelling.colon)


#: What clients send along; nothing hangs on it.
OTHERS: tuple[Pairs, ...] = (
    (),
    (
        ("Origin", "http://127.0.0.1:8765"),
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        ("Accept-Language", "zh-CN,zh;q=0.8"),
        ("Cache-Control", "no-cache"),
        ("Pragma", "no-cache"),
        ("Sec-Fetch-Mode", "websocket"),
    ),
    (("Cookie", "a=1; b=2"), ("X-Empty", "")),
)


def handshakes() -> st.SearchStrategy[Handshake]:
    """Good ones, for /echo, as browsers write them."""
    return st.builds(Handshake, key=st.sampled_from(KEYS), others=st.sampled_from(OTHERS))


def _without(name: str) -> tuple[str, Ask]:
    good = Handshake().request
    return f"no {name}", replace(good, headers=tuple(pair for pair in good.headers if pair[0] != name))


def _with(name: str, value: str) -> tuple[str, Ask]:
    good = Handshake().request
    headers = tuple((each, value if each == name else old) for each, old in good.headers)
    return f"{name}: {value}", replace(good, headers=headers)


#: Handshakes that must be refused, by what is wrong with them.
BAD_HANDSHAKES: dict[str, Ask] = dict(
    [
        *(_without(name) for name in ("Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version")),
        _with("Upgrade", "h2c"),
        _with("Upgrade", "websockets"),
        _with("Connection", "keep-alive"),
        _with("Connection", "Upgrades"),
        _with("Sec-WebSocket-Version", "8"),
        _with("Sec-WebSocket-Version", "14"),
        _with("Sec-WebSocket-Version", "1"),
        _with("Sec-WebSocket-Key", ""),
        _with("Sec-WebSocket-Key", "abc"),
        _with("Sec-WebSocket-Key", base64.b64encode(bytes(15)).decode()),
        _with("Sec-WebSocket-Key", base64.b64encode(bytes(17)).decode()),
        _with("Sec-WebSocket-Key", "!" * 22 + "=="),
        _with("Sec-WebSocket-Key", "\xe9" * 22 + "=="),
    ]
)

# -- frames ------------------------------------------------------------------------------------------------------------

#: Masks; the first one is the RFC's. With the second a payload stands there as it is.
MASKS = (USUAL_MASK, bytes(4), b"\xff\xff\xff\xff", b"\x00\x80\x0a\x0d")


def kind_of(payload: str | bytes) -> tuple[int, bytes]:
    return (TEXT, payload.encode()) if isinstance(payload, str) else (BINARY, payload)


def in_one(payload: str | bytes, mask: bytes = USUAL_MASK) -> Frame:
    """A message in one frame."""
    opcode, data = kind_of(payload)
    return Frame(opcode, data, mask=mask)


def in_fragments(
    payload: str | bytes, cuts: Iterable[int], mask: bytes = USUAL_MASK, *, text: bool = False
) -> list[Frame]:
    """A message cut at these offsets of its bytes (an offset twice: an empty fragment); a mask of its own each.

    ``text``: bytes that are sent as text, which they may not be.
    """
    opcode, data = kind_of(payload)
    opcode = TEXT if text else opcode
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parts = [data[start:end] for start, end in pairwise(edges)]
    last = len(parts) - 1
    return [
        Frame(CONTINUATION if number else opcode, part, number == last, mask=xor(mask, number.to_bytes(4, "big")))
        for number, part in enumerate(parts)
    ]


def ping(payload: bytes = b"") -> Frame:
    return Frame(PING, payload, mask=USUAL_MASK)


def pong(payload: bytes = b"") -> Frame:
    return Frame(PONG, payload, mask=USUAL_MASK)


#: Sizes of payloads in bytes: where the form of the length changes, what programs take for a buffer, the limit.
SIZES = (0, 1, 124, 125, 126, 127, 128, 1024, 4096, 16_384, 65_534, 65_535, 65_536, 65_537, 100_000, 2**17, 2**19)
LARGEST = (MEBIBYTE - 1, MEBIBYTE)


@cache
def payload_of(size: int, binary: bool) -> str | bytes:
    """A message of exactly that many bytes, different at every place."""
    return (
        bytes(number * 7 % 256 for number in range(size % 8192)) + filled(size - size % 8192).encode()
        if (binary)
        else filled(size)
    )


#: Data that is not UTF-8, though some of it only a strict reader knows.
NOT_UTF8 = (
    *BAD_UTF8,
    "你好".encode()[:-1],  # ends inside a character
    "好".encode() + b"\xed\xa0\x80",  # half a surrogate pair
    b"abc\xf4\x90\x80\x80",  # just above U+10FFFF
    b"\xf8\x88\x80\x80\x80",  # five bytes
    b"a" * 200 + b"\xff",
    b"\xc1\xbf",
)


@dataclass(frozen=True)
class Violation:
    """What a client must not send: frames, the name of the mistake of a server that takes them, and the right Close."""

    frames: tuple[Frame, ...]
    diagnosis: str
    code: int = 1002

    def __repr__(self) -> str:
        return f"Violation({', '.join(f'{f.opcode:x}{f.final:d}{f.reserved}{f.payload[:9]!r}' for f in self.frames)})"


def _masked(opcode: int, payload: bytes = b"", **more: Any) -> Frame:
    return Frame(opcode, payload, mask=USUAL_MASK, **more)


_START = _masked(TEXT, b"a", final=False)

#: Section 5: each ends the connection with 1002.
PROTOCOL_VIOLATIONS: tuple[Violation, ...] = (
    Violation((Frame(TEXT, b"hello"),), "websocket.unmasked_taken"),
    Violation((Frame(BINARY, b""),), "websocket.unmasked_taken"),
    Violation((Frame(PING, b"hello"),), "websocket.unmasked_taken"),
    *(Violation((_masked(TEXT, b"hello", reserved=bits),), "websocket.reserved_bits_taken") for bits in (1, 2, 4)),
    Violation((_masked(PING, b"", reserved=4),), "websocket.reserved_bits_taken"),
    Violation((_START, _masked(CONTINUATION, b"b", reserved=2)), "websocket.reserved_bits_taken"),
    *(Violation((_masked(code, b""),), "websocket.reserved_opcode_taken") for code in (3, 5, 7, 11, 12, 15)),
    Violation((_START, _masked(4, b"b")), "websocket.reserved_opcode_taken"),
    Violation((_masked(PING, b"p" * 126),), "websocket.long_control_taken"),
    Violation((_masked(PONG, b"p" * 200),), "websocket.long_control_taken"),
    Violation((_masked(CLOSE, b"\x03\xe8" + b"x" * 124),), "websocket.long_control_taken"),
    Violation((_masked(PING, b"p", final=False),), "websocket.cut_control_taken"),
    Violation((_masked(PONG, b"", final=False),), "websocket.cut_control_taken"),
    Violation((_masked(CONTINUATION, b"b"),), "websocket.stray_fragment_taken"),
    Violation((_masked(CONTINUATION, b"b", final=False),), "websocket.stray_fragment_taken"),
    Violation((_START, _masked(TEXT, b"b")), "websocket.new_message_inside_taken"),
    Violation((_START, _masked(BINARY, b"b", final=False)), "websocket.new_message_inside_taken"),
)

#: Violations in a chat, where each frame might also be judged by what it says: of every kind some.
CHAT_VIOLATIONS: tuple[Violation, ...] = (
    *PROTOCOL_VIOLATIONS,
    *(
        Violation(tuple(in_fragments(data, cuts, text=True)), "websocket.not_utf8_taken", 1007)
        for data, cuts in (
            (b'{"type": "message", "text": "\xff"}', ()),
            (b'{"type": "message", "text": "\xed\xa0\x80"}', (29,)),
            (NOT_UTF8[0], ()),
        )
    ),
    Violation((_masked(CLOSE, (1005).to_bytes(2, "big")),), "websocket.bad_close_taken"),
    Violation((_masked(CLOSE, b"\x03"),), "websocket.bad_close_taken"),
    Violation(tuple(in_fragments("x" * (MEBIBYTE + 1), (), text=True)), "websocket.too_big_taken", 1009),
)

#: Codes that no Close may carry (section 7.4), and one payload that is none.
BAD_CLOSES: tuple[bytes, ...] = (
    *(code.to_bytes(2, "big") for code in (0, 1, 999, 1004, 1005, 1006, 1015, 5000, 9999, 65_535)),
    (1005).to_bytes(2, "big") + b"reason",
    b"\x03",
)

#: Payloads of a Close that is right.
GOOD_CLOSES: tuple[bytes, ...] = (
    b"\x03\xe8",
    b"",
    (1001).to_bytes(2, "big") + "再见".encode(),
    (1003).to_bytes(2, "big"),
    (1007).to_bytes(2, "big") + b"x" * 123,
    (3000).to_bytes(2, "big"),
    (4999).to_bytes(2, "big") + b"bye",
    (1011).to_bytes(2, "big"),
)


@st.composite
def fragmented(draw: st.DrawFn) -> tuple[str | bytes, tuple[int, ...]]:
    """A message and where it is cut: inside characters, at the ends (which makes empty fragments), anywhere."""
    text = draw(st.sampled_from(("你好", "a", "", "é世界😀", "hello", "好" * 50)))
    payload: str | bytes = text if draw(st.booleans()) else text.encode() + b"\xff\x00"
    size = len(kind_of(payload)[1])
    cuts = draw(st.lists(st.integers(0, max(size, 1)), min_size=1, max_size=5))
    return payload, tuple(cuts)


#: (size, fragments): up to 1000 of them.
MANY_FRAGMENTS: Sequence[tuple[int, int]] = ((1000, 1000), (MEBIBYTE, 1000), (100_000, 100), (5, 1000))


def evenly(size: int, count: int) -> tuple[int, ...]:
    """Offsets that cut ``size`` bytes into ``count`` fragments."""
    return tuple(size * number // count for number in range(1, count))
