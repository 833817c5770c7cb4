"""The websockets library's protocol without its I/O, fed by an asyncio.Protocol: callbacks, no task, no lock."""

import argparse
import asyncio
import json
import unicodedata

from websockets.datastructures import Headers
from websockets.frames import Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

MOST_OWED = 4_000_000

PAGE = b"""<!doctype html>
<html><head><meta charset="utf-8"><title>Chat</title>
<style>#messages { height: 60vh; overflow-y: scroll; border: 1px solid } .push { font-weight: bold }</style></head>
<body>
<label>Name <input id="name"></label> <button id="join">Join</button>
<div id="messages"></div>
<label>Text <input id="text"></label> <button id="send">Send</button>
<template id="line"><p><b></b> <span></span></p></template>
<script>
(() => {
  const by = id => document.getElementById(id);
  const socket = new Promise(resolve => by("join").addEventListener("click", () => {
    const ws = new WebSocket("ws://" + location.host + "/chat");
    ws.addEventListener("open", () => {
      ws.send(JSON.stringify({name: by("name").value, type: "join"}));
      resolve(ws);
    });
    ws.addEventListener("message", message => {
      const event = JSON.parse(message.data);
      const line = by("line").content.cloneNode(true);
      line.querySelector("p").className = event.type;
      line.querySelector("b").textContent = event.name ?? event.type;
      line.querySelector("span").textContent = event.text ?? event.reason ?? (event.type + "s");
      by("messages").append(line);
    });
  }, {once: true}));
  by("send").addEventListener("click", async () =>
    (await socket).send(JSON.stringify({text: by("text").value, type: "message"})));
})();
</script></body></html>"""


class Connection(asyncio.Protocol):
    def __init__(self, server):
        self.server = server
        self.protocol = ServerProtocol(max_size=2**20)
        self.head = b""
        self.parts = []
        self.name = None
        self.talk = None
        self.ending = None

    # bytes

    def connection_made(self, transport):
        self.transport = transport
        self.server.connections.add(self)

    def data_received(self, data):
        if self.head is not None:
            self.head += data
            head, end, data = self.head.partition(b"\r\n\r\n")
            if not end:
                if len(self.head) > 60_000:
                    self.transport.abort()
                return
            self.head = None
            self.feed(head + end)
        if data:
            self.feed(data)

    def feed(self, data):
        self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            if isinstance(event, Request):
                self.respond(event)
            elif self.protocol.state is State.OPEN:
                self.frame(event)
        self.flush()

    def flush(self):
        if self.transport.get_write_buffer_size() > MOST_OWED:
            self.transport.abort()
        for data in self.protocol.data_to_send():
            if data:
                self.transport.write(data)
            elif self.transport.can_write_eof():
                self.transport.write_eof()
        if self.protocol.close_expected() or self.protocol.state >= State.CLOSING:
            self.leave()
            if self.ending is None:
                self.ending = self.server.loop.call_later(2, self.transport.abort)

    def eof_received(self):
        self.protocol.receive_eof()
        self.leave()
        self.flush()

    def connection_lost(self, _):
        self.server.connections.discard(self)
        self.leave()
        if self.ending is not None:
            self.ending.cancel()

    def pause_writing(self):
        if self.talk == self.echo:
            self.transport.pause_reading()

    def resume_writing(self):
        if not self.transport.is_closing():
            self.transport.resume_reading()

    # messages

    def respond(self, request):
        path = request.path.split("?", 1)[0]
        self.talk = {"/echo": self.echo, "/chat": self.chat}.get(path)
        if path == "/":
            length = str(len(PAGE))
            headers = Headers([("Content-Type", "text/html"), ("Content-Length", length), ("Connection", "close")])
            response = Response(200, "OK", headers, PAGE)
        elif self.talk is None:
            response = self.protocol.reject(404, "no\n")
        else:
            response = self.protocol.accept(request)
        self.protocol.send_response(response)

    def frame(self, frame):
        if frame.opcode is Opcode.CLOSE or frame.opcode in (Opcode.PING, Opcode.PONG):
            return
        if frame.opcode is not Opcode.CONT:
            self.kind = frame.opcode
        self.parts.append(frame.data)
        if frame.fin:
            message = b"".join(self.parts)
            self.parts = []
            if self.kind is Opcode.TEXT:
                try:
                    message = message.decode()
                except UnicodeDecodeError:
                    self.protocol.fail(1007, "not UTF-8")
                    return
            self.talk(message)

    def echo(self, message):
        if isinstance(message, str):
            self.protocol.send_text(message.encode())
        else:
            self.protocol.send_binary(message)

    def chat(self, message):
        try:
            asked = json.loads(message) if isinstance(message, str) else None
        except (ValueError, RecursionError):
            asked = None
        people = self.server.people
        match asked:
            case {"type": "join", "name": str(name)} if self.name is None:
                name = name.strip()
                if name in people or not 1 <= len(name) <= 32 or any(unicodedata.category(c) == "Cc" for c in name):
                    self.sorry("another name, please")
                else:
                    self.name = name
                    people[name] = self
                    self.server.tell(people.values(), {"type": "join", "name": name})
            case _ if self.name is None:
                self.sorry("join first")
            case {"type": "message", "text": str(text)}:
                self.server.tell(people.values(), {"type": "message", "name": self.name, "text": text})
            case {"type": "direct", "to": str(to), "text": str(text)} if to in people:
                event = {"type": "direct", "name": self.name, "to": to, "text": text}
                self.server.tell({self, people[to]}, event)
            case {"type": "leave"}:
                self.leave()
                self.protocol.send_close(1000)
            case _:
                self.sorry("what is that?")

    def sorry(self, reason):
        self.tell({"type": "error", "reason": reason})
        if self.name is None:
            self.protocol.send_close(1008)

    def leave(self):
        if self.name is not None and self.server.people.get(self.name) is self:
            del self.server.people[self.name]
            self.server.tell(self.server.people.values(), {"type": "leave", "name": self.name})

    def tell(self, event):
        if self.protocol.state is State.OPEN:
            self.protocol.send_text(json.dumps(event).encode())
            self.server.loop.call_soon(self.flush)


class WebSocketServer:
    def __init__(self, host="0.0.0.0", port=8765):
        self.host = host
        self.port = port
        self.people = {}
        self.connections = set()
        self.loop = None

    def start(self):
        self.loop = asyncio.new_event_loop()
        try:
            self.loop.run_until_complete(self.loop.create_server(lambda: Connection(self), self.host, self.port))
        except (OSError, OverflowError, UnicodeError) as error:
            print("cannot start:", error)
            return
        try:
            self.loop.run_forever()
        except KeyboardInterrupt:
            print("stopped")

    def push(self, text):
        event = {"type": "push", "text": text}
        self.loop.call_soon_threadsafe(lambda: self.tell(self.people.values(), event))

    def tell(self, connections, event):
        for connection in list(connections):
            connection.tell(event)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    WebSocketServer(options.host, options.port).start()
