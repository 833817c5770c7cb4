"""asyncio streams: the transports' buffers hold what slow clients owe; events are not escaped and carry extra keys."""

import argparse
import asyncio
import json
import time
import unicodedata

MOST_OWED = 8 * 1024 * 1024


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host = host
        self.port = port
        self.writers = {}

    def start(self):
        try:
            asyncio.run(self.serve())
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"cannot listen on {self.host}:{self.port}: {error}")

    async def serve(self):
        await asyncio.start_server(self.client, self.host, self.port, limit=65536)
        print("listening")
        await asyncio.Event().wait()

    async def client(self, reader, writer):
        name = None
        try:
            while True:
                line = await reader.readuntil(b"\n")
                event = understand(line)
                match event:
                    case {"type": "join", "name": str(asked)} if name is None:
                        asked = asked.strip()
                        if reason := self.wrong_with(asked):
                            self.send(writer, {"type": "error", "reason": reason})
                            break
                        name = asked
                        self.writers[name] = writer
                        self.tell({"type": "join", "name": name, "users": list(self.writers)})
                    case _ if name is None:
                        self.send(writer, {"type": "error", "reason": "第一行要是 join"})
                        break
                    case {"type": "message", "text": str(text)}:
                        self.tell({"type": "message", "name": name, "text": text, "time": time.time()})
                    case {"type": "leave"}:
                        break
                    case _:
                        self.send(writer, {"type": "error", "reason": "看不懂", "line": repr(line[:100])})
        except asyncio.LimitOverrunError:
            self.send(writer, {"type": "error", "reason": "太长"})
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            if name is not None:
                del self.writers[name]
                self.tell({"type": "leave", "name": name, "users": list(self.writers)})
            writer.close()

    def wrong_with(self, name):
        if not 1 <= len(name) <= 32:
            return "长度不对"
        if any(unicodedata.category(c) == "Cc" for c in name):
            return "有控制字符"
        return "有人用了" if name in self.writers else None

    def tell(self, event):
        for writer in list(self.writers.values()):
            self.send(writer, event)

    def send(self, writer, event):
        try:
            data = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            data = json.dumps(event).encode()
        if writer.transport.get_write_buffer_size() > MOST_OWED:
            writer.transport.abort()
        else:
            writer.write(data + b"\n")


def understand(line):
    try:
        return json.loads(line.decode())
    except (ValueError, RecursionError):
        return None


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=9999)
    options = parser.parse_args()
    try:
        ChatServer(options.host, options.port).start()
    except KeyboardInterrupt:
        pass
