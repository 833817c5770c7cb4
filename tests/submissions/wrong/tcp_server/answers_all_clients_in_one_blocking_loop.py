"""One loop with select() but blocking sendall(): a client that never reads stops everybody.

fails: is_held_up_by_no_client tcp.held_up
"""

import codecs
import select
import socket

PREFIX = "已收到您的消息: "


def handle_client(client_socket, client_address):
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while answer(client_socket, decoder):
            pass
    except (OSError, UnicodeDecodeError) as error:
        print(client_address, error)


def answer(client_socket, decoder):
    data = client_socket.recv(1024)
    text = decoder.decode(data)
    if text:
        client_socket.sendall((PREFIX + text).encode("utf-8"))
    return data


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
        decoders = {}
        while True:
            for ready in select.select([self.server_socket, *decoders], [], [])[0]:
                if ready is self.server_socket:
                    decoders[ready.accept()[0]] = codecs.getincrementaldecoder("utf-8")()
                    continue
                try:
                    alive = answer(ready, decoders[ready])
                except (OSError, UnicodeDecodeError):
                    alive = False
                if not alive:
                    del decoders[ready]
                    ready.close()


if __name__ == "__main__":
    TCPServer().start()
