"""socketserver and struct; pings of its own from the first frame on and between fragments; pongs that nobody asked for."""
import argparse
import base64
import hashlib
import json
import socket
import socketserver
import struct
import sys
import threading
import time
import unicodedata
from collections import deque

PAGE = b"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>chat</title></head><body>
<div>I am <input id="name" value=""> <button type="button" id="join" onclick="enter()">enter</button></div>
<table><tbody id="messages"></tbody></table>
<textarea id="text" rows="2"></textarea><button type="button" id="send" onclick="speak()" disabled>say</button>
<script>
var s;
function row(a, b) {
  var r = document.getElementById('messages').insertRow(0);      // the newest on top
  r.insertCell().appendChild(document.createTextNode(a));
  r.insertCell().appendChild(document.createTextNode(b));
}
function enter() {
  s = new WebSocket('ws://' + location.host + '/chat');
  s.onopen = function () { s.send(JSON.stringify({type: 'join', name: document.getElementById('name').value})); };
  s.onmessage = function (e) {
    var m = JSON.parse(e.data);
    if (m.type == 'join') { document.getElementById('send').disabled = false; row(m.name, 'has come'); }
    else if (m.type == 'leave') row(m.name, 'has gone');
    else if (m.type == 'error') row('!', m.reason);
    else row(m.name || '*', m.text);
  };
}
function speak() {
  s.send(JSON.stringify({type: 'message', text: document.getElementById('text').value}));
  document.getElementById('text').value = '';
}
</script></body></html>"""


class ProtocolError(Exception):
    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


class Outbox:
    HIGH = 4 << 20
    MOST = 30 << 20

    def __init__(self, sock):
        self.sock, self.cond = sock, threading.Condition()
        self.items, self.size, self.done, self.dead = deque(), 0, False, False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def put(self, data, wait=False):
        with self.cond:
            if wait:
                self.cond.wait_for(lambda: self.size < self.HIGH or self.dead)
            if self.dead or self.done:
                return
            self.items.append(data)
            self.size += len(data)
            if self.size > self.MOST:
                self.die()
            self.cond.notify_all()

    def die(self):
        self.dead = True
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def run(self):
        try:
            while True:
                with self.cond:
                    self.cond.wait_for(lambda: self.items or self.done or self.dead)
                    if self.dead or not self.items:
                        return
                    data = self.items.popleft()
                if len(data) < 40:
                    for i in range(len(data)):        # byte by byte
                        self.sock.sendall(data[i:i + 1])
                else:
                    self.sock.sendall(data[:3])
                    self.sock.sendall(data[3:])
                with self.cond:
                    self.size -= len(data)
                    self.cond.notify_all()
        except OSError:
            with self.cond:
                self.die()
                self.cond.notify_all()

    def flush(self, timeout=5.0):
        with self.cond:
            self.done = True
            self.cond.notify_all()
        self.thread.join(timeout)


def pack(op, data=b"", fin=True):
    n = len(data)
    first = op | (0x80 if fin else 0)
    if n <= 125:
        return struct.pack("!BB", first, n) + data
    if n <= 0xFFFF:
        return struct.pack("!BBH", first, 126, n) + data
    return struct.pack("!BBQ", first, 127, n) + data


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    rbufsize = 1 << 16

    def handle(self):
        try:
            self.talk()
        except (OSError, EOFError, ValueError):
            pass

    # -- the request --

    def answer(self, status, body, *headers):
        self.wfile.write(f"HTTP/1.1 {status}\r\n".encode())
        for h in ("Connection: close", *headers):
            self.wfile.write(h.encode() + b"\r\n")
        self.wfile.write(b"\r\n" + body)     # ends with the connection
        self.linger()

    def linger(self, seconds=1.5):
        try:
            self.request.shutdown(socket.SHUT_WR)
            end = time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                self.request.settimeout(left)
                if not self.request.recv(65536):
                    break
        except OSError:
            pass

    def talk(self):
        request = self.rfile.readline(8000)
        words = request.split()
        if not request.endswith(b"\n") or len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            return self.answer("400 Bad Request", b"")
        headers = {}
        for _ in range(200):
            line = self.rfile.readline(16000)
            if not line.endswith(b"\n"):
                return self.answer("400 Bad Request", b"")
            if line in (b"\r\n", b"\n"):
                break
            k, _, v = line.decode("latin-1").partition(":")
            k = k.lower()
            headers[k] = headers[k] + "," + v.strip() if k in headers else v.strip()
        path = words[1].decode("latin-1").split("?")[0]

        def has(key, token):
            return token in [t.strip().lower() for t in headers.get(key, "").split(",")]

        if path == "/":
            return self.answer("200 OK", PAGE, "Content-Type: text/html;charset=UTF-8", "Content-Security-Policy: "
                               "default-src 'none'; script-src 'unsafe-inline'; connect-src ws: 'self'")
        if path not in ("/echo", "/chat"):
            return self.answer("404 Not Found", b"<h1>404</h1>", "Content-Type: text/html")
        if not (has("upgrade", "websocket") and has("connection", "upgrade")):
            return self.answer("400 Bad Request", b"this is for WebSocket")
        if headers.get("sec-websocket-version") != "13":
            return self.answer("400 Bad Request", b"13!", "Sec-WebSocket-Version: 13")
        key = headers.get("sec-websocket-key", "")
        try:
            good = len(base64.b64decode(key.encode(), validate=True)) == 16
        except ValueError:
            good = False
        if not good:
            return self.answer("403 Forbidden", b"key")
        token = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        reply = (b"HTTP/1.1 101 Switching Protocols\r\nServer: ws3\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                 b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nSec-WebSocket-Accept: " + token + b"\r\n\r\n")
        for i in range(0, len(reply), 9):
            self.wfile.write(reply[i:i + 9])
        self.box = Outbox(self.request)
        self.count = 0
        self.name = None
        self.over = False
        with self.server.lock:
            self.server.open.add(self)
        self.box.put(pack(9) + pack(10, b'unasked'))
        threading.Thread(target=self.beat, daemon=True).start()
        try:
            for kind, data in self.messages():
                (self.echo if path == "/echo" else self.chat)(kind, data)
                if self.over:       # I have said goodbye: wait for theirs
                    self.request.settimeout(4)
        except ProtocolError as e:
            if not self.over:
                self.box.put(pack(8, struct.pack("!H", e.code) + str(e).encode()))
        finally:
            with self.server.lock:
                self.server.open.discard(self)
            self.part()
            self.box.flush()
            self.linger()

    def beat(self):
        while not self.over and not self.box.done and not self.box.dead:
            time.sleep(0.1)
            if not self.over and not self.box.done:
                self.box.put(pack(9, b'beat'))

    # -- frames --

    def read(self, n):
        data = self.rfile.read(n)
        if len(data) < n:
            raise EOFError
        return data

    def messages(self):
        op, whole = None, bytearray()
        while True:
            a, b = struct.unpack("!BB", self.read(2))
            fin, code, n = a & 0x80, a & 0x0F, b & 0x7F
            if a & 0x70 or not b & 0x80 or code in (3, 4, 5, 6, 7) or code > 10:
                raise ProtocolError(1002, "frame")
            if code >= 8:
                if n > 125 or not fin:
                    raise ProtocolError(1002, "control frame")
            elif (code == 0) != (op is not None):
                raise ProtocolError(1002, "fragments")
            if n == 126:
                n, = struct.unpack("!H", self.read(2))
            elif n == 127:
                n, = struct.unpack("!Q", self.read(8))
            if code < 8 and len(whole) + n > 1048576:
                raise ProtocolError(1009, "big")
            mask = self.read(4)
            data = self.read(n)
            if n:
                data = bytearray(data)
                for i in range(4):
                    data[i::4] = data[i::4].translate(TABLES[mask[i]])
                data = bytes(data)
            if code == 9:
                self.box.put(pack(10, data), wait=True)
            elif code == 8:
                self.check_close(data)
                if not self.over:
                    self.part()
                    self.over = True
                    self.box.put(pack(8, data[:2]))
                return
            elif code != 10:
                op = code or op
                whole += data
                if fin:
                    kind, payload = op, bytes(whole)
                    op, whole = None, bytearray()
                    if kind == 1:
                        try:
                            payload = payload.decode("utf-8")
                        except UnicodeDecodeError:
                            raise ProtocolError(1007, "UTF-8") from None
                    if not self.over:
                        yield kind, payload

    def check_close(self, data):
        if not data:
            return
        if len(data) == 1:
            raise ProtocolError(1002, "close")
        code, = struct.unpack("!H", data[:2])
        if not (code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014) or 3000 <= code <= 4999):
            raise ProtocolError(1002, "close code")
        try:
            data[2:].decode("utf-8")
        except UnicodeDecodeError:
            raise ProtocolError(1007, "close reason") from None

    # -- echo --

    def echo(self, kind, data):
        raw = data.encode() if kind == 1 else data
        self.count += 1
        step = max(997, len(raw) // 20) if len(raw) > 10 else 3
        first = True
        while True:
            piece, raw = raw[:step], raw[step:]
            self.box.put(pack(kind if first else 0, piece, not raw), wait=True)
            if not raw:
                return
            first = False
            if self.count % 3 == 0:
                self.box.put(pack(9, b"still there?"), wait=True)

    # -- chat --

    def say(self, event):
        self.box.put(pack(1, event))

    def error(self, why, fatal=False):
        self.say(json.dumps({"type": "error", "reason": why}).encode())
        if fatal:
            self.bye(1008)

    def bye(self, code):
        self.over = True
        self.box.put(pack(8, struct.pack("!H", code)))

    def part(self):
        with self.server.lock:
            if self.name is not None:
                del self.server.room[self.name]
                self.server.tell({"type": "leave", "name": self.name})
                self.name = None

    def chat(self, kind, text):
        room = self.server.room
        try:
            it = json.loads(text) if kind == 1 else None
        except (ValueError, RecursionError):
            it = None
        if not isinstance(it, dict):
            it = {}
        t, words = it.get("type"), it.get("text")
        if self.name is None:
            name = it.get("name")
            name = name.strip() if isinstance(name, str) and t == "join" else ""
            if not 1 <= len(name) <= 32 or any(unicodedata.category(c) == "Cc" for c in name):
                return self.error("no proper join", True)
            with self.server.lock:
                if name in room:
                    return self.error("taken", True)
                room[name] = self
                self.name = name
                self.server.tell({"type": "join", "name": name})
        elif t == "leave":
            self.part()
            self.bye(1000)
        elif t == "message" and isinstance(words, str):
            with self.server.lock:
                self.server.tell({"type": "message", "name": self.name, "text": words})
        elif t == "direct" and isinstance(words, str):
            with self.server.lock:
                to = it.get("to")
                if not isinstance(to, str) or to not in room:
                    return self.error("no such person")
                self.server.tell({"type": "direct", "name": self.name, "to": to, "text": words}, {room[to], self})
        else:
            self.error("not understood")


TABLES = [bytes(i ^ m for i in range(256)) for m in range(256)]


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 400
    block_on_close = False

    def __init__(self, *args):
        self.lock, self.room, self.open = threading.RLock(), {}, set()
        super().__init__(*args)

    def handle_error(self, request, client_address):
        pass

    def tell(self, event, to=None):
        data = json.dumps(event, indent=1).encode()
        for one in list(self.room.values()) if to is None else to:
            one.say(data)


class WebSocketServer:
    def __init__(self, host="0.0.0.0", port=8765):
        self.host, self.port, self.server = host, port, None

    def push(self, text):
        server = self.server
        if server is not None:
            with server.lock:
                server.tell({"type": "push", "text": text})

    def start(self):
        try:
            self.server = Server((self.host, self.port), Handler)
        except (OSError, OverflowError) as e:
            print(f"不能监听 {self.host}:{self.port}：{e}", file=sys.stderr)
            return
        with self.server:
            self.server.serve_forever(0.1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--host", default="0.0.0.0")
    p.add_argument("--port", type=int, default=8765)
    a = p.parse_args()
    try:
        WebSocketServer(a.host, a.port).start()
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
