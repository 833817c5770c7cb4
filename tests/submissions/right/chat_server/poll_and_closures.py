"""One function and its closures around poll(); it writes in pieces of odd sizes, and type comes last in a line."""
import argparse, json, select, socket, sys, time, unicodedata
from collections import deque
from types import SimpleNamespace

MAX_LINE, MAX_QUEUE = 65_536, 32 << 20


def run(listener):
    poller = select.poll()
    peers, names = {}, {}
    cut = [1, 2, 3, 5, 7, 4096, 11, 30000, 1 << 17]

    def line(**kw):
        # non-ASCII stays as it is; spaces around; type comes last
        try:
            return (" " + json.dumps(kw, ensure_ascii=False, separators=(" , ", " : ")) + " \r\n").encode("utf-8")
        except UnicodeEncodeError:
            return (json.dumps(kw) + "\n").encode()

    def watch(p):
        poller.modify(p.sock, (0 if p.deaf else select.POLLIN) | (select.POLLOUT if p.out else 0))

    def give(p, data):
        if p.gone or p.ending:
            return
        p.out.append(memoryview(data))
        p.owed += len(data)
        if p.owed > MAX_QUEUE:
            doomed.append(p)
        flush(p)

    def everyone(data):
        for p in list(names.values()):
            give(p, data)

    def flush(p):
        try:
            while p.out:
                step = cut[p.turn % len(cut)]
                p.turn += 1
                n = p.sock.send(p.out[0][:step])
                p.owed -= n
                p.out[0] = p.out[0][n:]
                if not len(p.out[0]):
                    p.out.popleft()
            if p.ending and not p.shut:
                p.shut = True
                p.sock.shutdown(socket.SHUT_WR)
                p.until = time.monotonic() + 1
        except BlockingIOError:
            pass
        except OSError:
            doomed.append(p)
        if not p.gone:
            watch(p)

    def part(p):
        """out of the room, telling those that remain"""
        if p.name is not None:
            del names[p.name]
            was, p.name = p.name, None
            everyone(line(name=was, type="leave"))

    def finish(p):
        """say no more, drain, and close"""
        if not p.ending:
            part(p)
            p.ending, p.until = True, time.monotonic() + 8
            closing.append(p)
            flush(p)

    def drop(p):
        if p.gone:
            return
        p.gone = True
        poller.unregister(p.sock)
        del peers[p.sock.fileno()]
        p.sock.close()
        part(p)

    def error(p, why):
        give(p, line(reason=why, hint="see the docs", type="error"))

    def handle(p, raw):
        if p.name is not None and not raw.strip():
            return error(p, "empty line")
        try:
            it = json.loads(str(raw, "utf-8"))
            kind = it["type"] if isinstance(it, dict) and "type" in it else None
            why = None if isinstance(kind, str) else "no object with a type"
        except RecursionError:
            kind, why = None, "too deep"
        except ValueError as e:
            kind, why = None, str(e)
        if p.name is None:
            name = it.get("name") if kind == "join" else None
            if not isinstance(name, str):
                why = why or "expected a join with a name"
            else:
                name = name.strip()
                if not name or len(name) > 32 or any(unicodedata.category(c) == "Cc" for c in name):
                    why = "that is no name"
                elif name in names:
                    why = "somebody else has that name"
                else:
                    p.name = name
                    names[name] = p
                    return everyone(line(name=name, type="join"))
            error(p, why)
            return finish(p)
        if why:
            return error(p, why)
        if kind == "message" and isinstance(it.get("text"), str):
            return everyone(line(text=it["text"], name=p.name, extra=[1, {"type": "x"}], type="message"))
        if kind == "leave":
            return finish(p)
        error(p, "I do not understand " + kind)

    def read(p):
        try:
            data = p.sock.recv(50_000)
        except BlockingIOError:
            return
        except OSError:
            return drop(p)
        if not data:
            if p.shut:
                return drop(p)
            p.deaf = True
            finish(p)
            return p.gone or watch(p)
        if p.ending:
            return
        *lines, rest = (p.rest + data).split(b"\n") if b"\n" in data else (p.rest + data,)
        p.rest = rest
        for one in lines:
            if p.ending or p.gone:
                return
            if len(one) > MAX_LINE:
                error(p, "line too long")
                return finish(p)
            handle(p, one)
        if len(p.rest) > MAX_LINE and not p.ending:
            error(p, "line too long")
            finish(p)

    doomed, closing = [], []
    poller.register(listener, select.POLLIN)
    while True:
        for fd, what in poller.poll(200 if closing else 60_000):
            if fd == listener.fileno():
                try:
                    sock, _ = listener.accept()
                except OSError:
                    continue
                sock.setblocking(False)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peers[sock.fileno()] = SimpleNamespace(sock=sock, name=None, rest=b"", out=deque(), owed=0, turn=0,
                                                       ending=False, shut=False, deaf=False, gone=False, until=0)
                poller.register(sock, select.POLLIN)
            elif (p := peers.get(fd)) is not None:
                if what & select.POLLOUT:
                    flush(p)
                if what & select.POLLIN and not p.gone:
                    read(p)
                elif what & (select.POLLERR | select.POLLHUP | select.POLLNVAL):
                    drop(p)
            while doomed:
                drop(doomed.pop())
        now = time.monotonic()
        for p in [p for p in closing if p.until < now or p.gone or (p.shut and p.deaf)]:
            closing.remove(p)
            drop(p)
        while doomed:
            drop(doomed.pop())


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.address = host, port

    def start(self):
        try:
            listener = socket.create_server(self.address, backlog=1000)
        except (OSError, OverflowError) as e:
            print("无法监听", *self.address, e, file=sys.stderr, flush=True)
            return
        with listener:
            listener.setblocking(False)
            run(listener)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--host", default="0.0.0.0")
    p.add_argument("--port", type=int, default=9999)
    a = p.parse_args()
    try:
        ChatServer(a.host, a.port).start()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
