"""start() leaves the work to a thread and returns instead of serving until Ctrl+C.

fails: serves_after_a_silence program.start_returns
fails: stops_on_interrupt program.start_returns
"""

import socket
import threading


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
        threading.Thread(target=self.serve).start()

    def serve(self):
        while True:
            data, sender = self.server_socket.recvfrom(65535)
            try:
                answer = "已收到您的消息: " + data.decode("utf-8")
                self.server_socket.sendto(answer.encode("utf-8"), sender)
            except (UnicodeDecodeError, OSError) as error:
                print(error)


if __name__ == "__main__":
    UDPServer().start()
