"""RIGHT: TCPServer is a factory function that returns a SimpleNamespace with closures."""
import codecs, contextlib, socket, threading, types
def handle_client(client_socket, client_address):
    with client_socket, contextlib.suppress(OSError, UnicodeDecodeError):
        for text in codecs.iterdecode(iter(lambda: client_socket.recv(1024), b""), "utf-8"):
            if text: client_socket.sendall(f"已收到您的消息: {text}".encode())
def TCPServer(host="0.0.0.0", port=8888, max_connections=5):
    self = types.SimpleNamespace(host=host, port=port, max_connections=max_connections, server_socket=None)
    def start():
        with contextlib.ExitStack() as stack:
            try: self.server_socket = stack.enter_context(socket.create_server((host, port), backlog=max_connections))
            except (OSError, OverflowError) as e: print("Cannot listen on", (host, port), "-", e); return
            while True: threading.Thread(target=handle_client, args=self.server_socket.accept(), daemon=True).start()
    self.start = start
    return self
if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt): TCPServer().start()
