"""An asyncio Protocol: callbacks, no task; it closes with unread data in its buffers, and drops who owes 2 MiB."""

import argparse
import asyncio
import json
import unicodedata


def is_control(character):
    return unicodedata.category(character) == "Cc"


class Connection(asyncio.Protocol):
    def __init__(self, room):
        self.room = room
        self.name = None
        self.buffer = bytearray()
        self.open = True

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=2**21)

    def pause_writing(self):
        self.transport.abort()

    def data_received(self, data):
        self.buffer += data
        while self.open and (end := self.buffer.find(b"\n")) >= 0:
            line = bytes(self.buffer[:end])
            del self.buffer[: end + 1]
            if line.strip():
                self.line_received(line)
        if self.open and len(self.buffer) > 65536:
            self.fail("too long", close=True)

    def line_received(self, line):
        try:
            told = json.loads(str(line, "utf-8"))
            kind = told["type"]
            if self.name is None:
                if kind != "join":
                    raise ValueError("join first")
                name = told["name"].strip()
                if not (1 <= len(name) <= 32) or any(map(is_control, name)) or name in self.room:
                    raise ValueError("you cannot have this name")
                self.name = name
                self.room[name] = self
                self.tell_all({"name": name, "type": "join"})
            elif kind == "message" and isinstance(told["text"], str):
                self.tell_all({"text": told["text"], "name": self.name, "type": "message"})
            elif kind == "leave":
                self.bye()
            else:
                raise ValueError("what?")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            self.fail(f"{type(error).__name__}: {error}", close=self.name is None)

    def fail(self, reason, close):
        self.tell({"reason": reason, "type": "error"})
        if close:
            self.bye()

    def bye(self):
        self.open = False
        self.forget()
        self.transport.close()

    def forget(self):
        if self.name is not None and self.room.get(self.name) is self:
            del self.room[self.name]
            self.tell_all({"name": self.name, "type": "leave"})

    def connection_lost(self, error):
        self.open = False
        self.forget()

    def tell_all(self, event):
        for other in list(self.room.values()):
            other.tell(event)

    def tell(self, event):
        self.transport.write(json.dumps(event).encode() + b"\r\n")


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host, self.port = host, port

    def start(self):
        async def serve():
            room = {}
            await asyncio.get_running_loop().create_server(lambda: Connection(room), self.host, self.port)
            await asyncio.Future()

        try:
            asyncio.run(serve())
        except (OSError, OverflowError, UnicodeError) as error:
            print("no server:", error)
        except KeyboardInterrupt:
            print("bye")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--host", default="0.0.0.0")
    arguments.add_argument("--port", type=int, default=9999)
    ChatServer(**vars(arguments.parse_args())).start()
