"""asyncio: each object owns an event loop and runs it for as long as a call takes."""

import asyncio
import socket


class UDPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port
        self.client_socket = None
        self.loop = None

    def create_socket(self):
        self.loop = asyncio.new_event_loop()
        self.client_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.client_socket.setblocking(False)
        return True

    def send(self, data):
        if self.client_socket is None:
            return False
        try:
            # not a transport's sendto(), which keeps an empty datagram to itself in Python 3.11
            self.loop.run_until_complete(self.loop.sock_sendto(self.client_socket, data.encode(), (self.host, self.port)))
        except (OSError, OverflowError, UnicodeError):
            return False
        return True

    def receive(self, buffer_size=1024, timeout=5):
        if self.client_socket is None:
            return None
        try:
            return self.loop.run_until_complete(self._receive(buffer_size, timeout))
        except (TimeoutError, OSError, UnicodeError):
            return None

    async def _receive(self, buffer_size, timeout):
        async with asyncio.timeout(timeout):
            data, _address = await self.loop.sock_recvfrom(self.client_socket, buffer_size)
        return data.decode("utf-8")

    def close(self):
        if self.client_socket is not None:
            self.client_socket.close()
            self.client_socket = None
            self.loop.close()


def main():
    client = UDPClient()
    client.create_socket()
    try:
        while (line := input("message: ")) != "quit":
            if client.send(line):
                print("answer:", client.receive())
    except EOFError:
        pass
    client.close()


if __name__ == "__main__":
    main()
