"""Reads byte by byte until one character is whole and returns just that: buffer_size may be any number."""

import socket


class TCPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port
        self.client_socket = None

    def connect(self):
        self.close()
        try:
            self.client_socket = socket.create_connection((self.host, self.port))
            return True
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"{self.host}:{self.port}: {error}")
            return False

    def send(self, data):
        try:
            assert self.client_socket is not None, "not connected"
            self.client_socket.sendall(data.encode("utf-8"))
            return True
        except (OSError, AssertionError) as error:
            print(error)
            return False

    def receive(self, buffer_size=1024):
        if self.client_socket is None:
            return None
        character = b""
        try:
            while byte := self.client_socket.recv(1):
                character += byte
                try:
                    return character.decode("utf-8")
                except UnicodeDecodeError as error:
                    if error.reason != "unexpected end of data":
                        return None
        except OSError as error:
            print(error)
            return None
        return ""

    def close(self):
        if self.client_socket is not None:
            self.client_socket.close()
            self.client_socket = None


def main():
    client = TCPClient()
    if not client.connect():
        return
    while True:
        try:
            line = input("> ")
        except EOFError:
            break
        if line == "quit":
            break
        client.send(line)
        # An answer has no end mark: it is over when nothing came for a while.
        answer = client.receive() or ""
        client.client_socket.settimeout(0.3)
        while more := client.receive():
            answer += more
        client.client_socket.settimeout(None)
        print(answer)
    client.close()


if __name__ == "__main__":
    main()
