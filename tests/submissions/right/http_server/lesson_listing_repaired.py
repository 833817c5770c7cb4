"""The lesson's way, repaired as little as possible: if/elif over the path, ThreadingHTTPServer, HTTP/1.0."""

import http.server
import json
import urllib.parse
from datetime import datetime

LIMIT = 1 << 20

HOME = """<html><head><meta charset="utf-8"><title>主页</title></head><body>
<form action="/api/submit" method="POST"><input type="text" name="name"><input type="submit" value="提交"></form>
</body></html>"""
MISSING = "<html><head><meta charset='utf-8'></head><body><h1>404</h1>没有</body></html>"


class SimpleHTTPRequestHandler(http.server.BaseHTTPRequestHandler):
    def reply(self, status, kind, text):
        data = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_GET(self):
        path = urllib.parse.urlparse(self.path).path
        if path == "/":
            self.reply(200, "text/html; charset=utf-8", HOME)
        elif path == "/api/data":
            data = {"message": "Hello, World!", "status": "success", "timestamp": str(datetime.now())}
            self.reply(200, "application/json", json.dumps(data))
        else:
            self.reply(404, "text/html; charset=utf-8", MISSING)

    do_HEAD = do_GET

    def do_POST(self):
        if urllib.parse.urlparse(self.path).path != "/api/submit":
            self.reply(404, "text/html; charset=utf-8", MISSING)
            return
        try:
            length = int(self.headers["Content-Length"])
            if length < 0:
                raise ValueError
        except (TypeError, ValueError):
            self.reply(400, "text/plain", "bad Content-Length")
            return
        if length > LIMIT:
            self.reply(413, "text/plain", "too large")
            return
        text = self.rfile.read(length).decode("utf-8", "replace")
        form = urllib.parse.parse_qs(text)
        name = form.get("name", [""])[0]
        self.reply(
            200,
            "application/json",
            json.dumps({"message": f"Hello, {name}!", "status": "success", "received_data": form}),
        )

    def log_message(self, format, *args):
        pass


class SimpleHTTPServer:
    def __init__(self, host="0.0.0.0", port=8000):
        self.host = host
        self.port = port
        self.server = None

    def start(self):
        try:
            self.server = http.server.ThreadingHTTPServer((self.host, self.port), SimpleHTTPRequestHandler)
            print(f"HTTP服务器已启动 http://{self.host}:{self.port}")
            self.server.serve_forever()
        except Exception as e:
            print(f"HTTP服务器启动失败: {e}")
        finally:
            if self.server:
                self.server.server_close()


if __name__ == "__main__":
    try:
        SimpleHTTPServer().start()
    except KeyboardInterrupt:
        print("停止")
