"""Puts scheme and host in front of every Location that has none, also of one that does not begin with a slash.

fails: follows_redirects http_client.redirect_not_followed
"""

import string
import urllib.error
import urllib.parse
import urllib.request


class ByHand(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, request, answer, code, message, headers, url):
        where = headers["Location"]
        if not where.startswith("http"):
            where = f"{request.type}://{request.host}{where}"
        return urllib.request.Request(where, headers=request.headers)


def send_get_request(url, headers=None, timeout=10):
    try:
        url = urllib.parse.quote(url.partition("#")[0], safe=string.punctuation)
        request = urllib.request.Request(url, headers=dict(headers or {}))
        with urllib.request.build_opener(ByHand).open(request, timeout=timeout) as response:
            body = response.read()
            print("status:", response.status)
            for name, value in response.getheaders():
                print(f"  {name}: {value}")
            print(body.decode("utf-8", errors="replace")[:200])
            return response
    except Exception as error:
        print("failed:", error)
    return None
