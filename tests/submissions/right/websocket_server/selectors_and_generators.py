"""RFC 6455 by hand in one thread: a selector, and for each client a generator that asks for bytes; pushes wake it up."""

import argparse
import base64
import binascii
import collections
import hashlib
import json
import selectors
import socket
import time
import unicodedata
from types import SimpleNamespace

PAGE = b"""<!doctype html><html><head><meta charset="utf-8"><title>chat</title></head><body>
<form id="f"><input id="name"><button id="join" type="button">join</button>
<div id="messages" style="white-space: pre-wrap"></div>
<input id="text" autocomplete="off"><button id="send">send</button></form>
<script type="module">
const [name, join, messages, text, f] = ["name", "join", "messages", "text", "f"].map(i => document.getElementById(i));
let ws;
const log = line => messages.appendChild(document.createTextNode(line + "\\n"));
join.onclick = () => {
  ws?.close();
  ws = new WebSocket(Object.assign(new URL("chat", location), {protocol: "ws:"}));
  ws.onopen = () => ws.send(JSON.stringify({type: "join", name: name.value}));
  ws.onmessage = m => {
    const {type, name = "", to, text, reason} = JSON.parse(m.data);
    log(`[${type}] ${name}${to ? " > " + to : ""} ${text ?? reason ?? ""}`);
  };
};
f.onsubmit = event => {
  event.preventDefault();
  ws.send(JSON.stringify({type: "message", text: text.value}));
  text.value = "";
};
</script></body></html>"""

Until = collections.namedtuple("Until", "mark limit")
STATUS = {200: "OK", 400: "Bad Request", 404: "Not Found", 426: "Upgrade Required", 431: "Headers Too Large"}


class Stop(Exception):
    """Ends the conversation; what is sent before is a Close frame or nothing."""

    def __init__(self, code=None):
        self.close = None if code is None else code.to_bytes(2, "big")


class WebSocketServer:
    def __init__(self, host="0.0.0.0", port=8765):
        self.host = host
        self.port = port
        self.members = {}
        self.pushed = collections.deque()
        self.sel = None

    # ---- the loop

    def start(self):
        try:
            listener = socket.create_server((self.host, self.port), backlog=64)
        except (OSError, OverflowError, UnicodeError) as problem:
            print(f"no server on {self.host}:{self.port}, because: {problem}")
            return
        listener.setblocking(False)
        self.alarm, bell = socket.socketpair()
        bell.setblocking(False)
        self.alarm.setblocking(False)
        self.sel = selectors.DefaultSelector()
        self.sel.register(listener, selectors.EVENT_READ, self.accept)
        self.sel.register(bell, selectors.EVENT_READ, self.ring)
        self.dying = set()
        try:
            while True:
                for key, events in self.sel.select(1):
                    key.data(key.fileobj, events)
                now = time.monotonic()
                for c in [c for c in self.dying if c.deadline < now]:
                    self.drop(c)
        finally:
            listener.close()

    def push(self, text):
        self.pushed.append(text)
        try:
            self.alarm.send(b"!")
        except BlockingIOError:
            pass

    def ring(self, bell, _):
        bell.recv(4096)
        while self.pushed:
            self.tell_all({"type": "push", "text": self.pushed.popleft()})

    def accept(self, listener, _):
        try:
            sock = listener.accept()[0]
        except OSError:
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        c = Client(sock=sock, got=bytearray(), out=bytearray(), deadline=None, name=None, blocked=False)
        c.talk = self.conversation(c)
        c.wanted = next(c.talk)
        self.sel.register(sock, selectors.EVENT_READ, lambda _, events: self.ready(c, events))

    def ready(self, c, events):
        if events & selectors.EVENT_WRITE:
            self.flush(c)
        if events & selectors.EVENT_READ and c.sock.fileno() >= 0:
            try:
                data = c.sock.recv(1 << 18)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self.drop(c)
            elif c.deadline is None:
                c.got += data
                self.advance(c)

    def advance(self, c):
        """Feeds the generator as long as there is what it asks for."""
        while c.deadline is None and not c.blocked:
            if isinstance(c.wanted, Until):
                end = c.got.find(c.wanted.mark)
                if end < 0 and len(c.got) <= c.wanted.limit:
                    break
                count = end + len(c.wanted.mark) if end >= 0 else 0
            elif len(c.got) < c.wanted:
                break
            else:
                count = c.wanted
            piece = bytes(c.got[:count])
            del c.got[:count]
            try:
                c.wanted = c.talk.send(piece)
            except StopIteration:
                self.bury(c)
        self.flush(c)

    def bury(self, c):
        """Nothing more is read; what is in ``out`` still goes, then the client has a moment to close."""
        self.leave(c)
        c.got.clear()
        c.deadline = time.monotonic() + 2
        self.dying.add(c)

    def drop(self, c):
        self.leave(c)
        self.dying.discard(c)
        if c.sock.fileno() >= 0:
            self.sel.unregister(c.sock)
            c.sock.close()

    def flush(self, c):
        if c.sock.fileno() < 0:
            return
        try:
            while c.out:
                with memoryview(c.out) as view:
                    sent = c.sock.send(view[: 1 << 18])
                del c.out[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self.drop(c)
            return
        if len(c.out) > 1 << 23:
            self.drop(c)
            return
        if c.deadline and not c.out:
            try:
                c.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        was, c.blocked = c.blocked, c.name is None and len(c.out) > 1 << 20
        read = 0 if c.blocked else selectors.EVENT_READ
        data = self.sel.get_key(c.sock).data
        self.sel.modify(c.sock, read | (selectors.EVENT_WRITE if c.out else 0), data)
        if was and not c.blocked:
            self.advance(c)

    # ---- what is said; everything below yields what it needs to read

    def conversation(self, c):
        try:
            talk = yield from self.opening(c)
            if talk:
                yield from talk(c)
        except Stop as stop:
            if stop.close is not None:
                c.out += frame(8, stop.close)

    def opening(self, c):
        head = yield Until(b"\r\n\r\n", 32768)
        first, *rest = head.decode("iso-8859-1").split("\r\n")
        fields = {}
        for line in rest:
            key, _, value = line.partition(":")
            fields.setdefault(key.lower(), []).extend(part.strip() for part in value.split(","))
        path = (first.split(" ") + [""])[1].split("?")[0] if head else ""
        lower = {key: [part.lower() for part in parts] for key, parts in fields.items()}
        if not head:
            status, body = 431, b"too long"
        elif path == "/":
            status, body = 200, PAGE
        elif path not in ("/echo", "/chat"):
            status, body = 404, b"nothing"
        elif "websocket" not in lower.get("upgrade", ()) or lower.get("sec-websocket-version") != ["13"]:
            status, body = 426, b"WebSocket 13"
        elif "upgrade" not in lower.get("connection", ()) or not self.key_is_good(fields):
            status, body = 400, b"bad handshake"
        else:
            digest = hashlib.sha1((fields["sec-websocket-key"][0] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode())
            accept = base64.b64encode(digest.digest()).decode()
            c.out += (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
            ).encode()
            return self.echo if path == "/echo" else self.chat
        c.out += (
            f"HTTP/1.1 {status} {STATUS[status]}\r\nContent-Type: text/html\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def key_is_good(self, fields):
        try:
            [key] = fields.get("sec-websocket-key", [])
            return len(binascii.a2b_base64(key, strict_mode=True)) == 16
        except ValueError:
            return False

    def message(self, c):
        first, data = 0, bytearray()
        while True:
            a, b = yield 2
            fin, op, n = a >> 7, a & 15, b & 127
            control = op > 7
            if a & 112 or b < 128 or op & 7 > 2 or (control and (n > 125 or not fin)):
                raise Stop(1002)
            if not control and bool(op) == bool(first):
                raise Stop(1002)
            if n > 125:
                n = int.from_bytes((yield 2 if n == 126 else 8), "big")
            if n + len(data) > 2**20 and not control:
                raise Stop(1009)
            mask = yield 4
            body = unmask((yield n) if n else b"", mask)
            if op == 8:
                self.check(body)
                c.out += frame(8, body[:2])
                raise Stop
            if op == 9:
                c.out += frame(10, body)
            if not control:
                first = first or op
                data += body
                if fin:
                    return decode(data) if first == 1 else bytes(data)

    def check(self, body):
        if body:
            code = int.from_bytes(body[:2], "big")
            allowed = code in {1000, 1001, 1002, 1003, *range(1007, 1015)} or 3000 <= code < 5000
            if len(body) < 2 or not allowed:
                raise Stop(1002)
            decode(body[2:])

    def echo(self, c):
        while True:
            message = yield from self.message(c)
            c.out += frame(1, message.encode()) if isinstance(message, str) else frame(2, message)

    def chat(self, c):
        told = yield from self.request(c)
        problem = self.wrong_with(told)
        if problem:
            self.tell(c, {"type": "error", "reason": problem})
            raise Stop(1008)
        c.name = told["name"].strip()
        self.members[c.name] = c
        self.tell_all({"type": "join", "name": c.name})
        while True:
            told = yield from self.request(c)
            kind, to, text = (told.get(key) for key in ("type", "to", "text"))
            texted = isinstance(text, str)
            if kind == "leave":
                raise Stop(1000)
            if kind == "message" and texted:
                self.tell_all({"type": "message", "name": c.name, "text": text})
            elif kind == "direct" and texted and isinstance(to, str) and to in self.members:
                for each in {c.name, to}:
                    self.tell(self.members[each], {"type": "direct", "name": c.name, "to": to, "text": text})
            else:
                self.tell(c, {"type": "error", "reason": "not understood, or nobody of that name"})

    def request(self, c):
        message = yield from self.message(c)
        try:
            told = json.loads(message) if isinstance(message, str) else 0
        except (ValueError, RecursionError):
            told = 0
        return told if isinstance(told, dict) else {}

    def wrong_with(self, told):
        name = told.get("name")
        if told.get("type") != "join" or not isinstance(name, str):
            return "say your name first"
        name = name.strip()
        if name in self.members:
            return "that name is taken"
        if not 0 < len(name) <= 32 or any(unicodedata.category(ch) == "Cc" for ch in name):
            return "that is no name"
        return None

    def leave(self, c):
        if c.name is not None and self.members.get(c.name) is c:
            del self.members[c.name]
            self.tell_all({"type": "leave", "name": c.name})

    def tell(self, c, event):
        c.out += frame(1, json.dumps(event).encode())
        if c.sock.fileno() >= 0:
            key = self.sel.get_key(c.sock)
            if not key.events & selectors.EVENT_WRITE:
                self.sel.modify(c.sock, key.events | selectors.EVENT_WRITE, key.data)

    def tell_all(self, event):
        for c in list(self.members.values()):
            self.tell(c, event)


class Client(SimpleNamespace):
    __hash__ = object.__hash__


def frame(op, data):
    n = len(data)
    size = bytes([n]) if n < 126 else b"\x7e" + n.to_bytes(2, "big") if n < 1 << 16 else b"\x7f" + n.to_bytes(8, "big")
    return bytes([128 | op]) + size + data


def unmask(data, mask):
    whole = int.from_bytes(data, "little") ^ int.from_bytes((mask * (len(data) // 4 + 1))[: len(data)], "little")
    return whole.to_bytes(len(data), "little")


def decode(data):
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        raise Stop(1007) from None


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--host", default="0.0.0.0")
    options.add_argument("--port", type=int, default=8765)
    WebSocketServer(**vars(options.parse_args())).start()
