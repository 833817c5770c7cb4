"""A worker answers from a queue, but to the sender whose datagram came last.

fails: answers_each_sender_its_own udp.foreign_answer
"""

import queue
import socket
import threading
import time


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.server_socket = None
        self.sender = None
        self.texts = queue.Queue()

    def start(self):
        try:
            self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.server_socket.bind((self.host, self.port))
        except (OSError, OverflowError) as error:
            print(f"cannot listen on {self.host}:{self.port}: {error}")
            return
        threading.Thread(target=self.answer, daemon=True).start()
        while True:
            data, self.sender = self.server_socket.recvfrom(65535)
            self.texts.put(data)

    def answer(self):
        while True:
            data = self.texts.get()
            time.sleep(0.005)
            try:
                answer = "已收到您的消息: " + data.decode("utf-8")
                self.server_socket.sendto(answer.encode("utf-8"), self.sender)
            except (UnicodeDecodeError, OSError) as error:
                print(error)


if __name__ == "__main__":
    UDPServer().start()
