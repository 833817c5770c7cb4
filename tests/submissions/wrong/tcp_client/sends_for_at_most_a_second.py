"""Sends for at most a second, however much it is: that is what a time-out means to sendall().

fails: sends_eight_mebibytes_to_a_slow_reader client.sends_in_part
"""

import codecs
import socket


class TCPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port
        self.client_socket = None

    def connect(self):
        self.client_socket = socket.socket()
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            self.client_socket.connect((self.host, self.port))
            return True
        except (OSError, OverflowError, UnicodeError) as error:
            print("connect:", error)
            self.close()
            return False

    def send(self, data):
        if self.client_socket is None:
            return False
        try:
            self.client_socket.settimeout(1)
            self.client_socket.sendall(data.encode("utf-8"))
            self.client_socket.settimeout(None)
            return True
        except OSError as error:
            print("send:", error)
            return False

    def receive(self, buffer_size=1024):
        if self.client_socket is None:
            return None
        try:
            while data := self.client_socket.recv(buffer_size):
                text = self.decoder.decode(data)
                if text:
                    return text
            return ""
        except (OSError, UnicodeDecodeError) as error:
            print("receive:", error)
            return None

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
        if client.send(line):
            print("server:", client.receive())
    client.close()


if __name__ == "__main__":
    main()
