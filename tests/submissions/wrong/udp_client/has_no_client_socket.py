"""Calls its socket sock: there is no attribute client_socket.

fails: keeps_the_defaults program.missing_name
"""

import socket


class UDPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port
        self.sock = None

    def create_socket(self):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        return True

    def send(self, data):
        if self.sock is None:
            return False
        try:
            self.sock.sendto(data.encode("utf-8"), (self.host, self.port))
            return True
        except OSError as error:
            print(error)
            return False

    def receive(self, buffer_size=1024, timeout=5):
        if self.sock is None:
            return None
        try:
            self.sock.settimeout(timeout)
            data, _ = self.sock.recvfrom(buffer_size)
            return data.decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            print(error)
            return None

    def close(self):
        if self.sock is not None:
            self.sock.close()
            self.sock = None


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
