"""socketserver: a ThreadingUDPServer with a larger packet size, a thread for every datagram."""

import socketserver


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        data, server_socket = self.request
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return
        server_socket.sendto(("已收到您的消息: " + text).encode(), self.client_address)


class _Server(socketserver.ThreadingUDPServer):
    max_packet_size = 65536
    daemon_threads = True


class UDPServer:
    def __init__(self, host="0.0.0.0", port=8888):
        self.address = (host, port)
        self.server_socket = None

    def start(self):
        try:
            server = _Server(self.address, Handler)
        except (OSError, OverflowError) as e:
            print("启动失败:", e)
            return
        with server:
            self.server_socket = server.socket
            server.serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    try:
        UDPServer().start()
    except KeyboardInterrupt:
        print("bye")
