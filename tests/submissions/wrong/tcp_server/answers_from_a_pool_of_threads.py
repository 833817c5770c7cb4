"""A pool of max_connections threads: further clients wait for a free one, and Ctrl+C waits for all of them.

fails: takes_more_clients_than_max_connections tcp.backlog_as_limit
fails: stops_on_interrupt server.ignores_interrupt
"""

import codecs
import socket
from concurrent.futures import ThreadPoolExecutor

PREFIX = "已收到您的消息: "


def handle_client(client_socket, client_address):
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while data := client_socket.recv(1024):
            text = decoder.decode(data)
            if text:
                client_socket.sendall((PREFIX + text).encode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        print(client_address, error)
    finally:
        client_socket.close()


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        self.server_socket = socket.socket()
        self.server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.server_socket.bind((self.host, self.port))
            self.server_socket.listen(self.max_connections)
        except (OSError, OverflowError) as error:
            print("cannot start:", error)
            return
        pool = ThreadPoolExecutor(self.max_connections)
        while True:
            pool.submit(handle_client, *self.server_socket.accept())


if __name__ == "__main__":
    TCPServer().start()
