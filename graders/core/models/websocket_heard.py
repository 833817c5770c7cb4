"""Oracles of what a WebSocket server sends (RFC 6455): its answer to the handshake, messages, pongs, a Close. No I/O.

Where nothing says in which order a pong and a message come, either may be first. Pings are the peer's business; a pong
that nobody asked for is allowed (section 5.5.3).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from graders.core.models.finding import Ending, Mismatch, PartOracle, Side, first_difference
from graders.core.models.websocket_frames import (
    BINARY,
    CLOSE,
    HEAD_END,
    PING,
    PONG,
    TEXT,
    Item,
    ItemReader,
    close_code_of,
    is_error,
    token,
)
from graders.core.text import Text

#: RFC 6455, section 1.3.
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#: Beyond this many bytes a finding names sizes instead of showing the payload.
LONG = 16 * 1024

#: Of more messages than this an expression carries one digest.
_SHOWN = 12

NORMAL, PROTOCOL_ERROR, INVALID_DATA, TOO_BIG = 1000, 1002, 1007, 1009

#: Codes that may stand in a Close (section 7.4); those that are not counted either way are among them.
VALID_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(1016, 5000)})

#: A Close without a code.
NO_CODE = 0

_NOTHING = {
    Ending.COMPLETE: Text("什么也没有来", "nothing came"),
    Ending.SILENCE: Text("什么也没有来", "nothing came"),
    Ending.END: Text("连接被关闭，没有 Close 帧", "the connection was closed, without a Close frame"),
    Ending.RESET: Text("连接被强行断开，没有 Close 帧", "the connection was reset, without a Close frame"),
}

BROKEN = {
    "masked": "websocket.masks_its_frames",
    "reserved": "websocket.sends_reserved",
    "control": "websocket.sends_bad_control",
    "fragments": "websocket.sends_bad_fragments",
}

#: An item that a server says: a message as its opcode and payload.
Message = tuple[int, bytes]


def accept_for(key: str) -> str:
    """The proof that a server has read the key (section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key.strip().encode("ascii") + GUID).digest()).decode("ascii")


class Accepted(PartOracle):
    """The answer to a good handshake, up to its empty line: 101 with the right headers."""

    def __init__(self, key: str, *, suspect: str | None = None) -> None:
        self.accept = accept_for(key)
        self.suspect = suspect

    def complete(self, data: bytes | bytearray) -> bool:
        return HEAD_END in data

    def taken(self, data: bytes | bytearray) -> int:
        end = data.find(HEAD_END)
        return end + len(HEAD_END) if end >= 0 else len(data)

    def part(self, data: bytes) -> dict[str, Any]:
        return {"head": True}

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        wanted = Text(
            f"101，Upgrade: websocket，Connection: Upgrade，Sec-WebSocket-Accept: {self.accept}",
            f"101 with Upgrade: websocket, Connection: Upgrade, Sec-WebSocket-Accept: {self.accept}",
        )
        code = self._fault(data)
        if code is None:
            return None
        got = Side(data=data) if data else Side(_NOTHING[ending])
        return Mismatch(Side(wanted), got, diagnosis=code, python=self._python())

    def _fault(self, data: bytes) -> str | None:
        head = data.partition(HEAD_END)[0].decode("latin-1")
        first, *lines = head.split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        if not data:
            return self.suspect or "websocket.no_answer"
        if HEAD_END not in data:
            return "websocket.unfinished_answer"
        if first.split(" ")[:2] != ["HTTP/1.1", "101"]:
            return self.suspect or "websocket.not_upgraded"
        if headers.get("upgrade", "").lower() != "websocket" or "upgrade" not in _tokens(headers.get("connection", "")):
            return "websocket.answer_headers"
        if "sec-websocket-extensions" in headers or "sec-websocket-protocol" in headers:
            return "websocket.unasked_extension"
        return None if headers.get("sec-websocket-accept") == self.accept else "websocket.wrong_accept"

    def _python(self) -> str:
        return (
            f"first_line.split(' ')[:2] == ['HTTP/1.1', '101'] and headers['sec-websocket-accept'] == {self.accept!r} "
            "and headers['upgrade'].lower() == 'websocket' and 'upgrade' in headers['connection'].lower() "
            "and not {'sec-websocket-extensions', 'sec-websocket-protocol'} & set(headers)"
        )


def _tokens(value: str) -> list[str]:
    return [token.strip().lower() for token in value.split(",")]


@dataclass(frozen=True)
class Wanted:
    """What must come: messages in this order, pongs, and at the end a Close with one of these codes (None: none).

    ``errors``: the chat's own may come besides, as nothing forbids a server to say in words what it closes for.
    """

    messages: tuple[Message, ...] = ()
    pongs: tuple[bytes, ...] = ()
    close: Collection[int] | None = None
    errors: bool = False

    def python(self) -> str:
        """The same as an expression over ``got``."""
        heard = [(opcode, token(payload)) for opcode, payload in self.messages]
        if len(heard) > _SHOWN:
            parts = [f"token(repr(heard(got)).encode()) == {token(repr(heard).encode())!r}"]
        else:
            others = "[each for each in heard(got) if not is_error(each[0], bytes.fromhex(each[1]))]"
            parts = [f"{others if self.errors else 'heard(got)'} == {heard!r}"]
        if self.pongs:
            parts.append(f"set({[token(payload) for payload in self.pongs]!r}) <= set(pongs(got))")
        if self.close is None:
            parts.append("close_code(got) is None")
        elif len(self.close) > _SHOWN:  # any valid one
            empty = "0, " if NO_CODE in self.close else ""
            parts.append(f"close_code(got) in {{{empty}*range(1000, 1004), *range(1007, 1015), *range(1016, 5000)}}")
        else:
            parts.append(f"close_code(got) in {sorted(self.close)!r}")
        return " and ".join(parts)


class Hears(PartOracle):
    """The stream oracle of one client behind the handshake, for the next things that it must hear.

    ``suspect``: what it points to when something else comes, or nothing.
    """

    def __init__(self, wanted: Wanted, *, suspect: str | None = None) -> None:
        self.wanted = wanted
        self.suspect = suspect
        self._reader = ItemReader()
        self._looked = 0
        self._messages = 0
        self._pongs = list(wanted.pongs)
        self._closed = False
        self._unasked: Item | None = None  # a pong of the server's own accord, or one that should have been another
        self._wrong: Item | None = None
        self._end = 0

    # -- reading -------------------------------------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        heard = self._messages == len(self.wanted.messages) and not self._pongs
        return self._closed if self.wanted.close is not None else heard

    def complete(self, data: bytes | bytearray) -> bool:
        self._reader.read(data)
        while self._looked < len(self._reader.items) and self._wrong is None and not self.done:
            item = self._reader.items[self._looked]
            self._looked += 1
            self._end = item.end
            if not self._takes(item):
                self._wrong = item
        return self.done or self._wrong is not None or self._reader.broken is not None

    def _takes(self, item: Item) -> bool:
        if item.opcode == PING:
            return True
        if item.opcode == PONG:
            if item.payload in self._pongs:
                self._pongs.remove(item.payload)
            elif self._pongs and item.payload:
                self._unasked = item
            return True
        if item.opcode == CLOSE:
            self._closed = True
            heard = self._messages == len(self.wanted.messages) and not self._pongs
            return self.wanted.close is not None and heard and close_code_of(item.payload) in self.wanted.close
        if self.wanted.errors and is_error(item.opcode, item.payload):
            return True
        if self._messages == len(self.wanted.messages):
            return False
        self._messages += 1
        return self.wanted.messages[self._messages - 1] == (item.opcode, item.payload)

    def taken(self, data: bytes | bytearray) -> int:
        broken = self.complete(data) and self._reader.broken is not None and self._wrong is None
        return self._end if self.complete(data) and not broken else len(data)

    def part(self, data: bytes) -> dict[str, Any]:
        """What a replay goes by: how many messages and pongs are judged here, and whether a Close is."""
        counts = [len(self.wanted.messages), len(self.wanted.pongs), int(self.wanted.close is not None)]
        return {"frames": counts}

    # -- judging -------------------------------------------------------------------------------------------------------

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        complete = self.complete(data)
        if complete and self.done and self._wrong is None:
            return None
        if self._wrong is None and self._pongs and not self._reader.broken:
            self._wrong = self._unasked
        if self._reader.broken is not None and self._wrong is None:
            words = Text("服务器的帧合乎 RFC 6455", "a server's frame as in RFC 6455")
            broken = BROKEN[self._reader.broken]
            if self.suspect and self.wanted.close is not None and self._reader.broken != "masked":
                broken = self.suspect  # what should have been refused comes back as it was
            return Mismatch(Side(words), Side(data=data), broken, python=self.wanted.python())
        wanted, got = self._due(), self._came(data, ending)
        note = None
        at = None
        if wanted.data is not None and got.data is not None:
            at = first_difference(wanted.data, got.data)
        if self._wrong is not None and (due := self._message_due()) and len(due[1]) > LONG:
            where = first_difference(due[1], self._wrong.payload)
            note = Text(f"从第 {where} 个字节起不同", f"different from byte {where} on") if where is not None else None
        code = self._code(data, ending)
        return Mismatch(wanted, got, diagnosis=code, first_difference=at, note=note, python=self.wanted.python())

    def _message_due(self) -> Message | None:
        """The message that was to come when something else did."""
        at = self._messages - (self._wrong is not None and self._wrong.opcode in (TEXT, BINARY) and self._messages > 0)
        return self.wanted.messages[at] if at < len(self.wanted.messages) else None

    def _due(self) -> Side:
        due = self._message_due()
        if due is not None and not (self._wrong is not None and self._wrong.opcode == PONG):
            return _side(due[0], due[1])
        if self._pongs:
            return _side(PONG, self._pongs[0])
        if self.wanted.close is None:
            return Side(Text("没有别的消息", "no other message"))
        if len(self.wanted.close) > _SHOWN:
            return Side(Text("Close，随便哪个有效的关闭码", "a Close with any valid code"))
        codes = sorted(self.wanted.close)
        return Side(Text(f"Close {' 或 '.join(map(str, codes))}", f"Close {' or '.join(map(str, codes))}"))

    def _came(self, data: bytes, ending: Ending) -> Side:
        item = self._wrong
        if item is not None:
            if item.opcode == CLOSE:
                return Side(Text(*[f"Close {_name_of(close_code_of(item.payload))}"] * 2))
            return _side(item.opcode, item.payload)
        rest = len(data) - self._reader.end
        if rest:
            return Side(Text(f"一个没有完的帧：{rest} 字节", f"a frame that does not end: {rest} bytes"))
        return Side(_NOTHING[ending])

    def _code(self, data: bytes, ending: Ending) -> str | None:
        item = self._wrong
        if item is None:
            if ending in (Ending.END, Ending.RESET):
                return "websocket.no_close" if self.wanted.close is not None else self.suspect or "websocket.hangs_up"
            if len(data) > self._reader.end or self._reader.inside:
                return "websocket.unfinished_frame"
            if self.suspect:
                return self.suspect
            if self._message_due():
                return "websocket.no_message"
            return "websocket.no_pong" if self._pongs else "websocket.no_close_back"
        if item.opcode == PONG:
            return "websocket.wrong_pong"
        if item.opcode == CLOSE:
            if self.wanted.close is None or self._message_due():
                return self.suspect or "websocket.closes_early"
            return "websocket.wrong_close_code"
        due = self._message_due()
        if self.suspect:
            return self.suspect
        if due is None or self._messages > len(self.wanted.messages):
            return "websocket.unwanted_message"
        if due[1] == item.payload:
            return "websocket.other_kind"
        if due[1].startswith(item.payload) or due[1].endswith(item.payload):
            return "websocket.message_cut"
        return "websocket.message_altered"


def _side(opcode: int, payload: bytes) -> Side:
    name = {
        TEXT: ("文字消息", "a text message"),
        BINARY: ("二进制消息", "a binary message"),
        PONG: ("pong", "a pong"),
    }[opcode]
    if len(payload) > LONG:
        return Side(Text(f"{name[0]}，{len(payload):,} 字节", f"{name[1]} of {len(payload):,} bytes"))
    return Side(Text(f"{name[0]}，{len(payload)} 字节", f"{name[1]}, {len(payload)} bytes"), data=payload)


def _name_of(code: int) -> str:
    return {NO_CODE: "(没有关闭码 no code)", -1: "(坏的 malformed)"}.get(code, str(code))


def messages(*payloads: str | bytes) -> tuple[Message, ...]:
    """Text messages of str, binary ones of bytes."""
    return tuple((TEXT, each.encode()) if isinstance(each, str) else (BINARY, each) for each in payloads)


def hears(*payloads: str | bytes, pongs: Sequence[bytes] = (), suspect: str | None = None) -> Hears:
    """The oracle for exactly these messages and pongs, the connection staying open."""
    return Hears(Wanted(messages(*payloads), tuple(pongs)), suspect=suspect)


def closes(codes: Collection[int], *, errors: bool = False, suspect: str | None = None) -> Hears:
    """The oracle for a Close with one of these codes and nothing in front of it but pongs, and perhaps ``errors``."""
    return Hears(Wanted(close=codes, errors=errors), suspect=suspect)
