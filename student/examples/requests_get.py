"""用 requests 库发送 HTTP GET 请求（第 21.3.2 节）。

向一个网址发出一次 GET 请求（可以带查询参数），打印状态码、响应头和正文的开头，并返回响应对象。
请求失败时返回 None，从不抛出异常。

怎样试用：先 pip install requests，运行本书的 Web 服务器（python reference/examples/http_server.py），再运行
    python student/examples/requests_get.py http://127.0.0.1:8000/api/data
不写网址时请求 https://www.python.org。

Send an HTTP GET request with the requests library (section 21.3.2).

Sends one GET request to a URL, with query parameters if you like, prints the status code, the headers and the
beginning of the body, and returns the response object; a failed request gives None, and nothing is ever raised.

To try it: pip install requests, run the web server of this book (python reference/examples/http_server.py), and then
    python student/examples/requests_get.py http://127.0.0.1:8000/api/data
Without a URL it asks https://www.python.org.
"""

from collections.abc import Mapping, Sequence

import requests

Parameter = str | int | float


def send_get_request(
    url: str,
    params: Mapping[str, Parameter | Sequence[Parameter]] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10,
) -> requests.Response | None:
    """发送一次 GET 请求，返回响应对象；请求失败时返回 None，从不抛出异常。

    url      网址；路径和查询串里可以直接写汉字。
    params   查询参数：字符串、数字，或它们的列表（同名参数各出现一次），接在网址已有的查询串后面。
    headers  要一起发送的请求头，None 表示没有；调用者的字典不会被改动。
    timeout  最多等多少秒没有动静。
    成功时打印状态码、全部响应头、正文的前 200 个字符。返回值的 status_code、headers、text 可以读取。
    失败是指：4xx 与 5xx、连接被拒绝、超时、不能用的网址、残缺或根本不是 HTTP 的响应、重定向转圈。

    Send one GET request and return the response object, or None when it failed; never raises.

    url      may hold any characters in path and query.
    params   are strings, numbers or lists of them (one parameter for each item), added to the query the URL has.
    headers  are sent along, None means none; the caller's dict is not changed.
    timeout  is how many seconds of silence are borne.
    On success the status code, all headers and the first 200 characters of the body are printed; status_code, headers
    and text of what is returned can be read. Failures are 4xx and 5xx, a refused connection, a time-out, an unusable
    URL, an answer that is cut short or is not HTTP at all, redirects that never end.
    """
    raise NotImplementedError("TODO: 用 requests 发送 GET 请求 (send the GET request with requests)")


def main() -> None:
    """请求命令行上的网址，缺省为 https://www.python.org。 Ask for the URL on the command line, or python.org's."""
    raise NotImplementedError("TODO: 调用 send_get_request (call send_get_request)")


if __name__ == "__main__":
    main()
