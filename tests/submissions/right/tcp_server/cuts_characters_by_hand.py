"""No codecs module: keeps raw bytes, finds the last whole character itself; replaces bad bytes and goes on."""

import socket
import threading

PREFIX = "已收到您的消息: ".encode()


def whole_part(data):
    """How many bytes of data end on a character's boundary (or can never become a character)."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        length = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return len(data) - back if length > back else len(data)
    return len(data)


class ClientThread(threading.Thread):
    def __init__(self, sock):
        super().__init__(daemon=True)
        self.sock = sock

    def run(self):
        rest = b""
        with self.sock:
            while True:
                try:
                    data = self.sock.recv(1024)
                    if not data:
                        return
                    data = rest + data
                    end = whole_part(data)
                    rest = data[end:]
                    if end:
                        self.sock.sendall(PREFIX + data[:end].decode("utf-8", errors="replace").encode())
                except OSError:
                    return


def handle_client(client_socket, client_address):
    ClientThread(client_socket).run()


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((self.host, self.port))
                listener.listen(self.max_connections)
            except (OSError, OverflowError, UnicodeError) as error:
                print("cannot listen:", error)
                return
            self.server_socket = listener
            try:
                while True:
                    ClientThread(listener.accept()[0]).start()
            except KeyboardInterrupt:
                print("bye")


if __name__ == "__main__":
    TCPServer().start()
