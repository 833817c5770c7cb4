"""用 requests 库发送 HTTP POST 请求（第 21.3.2 节）。

把一个字典作为表单发送，或把任意 JSON 值作为 JSON 发送，打印状态码和正文，并返回响应对象。
请求失败时返回 None，从不抛出异常。和 urllib_post.py 比一比：编码和 Content-Type 都由 requests 代劳。

怎样试用：先 pip install requests，运行本书的 Web 服务器（python reference/examples/http_server.py），再运行
    python reference/examples/requests_post.py http://127.0.0.1:8000/api/submit
不写网址时请求 https://httpbin.org/post，它把收到的东西原样告诉你。

Send an HTTP POST request with the requests library (section 21.3.2).

Sends a dict as a form, or any JSON value as JSON, prints the status code and the body, and returns the response
object; a failed request gives None, and nothing is ever raised. Compare urllib_post.py: here requests encodes the
body and sets Content-Type.

To try it: pip install requests, run the web server of this book (python reference/examples/http_server.py), and then
    python reference/examples/requests_post.py http://127.0.0.1:8000/api/submit
Without a URL it asks https://httpbin.org/post, which tells you what it received.
"""

import sys
from collections.abc import Mapping
from typing import Any

import requests


def send_post_request(
    url: str,
    data: Mapping[str, str | int | float] | None = None,
    json: Any = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10,
) -> requests.Response | None:
    """发送一次 POST 请求，返回响应对象；请求失败时返回 None，从不抛出异常。

    url      网址；路径和查询串里可以直接写汉字。
    data     表单：字符串和数字的字典，以 application/x-www-form-urlencoded 发送。
    json     除 None 以外的任何 JSON 值，以 application/json 发送；0、""、[]、{}、False 也是值。
    headers  要一起发送的请求头，None 表示没有；调用者的 headers 和 data 不会被改动。
    timeout  最多等多少秒没有动静。
    data 和 json 都不给时，发送没有正文的 POST。成功时打印状态码和正文；返回值的 status_code、headers、text 可以读取。
    失败是指：4xx 与 5xx、连接被拒绝、超时、不能用的网址、残缺或根本不是 HTTP 的响应、重定向转圈。

    Send one POST request and return the response object, or None when it failed; never raises.

    url      may hold any characters in path and query.
    data     is a form: a dict of strings and numbers, sent as application/x-www-form-urlencoded.
    json     is any JSON value but None, sent as application/json; 0, "", [], {} and False are values, too.
    headers  are sent along, None means none; the caller's headers and data are not changed.
    timeout  is how many seconds of silence are borne.
    With neither data nor json a POST without a body is sent. On success the status code and the body are printed;
    status_code, headers and text of what is returned can be read. Failures are 4xx and 5xx, a refused connection,
    a time-out, an unusable URL, an answer that is cut short or is not HTTP at all, redirects that never end.
    """
    try:
        # requests.post 每次都用一个新的会话，所以不会把上一次的 Cookie 带到下一次。
        # requests.post opens a session of its own every time: no cookie of one call gets into the next.
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()  # 只对 4xx 和 5xx 抛出异常；201、204 也是成功  raises for 4xx and 5xx alone
        print(f"请求成功，状态码：{response.status_code}")
        print(f"正文：{response.text}")
        return response
    except requests.HTTPError as error:
        print(f"HTTP 错误：{error}")
    except requests.Timeout as error:
        # 先于 ConnectionError:ConnectTimeout 两者都是。 Before ConnectionError: a ConnectTimeout is both.
        print(f"超时：{error}")
    except requests.ConnectionError as error:
        print(f"连接错误：{error}")
    except Exception as error:
        # 不都是 RequestException:LocationParseError、ValueError、UnicodeDecodeError（见 requests_get.py）。
        # Not all are RequestExceptions: LocationParseError, ValueError, UnicodeDecodeError (see requests_get.py).
        print(f"请求失败：{type(error).__name__}: {error}")
    return None


def main() -> None:
    """先发一个表单，再发一个 JSON。 Send a form, then JSON."""
    url = sys.argv[1] if len(sys.argv) > 1 else "https://httpbin.org/post"
    print(f"发送表单到：{url}")
    send_post_request(url, data={"name": "小明", "age": 18, "city": "杭州"})
    print(f"\n发送 JSON 到：{url}")
    send_post_request(url, json={"name": "小红", "languages": ["Python", "C"], "teacher": None})


if __name__ == "__main__":
    main()
