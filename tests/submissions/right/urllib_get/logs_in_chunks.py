"""A class behind the function, the body read in small pieces, everything reported through logging (stderr)."""

import codecs
import http.client
import logging
import urllib.parse
import urllib.request

log = logging.getLogger("urllib_get")


class Getter:
    def __init__(self, url, headers, timeout):
        self.url, self.headers, self.timeout = url, headers, timeout

    def run(self):
        request = urllib.request.Request(self.escaped(), headers={**(self.headers or {})})
        with urllib.request.urlopen(request, timeout=self.timeout) as response:
            text = "".join(self.pieces(response))
        log.warning("status %d", response.status)
        for name, value in response.headers.items():
            log.warning("%s: %s", name, value)
        log.warning("%s", text[:200])
        return response

    def escaped(self):
        return "".join(c if c.isascii() else urllib.parse.quote(c) for c in self.url)

    def pieces(self, response):
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while data := response.read(7):
            yield decoder.decode(data)
        if response.length:  # read(n) does not complain about a body that is cut short
            raise http.client.IncompleteRead(b"", response.length)
        yield decoder.decode(b"", True)


def send_get_request(url, headers=None, timeout=10):
    if not log.handlers:
        log.addHandler(logging.StreamHandler())
    try:
        return Getter(url, headers, timeout).run()
    except Exception as error:
        log.error("%r", error)
        return None
