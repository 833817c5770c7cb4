"""Closes every descriptor when it is imported."""

import os

os.closerange(0, 1024)


def handle_client(client_socket, client_address):
    pass


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.address = host, port
        self.server_socket = None

    def start(self):
        pass
