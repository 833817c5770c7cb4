"""用标准库 urllib 发送 HTTP POST 请求（第 21.3.1 节）。

把一个字典作为表单发送，或把任意 JSON 值作为 JSON 发送，打印状态码和正文，并返回响应对象。
请求失败时返回 None，从不抛出异常。

怎样试用：先运行本书的 Web 服务器（python reference/examples/http_server.py），再在另一个终端里运行
    python reference/examples/urllib_post.py http://127.0.0.1:8000/api/submit
不写网址时请求 https://httpbin.org/post，它把收到的东西原样告诉你。

Send an HTTP POST request with urllib from the standard library (section 21.3.1).

Sends a dict as a form, or any JSON value as JSON, prints the status code and the body, and returns the response
object; a failed request gives None, and nothing is ever raised.

To try it, run the web server of this book (python reference/examples/http_server.py) and in another terminal
    python reference/examples/urllib_post.py http://127.0.0.1:8000/api/submit
Without a URL it asks https://httpbin.org/post, which tells you what it received.
"""

import http.client
import json as json_module  # 参数也叫 json  a parameter is called json, too
import string
import sys
import urllib.error
import urllib.parse
import urllib.request
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
    try:
        body, content_type = encode_body(data, json)
        # 复制一份再添：教材把 Content-Type 写进了调用者的字典，于是它下一次（也许是 GET）会带着上一次的类型。
        # Copy before adding: the lesson writes Content-Type into the caller's own dict, whose next request (a GET,
        # perhaps) then carries it along.
        request_headers = dict(headers or {}) | content_type
        # 没有 method="POST" 时，没有正文的请求会变成 GET。 Without method="POST" a request without a body is a GET.
        request = urllib.request.Request(percent_encode(url), data=body, headers=request_headers, method="POST")
        with urllib.request.urlopen(request, timeout=timeout) as response:
            answer = response.read()  # 仍可能超时或残缺  may still time out, or turn out to be cut short
            print(f"请求成功，状态码：{response.status}")
            print(f"正文：{decode_body(answer, response.headers.get_content_charset())}")
            return response
    except urllib.error.HTTPError as error:
        print(f"HTTP 错误：{error.code} {error.reason}")
        error.close()  # HTTPError 也是一个响应，占着连接  an HTTPError is a response, too, and holds the connection
    except urllib.error.URLError as error:
        print(f"网址错误：{error.reason}")
    except Exception as error:
        # 不是 URLError 的还有：TimeoutError、http.client.HTTPException、ValueError、UnicodeError（见 urllib_get.py）。
        # No URLErrors are TimeoutError, http.client.HTTPException, ValueError, UnicodeError (see urllib_get.py).
        print(f"请求失败：{type(error).__name__}: {error}")
    return None


def encode_body(data: Mapping[str, str | int | float] | None, json: Any) -> tuple[bytes | None, dict[str, str]]:
    """要发送的正文，和说明它是什么的请求头。 The body to send, and the header that says what it is."""
    if json is not None:  # 不能写 if json: 那样 0、[]、False 就发不出去  not `if json`: 0, [] and False are values
        # JSON 里没有 NaN：宁可失败，也不发送别人读不懂的东西。 JSON has no NaN: rather fail than send it.
        return json_module.dumps(json, allow_nan=False).encode(), {"Content-Type": "application/json"}
    if data is not None:
        return urllib.parse.urlencode(data).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    return None, {}


def percent_encode(url: str) -> str:
    """把路径和查询串里的非 ASCII 字符换成 UTF-8 的百分号编码，其余（包括已有的 %XX）原样保留。

    Percent-encode the characters of path and query that are not ASCII; all else, %XX included, stays.
    """
    parts = urllib.parse.urlsplit(url)
    path = urllib.parse.quote(parts.path, safe=string.punctuation)
    query = urllib.parse.quote(parts.query, safe=string.punctuation)
    return parts._replace(path=path, query=query, fragment="").geturl()


def decode_body(body: bytes, charset: str | None) -> str:
    """按声明的字符集解码，没有声明时当作 UTF-8，解不出的字节显示为 �。

    Decode by the declared charset, UTF-8 where there is none; bytes that do not fit show as �.
    """
    try:
        return body.decode(charset or "utf-8", errors="replace")
    except (LookupError, ValueError):  # 服务器声明了不存在的字符集  the server declared a charset that does not exist
        return body.decode("utf-8", errors="replace")


def main() -> None:
    """先发一个表单，再发一个 JSON。 Send a form, then JSON."""
    url = sys.argv[1] if len(sys.argv) > 1 else "https://httpbin.org/post"
    print(f"发送表单到：{url}")
    send_post_request(url, data={"name": "小明", "age": 18, "city": "杭州"})
    print(f"\n发送 JSON 到：{url}")
    send_post_request(url, json={"name": "小红", "languages": ["Python", "C"], "teacher": None})


if __name__ == "__main__":
    main()
