"""Reads the first line of a client in the loop that accepts: a silent client holds up the next.

fails: tells_nothing_to_who_has_not_joined chat.no_join
"""

import argparse
import json
import queue
import socket
import threading
import unicodedata

LIMIT = 65536


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.name = None
        self.queue = queue.SimpleQueue()

    def put(self, event):
        self.queue.put(json.dumps(event).encode() + b"\n")

    def write_all(self):
        try:
            while (data := self.queue.get()) is not None:
                self.sock.sendall(data)
        except OSError:
            pass
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host = host
        self.port = port
        self.lock = threading.Lock()
        self.clients = {}

    def start(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.host, self.port))
            listener.listen(128)
        except (OSError, OverflowError) as error:
            print("cannot start:", error)
            listener.close()
            return
        while True:
            sock, _ = listener.accept()
            sock.recv(1, socket.MSG_PEEK)
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        client = Client(sock)
        writer = threading.Thread(target=client.write_all, daemon=True)
        writer.start()
        try:
            for line in lines(sock):
                if line is None:
                    client.put({"type": "error", "reason": "line too long"})
                    break
                if not self.handle(client, line):
                    break
        except OSError:
            pass
        self.leave(client)
        client.queue.put(None)
        writer.join()
        sock.close()

    def handle(self, client, line):
        """False when the connection is to be closed."""
        try:
            request = json.loads(line.decode())
        except (ValueError, RecursionError):
            request = None
        kind = request.get("type") if isinstance(request, dict) else None
        if client.name is None:
            error = self.join(client, request.get("name")) if kind == "join" else "join first"
            if error:
                client.put({"type": "error", "reason": error})
            return not error
        if kind == "leave":
            return False
        if kind == "message" and isinstance(request.get("text"), str):
            with self.lock:
                self.tell({"type": "message", "name": client.name, "text": request["text"]})
        else:
            client.put({"type": "error", "reason": "not understood"})
        return True

    def join(self, client, name):
        if not isinstance(name, str):
            return "the name is no string"
        name = name.strip()
        if not 0 < len(name) <= 32 or any(unicodedata.category(c) == "Cc" for c in name):
            return "bad name"
        with self.lock:
            if name in self.clients:
                return "this name is taken"
            client.name = name
            self.clients[name] = client
            self.tell({"type": "join", "name": name})

    def leave(self, client):
        with self.lock:
            if client.name is not None:
                del self.clients[client.name]
                self.tell({"type": "leave", "name": client.name})

    def tell(self, event):
        for client in self.clients.values():
            client.put(event)


def lines(sock):
    """Whole lines; None for one that is too long."""
    buffer = b""
    while data := sock.recv(4096):
        buffer += data
        *whole, buffer = buffer.split(b"\n")
        yield from whole
        if len(buffer) > LIMIT:
            yield None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=9999)
    options = parser.parse_args()
    ChatServer(options.host, options.port).start()


if __name__ == "__main__":
    main()
