"""一个连接一个进程 (fork)。"""

import codecs
import os
import signal
import socket


def handle_client(client_socket, client_address):
    dec = codecs.getincrementaldecoder("utf-8")()
    try:
        while data := client_socket.recv(1024):
            text = dec.decode(data)
            if text:
                client_socket.sendall(("已收到您的消息: " + text).encode())
    except (OSError, ValueError):
        pass
    client_socket.close()


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        try:
            self.server_socket = socket.create_server(
                (self.host, self.port), backlog=self.max_connections, reuse_port=False
            )
        except Exception as e:
            print("启动失败", e)
            return
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        children = []
        try:
            while True:
                c, a = self.server_socket.accept()
                pid = os.fork()
                if pid == 0:
                    signal.signal(signal.SIGINT, signal.SIG_DFL)
                    self.server_socket.close()
                    try:
                        handle_client(c, a)
                    finally:
                        os._exit(0)
                c.close()
                children.append(pid)
        except KeyboardInterrupt:
            for p in children:
                try:
                    os.kill(p, signal.SIGTERM)
                except OSError:
                    pass
        finally:
            self.server_socket.close()


if __name__ == "__main__":
    TCPServer().start()
