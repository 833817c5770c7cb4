"""A student's: short, one global lock, a thread and a Queue each, everything printed."""

import json
import queue
import socket
import sys
import threading
import unicodedata

people = {}
lock = threading.Lock()


def tell(event):
    print(event)
    for q in people.values():
        q.put(event)


def writer(sock, q):
    while (event := q.get()) is not None:
        try:
            sock.sendall((json.dumps(event) + "\n").encode())
        except OSError:
            break
    try:
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def client(sock):
    q = queue.Queue()
    threading.Thread(target=writer, args=(sock, q), daemon=True).start()
    name, buf = None, b""
    try:
        while True:
            while b"\n" not in buf:
                data = sock.recv(1024)
                if not data:
                    return
                buf += data
                if len(buf) > 65536 and b"\n" not in buf:
                    q.put({"type": "error", "reason": "too long"})
                    return
            line, buf = buf.split(b"\n", 1)
            print(line)
            try:
                msg = json.loads(line.decode("utf-8"))
                kind = msg["type"]
                if name is None:
                    wanted = msg["name"].strip()
                    with lock:
                        if kind != "join" or not 1 <= len(wanted) <= 32 or wanted in people:
                            raise ValueError("cannot join")
                        if [c for c in wanted if unicodedata.category(c) == "Cc"]:
                            raise ValueError("control characters")
                        name = wanted
                        people[name] = q
                        tell({"type": "join", "name": name})
                elif kind == "message":
                    if not isinstance(msg["text"], str):
                        raise ValueError("text must be a string")
                    with lock:
                        tell({"type": "message", "name": name, "text": msg["text"]})
                elif kind == "leave":
                    return
                else:
                    raise ValueError("unknown type")
            except Exception as e:
                q.put({"type": "error", "reason": str(e)})
                if name is None:
                    return
    except OSError as e:
        print(e)
    finally:
        with lock:
            if name is not None:
                people.pop(name)
                tell({"type": "leave", "name": name})
        q.put(None)


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host = host
        self.port = port

    def start(self):
        try:
            s = socket.create_server((self.host, self.port), backlog=128)
        except Exception as e:
            print("start failed", e)
            return
        while True:
            c, addr = s.accept()
            threading.Thread(target=client, args=(c,), daemon=True).start()


if __name__ == "__main__":
    opts = dict(zip(sys.argv[1::2], sys.argv[2::2])) if "=" not in "".join(sys.argv) else dict(
        a.split("=", 1) for a in sys.argv[1:]
    )
    ChatServer(opts.get("--host", "0.0.0.0"), int(opts.get("--port", 9999))).start()
