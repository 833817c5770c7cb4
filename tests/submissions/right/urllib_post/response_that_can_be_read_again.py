"""Reads the body for printing, and gives the caller a urllib.response.addinfourl from which it can be read again."""

import io
import json as codec
import string
import urllib.parse
import urllib.request
from urllib.response import addinfourl


def encoded(data, json):
    if json is not None:
        return codec.dumps(json).encode(), "application/json"
    if data is not None:
        return urllib.parse.urlencode(data).encode(), "application/x-www-form-urlencoded"
    return b"", None


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    body, kind = encoded(data, json)
    try:
        quoted = urllib.parse.quote(url.partition("#")[0], safe=string.punctuation)
        request = urllib.request.Request(quoted, data=body, headers=dict(headers or {}), method="POST")
        if kind:
            request.add_header("Content-Type", kind)
        with urllib.request.urlopen(request, timeout=timeout) as response:
            content = response.read()
    except Exception as error:
        print("failed:", error)
        return None
    print(response.status, content.decode(response.headers.get_content_charset("utf-8"), "replace"))
    return addinfourl(io.BytesIO(content), response.headers, response.geturl(), response.status)


if __name__ == "__main__":
    send_post_request("https://httpbin.org/post", {"name": "value"})
