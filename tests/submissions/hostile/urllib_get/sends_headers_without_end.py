"""Sends a request whose headers never end."""

import socket
from urllib.parse import urlsplit


def send_get_request(url, headers=None, timeout=10):
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        while True:
            connection.sendall(b"a:\r\n" * 10000)
