"""初学者的短程序：urlopen 的第二个参数就是正文。 A beginner's short program: urlopen's second argument is the body."""

import json as J
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        头 = {}
        if headers:
            头.update(headers)
        正文 = b""
        if data is not None:
            正文 = bytes(urlencode(data), "utf8")
            头["Content-type"] = "application/x-www-form-urlencoded"
        if json is not None:
            正文 = bytes(J.dumps(json), "utf8")
            头["Content-type"] = "application/json; charset=utf-8"
        响应 = urlopen(Request(quote(url, safe=":/?&=%#+;,@!$'()*~[]"), headers=头), 正文, timeout)
        内容 = 响应.read()
        print("状态码", 响应.status, "内容", str(内容, "utf8", "replace"))
        return 响应
    except Exception as 错误:
        print("出错了", 错误)


if __name__ == "__main__":
    send_post_request("https://httpbin.org/post", {"姓名": "小王"})
