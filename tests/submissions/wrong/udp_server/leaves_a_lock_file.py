"""Guards against a second start with a file, which outlives a program that is killed.

fails: starts_again_after_a_kill server.port_still_in_use
"""

import os
import socket
import tempfile


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.server_socket = None

    def start(self):
        lock = os.path.join(tempfile.gettempdir(), f"udp_server_{self.port}.lock")
        if os.path.exists(lock):
            print("already running:", lock)
            return
        open(lock, "w").close()
        try:
            self.serve()
        finally:
            os.remove(lock)

    def serve(self):
        try:
            self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
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
