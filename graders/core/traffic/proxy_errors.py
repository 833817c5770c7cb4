"""What clients send that is no request for a proxy, and what origins do instead of answering. No I/O."""

from __future__ import annotations

from graders.core.models.http_answer import GARBAGE
from graders.core.models.http_message import Framing
from graders.core.models.proxy_messages import Chunks, Reply

#: No HTTP, each with an empty line in it or tried with a half-close behind it.
NOT_HTTP = (
    b"hello\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(32)) + b"\r\n\r\n",
    bytes(range(0x80, 0x100)) + b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"{}[];\r\nX: y\r\n\r\n",
    b"GET http://127.0.0.1/ HTTQ/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET http://127.0.0.1/ HTTP/one\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET http://127.0.0.1/ HTTP/1.1 again\r\nHost: 127.0.0.1\r\n\r\n",
)

#: No HTTP, and no empty line ever.
UNFINISHED = (b"hello", bytes(64), b"GET http://127.0.0.1/ HT", b"\x80\x81\x82\n", b"hello\nworld\n")

#: For a server, not for a proxy: the host is in Host alone, or nowhere. {} is an authority.
NOT_FOR_A_PROXY = (
    "GET / HTTP/1.1\r\nHost: {}\r\n\r\n",
    "GET /a/b?c=d HTTP/1.1\r\nHost: {}\r\n\r\n",
    "GET {}/ HTTP/1.1\r\nHost: {}\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: 2\r\n\r\nhi",
)

#: Some take such a line for a header and some skip it; nobody leaves it unanswered.
WITHOUT_COLON = "GET http://{}/ HTTP/1.1\r\nHost: {}\r\nno colon here\r\n\r\n"

#: Where no connect gets to: ports that are none, a label of more than 63 bytes. No name server has to be asked.
IMPOSSIBLE = (
    "http://127.0.0.1:99999/",
    "127.0.0.1:65536",
    f"http://{'a' * 64}.test/",
    "http://127.0.0.1:abc/",
    f"{'a' * 64}.test:443",
    "127.0.0.1:abc",
)

#: What some read on in: 200 "0 OK"; and a head that the end of the connection is the end of.
_READABLE = ("a status of four digits", "a status line without end")

#: (what the origin says, whether it breaks off with a reset) where that is no answer.
NO_ANSWERS = (
    *((data, False) for name, data in GARBAGE.items() if name not in _READABLE),
    (b"", True),
)

#: Answers that end before they are whole: in a long body that no program takes for a whole one, or in a head that has
#: told of a body (without that, http.client takes the end of the connection for the end of the head).
_LONG = bytes(range(256)) * 40
CUT = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
    *(
        reply.bytes()[:-kept_back]
        for reply in (Reply(body=_LONG), Reply(body=_LONG, framing=Framing.CHUNKED, chunks=Chunks(1000)))
        for kept_back in (30, 5000)
    ),
)
