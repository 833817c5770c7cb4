"""The websockets library on asyncio: its broadcast() sends without waiting, and who owes 4 MiB is aborted."""

import argparse
import asyncio
import json
import unicodedata

from websockets.asyncio.server import broadcast, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response

PAGE = """<!doctype html>
<meta charset="utf-8">
<title>chat</title>
<input id="name" placeholder="name"><button id="join">join</button>
<ul id="messages"></ul>
<input id="text"><button id="send">send</button>
<script>
const el = (id) => document.getElementById(id);
let ws;
function show(line) {
  const li = document.createElement("li");
  li.textContent = line;
  el("messages").append(li);
}
el("join").addEventListener("click", () => {
  ws = new WebSocket(`ws://${location.host}/chat`);
  ws.addEventListener("open", () => ws.send(JSON.stringify({type: "join", name: el("name").value})));
  ws.addEventListener("message", ({data}) => {
    const e = JSON.parse(data);
    show({join: `${e.name} is here`, leave: `${e.name} has gone`, message: `${e.name}: ${e.text}`,
          direct: `${e.name} to ${e.to}: ${e.text}`, push: `* ${e.text}`, error: `! ${e.reason}`}[e.type]);
  });
  ws.addEventListener("close", () => show("closed"));
});
el("send").addEventListener("click", () => {
  ws.send(JSON.stringify({type: "message", text: el("text").value}));
  el("text").value = "";
});
</script>
"""


class Mistake(Exception):
    pass


class WebSocketServer:
    def __init__(self, host="0.0.0.0", port=8765):
        self.host = host
        self.port = port
        self.people = {}
        self.loop = None

    def start(self):
        try:
            asyncio.run(self.run())
        except KeyboardInterrupt:
            print("bye")

    async def run(self):
        self.loop = asyncio.get_running_loop()
        try:
            server = await serve(self.handle, self.host, self.port, process_request=self.route, max_size=2**20)
        except (OSError, OverflowError, UnicodeError) as error:
            print("cannot listen:", error)
            return
        await server.serve_forever()

    def push(self, text):
        self.loop.call_soon_threadsafe(self.tell, self.people.values(), {"type": "push", "text": text})

    def route(self, connection, request):
        path = request.path.split("?")[0]
        if path == "/":
            body = PAGE.encode()
            headers = Headers({"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))})
            headers["Connection"] = "close"
            return Response(200, "OK", headers, body)
        return None if path in ("/echo", "/chat") else connection.respond(404, "not here\n")

    async def handle(self, connection):
        try:
            if connection.request.path.startswith("/echo"):
                async for message in connection:
                    await connection.send(message)
            else:
                await self.chat(connection)
        except ConnectionClosed:
            pass

    async def chat(self, connection):
        try:
            name = self.name_in(await connection.recv())
        except Mistake as mistake:
            self.tell([connection], {"type": "error", "reason": str(mistake)})
            return
        self.people[name] = connection
        try:
            self.tell(self.people.values(), {"type": "join", "name": name})
            async for message in connection:
                try:
                    if self.said(connection, name, message) == "leave":
                        break
                except Mistake as mistake:
                    self.tell([connection], {"type": "error", "reason": str(mistake)})
        finally:
            del self.people[name]
            self.tell(self.people.values(), {"type": "leave", "name": name})

    def name_in(self, message):
        match understand(message):
            case {"type": "join", "name": str(name)}:
                name = name.strip()
                if not 0 < len(name) < 33:
                    raise Mistake("1 to 32 characters, please")
                if "Cc" in {unicodedata.category(c) for c in name}:
                    raise Mistake("no control characters, please")
                if name in self.people:
                    raise Mistake("taken")
                return name
        raise Mistake("join first")

    def said(self, connection, name, message):
        match understand(message):
            case {"type": "message", "text": str(text)}:
                self.tell(self.people.values(), {"type": "message", "name": name, "text": text})
            case {"type": "direct", "to": str(to), "text": str(text)} if to in self.people:
                both = {connection, self.people[to]}
                self.tell(both, {"type": "direct", "name": name, "to": to, "text": text})
            case {"type": "direct", "to": str(to), "text": str()}:
                raise Mistake(f"there is no {to}")
            case {"type": "leave"}:
                return "leave"
            case _:
                raise Mistake("what?")

    def tell(self, connections, event):
        ready = []
        for connection in connections:
            if connection.transport.get_write_buffer_size() > 4 * 2**20:
                connection.transport.abort()
            else:
                ready.append(connection)
        broadcast(ready, json.dumps(event))


def understand(message):
    if isinstance(message, bytes):
        raise Mistake("text, please")
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        raise Mistake("no JSON") from None


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    WebSocketServer(options.host, options.port).start()
