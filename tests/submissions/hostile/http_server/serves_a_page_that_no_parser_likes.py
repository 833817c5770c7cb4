"""Serves tags that begin and never end, and forms with actions that are no URLs."""

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
    page = b"<form action='http://['>" + b"<![x[ ]]>" + b"<a " * 100000
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page)
    client.sendall(head + page)
    client.close()
