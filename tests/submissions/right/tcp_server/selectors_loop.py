"""One thread and a selector: non-blocking sockets, an output buffer for each client, no reading while it is full."""

import codecs
import selectors
import socket

FULL = 256 * 1024


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.out = bytearray()
        self.finished = False
        sock.setblocking(False)

    def events(self):
        wanted = selectors.EVENT_WRITE if self.out else 0
        if not self.finished and len(self.out) < FULL:
            wanted |= selectors.EVENT_READ
        return wanted

    def work(self, mask):
        if mask & selectors.EVENT_READ:
            data = self.sock.recv(1024)
            self.finished = not data
            text = self.decoder.decode(data)
            if text:
                self.out += f"已收到您的消息: {text}".encode()
        if self.out:
            try:
                sent = self.sock.send(self.out)
            except BlockingIOError:
                return
            del self.out[:sent]


def serve_client(selector, client, mask):
    """One step of one client; False when it is gone."""
    try:
        client.work(mask)
    except BlockingIOError:
        return True
    except (OSError, UnicodeDecodeError):
        client.out.clear()
        client.finished = True
    if client.events():
        selector.modify(client.sock, client.events(), client)
        return True
    selector.unregister(client.sock)
    client.sock.close()
    return False


def handle_client(client_socket, client_address):
    client = Client(client_socket)
    with selectors.DefaultSelector() as selector:
        selector.register(client_socket, client.events(), client)
        while all(serve_client(selector, key.data, mask) for key, mask in selector.select()):
            pass


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host, self.port, self.max_connections = host, port, max_connections
        self.server_socket = None

    def start(self):
        try:
            self.server_socket = socket.create_server((self.host, self.port), backlog=self.max_connections)
        except (OSError, OverflowError, UnicodeError) as error:
            print("start failed:", error)
            return
        self.server_socket.setblocking(False)
        with self.server_socket, selectors.DefaultSelector() as selector:
            selector.register(self.server_socket, selectors.EVENT_READ)
            while True:
                for key, mask in selector.select():
                    if key.data:
                        serve_client(selector, key.data, mask)
                        continue
                    try:
                        client = Client(self.server_socket.accept()[0])
                    except OSError:
                        continue
                    selector.register(client.sock, client.events(), client)


if __name__ == "__main__":
    try:
        TCPServer().start()
    except KeyboardInterrupt:
        pass
