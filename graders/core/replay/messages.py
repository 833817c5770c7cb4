"""Where an HTTP/1.1 message ends, what JSON Lines say. Standard library only, no I/O: part of every replay script."""

from __future__ import annotations

import json
import re
from typing import Any


class HttpMessage:
    """The first HTTP/1.1 message in the bytes: `complete` when all of it is there (RFC 9112, section 6.3)."""

    def __init__(self, data: bytes, *, request_method: str = "GET") -> None:
        self.first_line = ""
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.body = b""
        self.complete = False
        self.extra = b""  # what came behind the message
        head, separator, rest = data.partition(b"\r\n\r\n")
        if not separator:
            return
        lines = head.decode("latin-1").split("\r\n")
        self.first_line = lines[0]
        for line in lines[1:]:
            name, _, value = line.partition(":")
            known = self.headers.get(name.strip().lower())
            self.headers[name.strip().lower()] = f"{known}, {value.strip()}" if known else value.strip()
        answer = self.first_line.startswith("HTTP/")
        self.status = int(self.first_line.split()[1]) if re.match(r"HTTP/\S+ \d{3}\b", self.first_line) else None
        tunnel = request_method == "CONNECT" and 200 <= (self.status or 0) < 300
        if answer and (tunnel or request_method == "HEAD" or self.status in (101, 204, 304)):
            self.complete, self.extra = True, rest
        elif "chunked" in self.headers.get("transfer-encoding", "").lower():
            self.body, self.complete, self.extra = unchunked(rest)
        elif re.fullmatch("[0-9]{1,18}", self.headers.get("content-length", "")):  # isdigit() is true for "²", too
            length = int(self.headers["content-length"])
            self.body, self.complete, self.extra = rest[:length], len(rest) >= length, rest[length:]
        else:
            # A request without a length has no body; an answer without one lasts until the connection ends.
            self.body, self.complete = (rest, False) if answer else (b"", True)


def unchunked(data: bytes) -> tuple[bytes, bool, bytes]:
    """(the body so far, whether the last chunk and the trailer are there, what is behind them)."""
    body = b""
    while True:
        line, separator, data = data.partition(b"\r\n")
        if not separator:
            return body, False, b""
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            return body, True, b""
        if size == 0:
            end = 2 if data.startswith(b"\r\n") else data.find(b"\r\n\r\n") + 4
            return body, end >= 2 and data[:end].endswith(b"\r\n"), data[end:]
        body += data[:size]
        if len(data) < size + 2:
            return body, False, b""
        data = data[size + 2 :]


def json_lines(data: bytes) -> list[dict[str, Any]]:
    """The objects on the whole lines; what has no line feed behind it is no line. ValueError for one without object."""
    values = [json.loads(line) for line in data.split(b"\n")[:-1]]
    if not all(isinstance(value, dict) for value in values):
        raise ValueError("no JSON object")
    return values
