"""No threads, no select: looks at a non-blocking socket, sleeps 10 ms, looks again; 256 bytes at a time."""

import argparse
import json
import socket
import threading
import time


class ChatClient:
    def __init__(self, host="127.0.0.1", port=9999, name="匿名"):
        self.host, self.port, self.name = host, port, name
        self.conn = None

    def connect(self):
        self.received, self.over = b"", False
        conn = socket.socket()
        conn.settimeout(5)
        try:
            conn.connect((self.host, self.port))
        except OSError:
            conn.close()
            return False
        conn.setblocking(False)
        self.conn = conn
        self._put(dict(type="join", name=self.name))
        while not self.over:
            event = self.receive(0.5)
            if event and event["type"] == "error":
                break
            if event and event["type"] == "join" and event["name"] == self.name.strip():
                return True
        self._drop()
        return False

    def _drop(self):
        self.over = True
        if self.conn:
            self.conn.close()
        self.conn = None

    def _put(self, message):
        data = json.dumps(message, ensure_ascii=False).encode("utf-8") + b"\n"
        while data and self.conn:
            try:
                data = data[self.conn.send(data[:5000]) :]
            except BlockingIOError:
                time.sleep(0.001)
            except OSError:
                return False
        return not data

    def _get(self):
        """Whatever is there; the next event in it, or None."""
        while self.conn and not self.over:
            try:
                piece = self.conn.recv(256)
            except BlockingIOError:
                break
            except OSError:
                piece = b""
            self.over = not piece
            self.received += piece
            if b"\n" in piece:
                break
        while (end := self.received.find(b"\n")) >= 0:
            line, self.received = self.received[:end], self.received[end + 1 :]
            try:
                event = json.loads(line.decode("utf-8"))
            except (UnicodeDecodeError, json.JSONDecodeError):
                continue
            if isinstance(event, dict):
                return event

    def send(self, text):
        return bool(self.conn) and self._put(dict(type="message", text=text))

    def receive(self, timeout=5):
        if self.conn is None:
            return None
        end = time.time() + timeout
        while not (event := self._get()) and not self.over and time.time() < end:
            time.sleep(min(0.01, max(0, end - time.time())))
        return event

    def close(self):
        if self.conn:
            self._put(dict(type="leave"))
            self._drop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--name")
    args = parser.parse_args()
    client = ChatClient(args.host, args.port, args.name or input("name? "))
    if client.connect():
        lines = []

        def keyboard():
            try:
                while (line := input()) != "quit":
                    lines.append(line)
            except EOFError:
                pass
            lines.append(None)

        threading.Thread(target=keyboard, daemon=True).start()
        while True:
            event = client.receive(0.02)
            if event:
                print(event, flush=True)
            if lines:
                line = lines.pop(0)
                if line is None:
                    break
                client.send(line)
        client.close()
