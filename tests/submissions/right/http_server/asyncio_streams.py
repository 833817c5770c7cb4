"""asyncio streams and a hand-written head; the handler class only makes the pages, and answers end with the close."""

import asyncio
import json
from datetime import datetime
from http.client import responses
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

LIMIT = 1024 * 1024


class SimpleHTTPRequestHandler(BaseHTTPRequestHandler):
    """The pages, as functions of the request; none of the base class's own reading is used."""

    HTML = "text/html; charset=utf-8"

    @classmethod
    def page(cls, method, path, body):
        if path == "/":
            if method != "GET":
                return 405, cls.HTML, "<p>GET only"
            form = '<form method="post" action="/api/submit"><input name="name"><input type="submit"></form>'
            return 200, cls.HTML, f"<!DOCTYPE html><html><body>{form}</body></html>"
        if path == "/api/data":
            if method != "GET":
                return 405, cls.HTML, "<p>GET only"
            now = datetime.now().isoformat()
            return 200, "application/json", json.dumps(dict(message="Hello, World!", status="success", timestamp=now))
        if path == "/api/submit":
            if method != "POST":
                return 405, cls.HTML, "<p>POST only"
            try:
                fields = parse_qs(body.decode())
            except UnicodeDecodeError:
                return 400, cls.HTML, "<p>not UTF-8"
            message = "Hello, " + fields.get("name", [""])[0] + "!"
            answer = {"message": message, "status": "success", "received_data": fields}
            return 200, "application/json; charset=utf-8", json.dumps(answer, ensure_ascii=False)
        return 404, cls.HTML, "<h1>404</h1>"


async def read_request(reader):
    """(method, path, body), or an answer (status, type, text) when the request cannot be used."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request_line, *lines = head.split("\r\n")
    method, target, version = request_line.split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError(version)
    headers = {}
    for line in filter(None, lines):
        key, _, value = line.partition(":")
        headers[key.strip().lower()] = value.strip()
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        return None, (400, SimpleHTTPRequestHandler.HTML, "<p>bad Content-Length")
    if len(length) > 12 or int(length) > LIMIT:
        return None, (413, SimpleHTTPRequestHandler.HTML, "<p>too large")
    body = await reader.readexactly(int(length))
    return (method, target.split("?")[0], body), None


async def serve_client(reader, writer):
    method = ""
    try:
        try:
            request, answer = await read_request(reader)
            if request:
                method, path, body = request
                if method not in ("GET", "HEAD", "POST"):
                    answer = 501, SimpleHTTPRequestHandler.HTML, "<p>not implemented"
                else:
                    answer = SimpleHTTPRequestHandler.page("GET" if method == "HEAD" else method, path, body)
        except (ValueError, asyncio.LimitOverrunError):
            answer = 400, SimpleHTTPRequestHandler.HTML, "<p>bad request"
        status, kind, text = answer
        writer.write(f"HTTP/1.1 {status} {responses[status]}\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode())
        if method != "HEAD":
            writer.write(text.encode())
        await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        async with asyncio.timeout(1):  # let the rest of an unread body arrive, so that the answer is not lost
            while await reader.read(65536):
                pass
    except (OSError, EOFError, TimeoutError):
        pass
    finally:
        writer.close()


class SimpleHTTPServer:
    def __init__(self, host="0.0.0.0", port=8000):
        self.host, self.port = host, port
        self.server = None

    async def run(self):
        self.server = await asyncio.start_server(serve_client, self.host, self.port, backlog=200)
        await asyncio.Event().wait()

    def start(self):
        try:
            asyncio.run(self.run())
        except (OSError, OverflowError) as error:
            print("could not start the server:", error)
        except KeyboardInterrupt:
            print("bye")


if __name__ == "__main__":
    SimpleHTTPServer().start()
