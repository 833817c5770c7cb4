"""All events are in one list, and a thread for each client sends it from the place where the client came in."""

import argparse
import json
import socket
import threading
import time
import unicodedata

LIMIT = 65_536


class Reader:
    """Somebody who reads the log, and what is for him alone."""

    def __init__(self):
        self.name = None
        self.here = self.end = 0  # from where, and up to where when he has left
        self.errors = []
        self.finished = False


class ChatServer:
    def __init__(self, host="0.0.0.0", port=9999):
        self.host = host
        self.port = port
        self.log = []
        self.names = set()
        self.news = threading.Condition()

    def start(self):
        try:
            listener = socket.create_server((self.host, self.port), backlog=256)
        except (OSError, OverflowError) as error:
            print(f"{self.host}:{self.port}: {error}")
            return
        with listener:
            while True:
                sock, _ = listener.accept()
                threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        reader = Reader()
        sender = threading.Thread(target=self.send_all, args=(sock, reader), daemon=True)
        sender.start()
        try:
            self.listen(sock, reader)
        except OSError:
            pass
        self.leave(reader)
        sender.join()
        deadline = time.monotonic() + 2
        try:  # unread data would take the last lines with it
            while (left := deadline - time.monotonic()) > 0:
                sock.settimeout(left)
                if not sock.recv(LIMIT):
                    break
        except OSError:
            pass
        sock.close()

    def listen(self, sock, reader):
        """Until he leaves, or has to."""
        rest = bytearray()
        while data := sock.recv(16_384):
            rest += data
            while (end := rest.find(b"\n")) >= 0:
                line = bytes(rest[:end])
                del rest[: end + 1]
                if not self.obey(reader, line):
                    return
            if len(rest) > LIMIT:
                self.error(reader, "a line has at most 65,536 bytes")
                return

    def obey(self, reader, line):
        """Whether the connection goes on."""
        try:
            match json.loads(line.decode()):
                case {"type": "join", "name": str(name)} if reader.name is None:
                    return self.join(reader, name.strip())
                case {"type": "message", "text": str(text)} if reader.name is not None:
                    with self.news:
                        self.tell(type="message", name=reader.name, text=text, number=len(self.log))
                    return True
                case {"type": "leave"} if reader.name is not None:
                    return False
            reason = "that is not for now"
        except (ValueError, RecursionError) as error:
            reason = f"no JSON ({type(error).__name__})"
        self.error(reader, reason)
        return reader.name is not None

    def join(self, reader, name):
        if not 1 <= len(name) <= 32 or any(unicodedata.category(each) == "Cc" for each in name):
            self.error(reader, "no good name")
            return False
        with self.news:
            if name not in self.names:
                self.names.add(name)
                reader.name = name
                reader.here = len(self.log)
                self.tell(type="join", name=name)
                return True
        self.error(reader, "somebody has this name")
        return False

    def leave(self, reader):
        with self.news:
            reader.end = len(self.log)
            reader.finished = True
            if reader.name is not None:
                self.names.remove(reader.name)
                self.tell(type="leave", name=reader.name)
            self.news.notify_all()

    def tell(self, **event):
        self.log.append(json.dumps(event).encode() + b"\n")
        self.news.notify_all()

    def error(self, reader, reason):
        with self.news:
            reader.errors.append(json.dumps({"type": "error", "reason": reason}).encode() + b"\n")
            self.news.notify_all()

    def due(self, reader):
        """What he has not been sent yet."""
        end = reader.end if reader.finished else len(self.log)
        events = self.log[reader.here : end] if reader.name is not None else []
        reader.here += len(events)
        errors, reader.errors = reader.errors, []
        return events + errors

    def send_all(self, sock, reader):
        try:
            while True:
                with self.news:
                    while not (lines := self.due(reader)) and not reader.finished:
                        self.news.wait()
                if not lines:
                    break
                sock.sendall(b"".join(lines))
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=9999)
    options = parser.parse_args()
    try:
        ChatServer(options.host, options.port).start()
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
