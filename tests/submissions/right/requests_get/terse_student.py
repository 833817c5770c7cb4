"""初学者的短程序：自己拼查询串。 A beginner's short program that puts the query together itself."""

from urllib.parse import urlencode

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
        r = requests.get(url, headers=headers, timeout=timeout)
        if not r.ok:
            print("失败", r.status_code)
            return None
        print("状态码", r.status_code)
        for k in r.headers:
            print(k, r.headers[k])
        print(r.text[0:200])
        return r
    except Exception as 错误:
        print("失败", 错误)


if __name__ == "__main__":
    send_get_request("https://www.python.org")
