"""getpeername() in the accepting loop raises for a client that is gone already, and the server ends.

fails: is_held_up_by_no_client tcp.reset_disturbs
"""

import argparse
import json
import queue
import socket
import threading
import unicodedata

MAX_LINE = 65536


def encode(obj):
    return (json.dumps(obj, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def check_name(name):
    if not isinstance(name, str):
        return None
    name = name.strip()
    if not 1 <= len(name) <= 32:
        return None
    for ch in name:
        if unicodedata.category(ch) == "Cc":
            return None
    return name


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.name = None
        self.outbox = queue.Queue()

    def send(self, obj):
        self.outbox.put(encode(obj))

    def writer(self):
        try:
            while True:
                data = self.outbox.get()
                if data is None:
                    break
                self.sock.sendall(data)
        except OSError:
            pass
        finally:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.sock.close()


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host = host
        self.port = port
        self.clients = {}
        self.lock = threading.Lock()

    def start(self):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.host, self.port))
            listener.listen(256)
        except (OSError, OverflowError) as e:
            print("cannot listen on", self.host, self.port, ":", e)
            listener.close()
            return
        print("listening on", self.host, self.port)
        try:
            while True:
                sock, addr = listener.accept()
                print('connection from', sock.getpeername())
                threading.Thread(target=self.serve, args=(sock,), daemon=True).start()
        except KeyboardInterrupt:
            print("bye")
        finally:
            listener.close()

    def broadcast(self, obj):
        for c in self.clients.values():
            c.send(obj)

    def serve(self, sock):
        client = Client(sock)
        threading.Thread(target=client.writer, daemon=True).start()
        try:
            self.read_lines(client)
        except OSError:
            pass
        finally:
            with self.lock:
                if client.name is not None:
                    del self.clients[client.name]
                    self.broadcast({"type": "leave", "name": client.name})
            client.outbox.put(None)

    def read_lines(self, client):
        buf = b""
        while True:
            data = client.sock.recv(4096)
            if not data:
                return
            buf += data
            while b"\n" in buf:
                line, buf = buf.split(b"\n", 1)
                if len(line) > MAX_LINE:
                    client.send({"type": "error", "reason": "line too long"})
                    return
                if not self.handle_line(client, line):
                    return
            if len(buf) > MAX_LINE:
                client.send({"type": "error", "reason": "line too long"})
                return

    def handle_line(self, client, line):
        try:
            msg = json.loads(line.decode("utf-8"))
            if not isinstance(msg, dict):
                raise ValueError("not an object")
        except (ValueError, RecursionError) as e:
            client.send({"type": "error", "reason": "bad line: " + str(e)[:50]})
            return client.name is not None
        kind = msg.get("type")
        if client.name is None:
            name = check_name(msg.get("name"))
            if kind != "join" or name is None:
                client.send({"type": "error", "reason": "join with a good name first"})
                return False
            with self.lock:
                if name in self.clients:
                    client.send({"type": "error", "reason": "name taken"})
                    return False
                client.name = name
                self.clients[name] = client
                self.broadcast({"type": "join", "name": name})
            return True
        if kind == "leave":
            return False
        if kind == "message":
            text = msg.get("text")
            if not isinstance(text, str):
                client.send({"type": "error", "reason": "text must be a string"})
                return True
            with self.lock:
                self.broadcast({"type": "message", "name": client.name, "text": text})
            return True
        client.send({"type": "error", "reason": "unknown type"})
        return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=9999)
    args = parser.parse_args()
    ChatServer(args.host, args.port).start()


if __name__ == "__main__":
    main()
