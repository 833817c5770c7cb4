"""A time-out of 0 is half a second.

fails: polls_with_a_time_out_of_0 chat_client.none_not_at_once
fails: loses_nothing_on_a_time_out chat_client.none_not_at_once
"""

import argparse
import json
import select
import socket
import sys
import threading
import time


class ChatClient:
    def __init__(self, host="127.0.0.1", port=9999, name="匿名"):
        self.host = host
        self.port = port
        self.name = name
        self.sock = None
        self.data = b""
        self.ended = False

    def connect(self):
        self.hang_up()
        self.data = b""
        self.ended = False
        try:
            self.sock = socket.create_connection((self.host, self.port))
        except OSError as error:
            print("connect:", error)
            return False
        self.say({"type": "join", "name": self.name})
        while not self.ended:
            event = self.next_event(time.monotonic() + 60)
            if event is None:
                continue
            if event["type"] == "error":
                break
            if event["type"] == "join" and event["name"] == self.name.strip():
                return True
        self.hang_up()
        return False

    def say(self, message):
        if self.sock is None:
            return False
        try:
            self.sock.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            print("send:", error)
            return False
        return True

    def send(self, text):
        return self.say({"type": "message", "text": text})

    def receive(self, timeout=5):
        return self.next_event(time.monotonic() + max(timeout, 0.5))

    def next_event(self, end):
        while True:
            if b"\n" in self.data:
                line, _, self.data = self.data.partition(b"\n")
                try:
                    event = json.loads(line.decode("utf-8"))
                except ValueError:
                    continue
                if isinstance(event, dict):
                    return event
                continue
            if self.sock is None or self.ended:
                return None
            if not select.select([self.sock], [], [], max(0, end - time.monotonic()))[0]:
                return None
            self.read()

    def read(self):
        try:
            data = self.sock.recv(65536)
        except OSError as error:
            print("receive:", error)
            data = b""
        self.data += data
        self.ended = not data

    def close(self):
        self.say({"type": "leave"})
        self.hang_up()

    def hang_up(self):
        if self.sock is not None:
            self.sock.close()
        self.sock = None
        self.data = b""


def show(client):
    while not client.ended and client.sock is not None:
        event = client.receive(0.2)
        if event is not None:
            print(event["type"], event.get("name"), event.get("text", ""), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--name")
    options = parser.parse_args()
    client = ChatClient(options.host, options.port, options.name or input("name: "))
    if not client.connect():
        sys.exit("not admitted")
    threading.Thread(target=show, args=(client,), daemon=True).start()
    for line in sys.stdin:
        if line == "quit\n":
            break
        client.send(line.rstrip("\n"))
    client.close()


if __name__ == "__main__":
    main()
