"""One buffer and settimeout() for receiving; sending waits for room with select(), whatever time-out is set.

Half-closes after the leave and reads to the server's end before it closes.
"""

import argparse
import codecs
import json
import select
import socket
import threading
import time


class ChatClient:
    def __init__(self, host: str = "127.0.0.1", port: int = 9999, name: str = "匿名") -> None:
        self.host = host
        self.port = port
        self.name = name
        self.reset()

    def reset(self):
        self.sock = None
        self.decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.buffer = ""

    def connect(self) -> bool:
        self.reset()
        sock = socket.socket()
        try:
            sock.connect((self.host, self.port))
            self.sock = sock
            if self.write({"type": "join", "name": self.name}):
                while True:
                    event = self.event(None)
                    if not event or event.get("type") == "error":
                        break
                    if event.get("type") == "join" and event.get("name") == self.name.strip():
                        return True
        except (OSError, OverflowError):
            pass
        sock.close()
        self.reset()
        return False

    def write(self, message) -> bool:
        data = json.dumps(message).encode() + b"\n"
        while data:
            try:
                select.select([], [self.sock], [])
                data = data[self.sock.send(data, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                continue
            except (OSError, TypeError, ValueError):
                return False
        return True

    def event(self, end):
        while True:
            line, newline, rest = self.buffer.partition("\n")
            if newline:
                self.buffer = rest
                try:
                    event = json.loads(line)
                    if type(event) is dict:
                        return event
                except ValueError:
                    pass
                continue
            if self.sock is None:
                return None
            try:
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    self.sock.setblocking(False)
                else:
                    self.sock.settimeout(left)
                data = self.sock.recv(1000)
            except (TimeoutError, BlockingIOError):
                return None
            except OSError:
                data = b""
            if not data:
                return None
            self.buffer += self.decode(data)

    def send(self, text: str) -> bool:
        return self.sock is not None and self.write({"type": "message", "text": text})

    def receive(self, timeout: float = 5) -> dict | None:
        return self.event(time.monotonic() + timeout)

    def close(self) -> None:
        if self.sock is None:
            return
        self.write({"type": "leave"})
        try:
            self.sock.shutdown(socket.SHUT_WR)
            self.sock.settimeout(1)
            while self.sock.recv(65536):
                pass
        except OSError:
            pass
        self.sock.close()
        self.reset()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--name")
    options = parser.parse_args()
    name = options.name
    while not name:
        name = input("name: ").strip()
    client = ChatClient(options.host, options.port, name)
    if not client.connect():
        raise SystemExit("not admitted")
    done = threading.Event()

    def listen():
        while not done.is_set():
            event = client.receive(0.1)
            if event:
                print(event, flush=True)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        while (line := input("> ")) != "quit":
            client.send(line)
    except EOFError:
        print()
    done.set()
    thread.join()
    client.close()


if __name__ == "__main__":
    main()
