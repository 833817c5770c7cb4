"""Answers 100 Continue without end."""

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
    while True:
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)
