"""Answers every request with JSON a hundred thousand levels deep, or with millions of lists."""

import socket
import threading


class SimpleHTTPRequestHandler:
    pass


class SimpleHTTPServer:
    def __init__(self, host="0.0.0.0", port=8000):
        self.address = host, port
        self.server = None

    def start(self):
        self.server = socket.create_server(self.address, backlog=50)
        while True:
            threading.Thread(target=answer, args=self.server.accept(), daemon=True).start()


def answer(client, _):
    client.recv(65536)
    body = b"[" * 100000 if client.getpeername()[1] % 2 else b"[" + b"[]," * 3_000_000 + b"[]]"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    client.sendall(head + body)
    client.close()
