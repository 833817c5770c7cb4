"""Stays with a sender until nothing has come for a second; datagrams from others are lost meanwhile.

fails: answers_a_text udp.no_answer
fails: stops_on_interrupt udp.no_answer
fails: starts_again_after_a_kill udp.no_answer
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
            self.server_socket.settimeout(None)
            data, client = self.server_socket.recvfrom(65535)
            self.server_socket.settimeout(1)
            sender = client
            try:
                while True:
                    if sender == client:
                        answer = "已收到您的消息: " + data.decode("utf-8", "replace")
                        self.server_socket.sendto(answer.encode("utf-8"), sender)
                    data, sender = self.server_socket.recvfrom(65535)
            except OSError:
                pass


if __name__ == "__main__":
    UDPServer().start()
