"""A small event loop of its own: coroutines that wait for sockets, selectors, one thread; an incremental parser."""

import argparse
import base64
import calendar
import datetime
import email.utils
import heapq
import itertools
import json
import re
import selectors
import socket
import sys
import threading
import time
import types
from collections import deque
from dataclasses import dataclass

LIMIT = 300 * 1024 * 1024


@dataclass
class Request:
    method: str
    url: str
    headers: list
    body: bytes


@dataclass
class Response:
    status: int
    reason: str
    headers: list
    body: bytes


# --- the loop


class Loop:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.ready = deque()
        self.timers = []
        self.waiting = {}  # (sock, event) -> [task]
        self.count = itertools.count()
        self.wake_in, self.wake_out = socket.socketpair()
        self.wake_in.setblocking(False)
        self.spawn(self.listen_to_threads())
        self.posted = deque()

    async def listen_to_threads(self):
        while True:
            await readable(self.wake_in)
            self.wake_in.recv(1000)
            while self.posted:
                self.posted.popleft()()

    def post(self, function):
        """Run it in the loop; from any thread."""
        self.posted.append(function)
        self.wake_out.send(b"x")

    def spawn(self, coroutine):
        self.ready.append((coroutine, None, None))

    def run(self):
        while True:
            while self.ready:
                self.step(*self.ready.popleft())
            now = time.monotonic()
            while self.timers and self.timers[0][0] <= now:
                _, _, wait = heapq.heappop(self.timers)
                if not wait.done:
                    self.finish(wait, TimeoutError())
            if self.ready:
                continue
            pause = 1.0 if not self.timers else max(0, min(1.0, self.timers[0][0] - now))
            for key, mask in self.selector.select(pause):
                for event in (1, 2):
                    if mask & event and (wait := key.data.get(event)):
                        self.finish(wait, None)

    def finish(self, wait, error):
        wait.done = True
        if wait.sock is not None:
            self.interest(wait.sock, wait.event, None)
        self.ready.append((wait.coroutine, None, error))

    def interest(self, sock, event, wait):
        try:
            events = dict(self.selector.get_key(sock).data)
            known = True
        except (KeyError, ValueError):
            events, known = {}, False
        if wait is None:
            events.pop(event, None)
        else:
            events[event] = wait
        if events:
            (self.selector.modify if known else self.selector.register)(sock, sum(events), events)
        elif known:
            self.selector.unregister(sock)

    def step(self, coroutine, value, error):
        try:
            wait = coroutine.throw(error) if error else coroutine.send(value)
        except StopIteration:
            return
        except Exception as problem:
            print("a conversation ended:", repr(problem), file=sys.stderr)
            return
        wait.coroutine = coroutine
        if wait.sock is not None:
            self.interest(wait.sock, wait.event, wait)
        if wait.timeout is not None:
            heapq.heappush(self.timers, (time.monotonic() + wait.timeout, next(self.count), wait))
        if wait.started:
            wait.started(lambda: None if wait.done else self.finish(wait, None))


class Wait:
    def __init__(self, sock=None, event=0, timeout=None, started=None):
        self.sock, self.event, self.timeout, self.started = sock, event, timeout, started
        self.done = False
        self.coroutine = None


@types.coroutine
def wait_for(*arguments, **keywords):
    yield Wait(*arguments, **keywords)


def readable(sock, timeout=None):
    return wait_for(sock, selectors.EVENT_READ, timeout)


def writable(sock, timeout=None):
    return wait_for(sock, selectors.EVENT_WRITE, timeout)


async def receive(sock, timeout=None):
    while True:
        try:
            return sock.recv(65536)
        except BlockingIOError:
            await readable(sock, timeout)


async def send(sock, data, timeout=None):
    left = memoryview(data)
    while left:
        try:
            left = left[sock.send(left[:262144]) :]
        except BlockingIOError:
            await writable(sock, timeout)


async def in_thread(loop, function, *arguments):
    """For what would block: names."""
    result = []

    def started(done):
        def work():
            try:
                result.append(function(*arguments))
            except Exception as error:
                result.append(error)
            loop.post(done)

        threading.Thread(target=work, daemon=True).start()

    await wait_for(started=started)
    if isinstance(result[0], Exception):
        raise result[0]
    return result[0]


# --- messages: a parser that is fed


class NotHTTP(Exception):
    pass


class Parser:
    """Feed it bytes; `take()` gives (first line, headers, body) as soon as a message is there, else None."""

    def __init__(self, strict, no_body=False):
        self.strict, self.no_body = strict, no_body
        self.data = bytearray()
        self.ended = False
        self.steps = self.message()
        self.result = None
        self.expects = False
        self.head = None

    def take(self):
        if self.result is None:
            next(self.steps)
        return self.result

    def following(self):
        parser = Parser(self.strict)
        parser.data, parser.ended = self.data, self.ended
        return parser

    def line(self):
        searched = 0
        while (end := self.data.find(b"\n", searched)) < 0:
            searched = len(self.data)
            if self.ended or searched > 100_000:
                raise NotHTTP("no line")
            yield
        line = bytes(self.data[: end + 1])
        del self.data[: end + 1]
        if self.strict and not line.endswith(b"\r\n"):
            raise NotHTTP("a bare LF")
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        if b"\r" in line or b"\0" in line:
            raise NotHTTP("a bare CR")
        return line.decode("latin-1")

    def bytes_(self, count):
        if count > LIMIT:
            raise NotHTTP("too much")
        while len(self.data) < count:
            if self.ended:
                raise NotHTTP("cut short")
            yield
        data = bytes(self.data[:count])
        del self.data[:count]
        return data

    def message(self):
        while True:
            first = ""
            while not first:
                first = yield from self.line()
            headers = []
            while line := (yield from self.line()):
                match = re.fullmatch(r"([!#-'*+\-.^-`|~\w]+):[ \t]*(.*?)[ \t]*", line, re.ASCII)
                if not match or len(headers) > 2000:
                    raise NotHTTP("no header")
                headers.append(match.groups())
            if self.strict or not re.match(r"HTTP/1\.\d 1\d\d", first):
                break
        self.head = first, headers
        self.expects = "100-continue" in listed(headers, "expect")
        body = yield from self.body(first, headers)
        self.result = first, headers, body
        yield

    def body(self, first, headers):
        lengths = {value for name, value in headers if name.lower() == "content-length"}
        coding = listed(headers, "transfer-encoding")
        if self.strict and "transfer-encoding" in {name.lower() for name, _ in headers} and (lengths or coding != ["chunked"]):
            raise NotHTTP("framing")
        if self.strict and first.startswith("CONNECT "):
            return b""
        if not self.strict and (self.no_body or re.match(r"HTTP/1\.\d (204|304)", first)):
            return b""
        if coding:
            if coding != ["chunked"]:
                raise NotHTTP("coding")
            return b"".join((yield from self.chunks()))
        if lengths:
            if len(lengths) > 1 or not re.fullmatch("[0-9]{1,12}", *lengths):
                raise NotHTTP("Content-Length")
            return (yield from self.bytes_(int(lengths.pop())))
        if self.strict:
            return b""
        while not self.ended:
            if len(self.data) > LIMIT:
                raise NotHTTP("too much")
            yield
        return (yield from self.bytes_(len(self.data)))

    def chunks(self):
        chunks = []
        while True:
            match = re.fullmatch(r"([0-9a-fA-F]{1,12})[ \t]*(;.*)?", (yield from self.line()))
            if not match:
                raise NotHTTP("chunk size")
            if (size := int(match[1], 16)) == 0:
                while (yield from self.line()):
                    pass
                return chunks
            chunks.append((yield from self.bytes_(size)))
            if (yield from self.bytes_(2)) != b"\r\n":
                raise NotHTTP("chunk end")


def listed(headers, name):
    return [item.strip().lower() for key, value in headers if key.lower() == name for item in value.split(",") if item.strip()]


def first_of(headers, name):
    return next((value for key, value in headers if key.lower() == name), None)


def all_of(headers, name):
    values = [value for key, value in headers if key.lower() == name]
    return ", ".join(values) if values else None


def drop(headers, *names):
    return [(key, value) for key, value in headers if key.lower() not in names]


def onward(headers):
    hop = "connection proxy-connection keep-alive te trailer transfer-encoding upgrade proxy-authorization".split()
    return drop(headers, *hop, *listed(headers, "connection"))


def render(first, headers, body):
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    if any(re.search("[\r\n\0]", line) for line in lines):
        raise ValueError("a line end in a header")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


URL = re.compile(r"http://(?:[^/?#]*@)?(\[[0-9a-f:.]+\]|[^/?#@:\[\]\s]+)(?::(\d{0,5}))?(/[^?#]*)?(\?[^#]*)?(?:#.*)?", re.I | re.A)


class Place:
    def __init__(self, url):
        match = URL.fullmatch(url)
        if not match or re.search(r"[\x00-\x20\x7f]", url) or not 0 < int(match[2] or 80) < 65536:
            raise NotHTTP("URL")
        self.host, self.port = match[1].lower(), int(match[2] or 80)
        self.path = (match[3] or "/") + (match[4] or "")
        self.netloc = self.host if self.port == 80 else f"{self.host}:{self.port}"
        self.url = f"http://{self.netloc}{self.path}"


# --- the cache


def directives(headers):
    text = all_of(headers, "cache-control") or ""
    found = {}
    for match in re.finditer(r'\s*([^\s=,]+)\s*(?:=\s*(?:"([^"]*)"|([^,]*)))?\s*(?:,|$)', text):
        found.setdefault(match[1].lower(), match[2] if match[2] is not None else (match[3] or "").strip())
    return found


def delta(text):
    return 0 if not re.fullmatch("[0-9]+", text or "") else 2**31 if len(text) > 9 else int(text)


def http_date(text):
    fields = email.utils.parsedate(text or "")
    try:
        return None if fields is None else calendar.timegm(fields)
    except (ValueError, OverflowError):
        return None


class Entry:
    def __init__(self, request, response, asked, came):
        told = directives(response.headers)
        self.varies = {name: all_of(request.headers, name) for name in listed(response.headers, "vary")}
        self.response = response
        self.open = bool({"public", "s-maxage"} & told.keys())
        date = http_date(first_of(response.headers, "date"))
        age = delta((first_of(response.headers, "age") or "0").split(",")[0].strip()) + came - asked
        self.born = came - max(age, 0 if date is None else int(came) - date)
        if "no-cache" in told:
            self.life = 0
        elif "s-maxage" in told:
            self.life = delta(told["s-maxage"])
        elif "max-age" in told:
            self.life = delta(told["max-age"])
        else:
            expires = http_date(first_of(response.headers, "expires"))
            self.life = (expires or 0) - (came if date is None else date) if first_of(response.headers, "expires") else 0
        pairs = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))
        self.tests = [(test, first_of(response.headers, name)) for name, test in pairs if first_of(response.headers, name)]
        forbidden = {"no-store", "private"} & told.keys() or "no-store" in directives(request.headers) or "*" in self.varies
        secret = first_of(request.headers, "authorization") is not None and not self.open
        useful = self.life > came - self.born or self.tests
        self.allowed = response.status == 200 and request.method == "GET" and not forbidden and not secret and useful
        self.bytes = len(response.body) + 800 + sum(len(key) + len(value) + 120 for key, value in response.headers)

    def fits(self, request):
        private = first_of(request.headers, "authorization") is not None and not self.open
        return not private and all(all_of(request.headers, name) == value for name, value in self.varies.items())

    def copy(self):
        age = max(0, int(time.time() - self.born))
        headers = [*drop(self.response.headers, "age"), ("Age", str(age))]
        return Response(200, self.response.reason, headers, self.response.body)


class Cache:
    def __init__(self, size):
        self.size, self.filled = size, 0
        self.pages = {}  # url -> entries
        self.uses = {}  # entry -> url, in order of use

    def get(self, request):
        for entry in reversed(self.pages.get(request.url, [])):
            if entry.fits(request):
                self.uses[entry] = self.uses.pop(entry)
                return entry
        return None

    def remove(self, entry):
        url = self.uses.pop(entry)
        self.filled -= entry.bytes
        self.pages[url].remove(entry)
        if not self.pages[url]:
            del self.pages[url]

    def put(self, request, entry):
        for old in [old for old in self.pages.get(request.url, []) if old.fits(request)]:
            self.remove(old)
        if entry.allowed and entry.bytes <= self.size:
            self.pages.setdefault(request.url, []).append(entry)
            self.uses[entry] = request.url
            self.filled += entry.bytes
            while self.filled > self.size:
                self.remove(next(iter(self.uses)))

    def clear(self, url):
        for entry in list(self.pages.get(url, [])):
            self.remove(entry)


# --- the proxy


class Reply(Exception):
    def __init__(self, status, reason, *headers):
        super().__init__(reason)
        body = f"{reason}\n".encode()
        self.response = Response(status, reason, [*headers, ("Content-Type", "text/plain")], body)


class ProxyServer:
    def __init__(
        self, host="127.0.0.1", port=8080, *, request_filter=None, response_filter=None, credentials=None,
        blocked_hosts=(), cache_bytes=16 * 2**20, timeout=30, log_path=None,
    ):  # fmt: skip
        self.host, self.port, self.timeout = host, port, timeout
        self.request_filter, self.response_filter = request_filter, response_filter
        self.credentials = credentials
        self.blocked = [host.lower().split(".") for host in blocked_hosts]
        self.cache = Cache(cache_bytes)
        self.log_path = log_path

    def start(self):
        try:
            listener = socket.create_server((self.host, self.port), backlog=300)
        except (OSError, OverflowError, UnicodeError) as error:
            sys.stderr.write(f"{self.host}:{self.port}: {error}\n")
            return
        listener.setblocking(False)
        self.loop = Loop()
        self.loop.spawn(self.accept(listener))
        try:
            self.loop.run()
        except KeyboardInterrupt:
            pass
        finally:
            listener.close()

    async def accept(self, listener):
        while True:
            await readable(listener)
            try:
                sock, address = listener.accept()
            except OSError:
                continue
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.loop.spawn(self.client(sock, address))

    async def client(self, sock, address):
        parser = Parser(strict=True)
        try:
            while await self.one(sock, address, parser):
                parser = parser.following()
            sock.shutdown(socket.SHUT_WR)
            end = time.monotonic() + 1
            while time.monotonic() < end and await receive(sock, 1):
                pass
        except OSError:
            pass
        finally:
            sock.close()

    async def read(self, sock, parser):
        while True:
            if not parser.data and parser.head is None and parser.ended:
                return False
            if parser.take():
                return True
            if parser.expects:
                parser.expects = False
                await send(sock, b"HTTP/1.1 100 Continue\r\n\r\n")
            piece = await receive(sock, 90)
            parser.data += piece
            parser.ended = not piece

    async def one(self, sock, address, parser):
        entry = {"time": datetime.datetime.now(datetime.timezone.utc).isoformat(), "client": f"{address[0]} {address[1]}"}
        entry |= {"method": None, "url": None, "status": None, "cache": "MISS", "request_bytes": 0, "response_bytes": 0}
        entry |= {"request_headers": [], "response_headers": []}
        begun = time.monotonic()
        keep = False
        try:
            try:
                if not await self.read(sock, parser):
                    return False
                line, headers, body = parser.result
            finally:
                if parser.head:
                    entry["request_headers"] = parser.head[1]
                    self.note_line(entry, parser.head[0])
            match = re.fullmatch(r"([!#-'*+\-.^-`|~\w]+) ([!-~\x80-\xff]+) HTTP/1\.([01])", line, re.ASCII)
            if not match or (match[3] == "1" and [key.lower() for key, _ in headers].count("host") != 1):
                raise NotHTTP("request line or Host")
            entry["request_bytes"] = len(body)
            if match[1] == "CONNECT":
                entry["cache"] = None
                origin = await self.connect_for(match[2], headers)
                await send(sock, b"HTTP/1.1 200 Tunnel\r\n\r\n")
                entry["status"] = 200
                await self.tunnel(sock, origin, bytes(parser.data), entry)
                self.log(entry, begun)
                return False
            place = Place(match[2])
            keep = match[3] == "1" and "close" not in listed(headers, "connection")
            self.admit(place.host, headers)
            response = await self.respond(Request(match[1], place.url, onward(headers), body), entry)
        except NotHTTP as error:
            response = Reply(400, f"Bad Request ({error})").response
            entry["cache"] = entry["cache"] and "BYPASS"
            keep = False
        except Reply as reply:
            response = reply.response
            entry["cache"] = entry["cache"] and "BYPASS"
        return await self.answer(sock, response, keep, entry, begun)

    @staticmethod
    def note_line(entry, line):
        match = re.fullmatch(r"(\S+) (\S+) HTTP/1\.[01]", line)
        if match:
            entry["method"], entry["url"] = match[1], re.sub(r"(^|//)[^/?#]*@", r"\1", match[2])

    async def answer(self, sock, response, keep, entry, begun):
        headers = drop(response.headers, "content-length", "transfer-encoding")
        body = response.body
        if response.status in (204, 304):
            body = b""
        elif entry["method"] == "HEAD":
            length = first_of(response.headers, "content-length") if not body else str(len(body))
            headers += [("Content-Length", length)] if length else []
            body = b""
        else:
            headers.append(("Content-Length", str(len(body))))
        headers.append(("Connection", "keep-alive" if keep else "close"))
        entry |= {"status": response.status, "response_headers": headers, "response_bytes": len(body)}
        try:
            await send(sock, render(f"HTTP/1.1 {response.status} {response.reason}", headers, body), 90)
        finally:
            self.log(entry, begun)
        return keep

    def log(self, entry, begun):
        if self.log_path is None:
            return
        entry["duration_ms"] = round(1000 * (time.monotonic() - begun), 1)
        secrets = []
        for name, value in entry["request_headers"]:
            if name.lower().endswith("authorization"):
                secrets += sorted(filter(None, {value, *value.split()[1:]}), key=len, reverse=True)
        for side in ("request_headers", "response_headers"):
            safe = {}
            for name, value in entry[side]:
                for secret in secrets:
                    value = value.replace(secret, "?")
                value = "?" if "cookie" in name.lower() else re.sub(r"//[^/?#\s]*@", "//", value)
                safe[name] = f"{safe[name]}, {value}" if name in safe else value
            entry[side] = safe
        with open(self.log_path, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def admit(self, host, headers):
        labels = host.rstrip(".").lower().split(".")
        if any(labels[-len(blocked) :] == blocked for blocked in self.blocked):
            raise Reply(403, "Forbidden")
        if self.credentials is not None:
            given = (all_of(headers, "proxy-authorization") or "").split(None, 1)
            try:
                user, _, password = base64.b64decode(given[1], validate=True).decode().partition(":")
            except (ValueError, IndexError):
                user = password = None
            if (user, password) != tuple(self.credentials) or given[0].lower() != "basic":
                raise Reply(407, "Proxy Authentication Required", ("Proxy-Authenticate", 'Basic realm="loop"'))

    async def connect(self, host, port):
        try:
            addresses = await in_thread(self.loop, socket.getaddrinfo, host.strip("[]"), port, 0, socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Reply(502, "Bad Gateway") from None
        for family, kind, protocol, _, address in addresses:
            sock = socket.socket(family, kind, protocol)
            sock.setblocking(False)
            try:
                try:
                    sock.connect(address)
                except BlockingIOError:
                    await writable(sock, self.timeout)
                if not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    return sock
            except OSError:
                pass
            sock.close()
        raise Reply(502, "Bad Gateway")

    async def connect_for(self, target, headers):
        match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^/?#@:\[\]]+):(\d{1,5})", target, re.A)
        if not match or not 0 < int(match[2]) < 65536:
            raise NotHTTP("CONNECT")
        self.admit(match[1], headers)
        return await self.connect(match[1], int(match[2]))

    async def tunnel(self, client, origin, early, entry):
        left = 2
        ended = []

        async def pump(source, sink, data, name):
            nonlocal left
            try:
                data = data or await receive(source)
                while data:
                    entry[name] += len(data)
                    await send(sink, data)
                    data = await receive(source)
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                for sock in (client, origin):
                    try:
                        sock.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
            left -= 1
            if not left and ended:
                self.loop.post(ended[0])

        self.loop.spawn(pump(client, origin, early, "request_bytes"))
        self.loop.spawn(pump(origin, client, b"", "response_bytes"))
        await wait_for(started=ended.append)
        origin.close()

    async def respond(self, request, entry):
        if self.request_filter:
            request = self.filtered(self.request_filter, (Request, Response), request)
            if isinstance(request, Response):
                entry["cache"] = "BYPASS"
                return request
            try:
                request.url = Place(request.url).url
            except NotHTTP:
                raise Reply(502, "Bad Gateway") from None
        response = await self.obtain(request, entry)
        if self.response_filter:
            response = self.filtered(self.response_filter, Response, request, response)
        headers = drop(response.headers, "x-cache")
        headers += [("X-Cache", "HIT" if entry["cache"] == "HIT" else "MISS"), ("Via", "1.1 loop")]
        return Response(response.status, response.reason, headers, response.body)

    def filtered(self, function, kinds, *arguments):
        try:
            result = function(*arguments)
            if not isinstance(result, kinds):
                raise TypeError(f"{result!r}")
            result.headers = onward(result.headers)
            render("", result.headers, result.body)
            return result
        except Exception as error:
            print("filter:", repr(error), file=sys.stderr)
            raise Reply(502, "Bad Gateway") from None

    async def obtain(self, request, entry):
        wanted = directives(request.headers)
        plain = request.method == "GET" and not request.body and not first_of(request.headers, "range")
        if not plain or "no-store" in wanted:
            entry["cache"] = "BYPASS"
        stored = self.cache.get(request) if entry["cache"] == "MISS" else None
        tests = []
        if stored:
            age = time.time() - stored.born
            limit = delta(wanted["max-age"]) if "max-age" in wanted else age
            if "no-cache" not in wanted and age < stored.life and age <= limit:
                entry["cache"] = "HIT"
                return stored.copy()
            if not first_of(request.headers, "if-none-match") and not first_of(request.headers, "if-modified-since"):
                tests = stored.tests
        asked = time.time()
        response = await self.fetch(Request(request.method, request.url, request.headers + tests, request.body))
        if request.method not in ("GET", "HEAD", "OPTIONS", "TRACE") and response.status < 400:
            self.cache.clear(request.url)
        if response.status == 304 and tests:
            fresh = drop(response.headers, "content-length", "content-encoding", "content-type", "etag")
            old = drop(stored.response.headers, "age", *(name.lower() for name, _ in fresh))
            response = Response(200, stored.response.reason, old + fresh, stored.response.body)
            again = Entry(request, response, asked, time.time())
            self.cache.put(request, again)
            entry["cache"] = "HIT"
            return again.copy()
        if plain and entry["cache"] == "MISS" and response.status < 500 and response.status != 304:
            kept = Response(response.status, response.reason, list(response.headers), response.body)
            self.cache.put(request, Entry(request, kept, asked, time.time()))
        return response

    async def fetch(self, request):
        place = Place(request.url)
        headers = drop(request.headers, "host", "content-length", "expect")
        headers = [("Host", place.netloc), *headers, ("Via", "1.1 loop"), ("Connection", "close")]
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            headers.append(("Content-Length", str(len(request.body))))
        data = memoryview(render(f"{request.method} {place.path} HTTP/1.1", headers, request.body))
        sock = await self.connect(place.host, place.port)
        parser = Parser(strict=False, no_body=request.method == "HEAD")
        try:
            while parser.take() is None:
                try:  # first what can be received, then what can be sent
                    piece = sock.recv(65536)
                    parser.data += piece
                    parser.ended = not piece
                    continue
                except BlockingIOError:
                    pass
                if not data:
                    await readable(sock, self.timeout)
                    continue
                try:
                    data = data[sock.send(data[:262144]) :]
                except BlockingIOError:
                    await self.either(sock)
                except OSError:
                    data = b""
            first, headers, body = parser.result
            match = re.fullmatch(r"HTTP/1\.\d ([2-9]\d\d)(?: (.*))?", first)
            if not match:
                raise NotHTTP(first)
            return Response(int(match[1]), match[2] or "", onward(headers), body)
        except TimeoutError:
            raise Reply(504, "Gateway Timeout") from None
        except (OSError, NotHTTP):
            raise Reply(502, "Bad Gateway") from None
        finally:
            sock.close()

    async def either(self, sock):
        """Readable or writable: a loop that knows one wait a task looks at both in turn."""
        deadline = time.monotonic() + self.timeout
        while True:
            for wait in (readable, writable):
                try:
                    return await wait(sock, 0.01)
                except TimeoutError:
                    if time.monotonic() > deadline:
                        raise


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=8080)
    options = arguments.parse_args()
    ProxyServer(options.host, options.port).start()
