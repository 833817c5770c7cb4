"""Says goodbye after leave, but goes on handling what comes until the client has said it, too.

fails: announces_those_who_leave chat.after_leave
"""

import argparse
import base64
import collections
import hashlib
import json
import socket
import struct
import threading
import time
import unicodedata

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MEBIBYTE = 2**20
PAGE = """<!DOCTYPE html>
<html><head><meta charset="UTF-8"><title>聊天</title></head>
<body>
<div><input id="name" value=""><button id="join" onclick="join()">进入</button></div>
<table id="messages"></table>
<div><input id="text" onkeydown="if (event.key == 'Enter') send()"><button id="send" onclick="send()">说</button></div>
<script>
let ws = null;
function row(a, b) {
    const tr = document.getElementById("messages").insertRow();
    tr.insertCell().innerText = a;
    tr.insertCell().innerText = b;
}
function join() {
    ws = new WebSocket("ws://" + location.host + "/chat");
    ws.onopen = () => ws.send(JSON.stringify({type: "join", name: document.getElementById("name").value}));
    ws.onclose = () => row("", "断开了");
    ws.onmessage = (m) => {
        const e = JSON.parse(m.data);
        if (e.type == "join") row(e.name, "来了");
        else if (e.type == "leave") row(e.name, "走了");
        else row(e.name || e.type, e.text || e.reason || "");
    };
}
function send() {
    ws.send(JSON.stringify({type: "message", text: document.getElementById("text").value}));
    document.getElementById("text").value = "";
}
</script>
</body></html>
"""


class Closing(Exception):
    """The connection is to be closed with this payload in a Close frame."""

    def __init__(self, code=1000, payload=None):
        self.payload = struct.pack(">H", code) if payload is None else payload


class Gone(Exception):
    pass


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.buffer = bytearray()
        self.pending = collections.deque()
        self.owed = 0
        self.over = False
        self.changed = threading.Condition()
        self.sender = threading.Thread(target=self.send_all, daemon=True)
        self.sender.start()

    # sending

    def put(self, data):
        with self.changed:
            if self.over:
                return
            if self.owed > 5 * MEBIBYTE:
                self.over = True
                self.pending.clear()
                try:
                    self.sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                return
            self.pending.append(data)
            self.owed += len(data)
            self.changed.notify_all()

    def put_frame(self, opcode, payload):
        size = len(payload)
        if size < 126:
            head = bytes([128 + opcode, size])
        elif size < 65536:
            head = bytes([128 + opcode, 126]) + size.to_bytes(2, "big")
        else:
            head = bytes([128 + opcode, 127]) + size.to_bytes(8, "big")
        self.put(head + payload)

    def put_event(self, event):
        self.put_frame(1, json.dumps(event).encode())

    def send_all(self):
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.pending or self.over)
                if not self.pending:
                    return
                data = self.pending.popleft()
            try:
                self.sock.sendall(data)
            except OSError:
                data = b""
                with self.changed:
                    self.over = True
                    self.pending.clear()
            with self.changed:
                self.owed -= len(data)
                self.changed.notify_all()

    def wait_until_less_is_owed(self):
        with self.changed:
            self.changed.wait_for(lambda: self.over or self.owed < MEBIBYTE)

    def finish(self):
        with self.changed:
            self.over = True
            self.changed.notify_all()
        self.sender.join(3)
        deadline = time.monotonic() + 2
        try:
            self.sock.shutdown(socket.SHUT_WR)
            while (left := deadline - time.monotonic()) > 0:
                self.sock.settimeout(left)
                if not self.sock.recv(65536):
                    break
        except OSError:
            pass
        self.sock.close()

    # receiving

    def more(self):
        try:
            data = self.sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            raise Gone
        self.buffer += data

    def take(self, count):
        while len(self.buffer) < count:
            self.more()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def head(self):
        while b"\r\n\r\n" not in self.buffer:
            if len(self.buffer) > 20_000:
                raise Gone
            self.more()
        return self.take(self.buffer.index(b"\r\n\r\n") + 4).decode("latin-1")

    def frame(self, so_far):
        one, two = self.take(2)
        opcode, size = one % 16, two % 128
        wrong = one & 0x70 or not two & 0x80 or opcode not in (0, 1, 2, 8, 9, 10)
        if wrong or (opcode > 7 and (size > 125 or one < 128)):
            raise Closing(1002)
        if size == 126:
            size = int.from_bytes(self.take(2), "big")
        elif size == 127:
            size = int.from_bytes(self.take(8), "big")
        if opcode < 8 and so_far + size > MEBIBYTE:
            raise Closing(1009)
        mask = self.take(4)
        data = bytearray(self.take(size))
        for i in range(4):
            data[i::4] = data[i::4].translate(XOR[mask[i]])
        return one >= 128, opcode, bytes(data)

    def message(self):
        kind, parts, size = None, [], 0
        while True:
            fin, opcode, data = self.frame(size)
            if opcode == 8:
                if len(data) >= 2:
                    code = int.from_bytes(data[:2], "big")
                    if code < 1000 or code in (1004, 1005, 1006) or 1015 <= code < 3000 or code > 4999:
                        raise Closing(1002)
                    text_of(data[2:])
                elif data:
                    raise Closing(1002)
                raise Closing(payload=data[:2])
            if opcode == 9:
                self.put_frame(10, data)
            elif opcode < 8:
                if (opcode == 0) == (kind is None):
                    raise Closing(1002)
                kind = kind or opcode
                if data:
                    parts.append(data)
                size += len(data)
                if fin:
                    whole = b"".join(parts)
                    return text_of(whole) if kind == 1 else whole


XOR = [bytes(value ^ key for value in range(256)) for key in range(256)]


def text_of(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Closing(1007) from None


class WebSocketServer:
    def __init__(self, host="0.0.0.0", port=8765):
        self.host, self.port = host, port
        self.members = {}
        self.lock = threading.RLock()

    def start(self):
        try:
            listener = socket.create_server((self.host, self.port), backlog=128)
        except (OSError, OverflowError, UnicodeError) as error:
            print("无法启动", error)
            return
        with listener:
            while True:
                sock, _ = listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def push(self, text):
        self.tell_all({"type": "push", "text": text})

    def serve(self, sock):
        client = Client(sock)
        try:
            talk = self.shake_hands(client)
            if talk:
                talk(client)
        except Closing as closing:
            client.put_frame(8, closing.payload)
        except Gone:
            pass
        client.finish()

    def shake_hands(self, client):
        request, *lines = client.head()[:-4].split("\r\n")
        headers = collections.defaultdict(list)
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] += [item.strip() for item in value.split(",")]
        words = request.split(" ")
        path = words[1].split("?")[0] if len(words) == 3 else ""
        if path == "/":
            return answer(client, "200 OK", PAGE)
        if path not in ("/echo", "/chat"):
            return answer(client, "404 Not Found", "<h1>404</h1>")
        if "websocket" not in [item.lower() for item in headers["upgrade"]] or words[0] != "GET":
            return answer(client, "400 Bad Request", "WebSocket only")
        if "upgrade" not in [item.lower() for item in headers["connection"]]:
            return answer(client, "400 Bad Request", "Connection: Upgrade is missing")
        if headers["sec-websocket-version"] != ["13"]:
            return answer(client, "426 Upgrade Required", "version 13", "Sec-WebSocket-Version: 13\r\n")
        [key, *others] = headers["sec-websocket-key"] or [""]
        try:
            good = not others and len(base64.b64decode(key.encode(), validate=True)) == 16
        except ValueError:
            good = False
        if not good:
            return answer(client, "400 Bad Request", "Sec-WebSocket-Key?")
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        client.put(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Accept: %s\r\n\r\n" % accept.encode()
        )
        return self.echo if path == "/echo" else self.chat

    def echo(self, client):
        while True:
            message = client.message()
            if isinstance(message, str):
                client.put_frame(1, message.encode())
            else:
                client.put_frame(2, message)
            client.wait_until_less_is_owed()

    def chat(self, client):
        name = None
        left = False
        try:
            while True:
                request = parse(client.message())
                kind = request.get("type")
                with self.lock:
                    if name is None:
                        name = self.join(client, request)
                    elif kind == "leave":
                        del self.members[name]
                        self.tell_all({"type": "leave", "name": name})
                        name = None
                        if not left:
                            client.put_frame(8, struct.pack("!H", 1000))
                        left = True
                    elif kind in ("message", "direct") and isinstance(request.get("text"), str):
                        self.pass_on(client, name, request)
                    else:
                        client.put_event({"type": "error", "reason": "看不懂"})
        finally:
            with self.lock:
                if name is not None:
                    del self.members[name]
                    self.tell_all({"type": "leave", "name": name})

    def join(self, client, request):
        name = request.get("name") if request.get("type") == "join" else None
        name = name.strip() if isinstance(name, str) else ""
        if not 1 <= len(name) <= 32 or name in self.members or any(unicodedata.category(c) == "Cc" for c in name):
            client.put_event({"type": "error", "reason": "不能这样加入"})
            raise Closing(4000)
        self.members[name] = client
        self.tell_all({"type": "join", "name": name})
        return name

    def pass_on(self, client, name, request):
        text = request["text"]
        if request["type"] == "message":
            self.tell_all({"type": "message", "name": name, "text": text})
            return
        to = request.get("to")
        other = self.members.get(to) if isinstance(to, str) else None
        if other is None:
            client.put_event({"type": "error", "reason": "没有这个人"})
            return
        for one in [client] if other is client else [client, other]:
            one.put_event({"type": "direct", "name": name, "to": to, "text": text})

    def tell_all(self, event):
        with self.lock:
            for member in self.members.values():
                member.put_event(event)


def parse(message):
    try:
        request = json.loads(message) if isinstance(message, str) else None
    except (ValueError, RecursionError):
        request = None
    return request if isinstance(request, dict) else {}


def answer(client, status, html, extra=""):
    body = html.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n{extra}"
    client.put(f"{head}Connection: close\r\n\r\n".encode() + body)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    WebSocketServer(options.host, options.port).start()
