"""Refuses a form whose Content-Type has a parameter.

fails: reads_headers_however_they_are_written web.form_with_charset
"""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HTML = "text/html; charset=utf-8"
FORM = '<form action="/api/submit" method="POST"><input type="text" name="name"><input type="submit"></form>'


class SimpleHTTPRequestHandler(BaseHTTPRequestHandler):
    def reply(self, status, kind, text):
        data = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/":
            self.reply(200, HTML, f"<html><body><h1>你好</h1>{FORM}</body></html>")
        elif path == "/api/data":
            data = {"message": "Hello, World!", "status": "success", "timestamp": time.ctime()}
            self.reply(200, "application/json", json.dumps(data))
        else:
            self.reply(404, HTML, "<h1>404 没有</h1>")

    do_HEAD = do_GET

    def do_POST(self):
        path = urlsplit(self.path).path
        if path != "/api/submit":
            self.reply(404, HTML, "<h1>404 没有</h1>")
            return
        text = self.headers.get("Content-Length", "0")
        if not (text.isascii() and text.isdigit()):
            self.reply(400, HTML, "<h1>400</h1>")
            return
        length = int(text)
        if length > 1024 * 1024:
            self.reply(413, HTML, "<h1>413</h1>")
            return
        body = self.rfile.read(length)
        if self.headers.get("Content-Type", "").endswith(("UTF-8", "utf-8")):
            self.reply(415, HTML, "<h1>415</h1>")
            return
        form = parse_qs(body.decode("utf-8", "replace"))
        name = form.get("name", [""])[0]
        answer = {"message": f"Hello, {name}!", "status": "success", "received_data": form}
        self.reply(200, "application/json", json.dumps(answer))

    def log_message(self, format, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass


class SimpleHTTPServer:
    def __init__(self, host="0.0.0.0", port=8000):
        self.host = host
        self.port = port
        self.server = None

    def start(self):
        try:
            self.server = Server((self.host, self.port), SimpleHTTPRequestHandler)
        except (OSError, OverflowError) as error:
            print("cannot start:", error)
            return
        try:
            self.server.serve_forever()
        finally:
            self.server.server_close()


if __name__ == "__main__":
    SimpleHTTPServer().start()
