"""One thread decides: readers put lines into its queue, it sends without waiting, and a flusher sends what was left."""

import argparse
import json
import queue
import select
import socket
import sys
import threading
import time
import unicodedata


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.name = None
        self.left = b""
        self.alive = True
        self.lock = threading.Lock()

    def send(self, data=b""):
        """Whatever the socket takes now; the rest is kept."""
        with self.lock:
            self.left += data
            while self.left:
                try:
                    self.left = self.left[self.sock.send(self.left, socket.MSG_DONTWAIT) :]
                except BlockingIOError:
                    return
                except OSError:
                    self.left = b""


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host = host
        self.port = port
        self.inbox = queue.Queue()
        self.members = []
        self.all = set()

    def start(self):
        try:
            listener = socket.create_server((self.host, self.port), backlog=100)
        except (OSError, OverflowError, UnicodeError) as error:
            print("cannot start:", error, file=sys.stderr)
            return
        for work in (self.dispatch, self.flush):
            threading.Thread(target=work, daemon=True).start()
        try:
            while True:
                sock, address = listener.accept()
                print("new client", address)
                threading.Thread(target=self.read, args=(Client(sock),), daemon=True).start()
        finally:
            listener.close()

    def read(self, client):
        self.all.add(client)
        rest = b""
        try:
            while data := client.sock.recv(1000):
                rest += data
                while b"\n" in rest:
                    line, rest = rest.split(b"\n", 1)
                    self.inbox.put((client, line))
                if len(rest) > 65_536:
                    self.inbox.put((client, "too long"))
                    return
        except OSError:
            pass
        self.inbox.put((client, None))

    def dispatch(self):
        while True:
            client, line = self.inbox.get()
            if not client.alive:
                continue
            if line is None:
                self.drop(client)
            elif line == "too long":
                self.error(client, line)
                self.drop(client)
            else:
                print(client.name, line)
                self.line(client, line)

    def line(self, client, line):
        try:
            told = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError):
            told = None
        told = told if isinstance(told, dict) else {}
        if client.name is None:
            name = told.get("name")
            if told.get("type") != "join" or not self.free(name):
                self.error(client, "you cannot join like this")
                self.drop(client)
                return
            client.name = name.strip()
            self.members.append(client)
            self.tell({"type": "join", "name": client.name})
        elif told.get("type") == "leave":
            self.drop(client)
        elif told.get("type") == "message" and isinstance(told.get("text"), str):
            self.tell({"type": "message", "name": client.name, "text": told["text"]})
        else:
            self.error(client, "cannot make anything of it")

    def free(self, name):
        if not isinstance(name, str):
            return False
        name = name.strip()
        good = 1 <= len(name) <= 32 and "Cc" not in [unicodedata.category(each) for each in name]
        return good and all(member.name != name for member in self.members)

    def error(self, client, reason):
        client.send(json.dumps({"type": "error", "reason": reason}).encode() + b"\n")

    def tell(self, event):
        data = (json.dumps(event) + "\n").encode()
        for member in self.members:
            member.send(data)

    def drop(self, client):
        client.alive = False
        if client in self.members:
            self.members.remove(client)
            self.tell({"type": "leave", "name": client.name})
        self.all.discard(client)
        client.send()
        try:
            client.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        client.sock.close()

    def flush(self):
        while True:
            waiting = {client.sock: client for client in list(self.all) if client.left}
            try:
                ready = select.select([], list(waiting), [], 0.05)[1] if waiting else time.sleep(0.01)
            except (OSError, ValueError):
                continue
            for sock in ready or ():
                waiting[sock].send()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=9999)
    options = parser.parse_args()
    ChatServer(options.host, options.port).start()
