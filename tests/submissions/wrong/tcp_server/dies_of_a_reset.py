"""A selector loop that only expects bad text: a connection reset ends the whole server.

fails: survives_a_reset tcp.reset_disturbs
"""

import codecs
import selectors
import socket

PREFIX = "已收到您的消息: "


def handle_client(client_socket, client_address):
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while data := client_socket.recv(1024):
            text = decoder.decode(data)
            if text:
                client_socket.sendall((PREFIX + text).encode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        print(client_address, error)


class Client:
    def __init__(self, sock):
        sock.setblocking(False)
        self.sock = sock
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.out = b""
        self.finished = False

    def events(self):
        reading = selectors.EVENT_READ if not self.finished and len(self.out) < 100_000 else 0
        return reading | (selectors.EVENT_WRITE if self.out else 0)

    def work(self, mask):
        if mask & selectors.EVENT_READ:
            data = self.sock.recv(1024)
            self.finished = not data
            text = self.decoder.decode(data)
            if text:
                self.out += (PREFIX + text).encode("utf-8")
        if mask & selectors.EVENT_WRITE:
            self.out = self.out[self.sock.send(self.out) :]


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        self.server_socket = socket.socket()
        self.server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.server_socket.bind((self.host, self.port))
            self.server_socket.listen(self.max_connections)
        except (OSError, OverflowError) as error:
            print("cannot start:", error)
            return
        selector = selectors.DefaultSelector()
        selector.register(self.server_socket, selectors.EVENT_READ)
        while True:
            for key, mask in selector.select():
                client = key.data
                if client is None:
                    client = Client(self.server_socket.accept()[0])
                    selector.register(client.sock, client.events(), client)
                    continue
                try:
                    client.work(mask)
                except UnicodeDecodeError:
                    client.finished, client.out = True, b""
                if client.events():
                    selector.modify(client.sock, client.events(), client)
                else:
                    selector.unregister(client.sock)
                    client.sock.close()


if __name__ == "__main__":
    TCPServer().start()
