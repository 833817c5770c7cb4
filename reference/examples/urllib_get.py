"""用标准库 urllib 发送 HTTP GET 请求（第 21.3.1 节）。

向一个网址发出一次 GET 请求，打印状态码、响应头和正文的开头，并返回响应对象。
不管网址写错、服务器不在、超时，还是服务器胡言乱语，函数都返回 None，从不抛出异常。

怎样试用：先运行本书的 Web 服务器（python reference/examples/http_server.py），再在另一个终端里运行
    python reference/examples/urllib_get.py http://127.0.0.1:8000/api/data
不写网址时请求 https://www.python.org。

Send an HTTP GET request with urllib from the standard library (section 21.3.1).

Sends one GET request to a URL, prints the status code, the headers and the beginning of the body, and returns the
response object. A mistyped URL, an absent server, a time-out or a server that talks nonsense all give None; nothing
is ever raised.

To try it, run the web server of this book (python reference/examples/http_server.py) and in another terminal
    python reference/examples/urllib_get.py http://127.0.0.1:8000/api/data
Without a URL it asks https://www.python.org.
"""

import http.client
import string
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping

PREVIEW = 200  # 打印正文的前多少个字符  how many characters of the body are printed


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
    try:
        # Request 不接受 headers=None（它立刻调用 headers.items()），教材的写法因此在不传请求头时永远失败。
        # Request does not take headers=None (it calls headers.items() at once): written as in the lesson, every
        # call without headers fails.
        request = urllib.request.Request(percent_encode(url), headers=dict(headers or {}))
        with urllib.request.urlopen(request, timeout=timeout) as response:
            # 响应头到了不等于正文到了：read() 仍可能超时，或者发现正文残缺，所以它也在 try 里。
            # Headers that arrived do not mean that the body did: read() may still time out, or find the body cut
            # short (IncompleteRead), so it belongs inside the try.
            print_response(response, response.read())
            return response
    except urllib.error.HTTPError as error:
        print(f"HTTP 错误：{error.code} {error.reason}")
        error.close()  # HTTPError 也是一个响应，占着连接  an HTTPError is a response, too, and holds the connection
    except urllib.error.URLError as error:
        print(f"网址错误：{error.reason}")
    except Exception as error:
        # 还有一大家子不是 URLError 的：TimeoutError（等响应时）、http.client.HTTPException（残缺、不是 HTTP）、
        # ValueError(网址不像网址)、UnicodeError(主机名的一节超过 63 个字符)。
        # A whole family is no URLError: TimeoutError (while waiting for the answer), http.client.HTTPException (cut
        # short, not HTTP), ValueError (not a URL), UnicodeError (a label of the host name over 63 characters).
        print(f"请求失败：{type(error).__name__}: {error}")
    return None


def percent_encode(url: str) -> str:
    """把路径和查询串里的非 ASCII 字符换成 UTF-8 的百分号编码。

    请求行只能是 ASCII，而 urllib 不会替我们转换，遇到汉字就抛出 UnicodeEncodeError（浏览器和 requests 会转换）。
    已有的 %XX 和标点都有含义，原样保留：再编码一次，%20 就成了 %2520。

    Percent-encode the characters of path and query that are not ASCII, as UTF-8.

    A request line is ASCII, and urllib does not convert for us but raises UnicodeEncodeError (browsers and requests
    do convert). What is punctuation, %XX included, means something and stays: encoded twice, %20 becomes %2520.
    """
    parts = urllib.parse.urlsplit(url)
    path = urllib.parse.quote(parts.path, safe=string.punctuation)
    query = urllib.parse.quote(parts.query, safe=string.punctuation)
    # 片段（# 之后）只对浏览器有意义，不发送。 The fragment (behind #) is the browser's business and is not sent.
    return parts._replace(path=path, query=query, fragment="").geturl()


def print_response(response: http.client.HTTPResponse, body: bytes) -> None:
    """打印状态码、响应头和正文的开头。 Print the status code, the headers and the beginning of the body."""
    print(f"请求成功，状态码：{response.status}")
    print("响应头：")
    for name, value in response.getheaders():
        print(f"  {name}: {value}")
    text = decode_body(body, response.headers.get_content_charset())
    print(f"正文 {len(body)} 字节，{len(text)} 个字符，开头是：")
    # 先解码再截取：按字节截取会把一个汉字切成两半。
    # Decode first, cut afterwards: cutting bytes may cut a character in two.
    print(text[:PREVIEW])


def decode_body(body: bytes, charset: str | None) -> str:
    """按 Content-Type 声明的字符集解码；没有声明时当作 UTF-8，解不出的字节显示为 �。

    教材只认 UTF-8；但 GBK 网页或一张图片并不是失败的请求。

    Decode by the charset that Content-Type declares, UTF-8 where it declares none; bytes that do not fit show as �.

    The lesson knows UTF-8 only; but a GBK page or a picture is no failed request.
    """
    try:
        return body.decode(charset or "utf-8", errors="replace")
    except (LookupError, ValueError):  # 服务器声明了不存在的字符集  the server declared a charset that does not exist
        return body.decode("utf-8", errors="replace")


def main() -> None:
    """请求命令行上的网址，缺省为 https://www.python.org。 Ask for the URL on the command line, or python.org's."""
    url = sys.argv[1] if len(sys.argv) > 1 else "https://www.python.org"
    print(f"发送 GET 请求到：{url}")
    response = send_get_request(url, headers={"User-Agent": "Mozilla/5.0 (netgrade reference)"})
    print("请求成功" if response is not None else "请求失败")


if __name__ == "__main__":
    main()
