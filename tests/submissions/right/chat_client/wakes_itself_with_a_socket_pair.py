"""A non-blocking socket read by whoever waits in select(); a socket pair wakes it up when another thread closes."""
import argparse
import json
import select
import socket
import sys
import threading
from collections import deque
from time import monotonic


class ChatClient:
    def __init__(self, host="127.0.0.1", port=9999, name="匿名"):
        self.host, self.port, self.name = host, port, name
        self._in = threading.RLock()      # what concerns receiving
        self._out = threading.Lock()      # one line at a time
        self._sock = None
        self._reset()

    def _reset(self):
        self._parts, self._events, self._ended = [], deque(), False

    # -- receiving ------------------------------------------------------

    def _pull(self, sock):
        """everything the kernel has, without waiting"""
        with self._in:
            while not self._ended and sock is self._sock:
                try:
                    data = sock.recv(1 << 16)
                except (BlockingIOError, InterruptedError):
                    return
                except (OSError, ValueError):
                    data = b""
                if not data:
                    self._ended = True
                    return
                head, newline, tail = data.rpartition(b"\n")
                if not newline:
                    self._parts.append(data)
                    continue
                whole = b"".join(self._parts) + head
                self._parts = [tail]
                for line in whole.split(b"\n"):
                    try:
                        event = json.loads(line.decode("utf-8", "strict"))
                    except (ValueError, RecursionError):
                        continue
                    if isinstance(event, dict):
                        self._events.append(event)

    def _next(self, sock, until):
        while True:
            with self._in:
                if self._sock is not sock:
                    return None
                if not self._events:
                    self._pull(sock)
                if self._events:
                    return self._events.popleft()
                if self._ended:
                    return None
                wake = self._wake[0]
            left = until - monotonic()
            if left <= 0:
                return None
            try:
                ready = select.select([sock, wake], [], [], left)[0]
                if wake in ready:
                    wake.recv(100)
            except (OSError, ValueError):
                pass

    def _kick(self):
        try:
            self._wake[1].send(b"!")
        except OSError:
            pass

    # -- sending --------------------------------------------------------

    def _put(self, sock, thing, patience=20):
        rest = memoryview((json.dumps(thing, indent=None, separators=(",", ":"), sort_keys=True) + "\n").encode())
        until = monotonic() + patience
        with self._out:
            while rest:
                try:
                    rest = rest[sock.send(rest):]
                    continue
                except (BlockingIOError, InterruptedError):
                    pass
                if monotonic() > until:
                    return False
                r, _, _ = select.select([sock] if not self._ended else [], [sock], [], 0.5)
                if r:                      # a server that waits for us to read
                    self._pull(sock)
                    self._kick()
        return True

    # -- the interface --------------------------------------------------

    def connect(self):
        self.close()
        try:
            sock = socket.create_connection((self.host, self.port), timeout=8)
            sock.setblocking(False)
        except Exception:
            return False
        with self._in:
            self._reset()
            self._wake = socket.socketpair()
            for w in self._wake:
                w.setblocking(False)
            self._sock = sock
        try:
            if self._put(sock, {"type": "join", "name": self.name}):
                until = monotonic() + 12
                while (event := self._next(sock, until)) is not None:
                    kind = event.get("type")
                    if kind == "error":
                        break
                    if kind == "join" and event.get("name") == self.name.strip():
                        return True
        except Exception:
            pass
        self._hang_up()
        return False

    def send(self, text):
        sock = self._sock
        if sock is None:
            return False
        try:
            return self._put(sock, {"type": "message", "text": text})
        except Exception:
            return False

    def receive(self, timeout=5):
        sock = self._sock
        if sock is None:
            return None
        try:
            return self._next(sock, monotonic() + timeout)
        except Exception:
            return None

    def _hang_up(self, politely=False):
        with self._in:
            sock, self._sock = self._sock, None
        if sock is None:
            return
        self._kick()
        try:
            sock.shutdown(socket.SHUT_WR)
            until = monotonic() + (0.8 if politely else 0)
            while (left := until - monotonic()) > 0:
                if select.select([sock], [], [], left)[0] and not sock.recv(1 << 16):
                    break
        except (OSError, ValueError):
            pass
        sock.close()

    def close(self):
        sock = self._sock
        if sock is not None:
            try:
                self._put(sock, {"type": "leave"}, 2)
            except Exception:
                pass
            self._hang_up(True)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=9999)
    p.add_argument("--name")
    a = p.parse_args()
    source = sys.stdin.buffer
    name = a.name
    if name is None:
        sys.stdout.write("name: ")
        sys.stdout.flush()
        name = source.readline().decode("utf-8").rstrip("\r\n")
    client = ChatClient(a.host, a.port, name)
    if not client.connect():
        print("!! not joined")
        return 1

    def show(event):
        sys.stdout.buffer.write((json.dumps(event, ensure_ascii=False) + "\n").encode("utf-8"))
        sys.stdout.buffer.flush()

    done = threading.Event()

    def listen():
        while not done.is_set():
            sock = client._sock
            event = client.receive(3600)
            if event is not None:
                show(event)
            elif sock is None or client._ended or client._sock is None:
                break

    t = threading.Thread(target=listen, daemon=True)
    t.start()
    for raw in source:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line.strip() == "quit":
            break
        if not client.send(line):
            break
    done.set()
    client.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
