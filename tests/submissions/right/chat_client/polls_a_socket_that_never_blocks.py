"""A non-blocking socket and selectors; sending waits for room by itself. Lines end in CR LF, all ASCII, with extra keys."""

import argparse
import json
import selectors
import socket
import sys
import threading
import time


class ChatClient:
    def __init__(self, host="127.0.0.1", port=9999, name="匿名"):
        self.host, self.port, self.name = host, port, name
        self._sock = None
        self._lines = []
        self._rest = b""
        self._closed = True

    def connect(self) -> bool:
        self._lines, self._rest = [], b""
        try:
            self._sock = socket.create_connection((self.host, self.port), timeout=10)
        except OSError:
            return False
        self._sock.setblocking(False)
        self._closed = False
        self._write({"version": 1, "type": "join", "name": self.name})
        while not self._closed or self._lines:
            event = self.receive(60)
            if event is None:
                continue
            if event["type"] == "error":
                break
            if (event["type"], event.get("name")) == ("join", self.name.strip()):
                return True
        self._end()
        return False

    def _write(self, message) -> bool:
        if self._sock is None:
            return False
        data = memoryview(json.dumps(message, separators=(",", ":")).encode("ascii") + b"\r\n")
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._sock, selectors.EVENT_WRITE)
                while data:
                    selector.select()
                    try:
                        data = data[self._sock.send(data) :]
                    except BlockingIOError:
                        pass
        except (OSError, ValueError):
            return False
        return True

    def send(self, text) -> bool:
        return self._write({"type": "message", "text": text, "client": "selectors"})

    def receive(self, timeout=5):
        end = time.monotonic() + timeout
        while True:
            while self._lines:
                try:
                    event = json.loads(self._lines.pop(0).decode("utf-8", "strict"))
                except ValueError:
                    continue
                if isinstance(event, dict):
                    return event
            left = end - time.monotonic()
            if self._closed or self._sock is None or (left < 0 and timeout > 0 and not self._fill(0)):
                return None
            if timeout <= 0:
                if not self._fill(0):
                    return None
            elif left >= 0:
                self._fill(left)
            if time.monotonic() > end and not self._lines:
                return None

    def _fill(self, seconds) -> bool:
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._sock, selectors.EVENT_READ)
                if not selector.select(seconds):
                    return False
            data = self._sock.recv(4096)
        except BlockingIOError:
            return False
        except (OSError, ValueError):
            data = b""
        if not data:
            self._closed = True
            return False
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._lines += lines
        return True

    def close(self) -> None:
        if self._sock is not None:
            self._write({"type": "leave"})
            self._end()

    def _end(self):
        self._closed = True
        self._lines, self._rest = [], b""
        if self._sock is not None:
            self._sock.close()
            self._sock = None


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=9999)
    options.add_argument("--name", default=None)
    options = options.parse_args()
    chat = ChatClient(options.host, options.port, options.name or input("Who are you? "))
    if not chat.connect():
        sys.exit(1)

    def listen():
        while not chat._closed:
            got = chat.receive(0.1)
            if got:
                print(json.dumps(got, ensure_ascii=False), flush=True)

    threading.Thread(target=listen, daemon=True).start()
    for typed in iter(sys.stdin.readline, ""):
        if typed.strip() == "quit":
            break
        chat.send(typed.strip())
    chat.close()
