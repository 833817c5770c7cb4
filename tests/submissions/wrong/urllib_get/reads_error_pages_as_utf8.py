"""Prints the error page, and believes that it is UTF-8.

fails: gives_none_for_an_error_status program.raises
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


def send_get_request(url, headers=None, timeout=10):
    try:
        headers = dict(headers or {})
        request = urllib.request.Request(encode_url(url), headers=headers)
        with urllib.request.urlopen(request, timeout=timeout) as response:
            content = response.read()
            print(f"status: {response.status}")
            for name, value in response.getheaders():
                print(f"{name}: {value}")
            text = decode(response, content)
            print(text[:200])
            return response
    except urllib.error.HTTPError as e:
        print(f"HTTP error {e.code}: {e.read().decode()}")
    except Exception as e:
        print(f"failed: {e}")
    return None
