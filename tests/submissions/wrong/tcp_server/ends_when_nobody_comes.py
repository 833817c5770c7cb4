"""A time-out of 3 s on the listening socket: when nobody connects for so long, start() returns.

fails: serves_after_a_silence server.stops_when_nobody_comes
may fail: echoes_a_mebibyte tcp.refused
may fail: serves_beside_200_idle_clients tcp.idle_clients
may fail: serves_beside_200_idle_clients tcp.refused
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
            self.server_socket.settimeout(3)
        except (OSError, OverflowError) as e:
            print("cannot bind:", e)
            self.server_socket.close()
            return
        try:
            while True:
                client_socket, client_address = self.server_socket.accept()
                threading.Thread(target=handle_client, args=(client_socket, client_address), daemon=True).start()
        except TimeoutError:
            print("nobody came")
        finally:
            self.server_socket.close()


if __name__ == "__main__":
    try:
        TCPServer().start()
    except KeyboardInterrupt:
        print("bye")
