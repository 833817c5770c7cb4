"""A time-out of 3 s on its socket: when nobody sends for so long, start() raises TimeoutError.

fails: serves_after_a_silence server.stops_when_nobody_comes
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
        try:
            self.server_socket.bind((self.host, self.port))
        except (OSError, OverflowError) as e:
            print("cannot bind:", e)
            self.server_socket.close()
            return
        self.server_socket.settimeout(3)
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
