"""select() and a deadline of its own on a non-blocking socket; datagrams from strangers are ignored."""

import select
import socket
import time


class UDPClient:
    client_socket = None

    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port

    def create_socket(self) -> bool:
        try:
            family, kind, proto, _, self.server = socket.getaddrinfo(
                self.host, self.port, socket.AF_INET, socket.SOCK_DGRAM
            )[0]
            self.client_socket = socket.socket(family, kind, proto)
        except (OSError, OverflowError, UnicodeError):
            return False
        self.client_socket.setblocking(False)
        return True

    def send(self, data: str) -> bool:
        payload = data.encode("utf-8")
        if self.client_socket is None or len(payload) > 65507:
            return False
        try:
            return self.client_socket.sendto(payload, self.server) == len(payload)
        except OSError:
            return False

    def receive(self, buffer_size: int = 1024, timeout: float = 5) -> "str | None":
        if self.client_socket is None:
            return None
        deadline = time.monotonic() + timeout
        while True:
            ready, _, _ = select.select([self.client_socket], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                return None
            try:
                data, sender = self.client_socket.recvfrom(buffer_size)
            except OSError:
                continue
            if sender == self.server:
                break
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def close(self) -> None:
        if self.client_socket is not None:
            self.client_socket.close()
        self.client_socket = None


if __name__ == "__main__":
    client = UDPClient()
    if client.create_socket():
        try:
            while True:
                text = input()
                if text == "quit":
                    break
                client.send(text)
                answer = client.receive()
                print(answer if answer is not None else "(no answer)")
        except EOFError:
            pass
        finally:
            client.close()
