"""Counts the bytes received and ends when a quota of 100,000 is used up.

fails: answers_a_long_text udp.long_unanswered
fails: survives_bytes_that_are_not_utf8 udp.lost_after_bad_bytes
"""

import socket


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.server_socket = None
        self.quota = 100_000

    def start(self):
        try:
            self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.server_socket.bind((self.host, self.port))
        except (OSError, OverflowError) as error:
            print(f"cannot listen on {self.host}:{self.port}: {error}")
            return
        while True:
            data, sender = self.server_socket.recvfrom(65535)
            self.quota -= len(data)
            if self.quota < 0:
                return
            try:
                answer = "已收到您的消息: " + data.decode("utf-8")
                self.server_socket.sendto(answer.encode("utf-8"), sender)
            except (UnicodeDecodeError, OSError) as error:
                print(error)


if __name__ == "__main__":
    UDPServer().start()
