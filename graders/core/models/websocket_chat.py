"""The chat room over WebSocket (lesson 21.7, task 2): direct messages, pushes, and its oracle. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from graders.core.models.chat import Client, Outcome, Room
from graders.core.models.chat_events import Event
from graders.core.models.chat_seen import Sees
from graders.core.models.finding import Ending, Mismatch, PartOracle, Side
from graders.core.models.websocket_frames import CLOSE, ItemReader, as_line
from graders.core.models.websocket_heard import BROKEN
from graders.core.text import Text


def direct(to: Any, text: Any) -> dict[str, Any]:
    """What a client asks."""
    return {"type": "direct", "to": to, "text": text}


def directed(name: str, to: str, text: str) -> Event:
    """What the server says."""
    return {"type": "direct", "name": name, "to": to, "text": text}


def pushed(text: str) -> Event:
    return {"type": "push", "text": text}


@dataclass(frozen=True)
class Binary:
    """A binary message in the chat: never understood, whatever it holds."""

    data: bytes


@dataclass
class SocketRoom(Room):
    """The room with what WebSocket adds to it."""

    def hears(self, client: Client, asked: Any) -> Outcome:
        if client in self.names and isinstance(asked, dict) and asked.get("type") == "direct":
            return self._direct(client, asked.get("to"), asked.get("text"))
        return super().hears(client, asked)

    def _direct(self, client: Client, to: Any, text: Any) -> Outcome:
        receiver = next((other for other, name in self.names.items() if name == to and isinstance(to, str)), None)
        if receiver is None or not isinstance(text, str):
            return self._refuses(client)
        event = directed(self.names[client], to, text)
        return Outcome({each: [event] for each in (client, receiver)})

    def push(self, text: str) -> Outcome:
        return self._tells(pushed(text))


class SeesMessages(PartOracle):
    """An oracle of lines, for a stream of frames: each message is a line.

    A Close is no line: that the connection ends is seen by its end. So is a connection that ends without one.
    """

    def __init__(self, oracle: Sees) -> None:
        self.oracle = oracle
        self._reader = ItemReader()
        self._looked = 0
        self._lines = bytearray()
        self._ends: list[tuple[int, int]] = []  # of each line: where it ends among the lines, and in the stream

    def complete(self, data: bytes | bytearray) -> bool:
        self._reader.read(data)
        for item in self._reader.items[self._looked :]:
            if item.opcode < CLOSE:
                self._lines += as_line(item)
                self._ends.append((len(self._lines), item.end))
        self._looked = len(self._reader.items)
        return self._reader.broken is not None or self.oracle.complete(self._lines)

    def taken(self, data: bytes | bytearray) -> int:
        if not self.complete(data) or self._reader.broken is not None:
            return len(data)
        lines = self.oracle.taken(self._lines)
        return next((end for line, end in self._ends if line >= lines), len(data))

    def part(self, data: bytes) -> dict[str, Any]:
        return {"frames": [sum(end <= len(data) for _, end in self._ends), 0, 0]}

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        self.complete(data)
        lines = bytes(self._lines[: self.oracle.taken(self._lines)])
        if self._reader.broken is not None:
            words = Text("服务器的帧合乎 RFC 6455", "a server's frame as in RFC 6455")
            return Mismatch(Side(words), Side(data=data), BROKEN[self._reader.broken], python="items_of(got)")
        found = self.oracle.judge(lines, ending)
        if found is None or found.python is None:
            return found
        seen = "{peer: message_lines(each) for peer, each in seen.items()}"
        return replace(found, python=f"(lambda got, seen: {found.python})(message_lines(got), {seen})")
