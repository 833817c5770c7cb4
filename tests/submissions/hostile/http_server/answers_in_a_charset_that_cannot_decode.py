"""Names a charset with which decoding always raises."""

import socket
import threading


class SimpleHTTPRequestHandler:
    pass


class SimpleHTTPServer:
    def __init__(self, host="0.0.0.0", port=8000):
        self.address = host, port
        self.server = None

    def start(self):
        self.server = socket.create_server(self.address, backlog=50)
        while True:
            threading.Thread(target=answer, args=self.server.accept(), daemon=True).start()


def answer(client, _):
    client.recv(65536)
    page = b"<form action=/api/submit method=post><input name=name></form>"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=undefined\r\nContent-Length: %d\r\n\r\n" % len(page)
    client.sendall(head + page)
    client.close()
