"""A leave is announced when everything has been sent to who leaves: never, if he does not read.

fails: is_held_up_by_no_client chat.no_leave
"""

import argparse
import asyncio
import json
import unicodedata


class ChatServer:
    def __init__(self, host: str = "0.0.0.0", port: int = 9999) -> None:
        self.host = host
        self.port = port
        self.members: dict[str, asyncio.StreamWriter] = {}

    def start(self) -> None:
        try:
            asyncio.run(self._run())
        except KeyboardInterrupt:
            pass

    async def _run(self):
        try:
            server = await asyncio.start_server(self._client, self.host, self.port, limit=65536, backlog=256)
        except (OSError, OverflowError) as e:
            print(f"无法监听 {self.host}:{self.port}: {e}")
            return
        async with server:
            await server.serve_forever()

    @staticmethod
    def _put(writer, **event):
        if not writer.is_closing():
            writer.write(json.dumps(event).encode() + b"\n")

    def _all(self, **event):
        for writer in list(self.members.values()):
            self._put(writer, **event)

    async def _client(self, reader, writer):
        name = None
        try:
            while True:
                try:
                    line = await reader.readline()
                except ValueError:
                    self._put(writer, type="error", reason="line too long")
                    break
                if not line.endswith(b"\n"):
                    break
                if name is not None and line in (b"\n", b"\r\n"):
                    continue
                try:
                    obj = json.loads(line.decode("utf-8"))
                except (ValueError, RecursionError):
                    obj = None
                kind = obj.get("type") if isinstance(obj, dict) else None
                if name is None:
                    wanted = self._name(obj) if kind == "join" else None
                    if wanted is None or wanted in self.members:
                        self._put(writer, type="error", reason="bad or taken name")
                        break
                    name = wanted
                    self.members[name] = writer
                    self._all(type="join", name=name)
                elif kind == "message" and isinstance(obj.get("text"), str):
                    self._all(type="message", name=name, text=obj["text"])
                elif kind == "leave":
                    break
                else:
                    self._put(writer, type="error", reason="what?")
        except ConnectionError:
            pass
        finally:
            if name is not None:
                del self.members[name]
            writer.close()
            try:
                await writer.wait_closed()
            except OSError:
                pass
            if name is not None:
                self._all(type="leave", name=name)

    @staticmethod
    def _name(obj):
        name = obj.get("name")
        if not isinstance(name, str):
            return None
        name = name.strip()
        if 0 < len(name) < 33 and not any(unicodedata.category(c) == "Cc" for c in name):
            return name
        return None


def main() -> None:
    p = argparse.ArgumentParser()
    p.add_argument("--host", default="0.0.0.0")
    p.add_argument("--port", type=int, default=9999)
    a = p.parse_args()
    ChatServer(a.host, a.port).start()


if __name__ == "__main__":
    main()
