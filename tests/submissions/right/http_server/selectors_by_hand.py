"""One thread, selectors and a hand-written parser that takes any pieces; kept connections and chunked answers."""

import json
import selectors
import socket
import time
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

MAX_HEAD = 64 * 1024
MAX_BODY = 1024 * 1024
HTML = "text/html; charset=utf-8"


def index(_):
    return 200, HTML, "<html><form action='api/submit' method='post'><input name='name' type='text'></form></html>"


def data(_):
    answer = {"timestamp": formatdate(), "status": "success", "message": "Hello, World!"}
    return 200, "application/json", json.dumps(answer, indent=2)


def submit(body):
    form = parse_qs(body.decode("utf-8", "replace"))
    answer = {"received_data": form, "status": "success", "message": f"Hello, {form.get('name', [''])[0]}!"}
    return 200, "application/json", json.dumps(answer)


ROUTES = {("GET", "/"): index, ("GET", "/api/data"): data, ("POST", "/api/submit"): submit}


class SimpleHTTPRequestHandler(BaseHTTPRequestHandler):
    """The base class's names, without its I/O: `feed` takes bytes and gives the bytes to send back."""

    def __init__(self):
        self.buffer = b""
        self.close_connection = False

    def feed(self, data):
        self.buffer += data
        out = []
        while not self.close_connection and (answer := self.next_answer()) is not None:
            out.append(answer)
        return b"".join(out)

    def next_answer(self):
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return self.refuse(431) if len(head) > MAX_HEAD else None
        try:
            request_line, *lines = head.decode("latin-1").split("\r\n")
            method, target, version = request_line.split(" ")
            headers = [(name.lower(), value.strip(" \t")) for name, _, value in (line.partition(":") for line in lines)]
            if version not in ("HTTP/1.0", "HTTP/1.1"):
                raise ValueError
        except ValueError:
            return self.refuse(400)
        headers = dict(headers)
        size = headers.get("content-length", "0")
        if not size.isascii() or not size.isdigit():
            return self.refuse(400)
        if int(size[:20]) > MAX_BODY:
            return self.refuse(413)
        if len(rest) < int(size):
            return None
        body, self.buffer = rest[: int(size)], rest[int(size) :]
        if version == "HTTP/1.0" or "close" in headers.get("connection", "").lower():
            self.close_connection = True
        return self.answer(method, target.partition("?")[0], body, version)

    def answer(self, method, path, body, version):
        lookup = "GET" if method == "HEAD" else method
        if (lookup, path) in ROUTES:
            status, kind, text = ROUTES[lookup, path](body)
        elif any(path == known for _, known in ROUTES):
            status, kind, text = 405, HTML, "<h1>405</h1>"
        else:
            status, kind, text = 404, HTML, "<h1>404</h1>"
        content = text.encode()
        chunked = version == "HTTP/1.1"
        framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(content)}"
        if chunked:
            half = len(content) // 2
            pieces = [piece for piece in (content[:half], content[half:]) if piece]
            content = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        return self.head(status, kind, framing) + (b"" if method == "HEAD" else content)

    def refuse(self, status):
        self.close_connection = True
        self.buffer = b""
        return self.head(status, HTML, "Content-Length: 0")

    def head(self, status, kind, framing):
        connection = "close" if self.close_connection else "keep-alive"
        phrase = HTTPStatus(status).phrase
        return (
            f"HTTP/1.1 {status} {phrase}\r\nContent-Type: {kind}\r\n{framing}\r\nConnection: {connection}\r\n\r\n"
        ).encode()


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.handler = SimpleHTTPRequestHandler()
        self.out = b""
        self.drop_at = None

    def on_readable(self):
        received = self.sock.recv(65536)
        if not received:
            raise ConnectionError
        if self.drop_at is None:
            self.out += self.handler.feed(received)

    def on_writable(self):
        sent = self.sock.send(self.out)
        self.out = self.out[sent:]
        if not self.out and self.handler.close_connection and self.drop_at is None:
            self.sock.shutdown(socket.SHUT_WR)
            self.drop_at = time.monotonic() + 1


class SimpleHTTPServer:
    def __init__(self, host="0.0.0.0", port=8000):
        self.host = host
        self.port = port
        self.server = None

    def start(self):
        try:
            self.server = socket.create_server((self.host, self.port), backlog=256)
        except (OSError, OverflowError) as error:
            print(f"Cannot listen on {self.host}:{self.port}: {error}")
            return
        self.server.setblocking(False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.server, selectors.EVENT_READ)
        try:
            while True:
                self.turn()
        except KeyboardInterrupt:
            pass
        finally:
            for key in list(self.selector.get_map().values()):
                key.fileobj.close()

    def turn(self):
        for key, events in self.selector.select(0.5):
            client = key.data
            if client is None:
                sock, _ = self.server.accept()
                sock.setblocking(False)
                self.selector.register(sock, selectors.EVENT_READ, Client(sock))
                continue
            try:
                if events & selectors.EVENT_READ:
                    client.on_readable()
                if client.out:
                    client.on_writable()
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.out else 0)
                self.selector.modify(client.sock, wanted, client)
            except BlockingIOError:
                self.selector.modify(client.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, client)
            except OSError:
                self.drop(client)
        now = time.monotonic()
        for key in list(self.selector.get_map().values()):
            if key.data and key.data.drop_at and key.data.drop_at < now:
                self.drop(key.data)

    def drop(self, client):
        self.selector.unregister(client.sock)
        client.sock.close()


if __name__ == "__main__":
    SimpleHTTPServer().start()
