"""An asyncio loop in a thread of its own does all the network; the methods hand over to it and wait."""

import argparse
import asyncio
import json
import sys
import threading


class ChatClient:
    def __init__(self, host="127.0.0.1", port=9999, name="匿名"):
        self.host = host
        self.port = port
        self.name = name
        self.loop = None
        self.writer = None

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def connect(self):
        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
            self.thread.start()
        return self._do(self._connect())

    async def _connect(self):
        try:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=2**24)
        except (OSError, OverflowError):
            self.writer = None
            return False
        self.queue = asyncio.Queue()
        self.ended = asyncio.Event()
        self.joined = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._listen(self.reader, self.queue, self.ended, self.joined))
        if not await self._say({"name": self.name, "type": "join"}) or not await self.joined:
            await self._hang_up()
            return False
        return True

    async def _listen(self, reader, events, ended, joined):
        try:
            while (line := await reader.readline()).endswith(b"\n"):
                try:
                    event = json.loads(str(line, "utf-8"))
                except ValueError:
                    continue
                if not isinstance(event, dict):
                    continue
                if joined.done():
                    events.put_nowait(event)
                elif event.get("type") == "error":
                    joined.set_result(False)
                elif event.get("type") == "join" and event.get("name") == self.name.strip():
                    joined.set_result(True)
        except (OSError, ValueError):
            pass
        if not joined.done():
            joined.set_result(False)
        ended.set()

    async def _say(self, message):
        if self.writer is None:
            return False
        try:
            self.writer.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
            await self.writer.drain()
        except (OSError, RuntimeError):
            return False
        return True

    def send(self, text):
        if self.loop is None or self.writer is None:
            return False
        return self._do(self._say({"text": text, "type": "message"}))

    def receive(self, timeout=5):
        if self.loop is None or self.writer is None:
            return None
        return self._do(self._receive(timeout))

    async def _receive(self, timeout):
        if not self.queue.empty():
            return self.queue.get_nowait()
        getting = asyncio.ensure_future(self.queue.get())
        ending = asyncio.ensure_future(self.ended.wait())
        await asyncio.wait({getting, ending}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if getting.done():
            return getting.result()
        getting.cancel()
        return None if self.queue.empty() else self.queue.get_nowait()

    def close(self):
        if self.loop is None:
            return
        if self.writer is not None:
            self._do(self._say({"type": "leave"}))
            self._do(self._hang_up())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        self.loop = None

    async def _hang_up(self):
        writer, self.writer = self.writer, None
        self.task.cancel()
        if writer is not None:
            writer.close()
            try:
                await writer.wait_closed()
            except OSError:
                pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--name")
    options = parser.parse_args()
    client = ChatClient(options.host, options.port, options.name or input("名字？"))
    if not client.connect():
        print("没有加入")
        return

    def printing():
        while client.writer is not None:
            event = client.receive(0.3)
            if event is not None:
                print(f"[{event['type']}] {event.get('name', '')} {event.get('text', '')}", flush=True)

    threading.Thread(target=printing, daemon=True).start()
    while (line := sys.stdin.readline()) and line != "quit\n":
        client.send(line[:-1])
    client.close()


if __name__ == "__main__":
    main()
