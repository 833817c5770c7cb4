"""Takes the next free port when its own is in use.

fails: reports_an_address_that_cannot_be_bound server.port_in_use_hangs
"""

import errno
import socket


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.server_socket = None

    def start(self):
        try:
            self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            while True:
                try:
                    self.server_socket.bind((self.host, self.port))
                    break
                except OSError as error:
                    if error.errno != errno.EADDRINUSE:
                        raise
                    print("port in use, taking the next one")
                    self.port += 1
        except (OSError, OverflowError) as error:
            print(f"cannot listen on {self.host}:{self.port}: {error}")
            return
        while True:
            data, sender = self.server_socket.recvfrom(65535)
            try:
                answer = "已收到您的消息: " + data.decode("utf-8")
                self.server_socket.sendto(answer.encode("utf-8"), sender)
            except (UnicodeDecodeError, OSError) as error:
                print(error)


if __name__ == "__main__":
    UDPServer().start()
