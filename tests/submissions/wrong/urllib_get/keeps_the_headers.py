"""Headers are collected in a dict of the module, and stay there.

fails: keeps_nothing_between_calls http_client.leftover
"""

import string
import urllib.error
import urllib.parse
import urllib.request

HEADERS = {}


def send_get_request(url, headers=None, timeout=10):
    try:
        HEADERS.update(headers or {})
        url = urllib.parse.quote(url.partition("#")[0], safe=string.punctuation)
        request = urllib.request.Request(url, headers=HEADERS)
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
