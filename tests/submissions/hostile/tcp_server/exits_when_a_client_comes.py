"""Listens, and ends with status 0 at the first client."""

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
        self.server_socket.accept()
        os._exit(0)
