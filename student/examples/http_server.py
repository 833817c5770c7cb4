"""练习：用标准库写一个 HTTP 服务器（第 21.4.1 节）。

它回答三个地址，其他地址一律是 404（HTML）：
    GET  /            200，HTML 页面，里面有一张表单，表单用 POST 把字段 name 提交给 /api/submit
    GET  /api/data    200，JSON：{"message": "Hello, World!", "status": "success", "timestamp": 文字}
    POST /api/submit  200，JSON：{"message": "Hello, {name}!", "status": "success", "received_data": {字段: [值…]}}
                      received_data 与 urllib.parse.parse_qs 的结果相同（空的字段不在里面）；
                      name 是字段 name 的第一个值，没有时是 ''
已知的地址用错了 GET 和 POST：404 或 405。控制台上没有请求日志。

做得更牢靠：
    - 路径后面的查询串（/api/data?x=1）不改变任何东西
    - Content-Length 无效或为负 → 400；没有 → 空表单、400 或 411；超过 1 MiB → 马上 413，不等正文（正好 1 MiB 可以）
    - 正文不是 UTF-8、百分号转义无效 → 400 或者解码后的回答，不能是 5xx，也不能没有回答
    - 慢的客户端不耽误别人；HEAD 与 GET 相同但没有正文；其他方法 501 或 405
    - 每个回答都是完整的：Content-Length 正确，或者用关闭连接来结束

试一试：python student/examples/http_server.py，然后用浏览器打开 http://127.0.0.1:8000/

Exercise: an HTTP server from the standard library (section 21.4.1). It answers the three addresses above, and 404
(HTML) everywhere else; a known path with the wrong one of GET and POST is 404 or 405. received_data is what
urllib.parse.parse_qs gives (empty fields left out), name the first value of `name`, '' when there is none. No log of
requests on the console.
Robust: a query string changes nothing; Content-Length malformed or negative → 400, missing → an empty form, 400 or
411, over 1 MiB → 413 at once, without the body (exactly 1 MiB is allowed); invalid UTF-8 or percent-escapes → 400 or
a decoded answer, never 5xx or silence; a slow client does not hold up others; HEAD is GET without the body; other
methods 501 or 405; every answer is complete (a right Content-Length, or ended by the close).
"""

import http.server


class SimpleHTTPRequestHandler(http.server.BaseHTTPRequestHandler):
    """回答一个连接上的请求。

    `BaseHTTPRequestHandler` 读完请求行和首部以后，按方法的名字调用 `do_GET`、`do_POST`……

    Answers the request on one connection. `BaseHTTPRequestHandler` reads the request line and the headers and then
    calls `do_GET`, `do_POST` …
    """

    def do_GET(self):
        """GET：首页、JSON 数据，或者 404；/api/submit 是 404 或 405。

        GET: the home page, the JSON data, or 404; 404 or 405 for /api/submit.
        """
        raise NotImplementedError("TODO: 按路径回答 GET / answer GET by its path")

    def do_HEAD(self):
        """HEAD：与 GET 相同，只是没有正文。 HEAD: the same as GET, without the body."""
        raise NotImplementedError("TODO: 回答 HEAD / answer HEAD")

    def do_POST(self):
        """POST /api/submit：读表单，用 JSON 回答 message、status 和 received_data。

        Content-Length 无效 → 400，超过 1 MiB → 413（不等正文）。

        POST /api/submit: reads the form and answers message, status and received_data as JSON. An invalid
        Content-Length → 400, one over 1 MiB → 413 (without waiting for the body).
        """
        raise NotImplementedError("TODO: 读表单并回答 / read the form and answer")

    def log_message(self, format, *args):
        """什么也不写：关掉控制台上的日志。 Writes nothing: the log on the console is off."""
        raise NotImplementedError("TODO: 关掉日志 / switch the log off")


class SimpleHTTPServer:
    """用 `SimpleHTTPRequestHandler` 回答请求的服务器。

    `server`：启动以前是 None，启动以后是正在工作的服务器对象（类型不限）。

    A server that answers with `SimpleHTTPRequestHandler`. `server`: None until started, then the server object (of
    any type).
    """

    def __init__(self, host="0.0.0.0", port=8000):
        """记住地址；这时还不打开任何端口。 Remembers the address; opens no port yet."""
        raise NotImplementedError("TODO: 记住地址 / remember the address")

    def start(self):
        """在 (host, port) 上服务，直到 Ctrl+C，然后在大约 2 秒内结束，有没有客户端都一样。

        地址不能用时（被占用、不是这台机器的、端口超出范围）打印一条清楚的说明并返回，不抛出异常。
        刚停下的服务器可以马上在同一个端口上再启动。

        Serves on (host, port) until Ctrl+C, and then ends within about 2 seconds, with or without clients. When the
        address cannot be used (in use, not this machine's, port out of range), prints a clear message and returns
        without raising. A server that has just stopped can start again on the same port at once.
        """
        raise NotImplementedError("TODO: 启动服务器 / start the server")


def main():
    """在默认地址 0.0.0.0:8000 上启动服务器。 Starts the server on its default address, 0.0.0.0:8000."""
    raise NotImplementedError("TODO: 启动服务器 / start the server")


if __name__ == "__main__":
    main()
