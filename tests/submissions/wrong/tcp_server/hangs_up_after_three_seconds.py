"""Gives each client 3 s to say something, then hangs up.

fails: serves_after_a_silence tcp.idle_clients
may fail: serves_beside_200_idle_clients tcp.idle_clients
"""

import codecs
import socket
import threading

PREFIX = "已收到您的消息: "


def handle_client(client_socket, client_address):
    decoder = codecs.getincrementaldecoder("utf-8")()
    client_socket.settimeout(3)
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
        while True:
            client = self.server_socket.accept()
            threading.Thread(target=handle_client, args=client, daemon=True).start()


if __name__ == "__main__":
    TCPServer().start()
