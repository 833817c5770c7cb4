"""Leaves a process behind that keeps the port and says nothing."""

import os
import socket
import time


def handle_client(client_socket, client_address):
    pass


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.address = host, port
        self.server_socket = None

    def start(self):
        self.server_socket = socket.socket()
        self.server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.server_socket.bind(self.address)
        self.server_socket.listen(5)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True:
                    time.sleep(1000)
            os._exit(0)
        os._exit(0)
