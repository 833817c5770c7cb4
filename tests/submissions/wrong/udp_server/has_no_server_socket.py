"""Calls its socket sock: there is no attribute server_socket.

fails: offers_its_attributes program.missing_name
"""

import socket


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.sock = None

    def start(self):
        try:
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sock.bind((self.host, self.port))
        except (OSError, OverflowError) as error:
            print(f"cannot listen on {self.host}:{self.port}: {error}")
            return
        while True:
            data, sender = self.sock.recvfrom(65535)
            try:
                answer = "已收到您的消息: " + data.decode("utf-8")
                self.sock.sendto(answer.encode("utf-8"), sender)
            except (UnicodeDecodeError, OSError) as error:
                print(error)


if __name__ == "__main__":
    UDPServer().start()
