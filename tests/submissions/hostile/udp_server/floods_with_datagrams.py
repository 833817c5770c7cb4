"""Answers the first datagram with datagrams without end, as large as there are."""

import socket


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.address = host, port
        self.server_socket = None

    def start(self):
        self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.server_socket.bind(self.address)
        data, sender = self.server_socket.recvfrom(65535)
        while True:
            try:
                self.server_socket.sendto(b"x" * 65507, sender)
            except OSError:
                pass
