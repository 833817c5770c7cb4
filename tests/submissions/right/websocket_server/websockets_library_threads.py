"""The websockets library on threads: each member has a queue bounded in bytes and a thread that sends what is in it."""

import argparse
import json
import queue
import socket
import threading
import unicodedata

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response
from websockets.sync.server import serve

PAGE = """<html><head><meta charset=utf-8><title>Chat</title></head><body>
<p>Name <input id=name> <input type=button id=join value=Join></p>
<pre id=messages style="height: 20em; overflow: auto"></pre>
<p><textarea id=text></textarea> <input type=button id=send value=Send></p>
<script>
var ws, $ = document.querySelector.bind(document);
$('#join').onclick = function () {
  ws = new WebSocket('ws://' + location.host + '/chat');
  ws.onopen = function () { ws.send(JSON.stringify({type: 'join', name: $('#name').value})); };
  ws.onmessage = function (m) {
    var e = JSON.parse(m.data);
    $('#messages').append(e.type + ' ' + (e.name || '') + ' ' + (e.text || e.reason || '') + '\\n');
  };
  ws.onclose = function () { $('#messages').append('connection closed\\n'); };
};
$('#send').onclick = function () { ws.send(JSON.stringify({type: 'message', text: $('#text').value})); };
</script></body></html>"""

MOST_OWED = 6_000_000


class Member:
    def __init__(self, ws):
        self.ws = ws
        self.owed = 0
        self.lock = threading.Lock()
        self.queue = queue.SimpleQueue()
        self.thread = threading.Thread(target=self.write, daemon=True)
        self.thread.start()

    def tell(self, event):
        text = json.dumps(event)
        with self.lock:
            if self.owed > MOST_OWED:
                try:
                    self.ws.socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                return
            self.owed += len(text)
        self.queue.put(text)

    def write(self):
        try:
            while (text := self.queue.get()) is not None:
                self.ws.send(text)
                with self.lock:
                    self.owed -= len(text)
        except (ConnectionClosed, OSError):
            pass

    def finish(self):
        self.queue.put(None)
        self.thread.join()


class WebSocketServer:
    def __init__(self, host="0.0.0.0", port=8765):
        self.host = host
        self.port = port
        self.members = {}
        self.lock = threading.Lock()

    def start(self):
        try:
            server = serve(
                self.handle, self.host, self.port, process_request=self.look_at, max_size=2**20, ping_interval=None,
                backlog=100,
            )
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"{self.host}:{self.port}: {error}")
            return
        with server:
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                print("stopping")

    def push(self, text):
        with self.lock:
            self.tell_all({"type": "push", "text": text})

    def look_at(self, connection, request):
        path, _, _ = request.path.partition("?")
        if path == "/":
            headers = Headers()
            headers["Content-Type"] = "text/html"
            headers["Content-Length"] = str(len(PAGE.encode()))
            return Response(200, "OK", headers, PAGE.encode())
        if path not in ("/echo", "/chat"):
            return connection.respond(404, "no such place")
        return None

    def handle(self, ws):
        try:
            if ws.request.path.partition("?")[0] == "/echo":
                for message in ws:
                    ws.send(message)
            else:
                self.chat(ws)
        except (ConnectionClosed, OSError):
            pass

    def chat(self, ws):
        member, name = Member(ws), None
        try:
            for message in ws:
                error = None
                request = understand(message)
                kind, text, to = request.get("type"), request.get("text"), request.get("to")
                with self.lock:
                    if name is None:
                        error = "join first" if kind != "join" else self.wrong_with(request.get("name"))
                        if not error:
                            name = request["name"].strip()
                            self.members[name] = member
                            self.tell_all({"type": "join", "name": name})
                    elif kind == "leave":
                        break
                    elif kind == "message" and isinstance(text, str):
                        self.tell_all({"type": "message", "name": name, "text": text})
                    elif kind == "direct" and isinstance(text, str) and isinstance(to, str) and to in self.members:
                        event = {"type": "direct", "name": name, "to": to, "text": text}
                        self.members[to].tell(event)
                        if to != name:
                            member.tell(event)
                    else:
                        error = "I do not understand"
                if error:
                    member.tell({"type": "error", "reason": error})
                    if name is None:
                        break
        finally:
            with self.lock:
                if name is not None:
                    del self.members[name]
                    self.tell_all({"type": "leave", "name": name})
            member.finish()

    def tell_all(self, event):
        for member in self.members.values():
            member.tell(event)

    def wrong_with(self, name):
        if not isinstance(name, str):
            return "no name"
        name = name.strip()
        if name in self.members:
            return "in use"
        if len(name) not in range(1, 33) or any(unicodedata.category(c) == "Cc" for c in name):
            return "bad name"
        return None


def understand(message):
    try:
        request = json.loads(message) if isinstance(message, str) else {}
    except (ValueError, RecursionError):
        return {}
    return request if isinstance(request, dict) else {}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8765)
    WebSocketServer(**vars(parser.parse_args())).start()


if __name__ == "__main__":
    main()
