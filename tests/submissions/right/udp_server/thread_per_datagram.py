"""每个数据报一个线程；顺序不保证（UDP 本来就不保证）。"""

import logging
import socket
import threading
import time

logging.basicConfig(level=logging.DEBUG)


def answer(sock, data, address):
    time.sleep(0.001 * (len(data) % 7))
    try:
        sock.sendto("已收到您的消息: ".encode() + data.decode().encode(), address)
    except Exception:
        logging.exception("无法回答 %s", address)


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.host = host
        self.port = port
        self.server_socket = None

    def start(self):
        try:
            self.server_socket = socket.socket(type=socket.SOCK_DGRAM)
            self.server_socket.bind((self.host, self.port))
        except (OSError, OverflowError) as e:
            logging.error("无法绑定 %s:%s: %s", self.host, self.port, e)
            return
        with self.server_socket as s:
            while True:
                threading.Thread(target=answer, args=(s, *s.recvfrom(65536)), daemon=True).start()


if __name__ == "__main__":
    UDPServer().start()
