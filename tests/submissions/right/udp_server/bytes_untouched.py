"""Never decodes: the answer is the prefix's bytes and the datagram's bytes, whatever they are."""

import socket

PREFIX = "已收到您的消息: ".encode()


class UDPServer:
    server_socket = None

    def __init__(self, host="0.0.0.0", port=8888):
        self.host, self.port = host, port

    def start(self):
        with socket.socket(type=socket.SOCK_DGRAM) as self.server_socket:
            try:
                self.server_socket.bind((self.host, self.port))
            except Exception as e:
                return print("bind:", e)
            while True:
                data, addr = self.server_socket.recvfrom(1 << 16)
                try:
                    self.server_socket.sendto(PREFIX + data, addr)
                except OSError as e:
                    print(addr, e)


if __name__ == "__main__":
    UDPServer().start()
