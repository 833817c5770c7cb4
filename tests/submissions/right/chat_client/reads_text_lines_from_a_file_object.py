"""makefile() in text mode in a thread, replacing what is not UTF-8; a condition variable instead of a queue."""

import argparse
import collections
import json
import socket
import sys
import threading


class ChatClient:
    def __init__(self, host: str = "127.0.0.1", port: int = 9999, name: str = "匿名"):
        self.host = host
        self.port = port
        self.name = name
        self.changed = threading.Condition()
        self.events = collections.deque()
        self.running = False
        self.writing = threading.Lock()
        self.socket = self.file = None

    def connect(self) -> bool:
        try:
            self.socket = socket.create_connection((self.host, self.port))
            self.file = self.socket.makefile("rw", encoding="utf-8", errors="replace", newline="\n")
        except (OSError, OverflowError):
            return False
        self.events.clear()
        self.running = True
        threading.Thread(target=self.run, args=(self.file,), daemon=True).start()
        self.write({"type": "join", "name": self.name})
        while True:
            event = self.next(None)
            if event is None or event.get("type") == "error":
                self.end()
                return False
            if event.get("type") == "join" and event.get("name") == self.name.strip():
                return True

    def run(self, file):
        try:
            for line in file:
                try:
                    event = json.loads(line) if line.endswith("\n") else None
                except ValueError:
                    event = None
                if isinstance(event, dict):
                    with self.changed:
                        self.events.append(event)
                        self.changed.notify_all()
        except (OSError, ValueError):
            pass
        with self.changed:
            self.running = False
            self.changed.notify_all()

    def next(self, timeout):
        with self.changed:
            self.changed.wait_for(lambda: self.events or not self.running, timeout)
            return self.events.popleft() if self.events else None

    def write(self, message) -> bool:
        try:
            with self.writing:
                self.file.write(json.dumps(message) + "\n")
                self.file.flush()
            return True
        except (OSError, ValueError, AttributeError):
            return False

    def send(self, text: str) -> bool:
        return self.write({"type": "message", "text": text})

    def receive(self, timeout: float = 5):
        return self.next(timeout)

    def close(self) -> None:
        if self.socket is not None:
            self.write({"type": "leave"})
            self.end()

    def end(self):
        sock, self.socket = self.socket, None
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        with self.changed:
            self.changed.wait_for(lambda: not self.running, 2)
        try:
            self.file.close()
        except OSError:
            pass
        sock.close()
        self.file = None
        self.events.clear()


def main():
    parser = argparse.ArgumentParser()
    for option, default in (("--host", "127.0.0.1"), ("--port", "9999"), ("--name", None)):
        parser.add_argument(option, default=default)
    options = parser.parse_args()
    client = ChatClient(options.host, int(options.port), options.name or input("Name: "))
    if not client.connect():
        return 1

    def show():
        while client.running:
            if (event := client.receive(1)) is not None:
                sys.stdout.write(" ".join(map(str, event.values())) + "\n")
                sys.stdout.flush()

    threading.Thread(target=show, daemon=True).start()
    for line in map(str.strip, sys.stdin):
        if line == "quit":
            break
        client.send(line)
    client.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
