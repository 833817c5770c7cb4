"""Reads 64 bytes at a time and tries decode() until a character is whole: many small answers, legal in TCP."""

import socket
import threading


def split(data):
    """(text, rest): the text that is whole, and the up to three bytes of a character that is not."""
    for cut in range(4):
        try:
            return data[: len(data) - cut].decode(), data[len(data) - cut :]
        except UnicodeDecodeError:
            pass
    raise ValueError("not UTF-8")


def handle_client(client_socket, client_address):
    rest = b""
    try:
        while True:
            received = client_socket.recv(64)
            if received == b"":
                break
            text, rest = split(rest + received)
            if text != "":
                client_socket.sendall(b"".join([b"\xe5\xb7\xb2\xe6\x94\xb6\xe5\x88\xb0", "您的消息: ".encode(), text.encode()]))
    except (OSError, ValueError) as error:
        print(client_address, "lost:", error)
    client_socket.close()


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        try:
            self.server_socket = socket.create_server((self.host, self.port), backlog=self.max_connections)
        except Exception as error:
            print("cannot start:", error)
            return
        while True:
            sock, address = self.server_socket.accept()
            threading.Thread(target=handle_client, args=(sock, address), daemon=True).start()


if __name__ == "__main__":
    TCPServer().start()
