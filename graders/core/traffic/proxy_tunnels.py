"""What goes through a tunnel, and how it is asked for. No I/O."""

from __future__ import annotations

from graders.core.models.proxy_messages import Pairs

#: How clients ask: version and headers.
OPENINGS: tuple[tuple[str, Pairs], ...] = (
    ("1.1", ()),
    ("1.0", ()),
    ("1.1", (("User-Agent", "curl/8.5.0"), ("Proxy-Connection", "Keep-Alive"))),
    ("1.0", (("user-agent", "test"),)),
)

#: More than a buffer of any usual size, and no whole number of them.
LONG = bytes(range(256)) * 801 + b"end"

#: What a program that looked into the tunnel would stumble over: text, NULs, line ends, HTTP, nothing of the kind.
PAYLOADS = (
    b"a",
    b"\r\n\r\n",
    bytes(range(256)),
    b"GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "你好\n".encode(),
    bytes(5000),
    b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    LONG,
)

#: What comes right behind the request, before the client knows of the tunnel.
EARLY = (b"\x16\x03\x01\x00\x05hello", b"GET / HTTP/1.1\r\n\r\n", bytes(70_000), b"\r\n")
