"""http.server answers the requests, and do_GET goes on as a WebSocket; a helper sends what a socket does not take."""

import argparse
import base64
import hashlib
import http.server
import json
import select
import socket
import struct
import sys
import threading
import time
import unicodedata

people = {}
lock = threading.RLock()

PAGE = """<!DOCTYPE html>
<html lang="zh">
<head><meta charset="utf-8"><title>聊天室</title></head>
<body>
<h1>聊天室</h1>
<div id="messages"></div>
<p><input id="name" placeholder="名字"> <button id="join">加入</button></p>
<p><input id="text" placeholder="消息"> <button id="send">发送</button></p>
<script>
var ws;
function escape_it(s) {
    return String(s).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
document.getElementById("join").onclick = function () {
    ws = new WebSocket("ws://" + location.host + "/chat");
    ws.onopen = function () {
        ws.send(JSON.stringify({"type": "join", "name": document.getElementById("name").value}));
    };
    ws.onmessage = function (event) {
        var d = JSON.parse(event.data), line = "";
        if (d.type == "join") line = d.name + " 加入了";
        if (d.type == "leave") line = d.name + " 离开了";
        if (d.type == "message") line = d.name + "：" + d.text;
        if (d.type == "direct") line = d.name + "（对 " + d.to + " 说）：" + d.text;
        if (d.type == "push") line = "公告：" + d.text;
        if (d.type == "error") line = "错误：" + d.reason;
        document.getElementById("messages").innerHTML += "<p>" + escape_it(line) + "</p>";
    };
};
document.getElementById("send").onclick = function () {
    ws.send(JSON.stringify({"type": "message", "text": document.getElementById("text").value}));
    document.getElementById("text").value = "";
};
</script>
</body>
</html>
"""


class Close(Exception):
    pass


class Outlet:
    """Sends without waiting. What the socket does not take now is sent by a helper thread, which ends when it is out."""

    def __init__(self, sock):
        self.sock = sock
        self.lock = threading.Lock()
        self.left = bytearray()
        self.helper = None

    def send(self, data):
        with self.lock:
            if self.helper is None:
                try:
                    data = data[self.sock.send(data, socket.MSG_DONTWAIT) :]
                except BlockingIOError:
                    pass
                except OSError:
                    return
                if not data:
                    return
                self.helper = threading.Thread(target=self.help, daemon=True)
                self.helper.start()
            elif len(self.left) > 7_000_000:
                self.left.clear()
                try:
                    self.sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                return
            self.left += data

    def help(self):
        while True:
            try:
                select.select([], [self.sock], [], 10)
            except ValueError:
                return
            with self.lock:
                try:
                    del self.left[: self.sock.send(self.left[:65536], socket.MSG_DONTWAIT)]
                except BlockingIOError:
                    continue
                except OSError:
                    self.left.clear()
                if not self.left:
                    self.helper = None
                    return

    def wait(self, most=None):
        helper = self.helper
        if helper is not None:
            helper.join(most)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.close_connection = True
        path = self.path.split("?")[0]
        if path == "/":
            self.answer(200, PAGE)
        elif path not in ("/echo", "/chat"):
            self.answer(404, "没有这个网页")
        elif self.shake_hands():
            self.outlet = Outlet(self.connection)
            try:
                self.echo() if path == "/echo" else self.chat()
            except Close as close:
                self.send_frame(8, close.args[0])
            except (OSError, EOFError):
                pass
            self.outlet.wait(2)
        self.say_goodbye()

    def answer(self, status, page):
        body = page.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", len(body))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def shake_hands(self):
        def values(name):
            return [v.strip() for line in self.headers.get_all(name, []) for v in line.split(",")]

        keys = values("Sec-WebSocket-Key")
        try:
            good_key = len(keys) == 1 and len(base64.b64decode(keys[0], validate=True)) == 16
        except ValueError:
            good_key = False
        if (
            "websocket" not in [v.lower() for v in values("Upgrade")]
            or "upgrade" not in [v.lower() for v in values("Connection")]
            or values("Sec-WebSocket-Version") != ["13"]
            or not good_key
        ):
            self.answer(400, "请用 WebSocket 连接")
            return False
        accept = hashlib.sha1(keys[0].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(accept).decode())
        self.end_headers()
        return True

    def say_goodbye(self):
        try:
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1)
            end = time.time() + 2
            while time.time() < end and self.connection.recv(4096):
                pass
        except OSError:
            pass

    # frames

    def take(self, n):
        data = self.rfile.read(n)
        if len(data) < n:
            raise EOFError
        return data

    def fail(self, code):
        raise Close(struct.pack("!H", code))

    def read_message(self):
        message, kind = b"", 0
        while True:
            first, second = self.take(2)
            opcode, n = first & 15, second & 127
            if first & 0x70 or second < 128 or opcode not in (0, 1, 2, 8, 9, 10):
                self.fail(1002)
            if opcode >= 8 and (n > 125 or first < 128):
                self.fail(1002)
            if n == 126:
                n = struct.unpack("!H", self.take(2))[0]
            elif n == 127:
                n = struct.unpack("!Q", self.take(8))[0]
            if opcode < 8 and len(message) + n > 1024 * 1024:
                self.fail(1009)
            mask = self.take(4)
            data = bytearray(self.take(n))
            for i in range(4):
                part = data[i::4]
                data[i::4] = bytes(map(mask[i].__xor__, part))
            if opcode == 8:
                self.check_close(bytes(data))
            elif opcode == 9:
                self.send_frame(10, bytes(data))
            elif opcode < 8:
                if (opcode == 0) != (kind != 0):
                    self.fail(1002)
                kind = kind or opcode
                message += data
                if first >= 128:
                    return self.decode(message) if kind == 1 else message

    def check_close(self, data):
        if len(data) == 1:
            self.fail(1002)
        if data:
            code = struct.unpack("!H", data[:2])[0]
            if code < 1000 or code in (1004, 1005, 1006) or 1014 < code < 3000 or code >= 5000:
                self.fail(1002)
            self.decode(data[2:])
        raise Close(data[:2])

    def decode(self, data):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            self.fail(1007)

    def send_frame(self, opcode, data):
        if len(data) < 126:
            head = struct.pack("!BB", 128 + opcode, len(data))
        elif len(data) < 65536:
            head = struct.pack("!BBH", 128 + opcode, 126, len(data))
        else:
            head = struct.pack("!BBQ", 128 + opcode, 127, len(data))
        self.outlet.send(head + data)

    # what it is for

    def echo(self):
        while True:
            message = self.read_message()
            if isinstance(message, str):
                self.send_frame(1, message.encode())
            else:
                self.send_frame(2, message)
            self.outlet.wait()

    def chat(self):
        self.name = None
        try:
            while True:
                message = self.read_message()
                with lock:
                    reason = self.understand(message)
                if reason:
                    self.tell({"type": "error", "reason": reason})
                    if self.name is None:
                        self.fail(1000)
        finally:
            with lock:
                if self.name is not None:
                    del people[self.name]
                    tell_all({"type": "leave", "name": self.name})

    def understand(self, message):
        if isinstance(message, bytes):
            return "只要文字"
        try:
            d = json.loads(message)
        except (ValueError, RecursionError):
            return "不是 JSON"
        if not isinstance(d, dict):
            return "不是对象"
        kind = d.get("type")
        if self.name is None:
            if kind != "join" or not isinstance(d.get("name"), str):
                return "先加入"
            name = d["name"].strip()
            if name == "" or len(name) > 32 or [c for c in name if unicodedata.category(c) == "Cc"]:
                return "名字不行"
            if name in people:
                return "名字有人用了"
            self.name = name
            people[name] = self
            tell_all({"type": "join", "name": name})
        elif kind == "leave":
            self.fail(1000)
        elif kind == "message" and isinstance(d.get("text"), str):
            tell_all({"type": "message", "name": self.name, "text": d["text"]})
        elif kind == "direct" and isinstance(d.get("text"), str) and isinstance(d.get("to"), str):
            if d["to"] not in people:
                return "没有这个人"
            event = {"type": "direct", "name": self.name, "to": d["to"], "text": d["text"]}
            people[d["to"]].tell(event)
            if d["to"] != self.name:
                self.tell(event)
        else:
            return "看不懂"
        return None

    def tell(self, event):
        self.send_frame(1, json.dumps(event).encode())


def tell_all(event):
    for person in people.values():
        person.tell(event)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class WebSocketServer:
    def __init__(self, host="0.0.0.0", port=8765):
        self.host = host
        self.port = port

    def start(self):
        try:
            server = Server((self.host, self.port), Handler)
        except (OSError, OverflowError, UnicodeError) as e:
            print("启动失败：", e)
            return
        print("服务器启动了")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("再见")
        finally:
            server.server_close()

    def push(self, text):
        with lock:
            tell_all({"type": "push", "text": text})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8765)
    args = parser.parse_args()
    WebSocketServer(args.host, args.port).start()
