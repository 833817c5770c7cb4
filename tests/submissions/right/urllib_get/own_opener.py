"""A fresh opener for every call, the URL put together again segment by segment, exceptions named one by one."""

import http.client
import sys
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import Request, build_opener

FAILURES = (OSError, http.client.HTTPException, ValueError, AttributeError, RecursionError)
KEEP = "%!$&'()*+,;=:@/"


def ascii_url(url):
    scheme, netloc, path, query, _ = urlsplit(url)
    return urlunsplit((scheme, netloc, quote(path, safe=KEEP), quote(query, safe=KEEP + "?"), ""))


def send_get_request(url, headers=None, timeout=10):
    try:
        request = Request(ascii_url(url), method="GET")
        for name in headers or ():
            request.add_header(name, headers[name])
        response = build_opener().open(request, timeout=timeout)
        try:
            content = response.read()
        finally:
            response.close()
    except FAILURES as problem:
        print("could not get", repr(url), "-", problem, file=sys.stderr)
        return None
    charset = response.headers.get_content_charset("utf-8")
    sys.stdout.write(f"{response.status} {response.reason}\n{response.headers}")
    sys.stdout.write(content.decode(charset, "backslashreplace") + "\n")
    return response


if __name__ == "__main__":
    send_get_request("https://www.python.org")
