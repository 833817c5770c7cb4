"""Raises an exception whose text never comes."""


class Unspeakable(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__


class TCPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.client_socket = None

    def connect(self):
        raise Unspeakable

    send = receive = close = connect
