"""The loop that accepts waits up to half a second for each client's first byte, so that silent ones delay the others.

fails: is_held_up_by_no_client tcp.held_up
may fail: serves_beside_200_idle_clients tcp.idle_clients
"""

import codecs
import socket
import threading

PREFIX = "已收到您的消息: "


def handle_client(client_socket, client_address):
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while True:
            data = client_socket.recv(1024)
            if not data:
                break
            text = decoder.decode(data)
            if text:
                client_socket.sendall((PREFIX + text).encode("utf-8"))
    except (OSError, UnicodeDecodeError) as e:
        print("error", e)
    finally:
        client_socket.close()


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        try:
            self.server_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.server_socket.bind((self.host, self.port))
            self.server_socket.listen(self.max_connections)
        except (OSError, OverflowError) as e:
            print("cannot bind:", e)
            self.server_socket.close()
            return
        try:
            while True:
                client_socket, client_address = self.server_socket.accept()
                client_socket.settimeout(0.5)
                try:
                    client_socket.recv(1, socket.MSG_PEEK)
                except OSError:
                    pass
                client_socket.settimeout(None)
                threading.Thread(target=handle_client, args=(client_socket, client_address), daemon=True).start()
        finally:
            self.server_socket.close()


if __name__ == "__main__":
    try:
        TCPServer().start()
    except KeyboardInterrupt:
        print("bye")
