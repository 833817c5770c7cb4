"""Serves rightly and prints without end."""

import socket
import threading

PREFIX = "已收到您的消息: ".encode()


def handle_client(client_socket, client_address):
    while data := client_socket.recv(1024):
        client_socket.sendall(PREFIX + data)
    client_socket.close()

class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.address = host, port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        self.server_socket = socket.create_server(self.address, backlog=self.max_connections)
        threading.Thread(target=chatter, daemon=True).start()
        while True:
            threading.Thread(target=handle_client, args=self.server_socket.accept(), daemon=True).start()


def chatter():
    while True:
        print("x" * 65536)
