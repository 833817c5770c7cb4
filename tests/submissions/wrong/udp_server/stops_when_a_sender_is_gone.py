"""Has the kernel report closed ports (IP_RECVERR) and takes the report for the end of the server.

fails: survives_a_sender_that_left udp.lost_after_leaving
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
            self.server_socket.setsockopt(socket.IPPROTO_IP, 11, 1)  # IP_RECVERR of Linux
            self.server_socket.bind((self.host, self.port))
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
