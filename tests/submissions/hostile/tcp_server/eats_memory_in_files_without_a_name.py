"""Eats memory where no process has it mapped: in memfds."""

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

        files, block = [], b"x" * 2**20
        try:
            while True:
                files.append(os.memfd_create("eaten"))
                for _ in range(15):
                    os.write(files[-1], block)
        except OSError as error:
            print(error, len(files))
        while True:
            self.server_socket.accept()
