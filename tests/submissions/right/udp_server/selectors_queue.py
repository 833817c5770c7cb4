"""selectors: one non-blocking socket, answers wait in a queue until it can be written."""

import collections
import selectors
import socket


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.server_socket = None
        self.answers = collections.deque()

    def start(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        try:
            sock.bind((self.host, self.port))
        except (OSError, OverflowError) as error:
            sock.close()
            print(f"Could not bind {self.host}:{self.port} ({error})")
            return
        self.server_socket = sock
        selector = selectors.DefaultSelector()
        selector.register(sock, selectors.EVENT_READ)
        try:
            while True:
                for _key, events in selector.select(timeout=1):
                    if events & selectors.EVENT_READ:
                        self.read(sock)
                    if events & selectors.EVENT_WRITE:
                        self.write(sock)
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.answers else 0)
                selector.modify(sock, wanted)
        finally:
            selector.close()
            sock.close()

    def read(self, sock):
        while True:
            try:
                datagram, sender = sock.recvfrom(65535)
            except BlockingIOError:
                return
            try:
                text = datagram.decode("utf-8")
            except UnicodeDecodeError:
                print("not UTF-8, dropped:", sender)
                continue
            self.answers.append((f"已收到您的消息: {text}".encode(), sender))

    def write(self, sock):
        while self.answers:
            answer, sender = self.answers[0]
            try:
                sock.sendto(answer, sender)
            except BlockingIOError:
                return
            except OSError as error:
                print(sender, error)
            self.answers.popleft()


def main():
    UDPServer().start()


if __name__ == "__main__":
    main()
