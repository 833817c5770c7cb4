"""A thread reads ahead into a queue; receive() hands out at most buffer_size characters of what has arrived."""

import codecs
import queue
import socket
import sys
import threading


class TCPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.host, self.port = host, port
        self.client_socket = None

    def connect(self):
        self.close()
        sock = socket.socket()
        try:
            sock.connect((self.host, self.port))
        except Exception as error:
            print(error, file=sys.stderr)
            sock.close()
            return False
        self.client_socket = sock
        self.texts = queue.Queue()
        self.left = ""
        threading.Thread(target=self.read, args=(sock, self.texts), daemon=True).start()
        return True

    @staticmethod
    def read(sock, texts):
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while data := sock.recv(4096):
                text = decoder.decode(data)
                if text:
                    texts.put(text)
            texts.put("")
        except (OSError, UnicodeDecodeError):
            texts.put(None)

    def send(self, data):
        if not self.client_socket:
            return False
        try:
            self.client_socket.sendall(data.encode())
        except OSError:
            return False
        return True

    def receive(self, buffer_size=1024):
        if not self.client_socket:
            return None
        if not self.left:
            self.left = self.texts.get()
            if not self.left:
                self.texts.put(self.left)
                end, self.left = self.left, ""
                return end
        text, self.left = self.left[:buffer_size], self.left[buffer_size:]
        return text

    def close(self):
        if self.client_socket:
            try:
                self.client_socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.client_socket.close()
            self.client_socket = None


def main():
    client = TCPClient()
    if not client.connect():
        sys.exit("no server")
    while True:
        line = sys.stdin.readline()
        if line in ("", "quit\n", "quit"):
            break
        client.send(line.rstrip("\n"))
        print("server:", client.receive(), flush=True)
    client.close()


if __name__ == "__main__":
    main()
