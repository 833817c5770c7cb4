"""300 threads that all accept on one socket; recvmsg and sendmsg; a signal handler ends it with os._exit."""

import os
import signal
import socket
import threading

PREFIX = "已收到您的消息: ".encode()


def whole(data):
    """How many bytes are whole characters."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            raise
        return error.start
    return len(data)


def handle_client(client_socket, client_address):
    rest = b""
    try:
        while data := client_socket.recvmsg(1024)[0]:
            rest += data
            length = whole(rest)
            parts = [memoryview(PREFIX), memoryview(rest[:length])] if length else []
            rest = rest[length:]
            while parts:
                sent = client_socket.sendmsg(parts)
                while parts and sent >= len(parts[0]):
                    sent -= len(parts.pop(0))
                if parts:
                    parts[0] = parts[0][sent:]
    except (OSError, UnicodeDecodeError):
        pass
    finally:
        client_socket.close()


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def _accept(self):
        while True:
            try:
                connection, address = self.server_socket.accept()
            except OSError:
                return
            handle_client(connection, address)

    def start(self):
        try:
            self.server_socket = socket.create_server((self.host, self.port), backlog=self.max_connections)
        except (OSError, OverflowError) as error:
            print("cannot listen:", error)
            return
        signal.signal(signal.SIGINT, lambda *_: os._exit(0))
        for _ in range(300):
            threading.Thread(target=self._accept, daemon=True).start()
        signal.pause()


if __name__ == "__main__":
    TCPServer().start()
