"""A send that fails for one receiver ends the thread of who spoke.

fails: shows_everybody_the_same_order chat.no_message
"""

import argparse
import enum
import json
import select
import socket
import threading
import unicodedata


class MessageType(enum.Enum):
    JOIN = "join"
    MESSAGE = "message"
    LEAVE = "leave"
    ERROR = "error"


class OutputBuffer:
    def __init__(self, sock):
        self.sock = sock
        self.pending = bytearray()
        self.closeRequested = False
        self.closed = False

    def write(self, data):
        if self.closed:
            return
        self.pending.extend(data)
        self.tryFlush()

    def tryFlush(self):
        try:
            while self.pending and not self.closed:
                sent = self.sock.send(memoryview(self.pending)[:65536].tobytes(), socket.MSG_DONTWAIT)
                del self.pending[:sent]
        except BlockingIOError:
            return
        if self.closeRequested:
            self.reallyClose()

    def close(self):
        self.closeRequested = True
        self.tryFlush()

    def reallyClose(self):
        if not self.closed:
            self.closed = True
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.sock.close()


class ChatRoom:
    def __init__(self):
        self.monitor = threading.RLock()
        self.members = {}
        self.buffers = set()

    def getMembers(self):
        return list(self.members.values())

    def flushLoop(self):
        while True:
            with self.monitor:
                waiting = {b.sock: b for b in self.buffers if b.pending and not b.closed}
                for b in [b for b in self.buffers if b.closed]:
                    self.buffers.discard(b)
            if not waiting:
                threading.Event().wait(0.02)
                continue
            poller = select.poll()
            byFd = {}
            with self.monitor:
                for s, b in waiting.items():
                    if not b.closed:
                        poller.register(s.fileno(), select.POLLOUT)
                        byFd[s.fileno()] = b
            ready = poller.poll(20)
            with self.monitor:
                for fd, _ in ready:
                    byFd[fd].tryFlush()


class ClientHandler(threading.Thread):
    def __init__(self, room, sock):
        threading.Thread.__init__(self)
        self.setDaemon(True) if False else setattr(self, "daemon", True)
        self.room = room
        self.sock = sock
        self.out = OutputBuffer(sock)
        self.userName = None
        with room.monitor:
            room.buffers.add(self.out)

    def sendMessage(self, type, **fields):
        record = {"type": type.value}
        record.update(fields)
        with self.room.monitor:
            self.out.write(json.dumps(record).encode("utf-8") + b"\n")

    def broadcast(self, type, **fields):
        with self.room.monitor:
            for m in self.room.getMembers():
                m.sendMessage(type, **fields)

    def run(self):
        try:
            stream = self.sock.makefile("rb", buffering=65536)
            while True:
                line = stream.readline(65537)
                if not line.endswith(b"\n"):
                    if len(line) >= 65537:
                        self.sendMessage(MessageType.ERROR, reason="LineTooLongException")
                    break
                if not self.process(line):
                    break
        except OSError:
            pass
        finally:
            with self.room.monitor:
                if self.userName is not None:
                    del self.room.members[self.userName]
                    self.broadcast(MessageType.LEAVE, name=self.userName)
                self.out.close()

    def process(self, line):
        joined = self.userName is not None
        try:
            obj = json.loads(line.decode("utf-8"))
            if not isinstance(obj, dict):
                raise ValueError("ClassCastException")
        except (ValueError, RecursionError) as e:
            self.sendMessage(MessageType.ERROR, reason=repr(e))
            return joined
        t = obj.get("type")
        if not joined:
            return self.processJoin(t, obj)
        if t == MessageType.MESSAGE.value:
            if isinstance(obj.get("text"), str):
                self.broadcast(MessageType.MESSAGE, name=self.userName, text=obj["text"])
            else:
                self.sendMessage(MessageType.ERROR, reason="NullPointerException: text")
            return True
        if t == MessageType.LEAVE.value:
            return False
        self.sendMessage(MessageType.ERROR, reason="UnsupportedOperationException")
        return True

    def processJoin(self, t, obj):
        reason = None
        name = obj.get("name")
        if t != MessageType.JOIN.value:
            reason = "IllegalStateException"
        elif not isinstance(name, str):
            reason = "NullPointerException: name"
        else:
            name = name.strip()
            if not (1 <= len(name) <= 32) or any(unicodedata.category(c) == "Cc" for c in name):
                reason = "IllegalArgumentException"
        with self.room.monitor:
            if reason is None and name in self.room.members:
                reason = "DuplicateKeyException"
            if reason is not None:
                self.sendMessage(MessageType.ERROR, reason=reason)
                return False
            self.userName = name
            self.room.members[name] = self
            self.broadcast(MessageType.JOIN, name=name)
        return True


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host = host
        self.port = port

    def start(self):
        serverSocket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        serverSocket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            serverSocket.bind((self.host, self.port))
        except (OSError, OverflowError) as e:
            print("java.net.BindException:", e)
            serverSocket.close()
            return
        serverSocket.listen(50)
        room = ChatRoom()
        threading.Thread(target=room.flushLoop, daemon=True).start()
        try:
            while True:
                client, _ = serverSocket.accept()
                ClientHandler(room, client).start()
        finally:
            serverSocket.close()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--host", default="0.0.0.0")
    p.add_argument("--port", type=int, default=9999)
    a = p.parse_args()
    ChatServer(a.host, a.port).start()


if __name__ == "__main__":
    main()
