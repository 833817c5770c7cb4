"""An asyncio Protocol that writes every character as \\uXXXX, and drops who is owed more than 1,000,000 bytes."""
import argparse
import asyncio
import itertools
import json
import sys
import unicodedata
from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """the offender is told, and shown the door"""


class Misunderstood(Exception):
    """the offender is told"""


def escaped(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    return '"' + "".join("\\u%04X" % int.from_bytes(units[i:i + 2], "big") for i in range(0, len(units), 2)) + '"'


def event(kind: str, serial: int, **words: str) -> bytes:
    pairs = [f'"{k}":{escaped(v)}' for k, v in words.items()]
    return ("{" + ",".join([*pairs, f'"serial":{serial},"type":{escaped(kind)}']) + "}\n").encode("ascii")


@dataclass
class Room:
    members: "dict[str, Visitor]" = field(default_factory=dict)
    serial: Any = field(default_factory=itertools.count)

    def tell(self, kind: str, **words: str) -> None:
        data = event(kind, next(self.serial), **words)
        for visitor in tuple(self.members.values()):
            visitor.write(data)

    def enter(self, name: str, visitor: "Visitor") -> None:
        if self.members.setdefault(name, visitor) is not visitor:
            raise Refused("taken")
        self.tell("join", name=name)

    def exit(self, name: str) -> None:
        self.members.pop(name)
        self.tell("leave", name=name)


class LineSplitter:
    def __init__(self, limit: int) -> None:
        self.limit, self.buffer, self.scanned = limit, bytearray(), 0

    def feed(self, data: bytes):
        self.buffer += data
        while (end := self.buffer.find(b"\n", self.scanned)) >= 0:
            line = bytes(self.buffer[:end])
            del self.buffer[:end + 1]
            self.scanned = 0
            yield line
        self.scanned = len(self.buffer)
        # only what has no end yet counts against the limit
        if self.scanned > self.limit:
            raise Refused("the line is too long")


class Visitor(asyncio.Protocol):
    MOST = 1_000_000

    def __init__(self, room: Room) -> None:
        self.room, self.name, self.splitter = room, None, LineSplitter(65536)
        self.done = False

    def connection_made(self, transport) -> None:
        self.transport = transport

    def write(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(data)
        if self.transport.get_write_buffer_size() > self.MOST:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.done:
            return
        try:
            for line in self.splitter.feed(data):
                self.line(line)
                if self.done:
                    return
        except Refused as why:
            self.write(event("error", -1, reason=f"refused: {why}"))
            self.end()

    def line(self, raw: bytes) -> None:
        try:
            words = self.parse(raw)
            if self.name is None:
                name = self.check(words)
                self.room.enter(name, self)
                self.name = name
            else:
                self.obey(words)
        except Misunderstood as why:
            if self.name is None:
                raise Refused(*why.args) from None
            self.write(event("error", -1, reason=str(why)))

    @staticmethod
    def parse(raw: bytes) -> dict:
        try:
            words = json.loads(raw.decode())
        except Exception as why:
            raise Misunderstood(f"no JSON: {type(why).__name__}") from None
        if type(words) is not dict:
            raise Misunderstood("no object")
        return words

    @staticmethod
    def check(words: dict) -> str:
        match words:
            case {"type": "join", "name": str(name)}:
                name = name.strip()
                if 0 < len(name) < 33 and "Cc" not in map(unicodedata.category, name):
                    return name
        raise Refused("say who you are")

    def obey(self, words: dict) -> None:
        match words:
            case {"type": "message", "text": str(text)}:
                self.room.tell("message", text=text, name=self.name)
            case {"type": "leave"}:
                self.end()
            case _:
                raise Misunderstood("?")

    def depart(self) -> None:
        if self.name is not None:
            name, self.name = self.name, None
            self.room.exit(name)

    def end(self) -> None:
        self.done = True
        self.depart()
        if not self.transport.is_closing():
            try:
                self.transport.write_eof()
            except OSError:
                pass
            asyncio.get_running_loop().call_later(3, self.transport.abort)

    def eof_received(self) -> bool:
        self.done = True
        self.depart()
        asyncio.get_running_loop().call_later(10, self.transport.abort)
        return False      # what is still owed is sent first

    def connection_lost(self, why) -> None:
        self.done = True
        self.depart()


class ChatServer:
    def __init__(self, host: str = "0.0.0.0", port: int = 9999) -> None:
        self.host = host
        self.port = port

    def start(self) -> None:
        async def serve() -> None:
            room = Room()
            try:
                await asyncio.get_running_loop().create_server(
                    lambda: Visitor(room), self.host, self.port, reuse_address=True, backlog=300)
            except (OSError, OverflowError) as why:
                sys.stdout.write(f"[chat] {self.host}:{self.port} cannot be used: {why}\n")
                sys.stdout.flush()
                return
            await asyncio.Event().wait()

        asyncio.run(serve())


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--host", default="0.0.0.0")
    arguments.add_argument("--port", default=9999, type=int)
    try:
        ChatServer(**vars(arguments.parse_args())).start()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
