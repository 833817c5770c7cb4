"""An event that equals the last one which waits to be received is taken for the same one.

fails: keeps_many_events chat_client.repetition_lost
"""

import argparse
import json
import queue
import socket
import sys
import threading


class ChatClient:
    def __init__(self, host="127.0.0.1", port=9999, name="匿名"):
        self.address = (host, port)
        self.name = name
        self.sock = None
        self.events = queue.Queue()
        self.over = threading.Event()
        self.over.set()

    def connect(self):
        self.close()
        try:
            self.sock = socket.socket()
            self.sock.connect(self.address)
        except (OSError, OverflowError) as error:
            print("cannot connect:", error)
            self._drop()
            return False
        self.events, self.over = queue.Queue(), threading.Event()
        admitted = queue.Queue()
        threading.Thread(
            target=self._read, args=(self.sock, self.events, self.over, admitted), daemon=True
        ).start()
        self._say(type="join", name=self.name)
        if admitted.get():
            return True
        self._drop()
        return False

    def _read(self, sock, events, over, admitted):
        inside = False
        try:
            with sock.makefile("rb") as lines:
                for line in lines:
                    if not line.endswith(b"\n"):
                        break
                    try:
                        event = json.loads(line.decode())
                    except ValueError:
                        continue
                    if not isinstance(event, dict):
                        continue
                    if inside:
                        if not events.queue or events.queue[-1] != event:
                            events.put(event)
                    elif event.get("type") == "error":
                        break
                    elif event.get("type") == "join" and event.get("name") == self.name.strip():
                        inside = True
                        admitted.put(True)
        except (OSError, ValueError):
            pass
        if not inside:
            admitted.put(False)
        over.set()
        events.put(None)

    def _say(self, **message):
        try:
            self.sock.sendall(json.dumps(message).encode() + b"\n")
            return True
        except (OSError, AttributeError) as error:
            print("cannot send:", error)
            return False

    def send(self, text):
        return self._say(type="message", text=text)

    def receive(self, timeout=5):
        if self.over.is_set() and self.events.empty():
            return None
        try:
            event = self.events.get(timeout=timeout) if timeout > 0 else self.events.get_nowait()
        except queue.Empty:
            return None
        return event

    def close(self):
        if self.sock is not None:
            self._say(type="leave")
            self._drop()
            self.over.wait(1)
            self.events = queue.Queue()

    def _drop(self):
        sock, self.sock = self.sock, None
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()


def show(client):
    while not (client.over.is_set() and client.events.empty()):
        event = client.receive(0.2)
        if event:
            print(event.get("name"), event["type"], event.get("text", ""))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--name")
    args = parser.parse_args()
    client = ChatClient(args.host, args.port, args.name or input("name? "))
    if not client.connect():
        sys.exit("no luck")
    threading.Thread(target=show, args=(client,), daemon=True).start()
    for line in sys.stdin:
        line = line.rstrip("\n")
        if line == "quit":
            break
        client.send(line)
    client.close()


if __name__ == "__main__":
    main()
