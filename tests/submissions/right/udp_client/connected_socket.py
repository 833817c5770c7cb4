"""A connected UDP socket: connect() once, then send() and recv()."""

import socket


class UDPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port
        self.client_socket = None

    def create_socket(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.connect((self.host, self.port))
        except (OSError, OverflowError, UnicodeError) as error:
            sock.close()
            print("cannot use this address:", error)
            return False
        self.client_socket = sock
        return True

    def send(self, data):
        if self.client_socket is None:
            return False
        try:
            self.client_socket.send(data.encode("utf-8"))
        except (OSError, UnicodeError) as error:
            print("not sent:", error)
            return False
        return True

    def receive(self, buffer_size=1024, timeout=5):
        if self.client_socket is None:
            return None
        self.client_socket.settimeout(timeout)
        try:
            return str(self.client_socket.recv(buffer_size), "utf-8")
        except (OSError, UnicodeError):
            return None

    def close(self):
        sock, self.client_socket = self.client_socket, None
        if sock is not None:
            sock.close()


def main():
    client = UDPClient()
    if not client.create_socket():
        return
    while True:
        try:
            line = input("> ")
        except EOFError:
            break
        if line == "quit":
            break
        client.send(line)
        print(client.receive())
    client.close()


if __name__ == "__main__":
    main()
