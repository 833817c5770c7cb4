"""用标准库 urllib 发送 HTTP POST 请求（第 21.3.1 节）。

把一个字典作为表单发送，或把任意 JSON 值作为 JSON 发送，打印状态码和正文，并返回响应对象。
请求失败时返回 None，从不抛出异常。

怎样试用：先运行本书的 Web 服务器（python reference/examples/http_server.py），再在另一个终端里运行
    python student/examples/urllib_post.py http://127.0.0.1:8000/api/submit
不写网址时请求 https://httpbin.org/post，它把收到的东西原样告诉你。

Send an HTTP POST request with urllib from the standard library (section 21.3.1).

Sends a dict as a form, or any JSON value as JSON, prints the status code and the body, and returns the response
object; a failed request gives None, and nothing is ever raised.

To try it, run the web server of this book (python reference/examples/http_server.py) and in another terminal
    python student/examples/urllib_post.py http://127.0.0.1:8000/api/submit
Without a URL it asks https://httpbin.org/post, which tells you what it received.
"""

import http.client
from collections.abc import Mapping
from typing import Any


def send_post_request(
    url: str,
    data: Mapping[str, str | int | float] | None = None,
    json: Any = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10,
) -> http.client.HTTPResponse | None:
    """发送一次 POST 请求，返回响应对象；请求失败时返回 None，从不抛出异常。

    url      网址；路径和查询串里可以直接写汉字。
    data     表单：字符串和数字的字典，以 application/x-www-form-urlencoded 发送。
    json     除 None 以外的任何 JSON 值，以 application/json 发送；0、""、[]、{}、False 也是值。
    headers  要一起发送的请求头，None 表示没有；调用者的 headers 和 data 不会被改动。
    timeout  最多等多少秒没有动静。
    data 和 json 都不给时，发送没有正文的 POST。成功时打印状态码和正文；返回值的 status 和 headers 可以读取。
    失败是指：4xx 与 5xx、连接被拒绝、超时、不能用的网址、残缺或根本不是 HTTP 的响应、重定向转圈。

    Send one POST request and return the response object, or None when it failed; never raises.

    url      may hold any characters in path and query.
    data     is a form: a dict of strings and numbers, sent as application/x-www-form-urlencoded.
    json     is any JSON value but None, sent as application/json; 0, "", [], {} and False are values, too.
    headers  are sent along, None means none; the caller's headers and data are not changed.
    timeout  is how many seconds of silence are borne.
    With neither data nor json a POST without a body is sent. On success the status code and the body are printed;
    status and headers of what is returned can be read. Failures are 4xx and 5xx, a refused connection, a time-out,
    an unusable URL, an answer that is cut short or is not HTTP at all, redirects that never end.
    """
    raise NotImplementedError("TODO: 用 urllib.request 发送 POST 请求 (send the POST request with urllib.request)")


def main() -> None:
    """先发一个表单，再发一个 JSON。 Send a form, then JSON."""
    raise NotImplementedError("TODO: 调用 send_post_request (call send_post_request)")


if __name__ == "__main__":
    main()
