"""Connects to itself from every port there is, so that no port is free for a minute, even after it was killed."""

import socket
import threading


def handle_client(client_socket, client_address):
    pass


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.address = host, port
        self.server_socket = None

    def start(self):
        own = socket.create_server(("127.0.0.1", 1999), backlog=500)
        threading.Thread(target=swallow, args=(own,), daemon=True).start()
        for port in range(32768, 61000):
            try:
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
                    one.connect(("127.0.0.1", 1999))
            except OSError:
                pass
        self.server_socket = socket.create_server(self.address)
        while True:
            self.server_socket.accept()


def swallow(own):
    while True:
        client, _ = own.accept()
        client.recv(1)
        client.close()
