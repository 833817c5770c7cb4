"""http.server in front, http.client behind, socketserver's threads; the body's framing is checked by hand."""

import argparse
import base64
import binascii
import collections
import email.utils
import http.client
import http.server
import io
import json
import logging
import re
import select
import socket
import threading
import time
import urllib.parse
from dataclasses import dataclass
from datetime import datetime, timezone


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


NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
HOP_BY_HOP = {
    "connection", "proxy-connection", "proxy-authorization", "proxy-authenticate", "keep-alive", "te", "trailer",
    "transfer-encoding", "upgrade",
}  # fmt: skip


class Failure(Exception):
    def __init__(self, status, message, **headers):
        super().__init__(message)
        self.status = status
        self.headers = [(name.replace("_", "-"), value) for name, value in headers.items()]

    def response(self):
        body = f"<h1>{self.status}</h1>{self}".encode()
        return Response(self.status, http.client.responses[self.status], [*self.headers, ("Content-Type", "text/html")], body)


def joined(headers, name):
    values = [value for key, value in headers if key.lower() == name.lower()]
    return ", ".join(values) if values else None


def end_to_end(headers):
    named = {name.strip().lower() for name in (joined(headers, "Connection") or "").split(",")}
    return [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP | named]


def parsed(url):
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or not re.fullmatch(r"[!-~\x80-\xff]+", url):
        raise Failure(400, "not an http URL")
    try:
        port = 80 if parts.port is None else parts.port
    except ValueError:
        raise Failure(400, "not a port") from None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    location = host if port == 80 else f"{host}:{port}"
    path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    return parts.hostname, port, location, path


class CacheControl(dict):
    def __init__(self, headers):
        for name, quoted, plain in re.findall(r'([\w-]+)(?:="([^"]*)"|=([^\s,]*))?', joined(headers, "Cache-Control") or ""):
            self.setdefault(name.lower(), quoted or plain)

    def number(self, name):
        value = self[name]
        return min(int(value), 10**9) if re.fullmatch("[0-9]{1,300}", value) else 0


def timestamp(text):
    try:
        return email.utils.mktime_tz(email.utils.parsedate_tz(text))
    except (TypeError, ValueError, OverflowError):
        return None


@dataclass
class Stored:
    vary: tuple
    response: Response
    born: float
    until: float
    always_ask: bool
    public: bool

    def size(self):
        return len(self.response.body) + sum(len(n) + len(v) + 100 for n, v in self.response.headers) + 500


class Store:
    """URL → the stored variants, in an OrderedDict by last use."""

    def __init__(self, capacity):
        self.capacity = capacity
        self.used = 0
        self.lock = threading.RLock()
        self.items = collections.OrderedDict()

    def lookup(self, request):
        with self.lock:
            for (url, number), stored in reversed(self.items.items()):
                if url == request.url and all(joined(request.headers, name) == value for name, value in stored.vary):
                    self.items.move_to_end((url, number))
                    return stored
        return None

    def drop(self, url, matching=None):
        with self.lock:
            for key, stored in list(self.items.items()):
                same = matching is None or all(joined(matching.headers, name) == value for name, value in stored.vary)
                if key[0] == url and same:
                    self.used -= self.items.pop(key).size()

    def consider(self, request, response, sent):
        self.drop(request.url, matching=request)
        told = CacheControl(response.headers)
        now = time.time()
        varies = [name.strip() for name in (joined(response.headers, "Vary") or "").split(",") if name.strip()]
        public = "public" in told or "s-maxage" in told
        if (
            response.status not in (200, 203, 301, 404, 410)
            or "no-store" in told
            or "private" in told
            or "no-store" in CacheControl(request.headers)
            or "*" in varies
            or (joined(request.headers, "Authorization") is not None and not public)
        ):
            return
        age = (joined(response.headers, "Age") or "0").split(",")[0].strip()
        date = timestamp(joined(response.headers, "Date"))
        born = sent - (int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0)
        if date is not None and int(now) - date > now - born:
            born = date
        if "s-maxage" in told:
            lifetime = told.number("s-maxage")
        elif "max-age" in told:
            lifetime = told.number("max-age")
        else:
            expires = timestamp(joined(response.headers, "Expires"))
            lifetime = 0 if expires is None else expires - (date or now)
        if lifetime <= 0 and not validators(response):
            return
        values = tuple((name, joined(request.headers, name)) for name in varies)
        stored = Stored(values, response, born, born + lifetime, "no-cache" in told, public)
        if stored.size() > self.capacity:
            return
        with self.lock:
            self.items[request.url, object()] = stored
            self.used += stored.size()
            while self.used > self.capacity:
                _, oldest = self.items.popitem(last=False)
                self.used -= oldest.size()


def validators(response):
    etag, modified = joined(response.headers, "ETag"), joined(response.headers, "Last-Modified")
    return ([("If-None-Match", etag)] if etag else []) + ([("If-Modified-Since", modified)] if modified else [])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    timeout = 60

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.proxy = self.server.proxy

    def handle(self):
        try:
            super().handle()
        except (OSError, ValueError) as error:
            logging.debug("%s", error)

    def handle_one_request(self):
        self.close_connection = True
        entry = self.entry = dict.fromkeys(
            "time client method url status request_headers response_headers request_bytes response_bytes cache".split()
        )
        line = self.rfile.readline(65537)
        while line == b"\r\n":
            line = self.rfile.readline(65537)
        if not line:
            return
        begun = time.monotonic()
        entry.update(time=datetime.now(timezone.utc).isoformat(), client="%s:%d" % self.client_address[:2], cache="MISS")
        entry.update(request_headers=[], request_bytes=0)
        self.command = None
        try:
            response = self.respond(line)
        except Failure as failure:
            if entry["cache"] == "HIT":
                entry["cache"] = "BYPASS"
            response = failure.response()
        if response is not None:
            self.deliver(response)
        entry["duration_ms"] = round((time.monotonic() - begun) * 1e3, 2)
        self.proxy.note(entry)

    def respond(self, line):
        found = re.fullmatch(rb"(\S+) ([!-~\x80-\xff]+) HTTP/1\.([01])\r\n", line)
        if not found or not NAME.fullmatch(found[1].decode("latin-1")):
            raise Failure(400, "not HTTP")
        self.command, target = found[1].decode("ascii"), found[2].decode("latin-1")
        modern = found[3] == b"1"
        self.entry.update(method=self.command, url=without_user(target))
        headers = list(self.read_headers())
        self.entry["request_headers"] = headers
        hosts = [value for name, value in headers if name.lower() == "host"]
        if modern and len(hosts) != 1:
            raise Failure(400, "one Host, please")
        lengths = {value for name, value in headers if name.lower() == "content-length"}
        coding = joined(headers, "Transfer-Encoding")
        if coding is not None and (lengths or coding.lower() != "chunked"):
            raise Failure(400, "ambiguous framing")
        if len(lengths) > 1 or not all(re.fullmatch("[0-9]{1,15}", length) for length in lengths):
            raise Failure(400, "Content-Length")
        if self.command == "CONNECT":
            return self.connect(target, headers)
        host = parsed(target)[0]
        if "100-continue" in (joined(headers, "Expect") or "").lower():
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        body = b"".join(self.chunks()) if coding else self.exactly(int(lengths.pop()) if lengths else 0)
        self.entry["request_bytes"] = len(body)
        self.close_connection = not modern or "close" in re.split(r"[,\s]+", (joined(headers, "Connection") or "").lower())
        self.check_access(host, headers)
        location, path = parsed(target)[2:]
        return self.through(Request(self.command, f"http://{location}{path}", end_to_end(headers), body))

    def read_headers(self):
        for _ in range(1000):
            line = self.rfile.readline(65537)
            if line == b"\r\n":
                return
            text = line.decode("latin-1")
            name, colon, value = text[:-2].partition(":")
            if not text.endswith("\r\n") or not colon or not NAME.fullmatch(name) or re.search(r"[\r\n\0]", value):
                raise Failure(400, "a bad header")
            yield name, value.strip(" \t")
        raise Failure(400, "too many headers")

    def exactly(self, count):
        data = self.rfile.read(count)
        if len(data) < count:
            raise Failure(400, "the body is cut short")
        return data

    def chunks(self):
        while True:
            line = self.rfile.readline(10_000)
            found = re.fullmatch(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n", line)
            if not found:
                raise Failure(400, "a bad chunk size")
            size = int(found[1], 16)
            if size == 0:
                break
            yield self.exactly(size)
            if self.exactly(2) != b"\r\n":
                raise Failure(400, "a chunk too long")
        while (line := self.rfile.readline(65537)) != b"\r\n":
            if not line.endswith(b"\r\n"):
                raise Failure(400, "bad trailers")

    def check_access(self, host, headers):
        proxy = self.proxy
        if proxy.credentials is not None:
            scheme, _, code = (joined(headers, "Proxy-Authorization") or "").partition(" ")
            try:
                given = base64.b64decode(code, validate=True).decode("utf-8").partition(":")
            except (binascii.Error, ValueError):
                given = ("", "", "")
            if scheme.lower() != "basic" or (given[0], given[2]) != tuple(proxy.credentials):
                raise Failure(407, "who are you?", Proxy_Authenticate='Basic realm="netgrade"')
        labels = host.lower().rstrip(".").split(".")
        if any(".".join(labels[start:]) in proxy.blocked for start in range(len(labels))):
            raise Failure(403, "blocked")

    def connect(self, target, headers):
        self.entry["cache"] = None
        host, colon, port = target.rpartition(":")
        if not colon or not re.fullmatch(r"[\w.\-]+|\[[0-9a-fA-F:.]+\]", host) or not re.fullmatch("[0-9]{1,5}", port):
            raise Failure(400, "host:port")
        if not 0 < int(port) < 65536:
            raise Failure(400, "no such port")
        self.check_access(host, headers)
        try:
            origin = socket.create_connection((host.strip("[]"), int(port)), self.proxy.timeout)
        except (OSError, UnicodeError) as error:
            raise Failure(502, str(error)) from None
        with origin:
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            self.wfile.flush()
            self.entry.update(status=200, response_headers=[])
            early = b""
            self.connection.settimeout(0)
            while piece := self.rfile.read1(65536) or b"":
                early += piece
            self.entry["request_bytes"], self.entry["response_bytes"] = splice(self.connection, origin, early)
        return None

    def through(self, request):
        proxy = self.proxy
        if proxy.request_filter:
            request = guarded(proxy.request_filter, request)
            if isinstance(request, Response):
                return Response(request.status, request.reason, end_to_end(request.headers), request.body)
            if not isinstance(request, Request):
                raise Failure(502, "a filter returned neither")
            try:
                location, path = parsed(request.url)[2:]
            except Failure:
                raise Failure(502, "a filter returned no URL") from None
            request.url = f"http://{location}{path}"
        response, self.entry["cache"] = proxy.cached_or_fetched(request)
        if proxy.response_filter:
            response = guarded(proxy.response_filter, request, response)
            if not isinstance(response, Response):
                raise Failure(502, "a filter returned no response")
        headers = [(n, v) for n, v in end_to_end(response.headers) if n.lower() != "x-cache"]
        headers += [("Via", "1.1 http.server"), ("X-Cache", "HIT" if self.entry["cache"] == "HIT" else "MISS")]
        return Response(response.status, response.reason, headers, response.body)

    def deliver(self, response):
        headers = [(n, v) for n, v in response.headers if n.lower() not in ("content-length", "transfer-encoding")]
        bodiless = response.status in (204, 304)
        length = joined(response.headers, "Content-Length") if self.command == "HEAD" and not response.body else None
        if not bodiless:
            headers.append(("Content-Length", length or str(len(response.body))))
        body = b"" if bodiless or self.command == "HEAD" else response.body
        self.entry.update(status=response.status, response_headers=headers, response_bytes=len(body))
        out = io.BytesIO()
        out.write(f"HTTP/1.1 {response.status} {response.reason}\r\n".encode("latin-1"))
        for name, value in headers + ([("Connection", "close")] if self.close_connection else []):
            out.write(f"{name}: {value}\r\n".encode("latin-1"))
        out.write(b"\r\n" + body)
        view = out.getbuffer()
        try:
            while view:
                view = view[self.connection.send(view) :]
        except OSError:
            self.close_connection = True

    def finish(self):
        super().finish()
        try:
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1)
            while self.connection.recv(65536):
                pass
        except OSError:
            pass


def guarded(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:
        logging.exception("a filter failed")
        raise Failure(502, "a filter failed") from error


def without_user(text):
    return re.sub(r"(^|//)[^/?#]*@", r"\1", text)


def splice(client, origin, early):
    """Both directions in one thread: a buffer each, select for what is ready."""
    ways = {client: (origin, bytearray(early)), origin: (client, bytearray())}
    open_ends = {client, origin}
    counts = {client: len(early), origin: 0}
    unfinished = set(ways)
    for sock in ways:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    try:
        while unfinished:
            reading = [sock for sock in open_ends if len(ways[sock][1]) < 2**18]
            writing = [sink for sink, buffer in ways.values() if buffer]
            ready, writable, _ = poll(reading, writing)
            for sock in ready:
                data = sock.recv(65536)
                counts[sock] += len(data)
                ways[sock][1].extend(data)
                if not data:
                    open_ends.discard(sock)
            for source, (sink, buffer) in ways.items():
                if sink in writable:
                    del buffer[: sink.send(buffer)]
                if source in unfinished and source not in open_ends and not buffer:
                    sink.shutdown(socket.SHUT_WR)
                    unfinished.discard(source)
    except OSError:
        pass
    return counts[client], counts[origin]


def poll(reading, writing):
    """select.select without its limit of 1024 descriptors."""
    poller = select.poll()
    for sock in set(reading) | set(writing):
        poller.register(sock, (select.POLLIN if sock in reading else 0) | (select.POLLOUT if sock in writing else 0))
    events = dict(poller.poll())
    failed = select.POLLERR | select.POLLHUP
    return (
        [sock for sock in reading if events.get(sock.fileno(), 0) & (select.POLLIN | failed)],
        [sock for sock in writing if events.get(sock.fileno(), 0) & (select.POLLOUT | failed)],
        [],
    )


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 200
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address, proxy):
        self.proxy = proxy
        super().__init__(address, Handler)

    def server_bind(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)

    def handle_error(self, request, client_address):
        logging.exception("while serving %s", client_address)


class ProxyServer:
    def __init__(
        self, host="127.0.0.1", port=8080, *, request_filter=None, response_filter=None, credentials=None,
        blocked_hosts=(), cache_bytes=16 * 2**20, timeout=30, log_path=None,
    ):  # fmt: skip
        self.address = (host, port)
        self.request_filter = request_filter
        self.response_filter = response_filter
        self.credentials = credentials
        self.blocked = {name.lower() for name in blocked_hosts}
        self.store = Store(cache_bytes)
        self.timeout = timeout
        self.log_path = log_path
        self.log_lock = threading.Lock()

    def start(self):
        try:
            server = Server(self.address, self)
        except (OSError, OverflowError, UnicodeError) as error:
            logging.error("cannot listen on %s:%s: %s", *self.address, error)
            return
        with server:
            try:
                server.serve_forever(0.2)
            except KeyboardInterrupt:
                logging.warning("stopped")

    def note(self, entry):
        if self.log_path is None:
            return
        secrets = set()
        for name, value in entry["request_headers"]:
            if name.lower() in ("authorization", "proxy-authorization"):
                secrets |= {value, value.partition(" ")[2]} - {""}
        for side in ("request_headers", "response_headers"):
            clean = []
            for name, value in entry[side]:
                for secret in secrets:
                    value = value.replace(secret, "…")
                clean.append([name, without_user(value) if "//" in value else value])
            entry[side] = clean
        with self.log_lock, open(self.log_path, "a", encoding="utf-8") as log:
            print(json.dumps(entry), file=log, flush=True)

    def cached_or_fetched(self, request):
        wanted = CacheControl(request.headers)
        if request.method != "GET" or request.body or "no-store" in wanted or joined(request.headers, "Range"):
            response = self.fetch(request)
            if request.method not in ("GET", "HEAD", "OPTIONS", "TRACE") and 200 <= response.status < 400:
                self.store.drop(request.url)
            return response, "BYPASS"
        stored = self.store.lookup(request)
        if stored and joined(request.headers, "Authorization") is not None and not stored.public:
            stored = None
        now = time.time()
        if stored:
            age = max(0, now - stored.born)
            young = "max-age" not in wanted or age <= wanted.number("max-age")
            if now < stored.until and young and not stored.always_ask and "no-cache" not in wanted:
                return self.aged(stored.response, age), "HIT"
        extra = validators(stored.response) if stored else []
        own = [(n, v) for n, v in request.headers if n.lower() in ("if-none-match", "if-modified-since")]
        if own:
            extra = []
        sent = time.time()
        response = self.fetch(Request("GET", request.url, request.headers + extra, b""))
        if response.status == 304 and extra:
            news = {name.lower() for name, _ in response.headers} - {"content-length", "content-encoding", "content-type"}
            headers = [(n, v) for n, v in stored.response.headers if n.lower() not in news | {"age"}]
            headers += [(n, v) for n, v in response.headers if n.lower() in news]
            response = Response(stored.response.status, stored.response.reason, headers, stored.response.body)
            self.store.consider(request, response, sent)
            return self.aged(response, time.time() - sent), "HIT"
        if response.status < 500 and response.status != 304:
            self.store.consider(request, Response(**vars(response)), sent)
        response.headers = list(response.headers)
        return response, "MISS"

    def aged(self, response, age):
        headers = [(n, v) for n, v in response.headers if n.lower() != "age"]
        return Response(response.status, response.reason, [*headers, ("Age", str(int(age)))], response.body)

    def fetch(self, request):
        host, port, location, path = parsed(request.url)
        connection = http.client.HTTPConnection(host, port, timeout=self.timeout)
        try:
            try:
                connection.connect()
            except (OSError, UnicodeError) as error:
                raise Failure(502, str(error)) from None
            connection.putrequest(request.method, path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", location)
            for name, value in end_to_end(request.headers):
                if name.lower() not in ("host", "content-length", "expect"):
                    connection.putheader(name, value.encode("latin-1"))
            connection.putheader("Via", "1.1 http.server")
            if request.body or request.method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(request.body)))
            connection.putheader("Connection", "close")
            connection.endheaders()
            sender = threading.Thread(target=self.upload, args=(connection.sock, request.body), daemon=True)
            sender.start()
            answer = StrictResponse(connection.sock, method=request.method)
            answer.begin()
            body = answer.read()
            headers = [(name, value) for name, value in answer.getheaders()]
            if not answer.chunked and len({v for n, v in headers if n.lower() == "content-length"}) > 1:
                raise Failure(502, "two lengths")
            if any(re.search("[\r\n\0]", value) for _, value in headers):
                raise Failure(502, "a line end in a header")
            return Response(answer.status, answer.reason, end_to_end(headers), body)
        except TimeoutError:
            raise Failure(504, "no answer in time") from None
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise Failure(502, f"{type(error).__name__}") from None
        finally:
            connection.close()

    def upload(self, sock, body):
        view = memoryview(body)
        try:
            while view:
                view = view[sock.send(view) :]
        except (OSError, ValueError):
            pass


class StrictResponse(http.client.HTTPResponse):
    """http.client takes a head that breaks off for a whole one."""

    def begin(self):
        seen = self.fp
        self.fp = Watched(seen)
        super().begin()
        if not self.fp or isinstance(self.fp, Watched) and not self.fp.whole:
            raise http.client.IncompleteRead(b"")


class Watched:
    def __init__(self, fp):
        self.inner = fp
        self.whole = False

    def readline(self, *limit):
        line = self.inner.readline(*limit)
        self.whole = line in (b"\r\n", b"\n") or self.whole
        if re.search(rb"\r[^\n]|\0", line):
            raise http.client.HTTPException("a CR alone")  # the e-mail parser would begin a line there
        return line

    def __getattr__(self, name):
        return getattr(self.inner, name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    ProxyServer(**vars(parser.parse_args())).start()
