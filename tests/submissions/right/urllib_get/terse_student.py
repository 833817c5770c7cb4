"""初学者的短程序：不关连接，什么异常都接住。 A beginner's short program: never closes, catches whatever comes."""

from urllib.parse import quote
from urllib.request import Request, urlopen


def send_get_request(url, headers=None, timeout=10):
    try:
        请求 = Request(quote(url, safe=":/?&=%#+;,@!$'()*~[]"))
        if headers:
            for k, v in headers.items():
                请求.add_header(k, v)
        响应 = urlopen(请求, timeout=timeout)
        内容 = 响应.read()
        print("状态码", 响应.getcode())
        print("响应头", dict(响应.getheaders()))
        print("内容", 内容.decode("utf-8", "ignore")[:300])
        return 响应
    except Exception as 错误:
        print("出错了", 错误)


if __name__ == "__main__":
    send_get_request("https://www.python.org")
