"""Iterates over the lines, and so does not notice that a chunked body was cut.

fails: gives_none_for_a_cut_body http_client.cut_body_returned
"""

import http.client
import json as j
import logging
import sys
import urllib.parse as up
import urllib.request as ur


class Connection(http.client.HTTPConnection):
    """Sets TCP_NODELAY anew and counts bytes (nobody needs it)."""

    sent = 0

    def send(self, data):
        self.sent += len(data) if hasattr(data, "__len__") else 0
        super().send(data)


class Handler(ur.HTTPHandler):
    def http_open(self, req):
        return self.do_open(Connection, req)


class Session:
    def __init__(self, timeout):
        self.opener = ur.build_opener(Handler)
        self.timeout = timeout

    def __enter__(self):
        return self

    def __exit__(self, kind, value, tb):
        self.opener.close()
        if value is not None and isinstance(value, Exception):
            print(f"{kind.__name__}: {value}", file=sys.stderr)
            return True

    def run(self, req):
        answer = self.opener.open(req, timeout=self.timeout)
        lines = list(answer)
        if answer.length:
            raise http.client.IncompleteRead(b"".join(lines), answer.length)
        print("状态码:", answer.status)
        for h in answer.headers:
            print("%20s: %s" % (h, ", ".join(answer.headers.get_all(h))))
        charset = answer.headers.get_param("charset") or "utf-8"
        try:
            print(b"".join(lines).decode(charset))
        except (UnicodeDecodeError, LookupError):
            print("<binary>")
        return answer


def safe(url):
    return up.quote(url, safe=";/?:@&=+$,#%[]!'()*~|\\^`{}\"<>")


def send_get_request(url, headers=None, timeout=10):
    with Session(timeout) as s:
        return s.run(ur.Request(safe(url), headers=headers or dict()))


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    with Session(timeout) as s:
        extra = {}
        payload = None
        if json is not None:
            payload, extra = (
                "".join(j.JSONEncoder(ensure_ascii=False).iterencode(json)).encode(),
                {"Content-Type": "application/json"},
            )
        elif data is not None:
            payload, extra = up.urlencode(data).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        return s.run(ur.Request(safe(url), payload, (headers or {}) | extra, method="POST"))
