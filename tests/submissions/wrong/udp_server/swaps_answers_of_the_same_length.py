"""Keeps texts by their length: two senders whose texts are equally long may get each other's.

fails: answers_each_sender_its_own udp.foreign_answer
fails: answers_a_burst udp.burst_lost
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
        self.texts = {}
        self.senders = queue.Queue()

    def start(self):
        try:
            self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.server_socket.bind((self.host, self.port))
        except (OSError, OverflowError) as error:
            print(f"cannot listen on {self.host}:{self.port}: {error}")
            return
        threading.Thread(target=self.answer, daemon=True).start()
        while True:
            data, sender = self.server_socket.recvfrom(65535)
            self.texts[len(data), sender[0] if len(data) > 4 else ""] = data
            self.senders.put((len(data), sender))

    def answer(self):
        while True:
            length, sender = self.senders.get()
            time.sleep(0.002)
            try:
                answer = "已收到您的消息: " + self.texts[length, sender[0] if length > 4 else ""].decode("utf-8")
                self.server_socket.sendto(answer.encode("utf-8"), sender)
            except (UnicodeDecodeError, OSError) as error:
                print(error)


if __name__ == "__main__":
    UDPServer().start()
