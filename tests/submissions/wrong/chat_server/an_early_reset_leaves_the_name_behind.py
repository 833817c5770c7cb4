"""Who is gone before its join is announced to it stays on the list: the exception passes the clean-up by.

fails: is_held_up_by_no_client chat.no_leave
"""

import argparse, json, socket, threading, unicodedata
from collections import deque

def go(f, *args):
    threading.Thread(target=f, args=args, daemon=True).start()

class Chan:
    """A channel bounded in bytes; send never blocks, it says False when full."""
    def __init__(self, cap=4 << 20):
        self.q, self.size, self.cap, self.closed = deque(), 0, cap, False
        self.cv = threading.Condition()
    def send(self, b):
        with self.cv:
            if self.closed: return True
            if self.size + len(b) > self.cap:
                return False
            self.q.append(b); self.size += len(b); self.cv.notify()
            return True
    def recv(self):
        with self.cv:
            while not self.q and not self.closed: self.cv.wait()
            if not self.q: return None, False
            b = b"".join(self.q); self.q.clear(); self.size = 0
            return b, True
    def close(self):
        with self.cv:
            self.closed = True; self.cv.notify_all()

class conn_t: pass

def marshal(v): return json.dumps(v).encode() + b"\n"

class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host, self.port = host, port
        self.mu = threading.Lock()
        self.clients = {}

    def start(self):
        ln, err = self.listen()
        if err is not None:
            print("listen tcp %s:%s: %s" % (self.host, self.port, err))
            return
        while True:
            c, _ = ln.accept()
            go(self.serve, c)

    def listen(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((self.host, self.port)); s.listen(1024)
        except (OSError, OverflowError) as e:
            s.close()
            return None, e
        return s, None

    def broadcast(self, v):
        b = marshal(v)
        for c in self.clients.values():
            if not c.out.send(b):
                c.out.q.clear(); c.out.close()
                try: c.sock.shutdown(socket.SHUT_RDWR)
                except OSError: pass

    def write_loop(self, c):
        while True:
            b, ok = c.out.recv()
            if not ok: break
            try: c.sock.sendall(b)
            except OSError: break
        try: c.sock.shutdown(socket.SHUT_RDWR)
        except OSError: pass
        c.writer_done.set()

    def serve(self, sock):
        c = conn_t(); c.sock = sock; c.out = Chan(); c.name = None; c.writer_done = threading.Event()
        go(self.write_loop, c)
        err = self.read_loop(c)
        if err is not None:
            c.out.send(marshal({"type": "error", "reason": err}))
        self.mu.acquire()
        if c.name is not None:
            del self.clients[c.name]
            self.broadcast({"type": "leave", "name": c.name})
        self.mu.release()
        c.out.close()
        c.writer_done.wait()
        sock.close()

    def read_loop(self, c):
        r = c.sock.makefile("rb")
        while True:
            try: line = r.readline(65536 + 1)
            except OSError: return None
            if line[-1:] != b"\n":
                return "bufio.Scanner: token too long" if len(line) > 65536 else None
            v, err = self.unmarshal(line)
            if c.name is None:
                if err is not None: return err
                err = self.join(c, v)
                if err is not None: return err
                continue
            if err is not None:
                c.out.send(marshal({"type": "error", "reason": err}))
                continue
            t = v.get("type")
            if t == "leave": return None
            if t == "message" and isinstance(v.get("text"), str):
                with self.mu:
                    self.broadcast({"type": "message", "name": c.name, "text": v["text"]})
            else:
                c.out.send(marshal({"type": "error", "reason": "bad request"}))

    def unmarshal(self, line):
        try: v = json.loads(line.decode())
        except (ValueError, RecursionError) as e: return None, str(e) or "error"
        if not isinstance(v, dict): return None, "not an object"
        return v, None

    def join(self, c, v):
        n = v.get("name")
        if v.get("type") != "join" or not isinstance(n, str): return "join first"
        n = n.strip()
        if not n or len(n) > 32 or any(unicodedata.category(x) == "Cc" for x in n): return "bad name"
        with self.mu:
            if n in self.clients: return "name taken"
            c.name = n
            self.clients[n] = c
            self.broadcast({"type": "join", "name": n})
            print(n, "joined from", c.sock.getpeername())
        return None

def main():
    p = argparse.ArgumentParser()
    p.add_argument("--host", default="0.0.0.0"); p.add_argument("--port", type=int, default=9999)
    a = p.parse_args()
    ChatServer(a.host, a.port).start()

if __name__ == "__main__":
    main()
