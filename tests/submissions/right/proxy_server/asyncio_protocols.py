"""HTTP proxy on asyncio Protocols (no streams): one incremental parser for both directions, origins in a pool.

Header names go out in lower case, answers to clients always in chunks, Via in one line.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import enum
import itertools
import json
import sys
import threading
import time
import socket
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import formatdate, parsedate_tz, mktime_tz
from http import HTTPStatus

__all__ = ["ProxyServer", "Request", "Response"]

NAME_CHARS = frozenset(b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
HOP_BY_HOP = {
    "connection",
    "proxy-connection",
    "proxy-authorization",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "TRACE"}
HEAD_LIMIT = 512 * 1024


@dataclass
class Request:
    method: str
    url: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


@dataclass
class Response:
    status: int
    reason: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class Malformed(Exception):
    pass


class Refusal(Exception):
    def __init__(self, status: int, why: str, *extra: tuple[str, str]):
        super().__init__(why)
        self.status, self.why, self.extra = status, why, extra


# ------------------------------------------------------------------ the parser


class S(enum.Enum):
    START = enum.auto()
    FIELDS = enum.auto()
    LENGTH = enum.auto()
    SIZE = enum.auto()
    DATA = enum.auto()
    DATA_END = enum.auto()
    TRAILERS = enum.auto()
    UNTIL_CLOSE = enum.auto()
    DONE = enum.auto()


class Parser:
    """Eats bytes, and stops behind a whole message. Subclasses know first lines and how a body is framed."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.scanned = 0
        self.reset()

    def reset(self) -> None:
        self.state = S.START
        self.fields: list[tuple[str, str]] = []
        self.body = bytearray()
        self.left = 0
        self.head_size = 0

    def feed(self, data: bytes) -> bool:
        """True when a message is whole."""
        self.buffer += data
        while self.state is not S.DONE:
            if not self.step():
                return False
        return True

    def step(self) -> bool:
        state = self.state
        if state in (S.LENGTH, S.DATA):
            piece = self.buffer[: self.left]
            del self.buffer[: len(piece)]
            self.scanned = 0
            self.body += piece
            self.left -= len(piece)
            if self.left:
                return False
            self.state = S.DONE if state is S.LENGTH else S.DATA_END
            return True
        if state is S.DATA_END:
            if self.buffer and self.buffer[:2] not in (b"\r", b"\r\n"):
                raise Malformed("a chunk is longer than it says")
            if len(self.buffer) < 2:
                return False
            del self.buffer[:2]
            self.scanned = 0
            self.state = S.SIZE
            return True
        if state is S.UNTIL_CLOSE:
            self.body += self.buffer
            self.buffer.clear()
            return False
        line = self.take_line()
        if line is None:
            return False
        if state is S.START:
            self.start(line)
        elif state is S.SIZE:
            digits = line.partition(b";")[0].rstrip(b" \t")
            if not digits or len(digits) > 15 or digits.strip(b"0123456789abcdefABCDEF"):
                raise Malformed("bad chunk size")
            self.left = int(digits, 16)
            self.state = S.DATA if self.left else S.TRAILERS
        elif line:
            parsed = self.field(line)
            if state is S.FIELDS and parsed:
                self.fields.append(parsed)
        elif state is S.TRAILERS:
            self.state = S.DONE
        else:
            self.framing()
        return True

    def take_line(self) -> bytes | None:
        at = self.buffer.find(b"\n", self.scanned)
        if at < 0:
            self.scanned = len(self.buffer)
            if self.head_size + self.scanned > HEAD_LIMIT:
                raise Malformed("too long")
            return None
        line = bytes(self.buffer[:at])
        del self.buffer[: at + 1]
        self.scanned = 0
        self.head_size += at
        if self.head_size > HEAD_LIMIT and self.state is not S.SIZE:
            raise Malformed("too long")
        if self.state is S.SIZE:
            self.head_size = 0
        line = line[:-1] if line.endswith(b"\r") else line
        if b"\r" in line or b"\0" in line:
            return self.odd_line(line)
        return line

    def odd_line(self, line: bytes) -> bytes:
        raise Malformed("control characters")

    def field(self, line: bytes) -> tuple[str, str] | None:
        name, colon, value = line.partition(b":")
        if not colon or not name or not NAME_CHARS.issuperset(name):
            raise Malformed("bad header")
        return name.decode().lower(), value.strip(b" \t").decode("latin-1")

    def all(self, name: str) -> list[str]:
        return [v for n, v in self.fields if n == name]

    def lengths(self) -> int | None:
        found = set()
        for value in self.all("content-length"):
            for one in value.split(","):
                one = one.strip(" \t")
                if not one or one.strip("0123456789") or len(one) > 18:
                    raise Malformed("bad content-length")
                found.add(int(one))
        if len(found) > 1:
            raise Malformed("two content-lengths")
        return found.pop() if found else None

    def start(self, line: bytes) -> None:
        raise NotImplementedError

    def framing(self) -> None:
        raise NotImplementedError


class RequestParser(Parser):
    def reset(self) -> None:
        super().reset()
        self.method = self.url = None
        self.minor = 1

    def start(self, line: bytes) -> None:
        if not line:
            return  # empty lines before a request are to be ignored
        words = line.split(b" ")
        if (
            len(words) != 3
            or not words[0]
            or not NAME_CHARS.issuperset(words[0])
            or not words[1]
            or b"\t" in words[1]
            or len(words[2]) != 8
            or words[2][:7] != b"HTTP/1."
            or not words[2][7:].isdigit()
        ):
            raise Malformed("not HTTP")
        self.method, self.url = words[0].decode(), words[1].decode("latin-1")
        self.minor = int(words[2][7:])
        self.state = S.FIELDS

    def framing(self) -> None:
        hosts = self.all("host")
        if len(hosts) > 1 or (not hosts and self.minor):
            raise Malformed("one Host is needed")
        coding = ",".join(self.all("transfer-encoding"))
        length = self.lengths()
        if self.method == "CONNECT":
            self.state = S.DONE
        elif any(n == "transfer-encoding" for n, _ in self.fields):
            if length is not None or not self.minor or coding.strip().lower() != "chunked":
                raise Malformed("transfer-encoding")
            self.state = S.SIZE
        else:
            self.left = length or 0
            self.state = S.LENGTH if self.left else S.DONE


class ResponseParser(Parser):
    def __init__(self, method: str) -> None:
        self.method = method
        super().__init__()

    def reset(self) -> None:
        super().reset()
        self.status, self.reason, self.minor = 0, "", 1

    def odd_line(self, line: bytes) -> bytes:
        if self.state in (S.START, S.SIZE):
            raise Malformed("control characters")
        return line.replace(b"\r", b" ").replace(b"\0", b" ")

    def start(self, line: bytes) -> None:
        version, _, rest = line.partition(b" ")
        code, _, reason = rest.partition(b" ")
        if len(version) != 8 or version[:7] != b"HTTP/1." or not version[7:].isdigit():
            raise Malformed("not HTTP")
        if len(code) != 3 or not code.isdigit() or code < b"100":
            raise Malformed("not HTTP")
        self.minor = int(version[7:])
        self.status, self.reason = int(code), reason.decode("latin-1")
        self.state = S.FIELDS

    def field(self, line: bytes) -> tuple[str, str] | None:
        if line[:1] in (b" ", b"\t") and self.fields:
            name, value = self.fields[-1]
            self.fields[-1] = name, f"{value} {line.strip().decode('latin-1')}"
            return None
        name, colon, value = line.partition(b":")
        return super().field(name.rstrip(b" \t") + colon + value)

    def framing(self) -> None:
        if 100 <= self.status < 200 and self.status != 101:
            self.reset()
            return
        coding = ",".join(self.all("transfer-encoding")).lower().strip()
        if self.method == "HEAD" or self.status in (204, 304):
            self.state = S.DONE
        elif coding:
            self.state = S.SIZE if coding.split(",")[-1].strip() == "chunked" else S.UNTIL_CLOSE
        else:
            length = self.lengths()
            self.left = length or 0
            self.state = S.UNTIL_CLOSE if length is None else S.LENGTH if length else S.DONE

    def can_be_reused(self) -> bool:
        wishes = [w.strip().lower() for v in self.all("connection") for w in v.split(",")]
        return self.minor >= 1 and "close" not in wishes and not self.buffer


# ------------------------------------------------------------------ headers


def get(headers, name):
    return [v for n, v in headers if n.lower() == name]


def members(headers, name):
    return [m.strip() for v in get(headers, name) for m in v.split(",") if m.strip()]


def strip_hop(headers):
    gone = HOP_BY_HOP | {m.lower() for m in members(headers, "connection")}
    return [(n.lower(), v) for n, v in headers if n.lower() not in gone]


def with_via(headers, version):
    line = ", ".join([*get(headers, "via"), f"{version} b-asyncio (state machine)"])
    return [(n, v) for n, v in headers if n.lower() != "via"] + [("via", line)]


def cache_control(headers):
    """A small scanner, for quoted commas."""
    result: dict[str, str] = {}
    text = ",".join(get(headers, "cache-control"))
    part, quoted, escaped = "", False, False
    for char in text + ",":
        if quoted:
            if escaped:
                part, escaped = part + char, False
            elif char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
            else:
                part += char
        elif char == '"':
            quoted = True
        elif char == ",":
            name, _, value = part.partition("=")
            if name.strip():
                result.setdefault(name.strip().lower(), value.strip())
            part = ""
        else:
            part += char
    return result


def delta(text, otherwise=None):
    if text and text.isascii() and text.isdigit():
        return min(int(text[:11]), 2**31)
    return otherwise


def when(text):
    try:
        parts = parsedate_tz(text)
        return None if parts is None else mktime_tz(parts)
    except Exception:
        return None


class Url:
    def __init__(self, text: str):
        scheme, colon, rest = text.partition("://")
        if not colon or scheme.lower() != "http":
            raise Refusal(400, "the request needs a whole http URL")
        end = min((i for i in map(rest.find, "/?#") if i >= 0), default=len(rest))
        self.host, self.port = host_port(rest[:end].rpartition("@")[2], 80)
        path = rest[end:].partition("#")[0]
        self.path = path if path[:1] == "/" else "/" + path
        name = f"[{self.host}]" if ":" in self.host else self.host
        self.netloc = name + ("" if self.port == 80 else f":{self.port}")
        self.key = self.netloc + self.path


def host_port(text, default):
    if text.startswith("["):
        host, bracket, tail = text[1:].partition("]")
        if not bracket or (tail and tail[0] != ":"):
            raise Refusal(400, "what host is this?")
        port = tail[1:]
    else:
        host, _, port = text.partition(":")
    if not host or any(c in host for c in "@/\\ \t[]?#"):
        raise Refusal(400, "what host is this?")
    if port and not (port.isascii() and port.isdigit() and len(port) < 6):
        raise Refusal(400, "what port is this?")
    number = int(port) if port else default
    if number is None or not 1 <= number <= 65535:
        raise Refusal(400, "what port is this?")
    return host.lower(), number


# ------------------------------------------------------------------ cache


class Stored:
    clock = itertools.count()

    def __init__(self, request, response, t0, t1):
        self.body, self.status, self.reason = response.body, response.status, response.reason
        self.set_headers(response.headers, t0, t1)
        self.vary = {m.lower() for m in members(response.headers, "vary")}
        self.selected = {name: self.normal(request, name) for name in self.vary}
        self.used = next(self.clock)
        self.size = len(self.body) + 200 + sum(len(n) + len(v) for n, v in self.headers)

    @staticmethod
    def normal(request, name):
        return None if not get(request.headers, name) else members(request.headers, name)

    def fits(self, request):
        return "*" not in self.vary and all(self.normal(request, n) == v for n, v in self.selected.items())

    def set_headers(self, headers, t0, t1):
        self.headers = [(n, v) for n, v in headers if n.lower() != "age"]
        self.cc = cache_control(headers)
        ages = get(headers, "age")
        age = delta(ages[0].strip(), 0) if ages else 0
        stamp = when((get(headers, "date") or [""])[0])
        self.born = t1 - max(t1 - stamp if stamp is not None else 0, age + t1 - t0, 0)
        expires = get(headers, "expires")
        if "s-maxage" in self.cc:
            self.life = delta(self.cc["s-maxage"], 0)
        elif "max-age" in self.cc:
            self.life = delta(self.cc["max-age"], 0)
        elif expires:
            until = when(expires[0])
            self.life = 0 if until is None else until - (t1 if stamp is None else stamp)
        else:
            self.life = 0

    def age(self):
        return max(0, time.time() - self.born)

    def good_for(self, asked):
        age = self.age()
        if "no-cache" in self.cc or "no-cache" in asked or age >= self.life:
            return False
        return "max-age" not in asked or age <= delta(asked["max-age"], 0)

    def conditions(self):
        result = []
        for theirs, mine in (("etag", "if-none-match"), ("last-modified", "if-modified-since")):
            for value in get(self.headers, theirs)[:1]:
                result.append((mine, value))
        return result

    def freshen(self, headers, t0, t1):
        new = [(n, v) for n, v in headers if n not in ("content-length", "content-type", "content-encoding")]
        names = {n for n, _ in new}
        if "date" not in names:
            new.append(("date", formatdate(t1, usegmt=True)))
        self.set_headers([h for h in self.headers if h[0] not in names | {"date"}] + new, t0, t1)

    def as_response(self):
        self.used = next(self.clock)
        return Response(self.status, self.reason, [*self.headers, ("age", str(int(self.age())))], self.body)


class Cache:
    """Only the loop's thread comes here: no lock."""

    def __init__(self, limit):
        self.limit, self.shelf = limit, {}

    def lookup(self, key, request):
        return next((s for s in reversed(self.shelf.get(key, [])) if s.fits(request)), None)

    def store(self, key, request, stored):
        self.shelf[key] = [s for s in self.shelf.get(key, []) if not s.fits(request)]
        if stored.size <= self.limit:
            self.shelf[key].append(stored)
        if not self.shelf[key]:
            del self.shelf[key]
        everything = sorted((s.used, s.size, k, s) for k, v in self.shelf.items() for s in v)
        total = sum(size for _, size, _, _ in everything)
        for _, size, k, s in everything:
            if total <= self.limit:
                break
            self.shelf[k].remove(s)
            if not self.shelf[k]:
                del self.shelf[k]
            total -= size

    def purge(self, key):
        self.shelf.pop(key, None)


def may_store(request, response):
    cc = cache_control(response.headers)
    if request.method != "GET" or response.status != 200 or get(request.headers, "range"):
        return False
    if {"no-store", "private"} & cc.keys() or "no-store" in cache_control(request.headers):
        return False
    if get(request.headers, "authorization") and not {"public", "s-maxage"} & cc.keys():
        return False
    return "*" not in members(response.headers, "vary") and bool({"max-age", "s-maxage", "no-cache"} & cc.keys() or get(response.headers, "expires"))


# ------------------------------------------------------------------ threads that nobody waits for


async def in_thread(function, *args):
    """Like asyncio.to_thread, but without a limit and without holding up the end of the process."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def settle(result, error):
        if not future.done():
            future.set_exception(error) if error else future.set_result(result)

    def work():
        result = error = None
        try:
            result = function(*args)
        except BaseException as caught:
            error = RuntimeError(repr(caught)) if not isinstance(caught, Exception) or isinstance(caught, StopIteration) else caught
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            pass

    threading.Thread(target=work, daemon=True).start()
    return await future


# ------------------------------------------------------------------ the origin's side


class Flow(asyncio.Protocol):
    """What both sides share: writing with back-pressure."""

    transport: asyncio.Transport | None = None
    blocked_event: asyncio.Event | None = None
    lost = False

    def connection_made(self, transport):
        self.transport = transport
        self.can_write = asyncio.Event()
        self.can_write.set()

    def pause_writing(self):
        self.can_write.clear()

    def resume_writing(self):
        self.can_write.set()

    def connection_lost(self, exc):
        self.lost = True
        self.can_write.set()

    async def write(self, data):
        for at in range(0, len(data), 65536):
            if self.lost:
                return
            self.transport.write(data[at : at + 65536])
            await self.can_write.wait()
            await asyncio.sleep(0)


class OriginSide(Flow):
    """A connection to an origin, used again and again."""

    def __init__(self, timeout):
        self.timeout = timeout
        self.parser = None
        self.future = None
        self.timer = None
        self.ended = False
        self.uses = 0

    def touch(self):
        if self.timer:
            self.timer.cancel()
        self.timer = asyncio.get_running_loop().call_later(self.timeout, self.fail, Refusal(504, "the origin is silent"))

    def fail(self, error):
        if self.timer:
            self.timer.cancel()
        if self.future and not self.future.done():
            self.future.set_exception(error)
        self.transport.abort()

    async def ask(self, method, data):
        self.parser = ResponseParser(method)
        self.future = asyncio.get_running_loop().create_future()
        self.touch()
        self.uses += 1
        writer = asyncio.ensure_future(self.write(data))
        try:
            return await self.future
        finally:
            if not writer.done():
                writer.cancel()
                self.ended = True
            self.timer.cancel()

    def data_received(self, data):
        if self.future is None or self.future.done():
            self.ended = True
            self.transport.abort()  # nobody asked
            return
        self.touch()
        self.got_bytes = True
        try:
            if self.parser.feed(data):
                self.future.set_result(self.parser)
        except Malformed as error:
            self.fail(Refusal(502, f"the origin's answer is no HTTP: {error}"))

    def eof_received(self):
        self.finish()

    def connection_lost(self, exc):
        super().connection_lost(exc)
        self.finish(exc)

    def finish(self, exc=None):
        self.ended = True
        if self.future and not self.future.done():
            if self.parser.state is S.UNTIL_CLOSE and exc is None:
                self.parser.state = S.DONE
                self.future.set_result(self.parser)
            elif self.parser.state is S.START and not self.parser.buffer:
                self.future.set_exception(ConnectionResetError("no answer"))
            else:
                self.future.set_exception(Refusal(502, "the origin's answer was cut short"))


# ------------------------------------------------------------------ tunnels


class TunnelEnd(Flow):
    def __init__(self, client):
        self.client = client
        self.eof = False

    def data_received(self, data):
        self.client.log_line["response_bytes"] += len(data)
        self.client.transport.write(data)

    def eof_received(self):
        self.eof = True
        if not self.client.lost:
            self.client.transport.write_eof()
        self.client.tunnel_check()
        return True

    def pause_writing(self):
        if not self.client.lost:
            self.client.transport.pause_reading()

    def resume_writing(self):
        if not self.client.lost:
            self.client.transport.resume_reading()

    def connection_lost(self, exc):
        super().connection_lost(exc)
        if exc is not None:
            self.client.transport.abort()
        else:
            self.client.transport.close()


# ------------------------------------------------------------------ the client's side


class ClientSide(Flow):
    def __init__(self, proxy: ProxyServer):
        self.proxy = proxy
        self.parser = RequestParser()
        self.busy = self.eof = self.closing = False
        self.tunnel: TunnelEnd | None = None
        self.log_line: dict = {}
        self.tunnel_over = None
        self.waiting = bytearray()

    def connection_made(self, transport):
        super().connection_made(transport)
        self.address = transport.get_extra_info("peername")
        self.proxy.clients.add(self)

    def connection_lost(self, exc):
        super().connection_lost(exc)
        self.proxy.clients.discard(self)
        if self.tunnel and not self.tunnel.lost:
            self.tunnel.transport.abort() if exc else self.tunnel.transport.close()
        if self.tunnel_over and not self.tunnel_over.done():
            self.tunnel_over.set_result(None)

    def data_received(self, data):
        if self.closing:
            return
        if self.tunnel:
            self.log_line["request_bytes"] += len(data)
            self.tunnel.transport.write(data)
        elif self.busy:
            self.waiting += data
            if len(self.waiting) > 1 << 20:
                self.transport.pause_reading()
        else:
            self.advance(data)

    def eof_received(self):
        self.eof = True
        if self.tunnel:
            if not self.tunnel.lost:
                self.tunnel.transport.write_eof()
            self.tunnel_check()
        elif self.closing:
            self.transport.close()
        elif not self.busy:
            self.advance(b"")
        return True

    def pause_writing(self):
        super().pause_writing()
        if self.tunnel and not self.tunnel.lost:
            self.tunnel.transport.pause_reading()

    def resume_writing(self):
        super().resume_writing()
        if self.tunnel and not self.tunnel.lost:
            self.tunnel.transport.resume_reading()

    def tunnel_check(self):
        if self.eof and self.tunnel.eof:
            self.transport.close()
            self.tunnel.transport.close()

    def new_log_line(self):
        self.began = time.perf_counter()
        return {
            "time": datetime.now().astimezone().isoformat(timespec="milliseconds"),
            "client": "%s port %s" % tuple(self.address[:2]),
            "method": None,
            "url": None,
            "status": None,
            "request_headers": {},
            "response_headers": {},
            "request_bytes": 0,
            "response_bytes": 0,
            "duration_ms": 0,
            "cache": "BYPASS",
        }

    def advance(self, data):
        """On with reading, until a request is whole."""
        problem = None
        try:
            whole = self.parser.feed(data)
            if not whole and self.eof:
                if self.parser.state is S.START and not self.parser.buffer:
                    self.hang_up()
                    return
                raise Malformed("the request was cut short")
        except Malformed as error:
            whole, problem = True, Refusal(400, str(error))
        if whole:
            self.busy = True
            task = asyncio.ensure_future(self.serve(problem))
            self.proxy.tasks.add(task)
            task.add_done_callback(self.proxy.tasks.discard)

    async def serve(self, problem):
        parser = self.parser
        self.log_line = self.new_log_line()
        self.log_line.update(method=parser.method, url=parser.url, request_bytes=len(parser.body))
        self.log_line["request_headers"] = parser.fields
        wishes = [m.lower() for m in members(parser.fields, "connection")]
        close = "close" in wishes or (not parser.minor and "keep-alive" not in wishes)
        try:
            try:
                if problem:
                    raise problem
                if parser.method == "CONNECT":
                    self.log_line["cache"] = None
                    close = True
                    await self.connect(parser)
                    return
                url = Url(parser.url)
                self.proxy.admit(url.host, parser.fields)
                request = Request(parser.method, parser.url, strip_hop(parser.fields), bytes(parser.body))
                response = await self.proxy.respond(request, self.log_line)
            except Refusal as refusal:
                close = True
                response = refusal_page(refusal)
            except Exception as error:
                close = True
                response = refusal_page(Refusal(500, f"a mistake of the proxy's own: {error!r}"))
                self.log_line["cache"] = "BYPASS"
            if not self.lost:
                await self.deliver(parser.method, response, close)
            else:
                self.log_line["status"] = response.status
                self.proxy.write_log(self.log_line, self.began)
        except asyncio.CancelledError:
            raise
        if close:
            self.hang_up()
            return
        self.busy = False
        parser.reset()
        waiting, self.waiting = bytes(self.waiting), bytearray()
        if not self.lost:
            self.transport.resume_reading()
            self.advance(waiting)

    async def deliver(self, method, response, close):
        status = int(response.status)
        headers = [(n.lower(), v) for n, v in response.headers if n.lower() not in HOP_BY_HOP]
        if close:
            headers.append(("connection", "close"))
        else:
            headers += [("connection", "Keep-Alive"), ("keep-alive", "timeout=300")]
        body = b""
        if method == "HEAD":
            pass
        elif status in (204, 304) or 100 <= status < 200:
            headers = [h for h in headers if h[0] != "content-length"]
        else:
            headers = [h for h in headers if h[0] != "content-length"] + [("transfer-encoding", "chunked")]
            pieces = [response.body[at : at + 4000] for at in range(0, len(response.body), 4000)]
            body = b"".join(b"%x;n=%d\r\n%b\r\n" % (len(p), i, p) for i, p in enumerate(pieces)) + b"0\r\n\r\n"
        if not get(headers, "date"):
            headers.insert(0, ("date", formatdate(usegmt=True)))
        head = f"HTTP/1.1 {status} {response.reason or ''}\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers) + "\r\n"
        self.log_line.update(status=status, response_headers=headers, response_bytes=len(body))
        self.proxy.write_log(self.log_line, self.began)
        await self.write(head.encode("latin-1", "replace") + body)

    def hang_up(self):
        self.closing = True
        if self.lost:
            return
        if self.eof:
            self.transport.close()
            return
        self.transport.resume_reading()
        self.transport.write_eof()
        asyncio.get_running_loop().call_later(2, self.transport.close)

    async def connect(self, parser):
        host, port = host_port(parser.url, None)
        self.proxy.admit(host, parser.fields)
        loop = asyncio.get_running_loop()
        tunnel = TunnelEnd(self)
        await self.proxy.dial(host, port, lambda: tunnel)
        self.tunnel_over = loop.create_future()
        self.log_line["status"] = 200
        if self.lost:
            tunnel.transport.abort()
        else:
            self.transport.write(b"HTTP/1.0 200 OK\r\nX-Tunnel: yes\r\n\r\n")
            first = bytes(parser.buffer + self.waiting)
            self.log_line["request_bytes"] = len(first)
            tunnel.transport.write(first)
            self.tunnel = tunnel
            self.transport.resume_reading()
            if self.eof:
                tunnel.transport.write_eof()
            await self.tunnel_over
        self.proxy.write_log(self.log_line, self.began)


def refusal_page(refusal):
    text = f"<!DOCTYPE html><title>{refusal.status}</title><h1>出错了</h1><p>{refusal.why}".encode()
    reason = HTTPStatus(refusal.status).phrase.upper()
    return Response(refusal.status, reason, [("content-type", "text/html; charset=utf-8"), *refusal.extra], text)


# ------------------------------------------------------------------ the proxy


class ProxyServer:
    def __init__(self, host="127.0.0.1", port=8080, *, request_filter=None, response_filter=None, credentials=None,
                 blocked_hosts=(), cache_bytes=16 * 2**20, timeout=30, log_path=None):  # fmt: skip
        self.host, self.port = host, port
        self.request_filter, self.response_filter = request_filter, response_filter
        self.credentials = credentials
        self.blocked_hosts = tuple(h.lower().strip(".") for h in blocked_hosts)
        self.cache = Cache(cache_bytes)
        self.timeout, self.log_path = timeout, log_path
        self.clients: set[ClientSide] = set()
        self.tasks: set[asyncio.Task] = set()
        self.pool: dict[tuple[str, int], list[OriginSide]] = {}
        self.log_file = None

    def start(self):
        try:
            asyncio.run(self.main())
        except KeyboardInterrupt:
            pass

    async def main(self):
        loop = asyncio.get_running_loop()
        try:
            if not 0 <= self.port < 65536:
                raise OverflowError("port out of range")
            server = await loop.create_server(lambda: ClientSide(self), self.host, self.port, backlog=512, reuse_address=True)
        except (OSError, OverflowError, ValueError, TypeError) as error:
            print(f"cannot listen on {self.host} port {self.port}: {error}", flush=True)
            return
        if self.log_path is not None:
            self.log_file = open(self.log_path, "a", encoding="utf-8", buffering=1)
        async with server:
            try:
                await server.serve_forever()
            finally:
                for client in list(self.clients):
                    client.transport.abort()

    # -- access

    def admit(self, host, headers):
        host = host.rstrip(".")
        for blocked in self.blocked_hosts:
            if ("." + host).endswith("." + blocked):
                raise Refusal(403, "this host is not for you")
        if self.credentials is None:
            return
        challenge = ("proxy-authenticate", "Basic realm=\"b\"")
        sent = get(headers, "proxy-authorization")
        try:
            scheme, coded = sent[0].split(None, 1)
            given = base64.b64decode(coded.strip(), validate=True)
        except (IndexError, ValueError, binascii.Error):
            raise Refusal(407, "who is there?", challenge) from None
        if scheme.lower() != "basic" or given != ":".join(self.credentials).encode():
            raise Refusal(407, "who is there?", challenge)

    # -- messages

    async def respond(self, request, log_line):
        if self.request_filter:
            try:
                verdict = await in_thread(self.request_filter, request)
            except Exception as error:
                raise Refusal(502, f"the request filter raised {type(error).__name__}") from None
            if isinstance(verdict, Response):
                return verdict
            if not isinstance(verdict, Request):
                raise Refusal(502, "the request filter returned neither")
            request = verdict
            request.headers = [(n.lower(), v) for n, v in request.headers]
        response, cache = await self.through_cache(request)
        if self.response_filter:
            try:
                response = await in_thread(self.response_filter, replace(request), response)
                if not isinstance(response, Response):
                    raise TypeError
            except Exception as error:
                raise Refusal(502, f"the response filter raised {type(error).__name__}") from None
        log_line["cache"] = cache
        headers = [(n, v) for n, v in response.headers if n.lower() != "x-cache"]
        return replace(response, headers=[("x-cache", cache), *headers])

    async def through_cache(self, request):
        url = Url(request.url)
        asked = cache_control(request.headers)
        own_conditions = any(n.lower().startswith("if-") or n.lower() == "range" for n, _ in request.headers)
        stored = None
        if request.method == "GET" and not own_conditions and "no-store" not in asked:
            stored = self.cache.lookup(url.key, request)
            if stored and stored.good_for(asked):
                return stored.as_response(), "HIT"
        conditions = stored.conditions() if stored else []
        t0 = time.time()
        response = await self.fetch(request, url, conditions)
        t1 = time.time()
        if conditions and response.status == 304:
            stored.freshen(response.headers, t0, t1)
            if {"no-store", "private"} & stored.cc.keys():
                self.cache.purge(url.key)
            return stored.as_response(), "MISS"
        if may_store(request, response):
            self.cache.store(url.key, request, Stored(request, response, t0, t1))
        if request.method not in IDEMPOTENT and response.status < 400:
            self.cache.purge(url.key)
        return response, "MISS"

    async def dial(self, host, port, factory):
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.timeout) if hasattr(asyncio, "timeout") else _nothing():
                addresses = await in_thread(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
                problem = None
                for family, _, _, _, address in addresses:
                    try:
                        return (await loop.create_connection(factory, address[0], address[1], family=family))[1]
                    except OSError as error:
                        problem = error
                raise problem or OSError("no address")
        except TimeoutError:
            raise Refusal(504, "the other end does not answer") from None
        except (OSError, ValueError, UnicodeError):
            raise Refusal(502, "the other end cannot be reached") from None

    async def fetch(self, request, url, conditions):
        headers = [(n, v) for n, v in strip_hop(request.headers) if n not in ("host", "content-length")]
        headers = [("host", url.netloc), *with_via(headers, "1.1"), *conditions]
        if request.body or get(request.headers, "content-length") or request.method not in IDEMPOTENT | {"DELETE"}:
            headers.append(("content-length", str(len(request.body))))
        head = f"{request.method} {url.path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers) + "\r\n"
        try:
            data = head.encode("latin-1") + request.body
        except UnicodeError:
            raise Refusal(502, "what the filter made cannot be sent") from None
        place = url.host, url.port
        origin = None
        if request.method in IDEMPOTENT:
            shelf = self.pool.get(place, [])
            while shelf and origin is None:
                candidate = shelf.pop()
                if not candidate.lost and not candidate.ended and not candidate.transport.is_closing():
                    origin = candidate
        try:
            parser = None
            if origin:
                try:
                    parser = await origin.ask(request.method, data)
                except ConnectionResetError:
                    pass  # it was closed while it was idle: once more
            if parser is None:
                origin = await self.dial(*place, lambda: OriginSide(self.timeout))
                parser = await origin.ask(request.method, data)
        except ConnectionResetError:
            raise Refusal(502, "the origin hung up") from None
        finally:
            pass
        if parser.can_be_reused() and not origin.ended and not origin.lost:
            self.pool.setdefault(place, []).append(origin)
            asyncio.get_running_loop().call_later(20, self.retire, place, origin, origin.uses)
        else:
            origin.transport.close()
        received = with_via(strip_hop(parser.fields), f"1.{parser.minor}")
        return Response(parser.status, parser.reason, received, bytes(parser.body))

    def retire(self, place, origin, uses):
        if origin.uses == uses and origin in self.pool.get(place, []):
            self.pool[place].remove(origin)
            origin.transport.close()

    # -- log

    def write_log(self, line, began):
        if not self.log_file:
            return
        secret = {"authorization", "proxy-authorization", "cookie", "set-cookie"}

        def tidy(text):
            out, rest = "", text
            while "://" in rest:
                before, _, rest = rest.partition("://")
                end = min((i for i in map(rest.find, "/?# ,") if i >= 0), default=len(rest))
                out += before + "://" + rest[:end].rpartition("@")[2]
                rest = rest[end:]
            return out + rest

        def grouped(headers):
            result: dict[str, list[str]] = {}
            for name, value in headers:
                if name.lower() not in secret:
                    result.setdefault(name, []).append(tidy(value))
            return {name: ", ".join(v) for name, v in result.items()}

        line = dict(line, url=None if line["url"] is None else tidy(line["url"]))
        line["request_headers"], line["response_headers"] = map(grouped, (line["request_headers"], line["response_headers"]))
        line["duration_ms"] = int((time.perf_counter() - began) * 1000)
        self.log_file.write(json.dumps(line, ensure_ascii=False) + "\n")


class _nothing:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=8080, type=int)
    options = parser.parse_args()
    ProxyServer(options.host, options.port).start()


if __name__ == "__main__":
    sys.exit(main())
