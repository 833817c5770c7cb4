"""Takes a Close of one byte for one without a code.

fails: refuses_invalid_close_codes websocket.wrong_close_code
fails: throws_out_of_the_chat_who_breaks_the_protocol websocket.wrong_close_code
"""

import argparse
import base64
import hashlib
import json
import queue
import socket
import struct
import threading
import unicodedata

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LIMIT = 2**20
OWED = 8 * 2**20
PAGE = """<!DOCTYPE html>
<meta charset="utf-8">
<title>chat</title>
<input id="name"> <button id="join">join</button>
<div id="messages"></div>
<input id="text"> <button id="send">send</button>
<script>
const $ = id => document.getElementById(id);
let socket;
function show(text) {
  const line = document.createElement("p");
  line.textContent = text;
  $("messages").append(line);
}
$("join").onclick = () => {
  socket = new WebSocket("ws://" + location.host + "/chat");
  socket.onopen = () => socket.send(JSON.stringify({type: "join", name: $("name").value}));
  socket.onmessage = message => {
    const event = JSON.parse(message.data);
    if (event.type === "join") show(event.name + " joined");
    else if (event.type === "leave") show(event.name + " left");
    else if (event.type === "error") show("error: " + event.reason);
    else show((event.name || "push") + ": " + event.text);
  };
};
$("send").onclick = () => {
  socket.send(JSON.stringify({type: "message", text: $("text").value}));
  $("text").value = "";
};
</script>
"""


class Fail(Exception):
    def __init__(self, code):
        self.payload = struct.pack("!H", code)


class Goodbye(Exception):
    def __init__(self, payload):
        self.payload = payload


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""
        self.name = None
        self.owed = 0
        self.queue = queue.SimpleQueue()

    def put(self, data):
        if self.owed > OWED:
            self.sock.shutdown(socket.SHUT_RDWR)
        else:
            self.owed += len(data)
            self.queue.put(data)

    def frame(self, opcode, payload):
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, size)
        elif size < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 127, size)
        self.put(head + payload)

    def event(self, event):
        self.frame(1, json.dumps(event).encode())

    def write_all(self):
        try:
            while (data := self.queue.get()) is not None:
                self.sock.sendall(data)
                self.owed -= len(data)
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def read(self, count):
        while len(self.buffer) < count:
            self.more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def more(self):
        data = self.sock.recv(65536)
        if not data:
            raise OSError("gone")
        self.buffer += data

    def read_frame(self, room):
        first, second = self.read(2)
        final, opcode, size = first & 0x80, first & 0x0F, second & 0x7F
        if first & 0x70:
            raise Fail(1002)
        if opcode not in (0, 1, 2, 8, 9, 10):
            raise Fail(1002)
        if not second & 0x80:
            raise Fail(1002)
        if opcode >= 8 and size > 125:
            raise Fail(1002)
        if opcode >= 8 and not final:
            raise Fail(1002)
        if size == 126:
            size = int.from_bytes(self.read(2), "big")
        elif size == 127:
            size = int.from_bytes(self.read(8), "big")
        if opcode < 8 and size > room:
            raise Fail(1009)
        mask = self.read(4)
        payload = self.read(size)
        return final, opcode, unmask(payload, mask)

    def message(self):
        kind, parts, size = None, [], 0
        while True:
            final, opcode, payload = self.read_frame(LIMIT - size)
            if opcode == 9:
                self.frame(10, payload)
            elif opcode == 8:
                self.closes(payload)
            elif opcode != 10:
                if opcode == 0 and kind is None:
                    raise Fail(1002)
                if opcode != 0 and kind is not None:
                    raise Fail(1002)
                kind = kind or opcode
                parts.append(payload)
                size += len(payload)
                if final:
                    data = b"".join(parts)
                    return kind, text_of(data) if kind == 1 else data

    def closes(self, payload):
        if len(payload) == 1:
            payload = b""
        if payload:
            code = int.from_bytes(payload[:2], "big")
            if code < 1000 or code in (1004, 1005, 1006, 1015) or code >= 5000:
                raise Fail(1002)
            text_of(payload[2:])
        raise Goodbye(payload[:2])


def unmask(payload, mask):
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")


def text_of(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Fail(1007) from None


class WebSocketServer:
    def __init__(self, host="0.0.0.0", port=8765):
        self.host = host
        self.port = port
        self.lock = threading.RLock()
        self.members = {}

    def start(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.host, self.port))
            listener.listen(128)
        except (OSError, OverflowError) as error:
            print("cannot start:", error)
            listener.close()
            return
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def push(self, text):
        self.tell({"type": "push", "text": text})

    def serve(self, sock):
        client = Client(sock)
        writer = threading.Thread(target=client.write_all, daemon=True)
        writer.start()
        try:
            talk = self.shake_hands(client)
            if talk:
                talk(client)
        except (Fail, Goodbye) as end:
            client.frame(8, end.payload)
        except OSError:
            pass
        client.queue.put(None)
        writer.join()
        try:
            sock.settimeout(2)
            while sock.recv(65536):
                pass
        except OSError:
            pass
        sock.close()

    def shake_hands(self, client):
        while b"\r\n\r\n" not in client.buffer:
            client.more()
        head, _, client.buffer = client.buffer.partition(b"\r\n\r\n")
        request, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        method, target, _ = request.split(" ")
        path = target.partition("?")[0]
        if path == "/":
            return self.answer(client, "200 OK", PAGE)
        talk = {"/echo": self.echo, "/chat": self.chat}.get(path)
        if talk is None:
            return self.answer(client, "404 Not Found", "not found")
        if "websocket" not in tokens(headers, "upgrade"):
            return self.answer(client, "400 Bad Request", "no upgrade")
        if "upgrade" not in tokens(headers, "connection"):
            return self.answer(client, "400 Bad Request", "no upgrade")
        if headers.get("sec-websocket-version") != "13":
            return self.answer(client, "426 Upgrade Required", "version 13", "Sec-WebSocket-Version: 13\r\n")
        key = headers.get("sec-websocket-key", "")
        try:
            if len(base64.b64decode(key, validate=True)) != 16:
                raise ValueError
        except ValueError:
            return self.answer(client, "400 Bad Request", "bad key")
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        client.put(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        return talk

    def answer(self, client, status, text, more=""):
        body = text.encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n{more}Content-Length: {len(body)}\r\n"
        client.put(head.encode() + b"Connection: close\r\n\r\n" + body)

    def echo(self, client):
        while True:
            kind, message = client.message()
            client.frame(kind, message.encode() if kind == 1 else message)

    def chat(self, client):
        try:
            while self.handle(client, parse(*client.message())):
                pass
        finally:
            with self.lock:
                if client.name is not None:
                    del self.members[client.name]
                    self.tell({"type": "leave", "name": client.name})
        raise Goodbye(struct.pack("!H", 1000))

    def handle(self, client, request):
        """False when the connection is to be closed."""
        kind, text = request.get("type"), request.get("text")
        if client.name is None:
            error = self.join(client, request.get("name")) if kind == "join" else "join first"
            if error:
                client.event({"type": "error", "reason": error})
            return not error
        if kind == "leave":
            return False
        if kind == "message" and isinstance(text, str):
            self.tell({"type": "message", "name": client.name, "text": text})
        elif kind == "direct" and isinstance(text, str) and isinstance(request.get("to"), str):
            self.direct(client, request["to"], text)
        else:
            client.event({"type": "error", "reason": "not understood"})
        return True

    def join(self, client, name):
        if not isinstance(name, str):
            return "the name is no string"
        name = name.strip()
        if not 0 < len(name) <= 32 or any(unicodedata.category(c) == "Cc" for c in name):
            return "bad name"
        with self.lock:
            if name in self.members:
                return "this name is taken"
            client.name = name
            self.members[name] = client
            self.tell({"type": "join", "name": name})

    def direct(self, client, to, text):
        with self.lock:
            if to not in self.members:
                client.event({"type": "error", "reason": "nobody has that name"})
                return
            for member in {client, self.members[to]}:
                member.event({"type": "direct", "name": client.name, "to": to, "text": text})

    def tell(self, event):
        with self.lock:
            for member in self.members.values():
                member.event(event)


def tokens(headers, name):
    return [item.strip().lower() for item in headers.get(name, "").split(",")]


def parse(kind, message):
    try:
        request = json.loads(message) if kind == 1 else None
    except (ValueError, RecursionError):
        request = None
    return request if isinstance(request, dict) else {}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    WebSocketServer(options.host, options.port).start()


if __name__ == "__main__":
    main()
