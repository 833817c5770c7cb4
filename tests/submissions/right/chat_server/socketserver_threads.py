"""socketserver: a handler thread a client and a queue bounded in bytes; a client that owes too much is disconnected."""

import argparse
import collections
import json
import re
import socket
import socketserver
import threading
import unicodedata

room = {}
order = threading.RLock()
MOST_OWED = 1_500_000


class Handler(socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.name = None
        self.waiting = collections.deque()
        self.owed = 0
        self.news = threading.Condition()
        self.closing = False
        self.writer = threading.Thread(target=self.write, daemon=True)
        self.writer.start()

    def write(self):
        while True:
            with self.news:
                self.news.wait_for(lambda: self.waiting or self.closing)
                if not self.waiting:
                    return
                data = b"".join(self.waiting)
                self.waiting.clear()
            try:
                self.request.sendall(data)
            except OSError:
                return
            with self.news:
                self.owed -= len(data)

    def tell(self, **event):
        line = json.dumps(event, sort_keys=True).encode() + b"\n"
        with self.news:
            self.owed += len(line)
            if self.owed > MOST_OWED:
                self.kick()
            else:
                self.waiting.append(line)
                self.news.notify()

    def kick(self):
        try:
            self.request.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def handle(self):
        try:
            while line := self.rfile.readline(65537):
                if not line.endswith(b"\n"):
                    if len(line) == 65537:
                        self.tell(type="error", reason="line too long")
                    return
                if line.strip() and not self.line(line):
                    return
        except OSError:
            pass

    def line(self, line):
        try:
            told = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError):
            told = {}
        if not isinstance(told, dict):
            told = {}
        kind, name, text = told.get("type"), told.get("name"), told.get("text")
        with order:
            if self.name is None:
                if kind != "join" or not isinstance(name, str):
                    self.tell(type="error", reason="join first, with a name")
                    return False
                name = name.strip()
                if not re.fullmatch(r".{1,32}", name, re.DOTALL) or name in room or has_control(name):
                    self.tell(type="error", reason="the name cannot be used")
                    return False
                self.name = name
                room[name] = self
                tell_all(type="join", name=name, online=len(room))
            elif kind == "message" and type(text) is str:
                tell_all(type="message", name=self.name, text=text)
            elif kind == "leave":
                return False
            else:
                self.tell(type="error", reason="this line says nothing to me")
        return True

    def finish(self):
        with order:
            if self.name is not None:
                del room[self.name]
                tell_all(type="leave", name=self.name, online=len(room))
        with self.news:
            self.closing = True
            self.news.notify()
        self.writer.join()
        try:
            super().finish()
        except OSError:
            pass


def has_control(name):
    return any(unicodedata.category(character) == "Cc" for character in name)


def tell_all(**event):
    for handler in list(room.values()):
        handler.tell(**event)


class ThreadingServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        print("lost", client_address)


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host = host
        self.port = port

    def start(self):
        try:
            server = ThreadingServer((self.host, self.port), Handler)
        except (OSError, OverflowError, UnicodeError) as error:
            print("cannot bind:", error)
            return
        with server:
            server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=9999)
    options = parser.parse_args()
    ChatServer(options.host, options.port).start()
