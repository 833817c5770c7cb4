"""初学者的短程序。 A beginner's short program."""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        if json is None:
            r = requests.post(url, data, headers=headers, timeout=timeout)
        else:
            r = requests.post(url, json=json, headers=headers, timeout=timeout)
        if r:
            print("状态码", r.status_code)
            print(r.text)
            return r
        print("失败", r.status_code)
    except Exception as 错误:
        print("失败", 错误)


if __name__ == "__main__":
    send_post_request("https://httpbin.org/post", {"姓名": "小王"})
