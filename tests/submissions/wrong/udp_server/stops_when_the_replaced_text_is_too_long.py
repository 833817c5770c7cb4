"""Replaces undecodable bytes by U+FFFD, three bytes each: the answer to a long datagram no longer fits, and sendto ends the server.

fails: survives_bytes_that_are_not_utf8 udp.lost_after_bad_bytes
"""

import socket


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.server_socket = None

    def start(self):
        try:
            self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.server_socket.bind((self.host, self.port))
        except (OSError, OverflowError) as error:
            print(f"cannot listen on {self.host}:{self.port}: {error}")
            return
        while True:
            data, sender = self.server_socket.recvfrom(65535)
            answer = "已收到您的消息: " + data.decode("utf-8", "replace")
            self.server_socket.sendto(answer.encode("utf-8"), sender)


if __name__ == "__main__":
    UDPServer().start()
