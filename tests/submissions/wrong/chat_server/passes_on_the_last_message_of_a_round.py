"""A loop that passes on one message a round, the last: when several talk at once, the others are lost.

fails: serves_all_who_talk_at_once chat.no_message
fails: keeps_a_history_in_pieces chat.cut_line
"""

import argparse
import json
import selectors
import socket
import unicodedata
from collections import deque

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Member:
    name = None
    dying = False

    def __init__(self, sock):
        self.sock = sock
        self.inward = b""
        self.outward = deque()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host = host
        self.port = port
        self.by_name = {}
        self.news = None

    def start(self):
        try:
            listener = socket.create_server((self.host, self.port), backlog=50)
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"{self.host}:{self.port} cannot be used: {error}")
            return
        listener.setblocking(False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, READ)
        try:
            while True:
                for key, mask in self.selector.select():
                    if key.fileobj is listener:
                        self.selector.register(sock := listener.accept()[0], READ, Member(sock))
                    else:
                        self.serve(key.data, mask)
                if self.news:
                    self.tell(self.news)
                    self.news = None
        except KeyboardInterrupt:
            print("stopped")
        finally:
            listener.close()

    def serve(self, member, mask):
        try:
            if mask & WRITE:
                self.flush(member)
            if mask & READ and not member.dying:
                data = member.sock.recv(8192)
                if not data:
                    raise ConnectionResetError
                self.take(member, data)
        except BlockingIOError:
            return
        except OSError:
            self.bury(member)

    def flush(self, member):
        while member.outward:
            try:
                sent = member.sock.send(member.outward[0])
            except BlockingIOError:
                break
            if sent < len(member.outward[0]):
                member.outward[0] = member.outward[0][sent:]
                break
            member.outward.popleft()
        if member.dying and not member.outward:
            self.bury(member)
        else:
            self.selector.modify(member.sock, READ | (WRITE if member.outward else 0), member)

    def bury(self, member):
        self.forget(member)
        if member.sock.fileno() != -1:
            self.selector.unregister(member.sock)
            member.sock.close()

    def forget(self, member):
        member.dying = True
        if member.name is not None:
            del self.by_name[member.name]
            name, member.name = member.name, None
            self.tell({"type": "leave", "name": name})

    def take(self, member, data):
        member.inward += data
        while not member.dying:
            line, found, rest = member.inward.partition(b"\n")
            if not found:
                if len(line) > 65536:
                    self.refuse(member, "too long")
                    self.depart(member)
                return
            member.inward = rest
            if line not in (b"", b"\r"):
                self.line(member, line)

    def depart(self, member):
        self.forget(member)
        if member.sock.fileno() != -1:
            self.flush(member)

    def line(self, member, line):
        try:
            told = json.loads(line.decode())
            assert isinstance(told, dict)
        except (ValueError, RecursionError, AssertionError):
            told = {"type": None}
        kind = told.get("type")
        if member.name is None:
            name = self.acceptable(told.get("name")) if kind == "join" else None
            if name is None:
                self.refuse(member, "no entry")
                self.depart(member)
            else:
                member.name = name
                self.by_name[name] = member
                self.tell({"type": "join", "name": name})
        elif kind == "leave":
            self.depart(member)
        elif kind == "message" and isinstance(told.get("text"), str):
            if self.news and self.news["name"] == member.name:
                self.tell(self.news)
            self.news = {"type": "message", "name": member.name, "text": told["text"]}
        else:
            self.refuse(member, "what do you mean?")

    def acceptable(self, name):
        if isinstance(name, str) and 0 < len(name := name.strip()) < 33 and name not in self.by_name:
            return None if any(unicodedata.category(c) == "Cc" for c in name) else name
        return None

    def tell(self, event):
        for member in list(self.by_name.values()):
            self.send(member, event)

    def refuse(self, member, reason):
        self.send(member, {"code": 400, "type": "error", "reason": reason})

    def send(self, member, event):
        member.outward.append(b" " + json.dumps(event, indent=None, separators=(" , ", " : ")).encode() + b" \n")
        self.selector.modify(member.sock, READ | WRITE, member)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--host", default="0.0.0.0")
    options.add_argument("--port", type=int, default=9999)
    ChatServer(**vars(options.parse_args())).start()
