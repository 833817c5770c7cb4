"""asyncio streams on a loop in a background thread; the blocking methods wait for its coroutines."""

import asyncio
import codecs
import sys
import threading


class TCPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port
        self.client_socket = None
        self._loop = None

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def connect(self):
        self.close()
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, daemon=True).start()
        try:
            self._reader, self._writer = self._run(asyncio.open_connection(self.host, self.port))
        except Exception as error:
            print("connect:", error, file=sys.stderr)
            return False
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.client_socket = self._writer.get_extra_info("socket")
        return True

    def send(self, data):
        if self.client_socket is None:
            return False

        async def write():
            self._writer.write(data.encode())
            await self._writer.drain()

        try:
            self._run(write())
        except Exception as error:
            print("send:", error, file=sys.stderr)
            return False
        return True

    def receive(self, buffer_size=1024):
        if self.client_socket is None:
            return None
        try:
            while chunk := self._run(self._reader.read(buffer_size)):
                text = self._decoder.decode(chunk)
                if text:
                    return text
            return ""
        except Exception as error:
            print("receive:", error, file=sys.stderr)
            return None

    def close(self):
        if self.client_socket is None:
            return
        self.client_socket = None

        async def finish():
            self._writer.close()
            await self._writer.wait_closed()

        try:
            self._run(finish())
        except Exception as error:
            print("close:", error, file=sys.stderr)


def main():
    client = TCPClient()
    if not client.connect():
        return
    for line in sys.stdin:
        line = line.rstrip("\n")
        if line == "quit":
            break
        client.send(line)
        print(client.receive(65536), flush=True)
    client.close()


if __name__ == "__main__":
    main()
