"""A negative port number raises to the caller.

fails: reports_an_address_that_cannot_be_bound server.port_out_of_range_raises
"""

import socket

PREFIX = "已收到您的消息: "


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.server_socket = None

    def start(self):
        self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if self.port < 0: raise ValueError("port")
        try:
            self.server_socket.bind((self.host, self.port))
        except (OSError, OverflowError) as e:
            print("cannot bind:", e)
            self.server_socket.close()
            return
        try:
            while True:
                data, address = self.server_socket.recvfrom(65535)
                try:
                    text = data.decode("utf-8")
                    self.server_socket.sendto((PREFIX + text).encode("utf-8"), address)
                except (OSError, UnicodeDecodeError) as e:
                    print("dropped:", e)
        finally:
            self.server_socket.close()


if __name__ == "__main__":
    try:
        UDPServer().start()
    except KeyboardInterrupt:
        print("bye")
