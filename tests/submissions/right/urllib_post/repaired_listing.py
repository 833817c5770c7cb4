"""The lesson's structure with its faults repaired: the caller's headers are copied, the URL is percent-encoded."""

import json as json_lib
import urllib.error
import urllib.parse
import urllib.request


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        body = None
        headers = {} if headers is None else headers.copy()
        if json is not None:
            body = json_lib.dumps(json).encode("utf-8")
            headers["Content-Type"] = "application/json"
        elif data is not None:
            body = urllib.parse.urlencode(data).encode("utf-8")
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        url = urllib.parse.quote(url, safe="%:/?#[]@!$&'()*+,;=~-._")
        req = urllib.request.Request(url, data=body, headers=headers, method="POST")
        with urllib.request.urlopen(req, timeout=timeout) as resp:
            print("OK, status", resp.status)
            raw = resp.read()
            try:
                print("body:", raw.decode("utf-8"))
            except UnicodeDecodeError:
                print("body of", len(raw), "bytes is not UTF-8")
            return resp
    except urllib.error.HTTPError as e:
        print("HTTP error", e.code, e.reason)
    except urllib.error.URLError as e:
        print("URL error", e.reason)
    except Exception as e:
        print("failed", e)
    return None


def main():
    send_post_request("https://httpbin.org/post", data={"name": "小王"})
    send_post_request("https://httpbin.org/post", json={"name": "小李"})


if __name__ == "__main__":
    main()
