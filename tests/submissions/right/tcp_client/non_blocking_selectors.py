"""A non-blocking socket and select(): sends in slices, keeps the bytes of an unfinished character by hand."""

import select
import socket


class TCPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.address = (host, port)
        self.client_socket = None
        self.pending = b""

    def connect(self):
        self.close()
        try:
            self.client_socket = socket.create_connection(self.address)
        except (OSError, OverflowError, UnicodeError):
            return False
        self.client_socket.setblocking(False)
        self.pending = b""
        return True

    def send(self, data):
        if self.client_socket is None:
            return False
        rest = memoryview(data.encode())
        while rest:
            select.select([], [self.client_socket], [])
            try:
                rest = rest[self.client_socket.send(rest[:65536]) :]
            except BlockingIOError:
                continue
            except OSError:
                return False
        return True

    def receive(self, buffer_size=1024):
        while self.client_socket is not None:
            select.select([self.client_socket], [], [])
            try:
                data = self.client_socket.recv(buffer_size)
            except BlockingIOError:
                continue
            except OSError:
                return None
            if not data:
                return ""
            self.pending += data
            try:
                text = self.pending.decode()
                self.pending = b""
            except UnicodeDecodeError as error:
                if error.reason != "unexpected end of data":
                    self.pending = b""
                    return None
                text = self.pending[: error.start].decode()
                self.pending = self.pending[error.start :]
            if text:
                return text
        return None

    def close(self):
        if self.client_socket is not None:
            self.client_socket.close()
        self.client_socket = None


if __name__ == "__main__":
    client = TCPClient()
    if client.connect():
        try:
            while (line := input()) != "quit":
                client.send(line)
                print("<", client.receive())
        except (EOFError, KeyboardInterrupt):
            pass
        client.close()
