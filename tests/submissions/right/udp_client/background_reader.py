"""A thread reads all answers into a queue as they come; receive() takes them from there."""

import queue
import socket
import sys
import threading


class UDPClient:
    def __init__(self, host="127.0.0.1", port=8888):
        self.address = (host, port)
        self.client_socket = None
        self.answers = queue.Queue()

    def create_socket(self):
        try:
            self.client_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.client_socket.bind(("", 0))
            self.client_socket.settimeout(0.1)
        except OSError as error:
            print("Error:", error)
            return False
        self.answers = queue.Queue()
        threading.Thread(target=self._read, args=(self.client_socket, self.answers), daemon=True).start()
        return True

    @staticmethod
    def _read(sock, answers):
        while sock.fileno() >= 0:
            try:
                answers.put(sock.recvfrom(65535)[0])
            except TimeoutError:
                continue
            except OSError:
                if sock.fileno() < 0:
                    return

    def send(self, data):
        try:
            self.client_socket.sendto(data.encode(), self.address)
            return True
        except (AttributeError, OSError, OverflowError, UnicodeError) as error:
            print("not sent:", error)
            return False

    def receive(self, buffer_size=1024, timeout=5):
        if not self.client_socket:
            return None
        try:
            return self.answers.get(timeout=timeout)[:buffer_size].decode()
        except (queue.Empty, UnicodeDecodeError):
            return None

    def close(self):
        if self.client_socket:
            self.client_socket.close()
        self.client_socket = None


if __name__ == "__main__":
    client = UDPClient()
    client.create_socket()
    for line in sys.stdin:
        line = line.rstrip("\r\n")
        if line == "quit":
            break
        if client.send(line):
            print("<", client.receive(), flush=True)
    client.close()
