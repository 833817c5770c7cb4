"""Sends a request with a body of one-byte chunks that never ends."""

import socket
from urllib.parse import urlsplit


def send_get_request(url, headers=None, timeout=10):
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"1\r\nx\r\n" * 10000)
