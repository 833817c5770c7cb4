"""Catches OSError alone where it connects: a label of 64 letters is a UnicodeError.

fails: refuses_impossible_addresses proxy.impossible_address
"""

import argparse
import base64
import collections
import contextlib
import copy
import email.utils
import hmac
import http.client
import json
import re
import socket
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import urlsplit

http.client._MAXHEADERS = 2000  # type: ignore[attr-defined]

TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
REQUEST_LINE = re.compile(rb"(%s) ([^ \t\r\n\x00]+) HTTP/1\.([0-9])" % TOKEN.encode())
HEADER_LINE = re.compile(rb"(%s):[ \t]*(.*?)[ \t]*" % TOKEN.encode(), re.S)
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;[^\r\n\x00]*)?")
HOP = frozenset(
    "connection proxy-connection proxy-authorization keep-alive te trailer transfer-encoding upgrade".split()
)
MAX_LINE = 1 << 17
MAX_HEAD = 1 << 20
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
NO_BODY = {204, 304}
PSEUDONYM = "a-threads"


@dataclass
class Request:
    method: str
    url: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Response:
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes


class ProxyError(Exception):
    """Something that the proxy answers itself."""

    def __init__(self, status, text, *, close=False, headers=()):
        super().__init__(text)
        self.status, self.text, self.close, self.headers = status, text, close, list(headers)


class CutShort(Exception):
    pass


# ---------------------------------------------------------------------------------------------- headers


def values(headers, name):
    return [value for key, value in headers if key.lower() == name]


def tokens(headers, name):
    return [part.strip() for value in values(headers, name) for part in value.split(",") if part.strip()]


def without(headers, *names):
    return [(key, value) for key, value in headers if key.lower() not in names]


def end_to_end(headers):
    named = {token.lower() for token in tokens(headers, "connection")}
    return [(key, value) for key, value in headers if key.lower() not in HOP and key.lower() not in named]


def directives(headers):
    """Cache-Control as a dict; the first of duplicates counts."""
    found = {}
    for value in values(headers, "cache-control"):
        for match in re.finditer(r'([^\s=,;"]+)\s*(?:=\s*("(?:\\.|[^"\\])*"|[^\s,"]*))?', value):
            name, argument = match[1].lower(), match[2]
            if argument and argument.startswith('"'):
                argument = re.sub(r"\\(.)", r"\1", argument[1:-1])
            found.setdefault(name, argument)
    return found


def seconds(text):
    if text is not None and re.fullmatch("[0-9]+", text, re.A):
        return min(int(text[:12]), 2**31)
    return None


def date(text):
    with contextlib.suppress(Exception):
        parsed = email.utils.parsedate_to_datetime(text)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=timezone.utc)
        return parsed.timestamp()
    return None


# ---------------------------------------------------------------------------------------------- the cache


class Entry:
    def __init__(self, request, response, asked, received):
        self.selecting = list(request.headers)
        self.status, self.reason, self.body = response.status, response.reason, response.body
        self.learn(response.headers, asked, received)

    def learn(self, headers, asked, received):
        self.headers = list(headers)
        self.received = received
        self.control = directives(headers)
        dates = values(headers, "date")
        self.date = date(dates[0]) if dates else None
        ages = values(headers, "age")
        age = (seconds(ages[0].split(",")[0].strip()) if ages else 0) or 0
        apparent = max(0, received - self.date) if self.date is not None else 0
        self.initial_age = max(apparent, age + (received - asked))
        self.lifetime = self._lifetime()

    def _lifetime(self):
        for name in ("s-maxage", "max-age"):
            if name in self.control:
                return seconds(self.control[name]) or 0
        expires = values(self.headers, "expires")
        if expires:
            moment = date(expires[0])
            if moment is None:
                return 0
            return max(0, moment - (self.date if self.date is not None else self.received))
        return None

    def refresh(self, headers, asked, received):
        fresh = without(end_to_end(headers), "content-length", "content-encoding", "content-type", "content-range")
        names = {key.lower() for key, _ in fresh} | {"age", "date"}
        kept = [(key, value) for key, value in self.headers if key.lower() not in names]
        self.learn(kept + fresh, asked, received)

    def age(self):
        return self.initial_age + max(0, time.time() - self.received)

    def matches(self, request):
        for name in tokens(self.headers, "vary"):
            name = name.lower()
            if name == "*":
                return False
            mine = [part.strip() for value in values(self.selecting, name) for part in value.split(",")]
            other = [part.strip() for value in values(request.headers, name) for part in value.split(",")]
            if mine != other:
                return False
        return True

    def usable(self, wishes):
        """Without asking the origin?"""
        if "no-cache" in self.control or "no-cache" in wishes:
            return False
        age = self.age()
        if (self.lifetime or 0) <= age:
            return False
        if "max-age" in wishes:
            limit = seconds(wishes["max-age"])
            if limit is None or age > limit:
                return False
        if "min-fresh" in wishes and (seconds(wishes["min-fresh"]) or 0) > self.lifetime - age:
            return False
        return True

    def validators(self):
        found = []
        etag = values(self.headers, "etag")
        if etag:
            found.append(("If-None-Match", etag[0]))
        modified = values(self.headers, "last-modified")
        if modified:
            found.append(("If-Modified-Since", modified[0]))
        return found

    def size(self):
        return len(self.body) + sum(len(key) + len(value) + 4 for key, value in self.headers + self.selecting)

    def response(self):
        headers = without(self.headers, "age") + [("Age", str(int(self.age())))]
        return Response(self.status, self.reason, headers, self.body)


class Cache:
    def __init__(self, limit):
        self.limit = limit
        self.used = 0
        self.lock = threading.Lock()
        self.order = collections.OrderedDict()  # id(entry) -> (url, entry), the least recently used first
        self.urls = {}  # url -> [entry, ...], the newest last

    def find(self, url, request):
        with self.lock:
            for entry in reversed(self.urls.get(url, [])):
                if entry.matches(request):
                    self.order.move_to_end(id(entry))
                    return entry
        return None

    def put(self, url, request, entry):
        with self.lock:
            for old in list(self.urls.get(url, [])):
                if old.matches(request):
                    self._drop(old)
            size = entry.size()
            if size > self.limit:
                return
            self.urls.setdefault(url, []).append(entry)
            self.order[id(entry)] = (url, entry, size)
            self.used += size
            while self.used > self.limit:
                self._drop(next(iter(self.order.values()))[1])

    def refreshed(self, entry, headers, asked, received):
        with self.lock:
            entry.refresh(headers, asked, received)
            if "no-store" in entry.control or "private" in entry.control:
                self._drop(entry)

    def _drop(self, entry):
        found = self.order.pop(id(entry), None)
        if found:
            url, _, size = found
            self.used -= size
            self.urls[url].remove(entry)
            if not self.urls[url]:
                del self.urls[url]

    def forget(self, url):
        with self.lock:
            for entry in list(self.urls.get(url, [])):
                self._drop(entry)


def storable(request, response):
    if request.method != "GET" or response.status != 200:
        return False
    control = directives(response.headers)
    if "no-store" in control or "private" in control or "no-store" in directives(request.headers):
        return False
    if values(request.headers, "authorization") and not ("public" in control or "s-maxage" in control):
        return False
    if "*" in tokens(response.headers, "vary") or values(request.headers, "range"):
        return False
    entry = Entry(request, response, 0, 0)
    if entry.lifetime is None and "no-cache" not in control:
        return False
    return bool(entry.lifetime) or bool(entry.validators())


# ---------------------------------------------------------------------------------------------- urls


class Target:
    """Where an absolute http URL leads."""

    def __init__(self, url):
        match = re.fullmatch(r"http://([^/?#]*)([^#]*)(#.*)?", url, re.I | re.S)
        if not match:
            raise ProxyError(400, "The request needs an absolute http:// URL.")
        authority = match[1].rpartition("@")[2]
        self.host, self.port = split_authority(authority, 80)
        rest = match[2]
        self.path = rest if rest.startswith("/") else "/" + rest
        shown = f"[{self.host}]" if ":" in self.host else self.host
        self.authority = shown if self.port == 80 else f"{shown}:{self.port}"
        self.key = f"http://{self.authority.lower()}{self.path}"


def split_authority(text, default):
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:@/\\\s]+)(?::([0-9]{0,5}))?", text, re.A)
    if not match:
        raise ProxyError(400, "There is no host in this.")
    port = int(match[2]) if match[2] else default
    if port is None or not 0 < port < 65536:
        raise ProxyError(400, "There is no such port.")
    return match[1].strip("[]"), port


def redact(text):
    return re.sub(r"(?<=//)[^/?#\s@]*(?:@[^/?#\s@]*)*@", "", text)


# ---------------------------------------------------------------------------------------------- reading


class Wire:
    """A socket read by lines and counts, bytes that were read too far stay in the buffer."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = bytearray()
        self.ended = False

    def fill(self):
        if self.ended:
            return False
        piece = self.sock.recv(1 << 16)
        if not piece:
            self.ended = True
        self.buffer += piece
        return bool(piece)

    def line(self, limit=MAX_LINE):
        start = 0
        while (at := self.buffer.find(b"\n", start)) < 0:
            start = len(self.buffer)
            if start > limit:
                raise ProxyError(400, "A line is too long.", close=True)
            if not self.fill():
                raise ProxyError(400, "The request ends too early.", close=True)
        line = bytes(self.buffer[:at])
        del self.buffer[: at + 1]
        return line[:-1] if line.endswith(b"\r") else line

    def exactly(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                raise ProxyError(400, "The body ends too early.", close=True)
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data


class Upstream(http.client.HTTPConnection):
    def _encode_request(self, request):
        return request.encode("latin-1")


class Visit(threading.Thread):
    """One connection of a client."""

    def __init__(self, proxy, sock, address):
        super().__init__(daemon=True)
        self.proxy, self.sock, self.address = proxy, sock, address
        self.wire = Wire(sock)

    def run(self):
        try:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self.one_request():
                pass
            self.linger()
        except OSError:
            pass
        except Exception:
            traceback.print_exc()
        finally:
            self.sock.close()
            self.proxy.visits.discard(self)

    def linger(self):
        """Closing with unread bytes would reset the connection and could take the answer with it."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)
            self.sock.settimeout(1)
            for _ in range(64):
                if not self.sock.recv(1 << 16):
                    break

    # -- one request

    def one_request(self):
        while not self.wire.buffer or self.wire.buffer.startswith((b"\r\n", b"\n")) or self.wire.buffer == b"\r":
            if self.wire.buffer.startswith(b"\r\n"):
                del self.wire.buffer[:2]
            elif self.wire.buffer.startswith(b"\n"):
                del self.wire.buffer[:1]
            elif not self.wire.fill():
                return False
        self.record = Record(self.address)
        self.head_only = False
        try:
            return self.serve()
        except ProxyError as error:
            text = (error.text + "\n").encode()
            headers = [("Content-Type", "text/plain; charset=utf-8"), *error.headers]
            return self.reply(Response(error.status, "", headers, text), error.close)
        finally:
            self.proxy.log(self.record)

    def serve(self):
        line = self.wire.line()
        match = REQUEST_LINE.fullmatch(line)
        if not match:
            raise ProxyError(400, "This is not HTTP.", close=True)
        method, url = match[1].decode(), match[2].decode("latin-1")
        minor = int(match[3])
        self.record.method, self.record.url = method, url
        self.head_only = method == "HEAD"
        headers = self.read_headers()
        self.record.request_headers = headers
        hosts = values(headers, "host")
        if len(hosts) > 1 or (minor and not hosts):
            raise ProxyError(400, "One Host, please.", close=True)
        if method == "CONNECT":
            return self.connect(url, headers)
        body = self.read_body(headers, minor)
        self.record.request_bytes = len(body)
        wishes = {token.lower() for token in tokens(headers, "connection")}
        close = "close" in wishes or (minor == 0 and "keep-alive" not in wishes)
        try:
            target = Target(url)
            self.check_access(target.host, headers)
            response = self.proxy.handle(Request(method, url, end_to_end(headers), body), self.record)
        except ProxyError as error:
            error.close = error.close or close
            raise
        return self.reply(response, close)

    def read_headers(self):
        headers = []
        total = 0
        while line := self.wire.line():
            total += len(line)
            if total > MAX_HEAD:
                raise ProxyError(400, "Too many headers.", close=True)
            match = HEADER_LINE.fullmatch(line)
            if not match or re.search(rb"[\r\n\x00]", match[2]):
                raise ProxyError(400, "A header is malformed.", close=True)
            headers.append((match[1].decode(), match[2].decode("latin-1")))
        return headers

    def read_body(self, headers, minor):
        codings = [token.lower() for token in tokens(headers, "transfer-encoding")]
        lengths = values(headers, "content-length")
        if values(headers, "transfer-encoding"):
            if lengths or not minor or codings != ["chunked"]:
                raise ProxyError(400, "Its length cannot be told.", close=True)
            return self.read_chunks()
        if lengths:
            if len(set(lengths)) > 1 or not re.fullmatch("[0-9]{1,18}", lengths[0], re.A):
                raise ProxyError(400, "Content-Length is malformed.", close=True)
            return self.wire.exactly(int(lengths[0]))
        return b""

    def read_chunks(self):
        body = bytearray()
        while True:
            match = CHUNK_LINE.fullmatch(self.wire.line())
            if not match:
                raise ProxyError(400, "A chunk's size is malformed.", close=True)
            size = int(match[1], 16)
            if not size:
                self.read_headers()
                return bytes(body)
            body += self.wire.exactly(size)
            if self.wire.exactly(2) != b"\r\n":
                raise ProxyError(400, "A chunk is longer than its size.", close=True)

    def check_access(self, host, headers):
        proxy = self.proxy
        if proxy.credentials is not None:
            sent = values(headers, "proxy-authorization")
            scheme, _, rest = sent[0].partition(" ") if sent else ("", "", "")
            want = base64.b64encode(":".join(proxy.credentials).encode())
            if scheme.lower() != "basic" or not hmac.compare_digest(rest.strip().encode("latin-1"), want):
                headers = [("Proxy-Authenticate", 'Basic realm="proxy", charset="UTF-8"')]
                raise ProxyError(407, "Who are you?", headers=headers)
        proxy.check_host(host)

    def reply(self, response, close):
        status = int(response.status)
        headers = without(end_to_end(response.headers), *HOP)
        if self.head_only or status in NO_BODY:
            body = b""
            if status == 204:
                headers = without(headers, "content-length")
            elif response.body:
                headers = without(headers, "content-length") + [("Content-Length", str(len(response.body)))]
        else:
            body = response.body
            headers = without(headers, "content-length") + [("Content-Length", str(len(body)))]
        if close:
            headers.append(("Connection", "close"))
        reason = response.reason or http.client.responses.get(status, "")
        head = f"HTTP/1.1 {status} {reason}\r\n" + "".join(f"{key}: {value}\r\n" for key, value in headers) + "\r\n"
        self.record.status, self.record.response_headers, self.record.response_bytes = status, headers, len(body)
        self.sock.sendall(head.encode("latin-1", "replace") + body)
        return not close

    # -- tunnels

    def connect(self, authority, headers):
        self.record.cache = None
        try:
            host, port = split_authority(authority, None)
            self.check_access(host, headers)
            try:
                other = socket.create_connection((host, port), self.proxy.timeout)
            except TimeoutError:
                raise ProxyError(504, "The other end does not answer.") from None
            except OSError:
                raise ProxyError(502, "The other end cannot be reached.") from None
        except ProxyError as error:
            error.close = True
            raise
        with other:
            other.settimeout(None)
            other.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.record.status, self.record.response_headers = 200, []
            self.sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            first = bytes(self.wire.buffer)
            upward = threading.Thread(target=self.pump, args=(self.sock, other, first, "request_bytes"), daemon=True)
            upward.start()
            self.pump(other, self.sock, b"", "response_bytes")
            upward.join()
        return False

    def pump(self, source, sink, first, counter):
        try:
            piece = first or source.recv(1 << 16)
            while piece:
                sink.sendall(piece)
                setattr(self.record, counter, getattr(self.record, counter) + len(piece))
                piece = source.recv(1 << 16)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            for sock in (source, sink):
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


class Record:
    """What the log will say of a request."""

    def __init__(self, address):
        self.began = time.monotonic()
        self.time = datetime.now(timezone.utc).isoformat()
        self.client = address[0]
        self.method = self.url = self.status = None
        self.request_headers, self.response_headers = [], []
        self.request_bytes = self.response_bytes = 0
        self.cache = "BYPASS"

    def as_dict(self):
        def clean(headers):
            return [
                [key, "(hidden)" if key.lower() in ("authorization", "proxy-authorization") else redact(value)]
                for key, value in headers
            ]

        return {
            "time": self.time,
            "client": self.client,
            "method": self.method,
            "url": redact(self.url) if self.url else None,
            "status": self.status,
            "request_headers": clean(self.request_headers),
            "response_headers": clean(self.response_headers),
            "request_bytes": self.request_bytes,
            "response_bytes": self.response_bytes,
            "duration_ms": round((time.monotonic() - self.began) * 1000, 3),
            "cache": self.cache,
        }


# ---------------------------------------------------------------------------------------------- the proxy


class ProxyServer:
    def __init__(
        self,
        host="127.0.0.1",
        port=8080,
        *,
        request_filter=None,
        response_filter=None,
        credentials=None,
        blocked_hosts=(),
        cache_bytes=16 * 2**20,
        timeout=30,
        log_path=None,
    ):
        self.host, self.port = host, port
        self.request_filter, self.response_filter = request_filter, response_filter
        self.credentials = credentials
        self.blocked = [blocked.lower().strip("[].") for blocked in blocked_hosts]
        self.cache = Cache(cache_bytes)
        self.timeout = timeout
        self.log_path = log_path
        self.log_lock = threading.Lock()
        self.visits = set()

    def start(self):
        try:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            listener = socket.create_server((self.host, self.port), family=family, backlog=256)
        except (OSError, OverflowError, UnicodeError, TypeError, ValueError) as error:
            print(f"Cannot listen at {self.host}:{self.port}: {error}", file=sys.stderr, flush=True)
            return
        with listener:
            try:
                while True:
                    try:
                        sock, address = listener.accept()
                    except OSError:
                        time.sleep(0.05)
                        continue
                    visit = Visit(self, sock, address)
                    self.visits.add(visit)
                    visit.start()
            except KeyboardInterrupt:
                pass

    def check_host(self, host):
        host = host.lower().rstrip(".")
        if any(host == blocked or host.endswith("." + blocked) for blocked in self.blocked):
            raise ProxyError(403, "This host is blocked.")

    def log(self, record):
        if self.log_path is None:
            return
        line = json.dumps(record.as_dict()) + "\n"
        with self.log_lock:
            try:
                with open(self.log_path, "a", encoding="utf-8") as file:
                    file.write(line)
            except OSError as error:
                print(f"log: {error}", file=sys.stderr)

    def handle(self, request, record):
        if self.request_filter:
            request.headers = list(request.headers)
            try:
                decided = self.request_filter(request)
            except Exception as error:
                raise ProxyError(502, f"The request filter failed: {type(error).__name__}.") from error
            if isinstance(decided, Response):
                return decided
            if not isinstance(decided, Request):
                raise ProxyError(502, "The request filter gave neither a Request nor a Response.")
            request = decided
        target = Target(request.url)
        self.check_host(target.host)
        response, hit = self.answer(request, target)
        if self.response_filter:
            response = Response(response.status, response.reason, list(response.headers), response.body)
            try:
                response = self.response_filter(copy.copy(request), response)
            except Exception as error:
                raise ProxyError(502, f"The response filter failed: {type(error).__name__}.") from error
            if not isinstance(response, Response):
                raise ProxyError(502, "The response filter gave no Response.")
        record.cache = hit
        headers = without(response.headers, "x-cache") + [("X-Cache", hit)]
        return Response(response.status, response.reason, headers, response.body)

    def answer(self, request, target):
        wishes = directives(request.headers)
        if not values(request.headers, "cache-control"):
            if "no-cache" in [token.lower() for token in tokens(request.headers, "pragma")]:
                wishes["no-cache"] = None
        conditional = any(
            key.lower() in ("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range")
            for key, _ in request.headers
        )
        entry = None
        if request.method == "GET" and not conditional and "no-store" not in wishes:
            entry = self.cache.find(target.key, request)
            if entry:
                if entry.usable(wishes):
                    return entry.response(), "HIT"
                if not entry.validators():
                    entry = None
        extra = entry.validators() if entry else []
        asked = time.time()
        response = self.fetch(request, target, extra)
        received = time.time()
        if entry and response.status == 304:
            self.cache.refreshed(entry, response.headers, asked, received)
            return entry.response(), "HIT"
        if request.method not in SAFE and 200 <= response.status < 400:
            self.cache.forget(target.key)
        elif storable(request, response):
            self.cache.put(target.key, request, Entry(request, response, asked, received))
        return response, "MISS"

    def fetch(self, request, target, extra):
        connection = Upstream(target.host, target.port, timeout=self.timeout)
        try:
            try:
                connection.connect()
            except TimeoutError:
                raise ProxyError(504, "The origin does not answer.") from None
            except OSError:
                raise ProxyError(502, "The origin cannot be reached.") from None
            try:
                connection.putrequest(request.method, target.path, skip_host=True, skip_accept_encoding=True)
                connection.putheader("Host", target.authority)
                sent_length = bool(values(request.headers, "content-length"))
                for key, value in without(end_to_end(request.headers), "host", "content-length"):
                    connection.putheader(key, value.encode("latin-1"))
                for key, value in extra:
                    connection.putheader(key, value.encode("latin-1"))
                if request.body or sent_length or request.method in ("POST", "PUT", "PATCH"):
                    connection.putheader("Content-Length", str(len(request.body)))
                connection.putheader("Via", f"1.1 {PSEUDONYM}")
                connection.endheaders()
            except (ValueError, http.client.InvalidURL) as error:
                raise ProxyError(400, f"This cannot be sent: {error}") from None
            try:
                if request.body:
                    connection.send(request.body)
            except TimeoutError:
                raise
            except OSError:
                pass  # it may have answered before it hung up
            return self.receive(connection)
        except TimeoutError:
            raise ProxyError(504, "The origin does not answer.") from None
        except (OSError, http.client.HTTPException) as error:
            raise ProxyError(502, f"The origin's answer is no good: {type(error).__name__}") from None
        finally:
            connection.close()

    def receive(self, connection):
        answer = connection.getresponse()
        headers = [(key, re.sub(r"[\r\n\x00]+[ \t]*", " ", value).strip(" \t")) for key, value in answer.msg.items()]
        if not values(headers, "transfer-encoding"):
            lengths = {part for value in values(headers, "content-length") for part in re.split(r"[ \t]*,[ \t]*", value)}
            if len(lengths) > 1 or any(not re.fullmatch("[0-9]+", length, re.A) for length in lengths):
                raise http.client.HTTPException("Content-Length")
        body = answer.read()
        version = "1.0" if answer.version == 10 else "1.1"
        headers = without(end_to_end(headers), *HOP) + [("Via", f"{version} {PSEUDONYM}")]
        return Response(answer.status, answer.reason, headers, body)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    print(f"Proxy at http://{options.host}:{options.port}")
    ProxyServer(options.host, options.port).start()


if __name__ == "__main__":
    main()
