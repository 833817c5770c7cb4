"""The form encoded by hand (spaces as %20), JSON as raw UTF-8, a fresh opener for every call."""

import http.client
import json as js
from urllib.parse import quote, urlsplit
from urllib.request import Request, build_opener


def form(fields):
    return "&".join(quote(str(k), safe="") + "=" + quote(str(v), safe="") for k, v in fields.items())


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    body, kind = b"", None
    try:
        if json is not None:
            body, kind = js.dumps(json, ensure_ascii=False, separators=(",", ":")).encode(), "application/json"
        elif data is not None:
            body, kind = form(data).encode("ascii"), "application/x-www-form-urlencoded; charset=UTF-8"
        target = urlsplit(url)
        target = target._replace(
            path=quote(target.path, "/%!$&'()*+,;=:@"), query=quote(target.query, "/?%!$&'()*+,;=:@")
        )
        request = Request(target.geturl(), body, method="POST")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if kind:
            request.add_header("Content-Type", kind)
        with build_opener().open(request, timeout=timeout) as response:
            content = response.read()
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as problem:
        print("POST failed:", problem)
        return None
    print(response.status, response.reason)
    print(content.decode(response.headers.get_content_charset() or "utf-8", "replace"))
    return response


if __name__ == "__main__":
    send_post_request("https://httpbin.org/post", json=[1, 2, 3])
