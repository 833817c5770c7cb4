"""One big buffered reader: read1 and a decoder; context manager; decorator for errors."""

import codecs
import functools
import socket
import sys
import time
import traceback


def quiet(failure):
    def wrap(function):
        @functools.wraps(function)
        def inner(self, *args, **kwargs):
            try:
                return function(self, *args, **kwargs)
            except Exception:
                traceback.print_exc()
                return failure

        return inner

    return wrap


class TCPClient:
    client_socket = None
    _file = None

    def __init__(self, host="127.0.0.1", port=8888):
        self.host = host
        self.port = port

    @quiet(False)
    def connect(self):
        self.close()
        self.client_socket = None
        s = socket.create_connection((self.host, self.port), timeout=10)
        s.settimeout(None)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = s.makefile("rb", buffering=4096)
        self._decode = codecs.getincrementaldecoder("utf8")(errors="strict").decode
        self.client_socket = s
        return True

    @quiet(False)
    def send(self, data):
        for at in range(0, len(data), 100_000):
            self.client_socket.sendall(data[at : at + 100_000].encode())
        return True

    @quiet(None)
    def receive(self, buffer_size=1024):
        text = ""
        while text == "":
            time.sleep(0.001)
            data = self._file.read1(buffer_size)
            text = self._decode(data)
            if data == b"":
                break
        return text

    def close(self):
        for thing in (self._file, self.client_socket):
            if thing is not None:
                thing.close()
        self._file = self.client_socket = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def chat(client):
    print("已连接。输入 quit 退出。")
    for line in iter(sys.stdin.readline, ""):
        line = line.rstrip("\r\n")
        if line.strip() == "quit":
            return
        if not client.send(line):
            return
        print("服务器:", client.receive(), flush=True)


if __name__ == "__main__":
    with TCPClient() as c:
        if c.connect():
            chat(c)
