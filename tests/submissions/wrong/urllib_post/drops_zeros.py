"""Leaves fields out that are 0.

fails: sends_a_form http_client.empty_dropped
"""

import json as json_module
import urllib.error
import urllib.parse
import urllib.request


def encode_url(url):
    return urllib.parse.quote(url, safe="!#$%&'()*+,/:;=?@[]~")


def decode(response, content):
    charset = response.headers.get_content_charset() or "utf-8"
    try:
        return content.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return repr(content)


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        headers = dict(headers or {})
        body = b""
        if json is not None:
            body = json_module.dumps(json).encode("utf-8")
            headers["Content-Type"] = "application/json"
        elif data is not None:
            body = urllib.parse.urlencode({k: v for k, v in data.items() if v != 0}).encode("utf-8")
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        request = urllib.request.Request(encode_url(url), data=body, headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=timeout) as response:
            content = response.read()
            print(f"status: {response.status}")
            text = decode(response, content)
            print(text)
            return response
    except urllib.error.HTTPError as e:
        print(f"HTTP error {e.code}")
    except Exception as e:
        print(f"failed: {e}")
    return None
