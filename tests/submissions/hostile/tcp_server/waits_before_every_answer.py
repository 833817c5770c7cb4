"""Answers rightly, nearly a second late each time."""

import socket
import threading
import time


def handle_client(client_socket, client_address):
    pass


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.address = host, port
        self.server_socket = None

    def start(self):
        self.server_socket = socket.create_server(self.address, backlog=256)

        def late(client, _):
            while data := client.recv(1024):
                time.sleep(0.8)
                client.sendall("已收到您的消息: ".encode() + data)

        while True:
            threading.Thread(target=late, args=self.server_socket.accept(), daemon=True).start()
