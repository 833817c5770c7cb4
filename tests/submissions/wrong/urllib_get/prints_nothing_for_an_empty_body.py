"""Prints nothing at all when the body is empty.

fails: prints_the_status http_client.prints_no_status
fails: prints_the_headers http_client.prints_no_headers
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
            if not body:
                return response
            print("status:", response.status)
            for name, value in response.getheaders():
                print(f"  {name}: {value}")
            print(body.decode("utf-8", errors="replace")[:200])
            return response
    except Exception as error:
        print("failed:", error)
    return None
