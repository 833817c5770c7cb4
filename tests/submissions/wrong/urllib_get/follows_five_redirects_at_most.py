"""Gives up after five redirects.

fails: follows_redirects http_client.redirect_not_followed
"""

import string
import urllib.error
import urllib.parse
import urllib.request


class Few(urllib.request.HTTPRedirectHandler):
    max_redirections = 5


def send_get_request(url, headers=None, timeout=10):
    try:
        url = urllib.parse.quote(url.partition("#")[0], safe=string.punctuation)
        request = urllib.request.Request(url, headers=dict(headers or {}))
        with urllib.request.build_opener(Few).open(request, timeout=timeout) as response:
            body = response.read()
            print("status:", response.status)
            for name, value in response.getheaders():
                print(f"  {name}: {value}")
            print(body.decode("utf-8", errors="replace")[:200])
            return response
    except Exception as error:
        print("failed:", error)
    return None
