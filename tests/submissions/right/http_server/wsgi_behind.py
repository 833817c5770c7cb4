"""wsgiref behind the contract's names: a WSGI function makes the pages, the standard library does the rest."""

import io
import json
import socketserver
import sys
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

PAGE = """<!DOCTYPE html>
<TITLE>WSGI</TITLE>
<FORM ACTION="/api/submit" METHOD="POST" ENCTYPE="application/x-www-form-urlencoded">
<TEXTAREA NAME="name"></TEXTAREA><BUTTON TYPE="submit">OK</BUTTON>
</FORM>
"""


class Refused(Exception):
    pass


def form_of(environ):
    length = environ.get("CONTENT_LENGTH") or "0"
    if not set(length) <= set("0123456789"):
        raise Refused("400 Bad Request")
    if len(length) > 9 or int(length) > 1048576:
        raise Refused("413 Content Too Large")
    return parse_qs(environ["wsgi.input"].read(int(length)).decode("utf-8", errors="replace"))


def application(environ, start_response):
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    status, kind, text = "404 Not Found", "text/html; charset=utf-8", "<p>nothing here"
    try:
        if method not in ("GET", "HEAD", "POST"):
            status = "501 Not Implemented"
        elif method == "POST" and path == "/api/submit":
            form = form_of(environ)
            name = form.get("name", [""])[0]
            answer = {"message": f"Hello, {name}!", "status": "success", "received_data": form}
            status, kind, text = "200 OK", "application/json", json.dumps(answer)
        elif method != "POST" and path == "/":
            status, text = "200 OK", PAGE
        elif method != "POST" and path == "/api/data":
            now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
            answer = {"message": "Hello, World!", "status": "success", "timestamp": now}
            status, kind, text = "200 OK", "application/json", json.dumps(answer)
    except Refused as refused:
        status, text = str(refused), "<p>refused"
    body = text.encode()
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [b"" if method == "HEAD" else body]


class SimpleHTTPRequestHandler(WSGIRequestHandler):
    assert issubclass(WSGIRequestHandler, BaseHTTPRequestHandler)

    def get_stderr(self):
        return io.StringIO()

    def log_message(self, format, *args):
        return


class ThreadingWSGIServer(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class SimpleHTTPServer:
    def __init__(self, host="0.0.0.0", port=8000):
        self.host, self.port, self.server = host, port, None

    def start(self):
        try:
            server = ThreadingWSGIServer((self.host, self.port), SimpleHTTPRequestHandler)
        except (OSError, OverflowError) as error:
            print(f"{self.host}:{self.port}: {error}")
            return
        server.set_app(application)
        self.server = server
        try:
            server.serve_forever()
        finally:
            server.server_close()


if __name__ == "__main__":
    try:
        SimpleHTTPServer().start()
    except KeyboardInterrupt:
        pass
