"""Waits 40 ms for more of the text, then answers what came (at most 8 KiB)."""

import codecs
import select
import socket
import threading

P = "已收到您的消息: "


def handle_client(client_socket, client_address):
    dec = codecs.getincrementaldecoder("utf-8")("replace")
    alive = True
    try:
        while alive:
            got = client_socket.recv(8192)
            alive = bool(got)
            while alive and len(got) < 8192 and select.select([client_socket], [], [], 0.04)[0]:
                more = client_socket.recv(8192 - len(got))
                alive = bool(more)
                got += more
            text = dec.decode(got)
            if text:
                client_socket.sendall(f"{P}{text}".encode())
        # 优雅关闭：等对方先走
        client_socket.shutdown(socket.SHUT_WR)
        client_socket.settimeout(1)
        while client_socket.recv(100):
            pass
    except OSError:
        pass
    finally:
        client_socket.close()


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        (self.host, self.port, self.max_connections, self.server_socket) = host, port, max_connections, None

    def start(self):
        try:
            if not 0 <= self.port < 65536:
                raise ValueError("port")
            [(family, kind, proto, _, address), *_] = socket.getaddrinfo(
                self.host, self.port, socket.AF_INET, socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            self.server_socket = socket.socket(family, kind, proto)
            self.server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.server_socket.bind(address)
            self.server_socket.listen(self.max_connections)
        except Exception as e:
            print("失败：", type(e).__name__, e)
            if self.server_socket is not None:
                self.server_socket.close()
            return
        while True:
            pair = self.server_socket.accept()
            t = threading.Thread(target=handle_client, args=pair)
            t.daemon = True
            t.start()


if __name__ == "__main__":
    TCPServer().start()
