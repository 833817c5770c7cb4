"""HTTP/1.1 with kept connections, a table of routes, and answers in one write; what is not read closes the connection."""

import json
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

MIB = 2**20
FORM = (
    "<!doctype html><title>http.server</title>"
    "<form method=post action=/api/submit><input name=name placeholder=姓名><button>发送</button></form>"
)


class SimpleHTTPRequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def home(self):
        self.answer(200, FORM)

    def data(self):
        self.answer(200, {"message": "Hello, World!", "status": "success", "timestamp": time.ctime()})

    def submit(self):
        form = parse_qs(self.body.decode(errors="replace"))
        name = form["name"][0] if "name" in form else ""
        self.answer(200, {"message": "Hello, %s!" % name, "status": "success", "received_data": form})

    routes = {"/": {"GET": home}, "/api/data": {"GET": data}, "/api/submit": {"POST": submit}}

    def handle_any(self):
        method = "GET" if self.command == "HEAD" else self.command
        actions = self.routes.get(urlsplit(self.path).path)
        if not self.read_body():
            return
        if actions is None:
            self.answer(404, "<h1>404 Not Found</h1>")
        elif method not in actions:
            self.answer(405, "<h1>405</h1>", Allow=", ".join(actions))
        else:
            actions[method](self)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

    def read_body(self):
        self.body = b""
        text = self.headers.get("Content-Length")
        if text is None:
            if self.command == "POST":
                self.answer(411, "<h1>411</h1>", Connection="close")
                return False
            return True
        if not text.isascii() or not text.isdecimal():
            self.answer(400, "<h1>400</h1>", Connection="close")
            return False
        if len(text) > 10 or int(text) > MIB:
            self.answer(413, "<h1>413</h1>", Connection="close")
            return False
        self.body = self.rfile.read(int(text))
        if len(self.body) < int(text):
            self.close_connection = True
            return False
        return True

    def answer(self, status, content, **headers):
        if isinstance(content, dict):
            kind, body = "application/json", json.dumps(content).encode()
        else:
            kind, body = "text/html; charset=utf-8", content.encode()
        self.send_response(HTTPStatus(status))
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", len(body))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_request(self, *args):
        pass

    def log_error(self, *args):
        pass


class QuietServer(ThreadingHTTPServer):
    request_queue_size = 100

    def handle_error(self, request, client_address):
        pass


class SimpleHTTPServer:
    server = None

    def __init__(self, host="0.0.0.0", port=8000):
        self.address = host, port

    def start(self):
        try:
            self.server = QuietServer(self.address, SimpleHTTPRequestHandler)
        except (OSError, OverflowError) as why:
            print("cannot start:", why)
        else:
            with self.server:
                self.server.serve_forever()


if __name__ == "__main__":
    SimpleHTTPServer().start()
