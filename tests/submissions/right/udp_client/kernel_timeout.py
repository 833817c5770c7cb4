"""getaddrinfo, extra methods, SO_RCVTIMEO instead of settimeout."""

import socket
import struct


class BaseClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port
        self.client_socket = None

    def __enter__(self):
        self.create_socket()
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.client_socket is not None:
            self.client_socket.close()
        self.client_socket = None


class UDPClient(BaseClient):
    def create_socket(self):
        try:
            family, kind, proto, _, self.peer = socket.getaddrinfo(
                self.host, self.port, socket.AF_INET, socket.SOCK_DGRAM
            )[0]
            self.client_socket = socket.socket(family, kind, proto)
        except OSError as e:
            print(e)
            return False
        return True

    def send(self, data):
        if self.client_socket is None:
            return False
        try:
            self.client_socket.sendto(data.encode(), self.peer)
            return True
        except OSError as e:
            print("无法发送：", e)
            return False

    def receive(self, buffer_size=1024, timeout=5):
        if self.client_socket is None:
            return None
        whole, part = divmod(timeout, 1)
        self.client_socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(whole), max(1, int(part * 1e6)))
        )
        try:
            return self.client_socket.recvfrom(buffer_size)[0].decode()
        except BlockingIOError:
            return None
        except (OSError, UnicodeDecodeError) as e:
            print(e)
            return None

    def ask(self, text):
        return self.receive(65535) if self.send(text) else None


if __name__ == "__main__":
    with UDPClient() as c:
        while True:
            try:
                t = input("消息> ")
            except EOFError:
                break
            if t == "quit":
                break
            print(c.ask(t))
