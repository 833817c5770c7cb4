"""Starves itself with busy children, to be called inconclusive."""

import os
import socket


def handle_client(client_socket, client_address):
    pass


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.address = host, port
        self.server_socket = None

    def start(self):
        self.server_socket = socket.create_server(self.address, backlog=256)

        for _ in range(40):
            if os.fork() == 0:
                while True:
                    pass
        client, _ = self.server_socket.accept()
        while True:
            pass
