"""Looks first whether anybody listens at all: a connection that is opened and closed, and then the request."""

import socket
import string
import urllib.parse
import urllib.request


def somebody_listens(url, timeout):
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"cannot be asked for: {url}")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    socket.create_connection((parts.hostname, port), timeout).close()


def send_get_request(url, headers=None, timeout=10):
    try:
        somebody_listens(url, timeout)
        quoted = urllib.parse.quote(url.partition("#")[0], safe=string.punctuation)
        request = urllib.request.Request(quoted, headers=dict(headers or {}))
        with urllib.request.urlopen(request, timeout=timeout) as response:
            body = response.read()
    except Exception as error:
        print("没有回答：", error)
        return None
    print("HTTP", response.status)
    for name, value in response.headers.items():
        print(f"{name} = {value}")
    print(body.decode(response.headers.get_content_charset("utf-8"), "replace"))
    return response


if __name__ == "__main__":
    send_get_request("https://www.python.org")
