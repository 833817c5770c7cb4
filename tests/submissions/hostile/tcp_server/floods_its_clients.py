"""Sends without end and never reads."""

import socket
import threading


def handle_client(client_socket, client_address):
    pass


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.address = host, port
        self.server_socket = None

    def start(self):
        self.server_socket = socket.create_server(self.address, backlog=256)

        def flood(client, _):
            block = b"x" * 2**20
            while True:
                client.sendall(block)

        while True:
            threading.Thread(target=flood, args=self.server_socket.accept(), daemon=True).start()
