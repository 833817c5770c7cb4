"""Counts whole seconds only: a time-out of 0.1 is a second.

fails: gives_up_after_the_timeout udp.timeout_late
"""

import math
import socket


class UDPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port
        self.client_socket = None

    def create_socket(self):
        self.client_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        return True

    def send(self, data):
        if self.client_socket is None:
            return False
        try:
            self.client_socket.sendto(data.encode("utf-8"), (self.host, self.port))
            return True
        except OSError as error:
            print(error)
            return False

    def receive(self, buffer_size=1024, timeout=5):
        if self.client_socket is None:
            return None
        try:
            self.client_socket.settimeout(math.ceil(timeout))
            data, _ = self.client_socket.recvfrom(buffer_size)
            return data.decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            print(error)
            return None

    def close(self):
        if self.client_socket is not None:
            self.client_socket.close()
            self.client_socket = None


def main():
    client = UDPClient()
    client.create_socket()
    while True:
        try:
            text = input("> ")
        except EOFError:
            break
        if text == "quit":
            break
        if client.send(text):
            print(client.receive())
    client.close()


if __name__ == "__main__":
    main()
