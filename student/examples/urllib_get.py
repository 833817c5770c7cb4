"""用标准库 urllib 发送 HTTP GET 请求（第 21.3.1 节）。

向一个网址发出一次 GET 请求，打印状态码、响应头和正文的开头，并返回响应对象。
不管网址写错、服务器不在、超时，还是服务器胡言乱语，函数都返回 None，从不抛出异常。

怎样试用：先运行本书的 Web 服务器（python reference/examples/http_server.py），再在另一个终端里运行
    python student/examples/urllib_get.py http://127.0.0.1:8000/api/data
不写网址时请求 https://www.python.org。

Send an HTTP GET request with urllib from the standard library (section 21.3.1).

Sends one GET request to a URL, prints the status code, the headers and the beginning of the body, and returns the
response object. A mistyped URL, an absent server, a time-out or a server that talks nonsense all give None; nothing
is ever raised.

To try it, run the web server of this book (python reference/examples/http_server.py) and in another terminal
    python student/examples/urllib_get.py http://127.0.0.1:8000/api/data
Without a URL it asks https://www.python.org.
"""

import http.client
from collections.abc import Mapping


def send_get_request(
    url: str, headers: Mapping[str, str] | None = None, timeout: float = 10
) -> http.client.HTTPResponse | None:
    """发送一次 GET 请求，返回响应对象；请求失败时返回 None，从不抛出异常。

    url      网址；路径和查询串里可以直接写汉字，它们会以 UTF-8 的百分号编码发送。
    headers  要一起发送的请求头，None 表示没有；调用者的字典不会被改动。
    timeout  最多等多少秒没有动静。
    成功时打印状态码、全部响应头、正文的前 200 个字符。返回值的 status 和 headers 可以读取。
    失败是指：4xx 与 5xx、连接被拒绝、超时、不能用的网址、残缺或根本不是 HTTP 的响应、重定向转圈。

    Send one GET request and return the response object, or None when it failed; never raises.

    url      may hold any characters in path and query; they are sent percent-encoded as UTF-8.
    headers  are sent along, None means none; the caller's dict is not changed.
    timeout  is how many seconds of silence are borne.
    On success the status code, all headers and the first 200 characters of the body are printed; status and headers
    of what is returned can be read. Failures are 4xx and 5xx, a refused connection, a time-out, an unusable URL,
    an answer that is cut short or is not HTTP at all, redirects that never end.
    """
    raise NotImplementedError("TODO: 用 urllib.request 发送 GET 请求 (send the GET request with urllib.request)")


def main() -> None:
    """请求命令行上的网址，缺省为 https://www.python.org。 Ask for the URL on the command line, or python.org's."""
    raise NotImplementedError("TODO: 调用 send_get_request (call send_get_request)")


if __name__ == "__main__":
    main()
