"""asyncio streams: one thread; answers are passed on as they come, chunked anew, unless a filter wants to see them."""

import argparse
import asyncio
import base64
import json
import re
import socket
import time
import urllib.parse
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

ENOUGH = 512 * 2**20
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
PRIVATE_TO_THE_HOP = frozenset(
    ["connection", "proxy-connection", "proxy-authorization", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"]
)


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


class Problem(Exception):
    def __init__(self, status, *headers):
        super().__init__(status)
        self.status = status
        self.headers = list(headers)


class Unreadable(Exception):
    """Not HTTP."""


# ---------------------------------------------------------------------------------------------------------- messages


def every(headers, name):
    return [value for key, value in headers if key.lower() == name]


def one(headers, name, default=None):
    values = every(headers, name)
    return ",".join(values) if values else default


def words(headers, name):
    return [word.strip().lower() for word in one(headers, name, "").split(",") if word.strip()]


def for_the_next_hop(headers):
    gone = PRIVATE_TO_THE_HOP.union(words(headers, "connection"))
    return [pair for pair in headers if pair[0].lower() not in gone]


async def read_lines(reader, lenient):
    """The first line and the headers, or None at the end of the connection."""
    lines, size = [], 0
    while True:
        try:
            line = await reader.readline()
        except ValueError:
            raise Unreadable("a line too long") from None
        size += len(line)
        if not line and not lines:
            return None
        if not line.endswith(b"\n") or size > 200_000:
            raise Unreadable("cut short")
        line = line[:-1]
        if line.endswith(b"\r"):
            line = line[:-1]
        elif not lenient:
            raise Unreadable("LF alone")
        if b"\r" in line or b"\0" in line:
            raise Unreadable("CR alone")
        if not line and lines:
            return lines
        if line:
            lines.append(line.decode("latin-1"))


def split_headers(lines):
    headers = []
    for line in lines:
        match = re.fullmatch(rf"({TOKEN}):[ \t]*(.*?)[ \t]*", line)
        if not match:
            raise Unreadable(line)
        headers.append(match.groups())
    return headers


def frame(headers, default):
    """"chunked", a number of bytes, or the default."""
    coding = one(headers, "transfer-encoding")
    lengths = set(every(headers, "content-length"))
    if coding is not None:
        if coding.lower() != "chunked" or (lengths and default == 0):
            raise Unreadable("Transfer-Encoding")
        return "chunked"
    if not lengths:
        return default
    if len(lengths) > 1 or not re.fullmatch("[0-9]{1,18}", *lengths):
        raise Unreadable("Content-Length")
    return int(lengths.pop())


async def pieces(reader, how):
    """The body, piece by piece."""
    if how == "chunked":
        while True:
            size = re.fullmatch(rb"([0-9A-Fa-f]{1,16})[ \t]*(;[^\r\n]*)?\r\n", await reader.readline())
            if not size:
                raise Unreadable("chunk size")
            if (left := int(size[1], 16)) == 0:
                break
            async for piece in pieces(reader, left):
                yield piece
            if await reader.readexactly(2) != b"\r\n":
                raise Unreadable("chunk end")
        while (line := await reader.readline()) != b"\r\n":
            if not line.endswith(b"\r\n"):
                raise Unreadable("trailers")
    elif how is None:
        while piece := await reader.read(65536):
            yield piece
    else:
        while how > 0:
            piece = await reader.read(min(how, 65536))
            if not piece:
                raise Unreadable("cut short")
            how -= len(piece)
            yield piece


async def whole(reader, how):
    body = bytearray()
    async for piece in pieces(reader, how):
        body += piece
        if len(body) > ENOUGH:
            raise Problem(413)
    return bytes(body)


def head_bytes(line, headers):
    text = "".join(f"{name}: {value}\r\n" for name, value in headers)
    if text.count("\n") != len(headers) or text.count("\r") != len(headers):
        raise ValueError("line ends in headers")
    return f"{line}\r\n{text}\r\n".encode("latin-1")


def canonical(url):
    if not re.fullmatch(r"[!-~\x80-\xff]+", url) or not url.lower().startswith("http://"):
        raise Unreadable("URL")
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        raise Unreadable("URL") from None
    if not parts.hostname or parts.port == 0:
        raise Unreadable("URL")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return urllib.parse.urlunsplit(("http", host if port == 80 else f"{host}:{port}", parts.path or "/", parts.query, ""))


# ------------------------------------------------------------------------------------------------------------- cache


def control(headers):
    found = {}
    for name, value in re.findall(rf'({TOKEN})(=(?:"[^"]*"|[^\s,]*))?', one(headers, "cache-control", "")):
        found.setdefault(name.lower(), value.lstrip("=").strip('"'))
    return found


def whole_number(text):
    return min(int(text or 0), 2**31) if re.fullmatch("[0-9]{0,99}", text, re.A) else 0


def moment(text):
    try:
        when = parsedate_to_datetime(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


@dataclass
class Memory:
    response: Response
    birth: float
    lifetime: float
    shareable: bool
    cost: int = field(init=False)

    def __post_init__(self):
        self.cost = len(self.response.body) + 900 + sum(150 + len(n) + len(v) for n, v in self.response.headers)

    def questions(self):
        for answer, question in (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")):
            if value := one(self.response.headers, answer):
                yield question, value

    def recalled(self):
        headers = [pair for pair in self.response.headers if pair[0].lower() != "age"]
        headers.append(("Age", str(max(0, int(time.time() - self.birth)))))
        return replace(self.response, headers=headers)


class Cache:
    def __init__(self, limit):
        self.limit, self.filled = limit, 0
        self.by_use = OrderedDict()  # (url, values of the varying headers) -> Memory
        self.pages = {}  # url -> (names of the varying headers, keys)

    def _key(self, request):
        names, _ = self.pages.get(request.url, ((), ()))
        return request.url, tuple(one(request.headers, name) for name in names)

    def recall(self, request):
        key = self._key(request)
        memory = self.by_use.get(key)
        if memory and (memory.shareable or not every(request.headers, "authorization")):
            self.by_use.move_to_end(key)
            return memory
        return None

    def forget(self, key):
        if memory := self.by_use.pop(key, None):
            self.filled -= memory.cost
            self.pages[key[0]][1].discard(key)
            if not self.pages[key[0]][1]:
                del self.pages[key[0]]

    def forget_page(self, url):
        for key in list(self.pages.get(url, ((), ()))[1]):
            self.forget(key)

    @staticmethod
    def worth(request, response):
        told = control(response.headers)
        secret = every(request.headers, "authorization") and not {"public", "s-maxage"} & set(told)
        return not (
            request.method != "GET" or response.status in (206, 304) or secret or {"no-store", "private"} & set(told)
            or "no-store" in control(request.headers) or "*" in words(response.headers, "vary")
        )  # fmt: skip

    def remember(self, request, response, asked):
        self.forget(self._key(request))
        told, now = control(response.headers), time.time()
        date = moment(one(response.headers, "date"))
        age = whole_number(one(response.headers, "age", "0").partition(",")[0].strip()) + now - asked
        if date is not None:
            age = max(age, int(now) - date)
        if limits := [told[name] for name in ("s-maxage", "max-age") if name in told]:
            lifetime = whole_number(limits[0])
        else:
            expires = moment((every(response.headers, "expires") or [None])[0])
            lifetime = 0 if expires is None else expires - (now if date is None else date)
        if "no-cache" in told:
            lifetime = 0
        memory = Memory(response, now - age, lifetime, bool({"public", "s-maxage"} & set(told)))
        if memory.cost > self.limit or (lifetime <= age and not (response.status == 200 and list(memory.questions()))):
            return
        names = tuple(sorted(set(words(response.headers, "vary"))))
        if self.pages.get(request.url, (names,))[0] != names:
            self.forget_page(request.url)
        self.pages.setdefault(request.url, (names, set()))
        key = self._key(request)
        self.pages[request.url][1].add(key)
        self.by_use[key] = memory
        self.filled += memory.cost
        while self.filled > self.limit:
            self.forget(next(iter(self.by_use)))


# ------------------------------------------------------------------------------------------------------------- proxy


class ProxyServer:
    def __init__(
        self, host="127.0.0.1", port=8080, *, request_filter=None, response_filter=None, credentials=None,
        blocked_hosts=(), cache_bytes=16 * 2**20, timeout=30, log_path=None,
    ):  # fmt: skip
        self.where = host, port
        self.request_filter, self.response_filter = request_filter, response_filter
        self.password = credentials and base64.b64encode(":".join(credentials).encode()).decode()
        self.blocked = tuple("." + name.lower() for name in blocked_hosts)
        self.cache = Cache(cache_bytes)
        self.timeout = timeout
        self.log_path = log_path

    def start(self):
        try:
            asyncio.run(self.serve())
        except (OSError, OverflowError, UnicodeError) as error:
            print(f"proxy: cannot listen on {self.where}: {error}")

    async def serve(self):
        self.log = self.log_path and open(self.log_path, "a", encoding="utf-8", buffering=1)
        server = await asyncio.start_server(self.client, *self.where, limit=65536, backlog=500)
        print("proxy: listening")
        async with server:
            await asyncio.Event().wait()

    async def client(self, reader, writer):
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while await Exchange(self, reader, writer).run():
                pass
            writer.write_eof()
            async with asyncio.timeout(1):
                while await reader.read(65536):
                    pass
        except (OSError, RuntimeError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def consult(self, function, kinds, *arguments):
        """A filter may take its time: not in the event loop."""
        try:
            result = await asyncio.to_thread(function, *arguments)
            if not isinstance(result, kinds):
                raise TypeError(result)
            result.headers = for_the_next_hop(result.headers)
            head_bytes("", result.headers)
            return result
        except Exception as error:
            print(f"proxy: a filter failed: {error!r}")
            raise Problem(502) from None

    async def origin(self, host, port):
        try:
            async with asyncio.timeout(self.timeout):
                loop, reader = asyncio.get_running_loop(), Heard(limit=65536)
                protocol = asyncio.StreamReaderProtocol(reader)
                transport, _ = await loop.create_connection(lambda: protocol, host, port)
                writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        except (OSError, UnicodeError):
            raise Problem(502) from None
        return reader, writer


class Heard(asyncio.StreamReader):
    """Knows when it last heard something."""

    last = 0

    def feed_data(self, data):
        self.last = time.monotonic()
        super().feed_data(data)


class Exchange:
    def __init__(self, proxy, reader, writer):
        self.proxy, self.reader, self.writer = proxy, reader, writer
        self.begun = time.perf_counter()
        self.entry = {
            "time": datetime.now().astimezone().isoformat(), "client": str(writer.get_extra_info("peername")),
            "method": None, "url": None, "status": None, "request_headers": [], "response_headers": [],
            "request_bytes": 0, "response_bytes": 0, "cache": "BYPASS",
        }  # fmt: skip
        self.keep = False
        self.started = False

    async def run(self):
        self.lines = None
        try:
            self.lines = await read_lines(self.reader, lenient=False)
            if self.lines is None:
                return False
            await self.serve()
        except (Unreadable, asyncio.IncompleteReadError, ValueError) as error:
            if self.started:
                raise ConnectionAbortedError from error
            self.keep = False
            await self.own(400)
        except Problem as problem:
            await self.own(problem.status, *problem.headers)
        finally:
            if self.lines is not None or self.entry["status"]:
                self.write_log()
        return self.keep

    async def own(self, status, *headers):
        if self.entry["cache"]:
            self.entry["cache"] = "BYPASS"
        text = f"{status} {HTTPStatus(status).phrase}\n".encode()
        await self.deliver(Response(status, HTTPStatus(status).phrase, [*headers, ("Content-Type", "text/plain")], text))

    def write_log(self):
        if not self.proxy.log:
            return
        headers = self.entry["request_headers"]
        secrets = [v for n, v in headers if n.lower() in ("authorization", "proxy-authorization") and v]
        secrets += [secret.partition(" ")[2] for secret in secrets if " " in secret]
        self.entry["duration_ms"] = (time.perf_counter() - self.begun) * 1000
        for side in ("request_headers", "response_headers"):
            shown = []
            for name, value in self.entry[side]:
                for secret in secrets:
                    value = value.replace(secret, "(secret)")
                shown.append((name, re.sub(r"//[^/\s]*@", "//", value)))
            self.entry[side] = shown
        self.proxy.log.write(json.dumps(self.entry, ensure_ascii=False) + "\n")

    def admit(self, host, headers):
        if ("." + host.lower().rstrip(".")).endswith(self.proxy.blocked or ("\0",)):
            raise Problem(403)
        given = one(headers, "proxy-authorization", "").split()
        if self.proxy.password and (len(given) != 2 or given[0].lower() != "basic" or given[1] != self.proxy.password):
            raise Problem(407, ("Proxy-Authenticate", 'Basic realm="asyncio"'))

    async def serve(self):
        match = re.fullmatch(rf"({TOKEN}) ([!-~\x80-\xff]+) HTTP/1\.([01])", self.lines[0])
        if not match:
            raise Unreadable(self.lines[0])
        method, target, minor = match.groups()
        self.entry |= {"method": method, "url": re.sub(r"(^|//)[^/]*@", r"\1", target)}
        headers = split_headers(self.lines[1:])
        self.entry["request_headers"] = headers
        if minor == "1" and len(every(headers, "host")) != 1:
            raise Unreadable("Host")
        how = frame(headers, 0)
        if method == "CONNECT":
            return await self.tunnel(target, headers)
        url = canonical(target)
        if words(headers, "expect") == ["100-continue"]:
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await whole(self.reader, how)
        self.entry["request_bytes"] = len(body)
        self.keep = minor == "1" and "close" not in words(headers, "connection")
        self.admit(urlsplit(url).hostname, headers)
        request = Request(method, url, for_the_next_hop(headers), body)
        if self.proxy.request_filter:
            request = await self.proxy.consult(self.proxy.request_filter, (Request, Response), request)
            if isinstance(request, Response):
                return await self.deliver(request)
            try:
                request.url = canonical(request.url)
            except Unreadable:
                raise Problem(502) from None
        return await self.answer(request)

    # -- CONNECT

    async def tunnel(self, target, headers):
        self.entry["cache"] = None
        match = re.fullmatch(r"\[?([\w.:-]+?)\]?:([0-9]{1,5})", target)
        if not match or not 0 < int(match[2]) < 65536:
            raise Unreadable("CONNECT")
        self.admit(match[1], headers)
        reader, writer = await self.proxy.origin(match[1], int(match[2]))
        self.writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        self.entry["status"] = 200
        self.keep = False
        try:
            up, down = await asyncio.gather(pump(self.reader, writer), pump(reader, self.writer))
            self.entry |= {"request_bytes": up, "response_bytes": down}
        except OSError:
            self.writer.transport.abort()
        finally:
            writer.transport.abort()

    # -- HTTP

    async def answer(self, request):
        cache, told = self.proxy.cache, control(request.headers)
        ordinary = request.method == "GET" and not request.body and not every(request.headers, "range")
        memory = cache.recall(request) if ordinary and "no-store" not in told else None
        if memory:
            age = time.time() - memory.birth
            if "no-cache" not in told and age < memory.lifetime and age <= whole_number(told.get("max-age", "9" * 10)):
                self.entry["cache"] = "HIT"
                return await self.finish(request, memory.recalled())
        self.entry["cache"] = "MISS" if ordinary else "BYPASS"
        own = every(request.headers, "if-none-match") + every(request.headers, "if-modified-since")
        questions = list(memory.questions()) if memory and not own else []
        asked = time.time()
        reader, writer, response = await self.ask(replace(request, headers=request.headers + questions))
        try:
            if request.method not in ("GET", "HEAD", "OPTIONS", "TRACE") and response.status < 400:
                cache.forget_page(request.url)
            if questions and response.status == 304:
                new = {name.lower() for name, _ in response.headers} - {"content-length"} | {"age"}
                kept = [pair for pair in memory.response.headers if pair[0].lower() not in new]
                kept += [pair for pair in response.headers if pair[0].lower() in new]
                response = replace(memory.response, headers=kept)
                if cache.worth(request, response):
                    cache.remember(request, response, asked)
                self.entry["cache"] = "HIT"
                return await self.finish(request, Memory(response, asked, 0, False).recalled())
            if memory and response.status < 500 and response.status != 304:
                cache.forget(cache._key(request))
            empty = request.method == "HEAD" or response.status in (204, 304)
            how = 0 if empty else frame(response.headers, None)
            response.headers = for_the_next_hop(response.headers)
            storing = ordinary and cache.worth(request, response)
            if self.proxy.response_filter or empty:
                response.body = await whole(reader, how)
                if storing:
                    cache.remember(request, replace(response, headers=list(response.headers)), asked)
                return await self.finish(request, response)
            return await self.stream(request, response, reader, how, asked if storing else None)
        except (Unreadable, asyncio.IncompleteReadError, OSError, ValueError) as error:
            if self.started:
                self.writer.transport.abort()
                raise ConnectionAbortedError from error
            raise Problem(502) from None
        finally:
            writer.transport.abort()

    async def ask(self, request):
        parts = urlsplit(request.url)
        reader, writer = await self.proxy.origin(parts.hostname, parts.port or 80)
        path = parts.path + ("?" + parts.query if parts.query else "")
        headers = [pair for pair in request.headers if pair[0].lower() not in ("host", "content-length", "expect")]
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            headers.append(("Content-Length", str(len(request.body))))
        headers += [("Via", "1.1 asyncio"), ("Connection", "close")]
        writer.write(head_bytes(f"{request.method} {path} HTTP/1.1", [("Host", parts.netloc), *headers]))
        moved = time.monotonic()

        async def upload():
            nonlocal moved
            try:
                for start in range(0, len(request.body), 65536):
                    writer.write(request.body[start : start + 65536])
                    await writer.drain()
                    moved = time.monotonic()
            except OSError:
                pass

        sending = asyncio.create_task(upload())
        reading = asyncio.create_task(self.response_head(reader))
        try:
            while not reading.done():
                left = max(moved, reader.last) + self.proxy.timeout - time.monotonic()
                if left <= 0:
                    raise Problem(504)
                await asyncio.wait([reading], timeout=left)
            return reader, writer, reading.result()
        except BaseException as error:
            writer.transport.abort()
            if isinstance(error, (Unreadable, OSError, asyncio.IncompleteReadError)):
                raise Problem(502) from None
            raise
        finally:
            for task in (sending, reading):
                task.cancel()

    async def response_head(self, reader):
        while True:
            lines = await read_lines(reader, lenient=True)
            match = lines and re.fullmatch(r"HTTP/1\.[0-9] ([1-9][0-9][0-9])(?: (.*))?", lines[0])
            if not match:
                raise Unreadable("no HTTP answer")
            if int(match[1]) >= 200:
                return Response(int(match[1]), match[2] or "", split_headers(lines[1:]), b"")

    def from_afar(self, response):
        headers = [pair for pair in response.headers if pair[0].lower() != "x-cache"]
        headers += [("Via", "1.1 asyncio"), ("X-Cache", "HIT" if self.entry["cache"] == "HIT" else "MISS")]
        if not every(headers, "date"):
            headers.append(("Date", formatdate(usegmt=True)))
        return replace(response, headers=headers)

    async def finish(self, request, response):
        response.headers = for_the_next_hop(response.headers)
        if self.proxy.response_filter:
            response = await self.proxy.consult(self.proxy.response_filter, Response, request, response)
        await self.deliver(self.from_afar(response))

    async def deliver(self, response):
        headers = [pair for pair in response.headers if pair[0].lower() not in ("content-length", "transfer-encoding")]
        body = b"" if self.entry["method"] == "HEAD" or response.status in (204, 304) else response.body
        if response.status not in (204, 304):
            length = len(response.body) or (self.entry["method"] == "HEAD" and one(response.headers, "content-length")) or 0
            headers.append(("Content-Length", str(length)))
        if not self.keep:
            headers.append(("Connection", "close"))
        self.entry |= {"status": response.status, "response_headers": headers, "response_bytes": len(body)}
        head = head_bytes(f"HTTP/1.1 {response.status} {response.reason}", headers)
        self.started = True
        self.writer.write(head + body)
        await self.writer.drain()

    async def stream(self, request, response, reader, how, asked):
        """Pass the body on while it comes; keep a copy while it may still fit into the cache."""
        headers = self.from_afar(response).headers
        headers = [pair for pair in headers if pair[0].lower() != "content-length"]
        headers.append(("Content-Length", str(how)) if isinstance(how, int) else ("Transfer-Encoding", "chunked"))
        self.entry |= {"status": response.status, "response_headers": headers}
        waiting = head_bytes(f"HTTP/1.1 {response.status} {response.reason}", headers)
        copy = bytearray()
        async for piece in pieces(reader, how):
            self.started = True
            self.entry["response_bytes"] += len(piece)
            if asked is not None:
                copy += piece
                if len(copy) > self.proxy.cache.limit:
                    asked = None
            self.writer.write(waiting + (piece if isinstance(how, int) else b"%x\r\n%b\r\n" % (len(piece), piece)))
            waiting = b""
            await self.writer.drain()
        self.started = True
        self.writer.write(waiting + (b"" if isinstance(how, int) else b"0\r\n\r\n"))
        await self.writer.drain()
        if asked is not None:
            self.proxy.cache.remember(request, replace(response, body=bytes(copy)), asked)


async def pump(reader, writer):
    count = 0
    while data := await reader.read(65536):
        count += len(data)
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    return count


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    ProxyServer(options.host, options.port).start()
