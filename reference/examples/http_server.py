"""用标准库写的 HTTP 服务器：一个网页、一份 JSON、一张表单（第 21.4.1 节）。

它回答三个地址：
    GET  /            一个 HTML 页面，里面有一张表单，表单把 name 提交给 /api/submit
    GET  /api/data    JSON：message、status、timestamp
    POST /api/submit  JSON：message 里有表单的 name，received_data 是表单的全部字段
其他地址一律是 404 页面。

试一试：
    python reference/examples/http_server.py
    curl -i http://127.0.0.1:8000/api/data
    curl -i --data-urlencode name=小明 http://127.0.0.1:8000/api/submit
    或者用浏览器打开 http://127.0.0.1:8000/

An HTTP server from the standard library: one page, one piece of JSON, one form (section 21.4.1). It answers GET /,
GET /api/data and POST /api/submit as above, and 404 everywhere else. Try it with the commands above or a browser.
"""

import datetime
import http.server
import json
import socket
import socketserver
import sys
import time
import urllib.parse

# 请求正文的上限：不设上限的服务器，一个请求就能让它用光内存。
# The longest body we accept: without a limit one request can fill the memory.
MAX_BODY = 1024 * 1024

HOME_PAGE = """<!DOCTYPE html>
<html lang="zh">
<head><meta charset="utf-8"><title>我的第一个网站</title></head>
<body>
  <h1>你好！</h1>
  <p>看看 <a href="/api/data">一份 JSON 数据</a>，或者告诉我你的名字：</p>
  <form action="/api/submit" method="post">
    <label>名字 <input type="text" name="name"></label>
    <button type="submit">提交</button>
  </form>
</body>
</html>
"""

ERROR_PAGE = """<!DOCTYPE html>
<html lang="zh">
<head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1><p>{text}</p></body>
</html>
"""


class SimpleHTTPRequestHandler(http.server.BaseHTTPRequestHandler):
    """回答一个连接上的请求；服务器为每个连接新建一个。

    `BaseHTTPRequestHandler` 读完请求行和首部以后，按方法的名字调用 `do_GET`、`do_POST`……，
    没有对应函数的方法由它回答 501。

    Answers the request on one connection; the server makes one of these for each. `BaseHTTPRequestHandler` reads the
    request line and the headers and then calls `do_GET`, `do_POST` …; methods without such a function get its 501.
    """

    # 沉默这么多秒的连接被放弃，否则它的线程永远不会结束。
    # A connection that is silent for so many seconds is given up, or its thread would never end.
    timeout = 60

    def do_GET(self):
        """GET：首页、JSON 数据，或者 404；/api/submit 只接受 POST，所以是 405。

        GET: the home page, the JSON data, or 404; 405 for /api/submit, which takes POST only.
        """
        path = self._path()
        if path == "/":
            self._send_html(200, HOME_PAGE)
        elif path == "/api/data":
            now = datetime.datetime.now(datetime.UTC)
            self._send_json({"message": "Hello, World!", "status": "success", "timestamp": now.isoformat()})
        elif path == "/api/submit":
            self._send_error_page(405, "这个地址只接受 POST", allow="POST")
        else:
            self._send_error_page(404, "没有这个页面")

    def do_HEAD(self):
        """HEAD：与 GET 相同，只是没有正文（见 `_send`）。

        HEAD: the same as GET, without the body (see `_send`).
        """
        self.do_GET()

    def do_POST(self):
        """POST /api/submit：读表单，用 JSON 回答 message、status 和 received_data。

        received_data 是 `urllib.parse.parse_qs` 的结果：每个字段对应一个列表，空的字段不在里面。
        Content-Length 无效 → 400，超过 1 MiB → 413（不等正文），没有 → 空表单。

        POST /api/submit: reads the form and answers message, status and received_data as JSON. received_data is what
        `urllib.parse.parse_qs` gives: a list for each field, empty ones left out. An invalid Content-Length → 400, one
        over 1 MiB → 413 (without waiting for the body), none → an empty form.
        """
        path = self._path()
        if path in ("/", "/api/data"):
            self._send_error_page(405, "这个地址只接受 GET", allow="GET, HEAD")
            return
        if path != "/api/submit":
            self._send_error_page(404, "没有这个页面")
            return

        # 课文在这里直接写 int(self.headers['Content-Length'])：没有这个首部、它不是数字、它是负数
        # （read(-1) 会一直读到连接结束）时，客户端什么回答也得不到。
        # The lesson writes int(self.headers['Content-Length']) here: when it is missing, not a number, or negative
        # (read(-1) reads until the connection ends), the client gets no answer at all.
        length = self._content_length()
        if length is None:
            self._send_error_page(400, "Content-Length 应当是一个非负整数")
            return
        if length > MAX_BODY:
            self._send_error_page(413, "正文不能超过 1 MiB")
            return
        if "Transfer-Encoding" in self.headers:
            self._send_error_page(411, "请用 Content-Length 说明正文的长度")
            return
        body = self.rfile.read(length)
        if len(body) < length:
            self._send_error_page(400, "正文还没有发完，连接就结束了")
            return
        try:
            fields = urllib.parse.parse_qs(body.decode("utf-8"))
        except UnicodeDecodeError:
            self._send_error_page(400, "正文不是 UTF-8")
            return
        name = fields.get("name", [""])[0]
        self._send_json({"message": f"Hello, {name}!", "status": "success", "received_data": fields})

    def log_message(self, format, *args):
        """什么也不写：关掉 `BaseHTTPRequestHandler` 在控制台上的日志。

        Writes nothing: the log of `BaseHTTPRequestHandler` on the console is off.
        """

    def finish(self):
        """回答发完以后，礼貌地结束连接。

        如果关闭时还有没读的字节（例如 413 之后仍在到来的正文），TCP 会发送 RST，客户端可能因此丢掉
        已经发给它的回答。所以先只关闭发送方向，再把剩下的读掉，最多两秒。

        Ends the connection politely once the answer is out. If bytes are unread at the close (such as a body that
        still comes after a 413), TCP sends a reset, and the client may lose the answer that was already on its way.
        So only the sending side is shut first, and the rest is read and dropped, for two seconds at most.
        """
        try:
            super().finish()
            self.connection.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + 2
            while (left := deadline - time.monotonic()) > 0:
                self.connection.settimeout(left)
                if not self.connection.recv(65536):
                    break
        except OSError:
            pass  # 客户端已经走了 / the client has left

    # ---- 下面是上面用到的小工具 / the helpers used above

    def _path(self):
        """请求的路径，不带查询串：课文拿 self.path 直接比较，于是 `/?a=1` 成了 404。

        The path without the query string: the lesson compares self.path itself, so that `/?a=1` becomes 404.
        """
        return self.path.partition("?")[0]

    def _content_length(self):
        """正文的字节数；没有这个首部是 0，无效是 None。

        The length of the body in bytes; 0 when the header is missing, None when it is invalid.
        """
        values = set(self.headers.get_all("Content-Length", ["0"]))
        text = values.pop().strip()
        # int() 还接受 "+5"、"1_000"；HTTP 只允许 ASCII 数字。
        # int() takes "+5" and "1_000" as well; HTTP allows ASCII digits only.
        if values or not (text.isascii() and text.isdigit()):
            return None
        # int() 拒绝超过 4300 位的数；这么长的数反正太大。
        # int() refuses more than 4300 digits; such a number is too large anyway.
        return int(text) if len(text) < 20 else MAX_BODY + 1

    def _send_html(self, status, page, **headers):
        self._send(status, "text/html; charset=utf-8", page, headers)

    def _send_json(self, value):
        self._send(200, "application/json", json.dumps(value, ensure_ascii=False), {})

    def _send_error_page(self, status, text, **headers):
        title = f"{status} {self.responses[status][0]}"
        self._send_html(status, ERROR_PAGE.format(title=title, text=text), **headers)

    def _send(self, status, content_type, text, headers):
        """发出一个完整的回答；Content-Length 是字节数，不是字符数。

        Sends one complete answer; Content-Length counts bytes, not characters.
        """
        body = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.capitalize(), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _Server(socketserver.ThreadingTCPServer):
    """每个连接一个线程的 TCP 服务器。课文用 TCPServer：一个慢的客户端会让所有人等着。

    A TCP server with a thread for each connection. The lesson's TCPServer lets everybody wait for one slow client.
    """

    # 没有它，刚停下的服务器在一分钟内不能在同一个端口上再启动（旧连接还在 TIME_WAIT）。
    # Without it a server that has just stopped cannot start again on its port for a minute (TIME_WAIT).
    allow_reuse_address = True
    # 线程不能妨碍程序结束。 Threads must not keep the program from ending.
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """客户端中途离开是常事，不值得一份出错报告；别的错误照常报告。

        A client that leaves half-way is everyday business; other errors are reported as usual.
        """
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class SimpleHTTPServer:
    """用 `SimpleHTTPRequestHandler` 回答请求的服务器。

    `server`：启动以前是 None，运行时是正在工作的服务器对象。

    A server that answers with `SimpleHTTPRequestHandler`. `server`: None until started, then the server object.
    """

    def __init__(self, host="0.0.0.0", port=8000):
        """记住地址；这时还不打开任何端口。 Remembers the address; opens no port yet."""
        self.host = host
        self.port = port
        self.server = None

    def start(self):
        """在 (host, port) 上服务，直到 Ctrl+C；地址不能用时打印一条说明并返回，不抛出异常。

        Serves on (host, port) until Ctrl+C; when the address cannot be used, prints why and returns without raising.
        """
        try:
            self.server = _Server((self.host, self.port), SimpleHTTPRequestHandler)
        except (OSError, OverflowError, UnicodeError) as error:
            # OverflowError：端口不在 0–65535；UnicodeError：主机名无效。
            # OverflowError: a port outside 0–65535; UnicodeError: an impossible host name.
            print(f"无法在 {self.host}:{self.port} 上启动服务器: {error}")
            return
        print(f"服务器在 http://{self.host}:{self.port} 上运行，按 Ctrl+C 停止")
        try:
            self.server.serve_forever()
        except KeyboardInterrupt:
            print("服务器停止了")
        finally:
            self.server.server_close()


def main():
    """在默认地址 0.0.0.0:8000 上启动服务器。 Starts the server on its default address, 0.0.0.0:8000."""
    SimpleHTTPServer().start()


if __name__ == "__main__":
    main()
