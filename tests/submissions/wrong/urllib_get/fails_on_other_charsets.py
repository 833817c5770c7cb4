"""A body that is not UTF-8 raises UnicodeDecodeError, and the request counts as failed.

fails: accepts_any_body http_client.body_not_utf8
"""

import string
import urllib.error
import urllib.parse
import urllib.request


def send_get_request(url, headers=None, timeout=10):
    try:
        url = urllib.parse.quote(url.partition("#")[0], safe=string.punctuation)
        request = urllib.request.Request(url, headers=dict(headers or {}))
        with urllib.request.urlopen(request, timeout=timeout) as response:
            body = response.read()
            print("status:", response.status)
            for name, value in response.getheaders():
                print(f"  {name}: {value}")
            print(body.decode("utf-8")[:200])
            return response
    except Exception as error:
        print("failed:", error)
    return None
