"""用 requests 库发送 HTTP GET 请求（第 21.3.2 节）。

向一个网址发出一次 GET 请求（可以带查询参数），打印状态码、响应头和正文的开头，并返回响应对象。
请求失败时返回 None，从不抛出异常。

怎样试用：先 pip install requests，运行本书的 Web 服务器（python reference/examples/http_server.py），再运行
    python reference/examples/requests_get.py http://127.0.0.1:8000/api/data
不写网址时请求 https://www.python.org。

Send an HTTP GET request with the requests library (section 21.3.2).

Sends one GET request to a URL, with query parameters if you like, prints the status code, the headers and the
beginning of the body, and returns the response object; a failed request gives None, and nothing is ever raised.

To try it: pip install requests, run the web server of this book (python reference/examples/http_server.py), and then
    python reference/examples/requests_get.py http://127.0.0.1:8000/api/data
Without a URL it asks https://www.python.org.
"""

import sys
from collections.abc import Mapping, Sequence

import requests

PREVIEW = 200  # 打印正文的前多少个字符  how many characters of the body are printed

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
    try:
        # requests.get 每次都用一个新的会话，所以不会把上一次的 Cookie 带到下一次。
        # requests.get opens a session of its own every time: no cookie of one call gets into the next.
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()  # 只对 4xx 和 5xx 抛出异常；201、204 也是成功  raises for 4xx and 5xx alone
        print_response(response)
        return response
    except requests.HTTPError as error:
        print(f"HTTP 错误：{error}")
    except requests.Timeout as error:
        # ConnectTimeout 既是 Timeout 又是 ConnectionError：先问 Timeout，才不会把超时说成连接错误（教材的次序正相反）。
        # ConnectTimeout is both: ask for Timeout first, or time-outs are reported as connection errors, as they are
        # in the lesson's order.
        print(f"超时：{error}")
    except requests.ConnectionError as error:
        print(f"连接错误：{error}")
    except Exception as error:
        # 不要只捕获 RequestException：主机名的一节超过 63 个字符时抛出 urllib3 的 LocationParseError，
        # Location 是乱码时抛出 ValueError 或 UnicodeDecodeError。
        # RequestException is not enough: a label of the host name over 63 characters raises urllib3's
        # LocationParseError, a Location that is garbage ValueError or UnicodeDecodeError.
        print(f"请求失败：{type(error).__name__}: {error}")
    return None


def print_response(response: requests.Response) -> None:
    """打印状态码、响应头和正文的开头。 Print the status code, the headers and the beginning of the body."""
    print(f"请求成功，状态码：{response.status_code}")
    print("响应头：")
    for name, value in response.headers.items():
        print(f"  {name}: {value}")
    # text 按 Content-Type 声明的字符集解码，解不出的字节成为 �，不会抛出异常。
    # text is decoded by the charset that Content-Type declares; bytes that do not fit become �, nothing is raised.
    print(f"正文 {len(response.content)} 字节，{len(response.text)} 个字符，开头是：")
    print(response.text[:PREVIEW])


def main() -> None:
    """请求命令行上的网址，缺省为 https://www.python.org。 Ask for the URL on the command line, or python.org's."""
    url = sys.argv[1] if len(sys.argv) > 1 else "https://www.python.org"
    print(f"发送 GET 请求到：{url}")
    response = send_get_request(url, headers={"User-Agent": "Mozilla/5.0 (netgrade reference)"})
    # 不写 if response: 响应对象在 4xx、5xx 时为假，容易弄混「失败」和「没有响应」。
    # Not `if response`: a response of 4xx or 5xx is false, which blurs "failed" and "no response".
    print("请求成功" if response is not None else "请求失败")


if __name__ == "__main__":
    main()
