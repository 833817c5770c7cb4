"""A default User-Agent is written into the caller's own dict.

fails: leaves_the_arguments_alone http_client.changes_headers
"""

import string
import urllib.error
import urllib.parse
import urllib.request


def send_get_request(url, headers=None, timeout=10):
    try:
        headers = {} if headers is None else headers
        headers.setdefault("User-Agent", "Mozilla/5.0")
        url = urllib.parse.quote(url.partition("#")[0], safe=string.punctuation)
        request = urllib.request.Request(url, headers=dict(headers or {}))
        with urllib.request.urlopen(request, timeout=timeout) as response:
            body = response.read()
            print("status:", response.status)
            for name, value in response.getheaders():
                print(f"  {name}: {value}")
            print(body.decode("utf-8", errors="replace")[:200])
            return response
    except Exception as error:
        print("failed:", error)
    return None
