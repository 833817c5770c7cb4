"""The name is free only when everything has been sent to who left, though the leave was announced before.

fails: is_held_up_by_no_client chat.name_not_freed
may fail: frees_the_name_of_one_who_left chat.name_not_freed
"""

import json
import optparse
import queue
import socketserver
import threading
import unicodedata


class Rejected(Exception):
    """Fatal for this client."""


class Handler(socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.name = None
        self.queue = queue.SimpleQueue()
        self.sender = threading.Thread(target=self.send_loop, daemon=True)
        self.sender.start()

    def send_loop(self):
        while (line := self.queue.get()) is not None:
            try:
                self.connection.sendall(line)
            except OSError:
                return

    def send(self, obj):
        self.queue.put(json.dumps(obj, ensure_ascii=True).encode() + b"\n")

    def handle(self):
        try:
            self.handle_join(self.read_object())
            while True:
                try:
                    obj = self.read_object()
                    if obj.get("type") == "leave":
                        return
                    self.handle_message(obj)
                except (ValueError, RecursionError) as e:
                    self.send({"type": "error", "reason": type(e).__name__ + ": " + str(e)})
        except (ValueError, RecursionError, Rejected) as e:
            self.send({"type": "error", "reason": str(e)})
        except (EOFError, OSError):
            pass

    def finish(self):
        room = self.server.room
        if self.name is not None:
            with self.server.lock:
                for other in room.values():
                    if other is not self:
                        other.send({"type": "leave", "name": self.name})
        self.queue.put(None)
        self.sender.join()
        with self.server.lock:
            room.pop(self.name, None)
        try:
            super().finish()
        except OSError:
            pass

    def read_object(self):
        line = self.rfile.readline(65538)
        if len(line) == 65538 and line[-1:] != b"\n":
            raise Rejected("line too long")
        if line[-1:] != b"\n":
            raise EOFError
        obj = json.loads(line.decode("utf-8"))
        if not isinstance(obj, dict):
            raise ValueError("not an object")
        return obj

    def handle_join(self, obj):
        if obj.get("type") != "join":
            raise Rejected("expected join")
        name = obj.get("name")
        if not isinstance(name, str):
            raise Rejected("name missing")
        name = name.strip()
        if len(name) not in range(1, 33):
            raise Rejected("bad length of name")
        if [c for c in name if unicodedata.category(c) == "Cc"]:
            raise Rejected("control characters in name")
        with self.server.lock:
            if name in self.server.room:
                raise Rejected("name taken")
            self.server.room[name] = self
            self.name = name
            for c in self.server.room.values():
                c.send({"type": "join", "name": name})

    def handle_message(self, obj):
        if obj.get("type") != "message":
            raise ValueError("unexpected type")
        text = obj.get("text")
        if not isinstance(text, str):
            raise ValueError("text is not a string")
        with self.server.lock:
            for c in self.server.room.values():
                c.send({"type": "message", "name": self.name, "text": text})


class Threaded(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host = host
        self.port = port

    def start(self):
        try:
            server = Threaded((self.host, self.port), Handler)
        except (OSError, OverflowError) as e:
            print("Cannot start:", e)
            return
        server.room = {}
        server.lock = threading.RLock()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            server.server_close()


def main():
    parser = optparse.OptionParser()
    parser.add_option("--host", default="0.0.0.0")
    parser.add_option("--port", type="int", default=9999)
    options, _ = parser.parse_args()
    ChatServer(options.host, options.port).start()


if __name__ == "__main__":
    main()
