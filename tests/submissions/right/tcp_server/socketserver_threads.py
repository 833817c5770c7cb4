"""The standard library's socketserver: a ThreadingTCPServer whose handler calls handle_client."""

import codecs
import socketserver


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        handle_client(self.request, self.client_address)


def handle_client(client_socket, client_address):
    to_text = codecs.getincrementaldecoder("utf-8")()
    try:
        for data in iter(lambda: client_socket.recv(1024), b""):
            text = to_text.decode(data)
            if text:
                client_socket.sendall(f"已收到您的消息: {text}".encode())
    except (OSError, ValueError) as error:
        print(client_address, error)


class TCPServer:
    def __init__(self, host="0.0.0.0", port=8888, max_connections=5):
        self.host = host
        self.port = port
        self.max_connections = max_connections
        self.server_socket = None

    def start(self):
        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = self.max_connections

        try:
            server = Server((self.host, self.port), Handler)
        except (OSError, OverflowError, UnicodeError) as error:
            print("cannot start:", error)
            return
        self.server_socket = server.socket
        with server:
            server.serve_forever()


if __name__ == "__main__":
    TCPServer().start()
