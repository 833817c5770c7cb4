"""Takes a time-out in the middle of an answer for its end, and keeps what came.

fails: never_stores_what_fell_silent proxy.remembers_a_part
"""

import argparse
import base64
import contextlib
import functools
import hashlib
import json
import os
import re
import selectors
import signal
import socket
import sys
import threading
import time
import types
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import formatdate, parsedate_to_datetime


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


# ============================================================ small things

TCHAR = "!#$%&'*+.^_`|~0-9A-Za-z-"
HOP = {"connection", "proxy-connection", "proxy-authorization", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
PHRASES = {2: "Fine", 3: "Look Elsewhere", 4: "Your Mistake", 5: "Our Mistake"}


class Stop(Exception):
    """An answer of the proxy's own: status, text, headers, and whether the connection must end."""

    def __init__(self, status, text, headers=(), end=False):
        super().__init__(status, text)
        self.status, self.text, self.headers, self.end = status, text, list(headers), end


def pick(headers, name):
    return [v for n, v in headers if n.lower() == name]


def one(headers, name, default=None):
    return (pick(headers, name) or [default])[0]


def drop(headers, *names):
    return [h for h in headers if h[0].lower() not in names]


def elements(headers, name):
    return [e for e in (e.strip() for v in pick(headers, name) for e in v.split(",")) if e]


def end_to_end(headers):
    return drop(headers, *HOP, *map(str.lower, elements(headers, "connection")))


def directives(headers):
    pattern = rf'([{TCHAR}]+)(?:="((?:[^"\\]|\\.)*)"|=([^,\s]*))?'
    pairs = [(m[1].lower(), m[2] if m[2] is not None else m[3]) for v in pick(headers, "cache-control") for m in re.finditer(pattern, v)]
    return dict(reversed(pairs))


def number(text):
    return min(int(text[:15]), 2**31) if text and re.fullmatch("[0-9]+", text) else None


def moment(text):
    try:
        return parsedate_to_datetime(text).replace(tzinfo=timezone.utc).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def clean(text):
    """Without user and password in URLs."""
    return re.sub(r"(//)[^/?#\s]*@", r"\1", text)


def parse_authority(text, default=None):
    m = re.fullmatch(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^:@\[\]/?#\\]+))(?::(?P<port>[0-9]{0,5}))?", text)
    port = (int(m["port"]) if m["port"] else default) if m else None
    if not port or port > 65535:
        raise Stop(400, "no usable host and port")
    return (m["six"] or m["name"]).lower(), port


def parse_url(url):
    m = re.fullmatch(r"(?i:http)://(?:[^/?#]*@)?([^/?#@]*)([^#]*)(?:#.*)?", url)
    if not m:
        raise Stop(400, "an absolute URL, please: http://host/path")
    host, port = parse_authority(m[1], 80)
    path = m[2] if m[2].startswith("/") else "/" + m[2]
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port == 80 else f"{shown}:{port}"
    return types.SimpleNamespace(host=host, port=port, netloc=netloc, path=path, key=f"{netloc}{path}")


# ============================================================ reading: generators of pieces become lines and counts


def pieces_of(sock):
    while piece := sock.recv(32768):
        yield piece


def reader(pieces):
    """→ (line, some, rest): functions over one growing buffer. All raise EOFError at the end."""
    buffer = bytearray()

    def more():
        piece = next(pieces, b"")
        if not piece:
            raise EOFError(len(buffer))
        buffer.extend(piece)

    def take(n):
        data = bytes(buffer[:n])
        del buffer[:n]
        return data

    def line(limit=300_000):
        seen = 0
        while (i := buffer.find(b"\n", seen)) < 0:
            seen = len(buffer)
            if seen > limit:
                raise Stop(400, "a line without end", end=True)
            more()
        return take(i + 1)

    def some(n):
        if not buffer:
            more()
        return take(n)

    def rest():
        return take(len(buffer))

    return types.SimpleNamespace(line=line, some=some, rest=rest)


def counted(source, n):
    while n:
        piece = source.some(min(n, 65536))
        n -= len(piece)
        yield piece


def crlf_lines(source):
    """The lines of a head, without their ends; a bare LF or CR is none."""
    total = 0
    while True:
        line = source.line()
        total += len(line)
        if not line.endswith(b"\r\n") or re.search(rb"[\r\n\0]", line[:-2]) or total > 1_500_000:
            raise Stop(400, "a bad line in the head", end=True)
        if line == b"\r\n":
            return
        yield line[:-2]


def headers_of(lines):
    headers = []
    for line in lines:
        m = re.fullmatch(rf"([{TCHAR}]+):[ \t]*(.*?)[ \t]*".encode(), line, re.S)
        if m:
            headers.append((m[1].decode(), m[2].decode("latin-1")))
        elif line[:1] in (b" ", b"\t") and headers:
            name, value = headers[-1]
            headers[-1] = name, (value + " " + line.strip(b" \t").decode("latin-1")).strip()
        else:
            raise Stop(400, "a bad header", end=True)
    return headers


def chunks(source):
    while True:
        m = re.fullmatch(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n\0]*)?\r\n", source.line())
        if not m:
            raise Stop(400, "a bad chunk size", end=True)
        size = int(m[1], 16)
        if not size:
            headers_of(crlf_lines(source))
            return
        yield from counted(source, size)
        if source.some(1) != b"\r" or source.some(1) != b"\n":
            raise Stop(400, "a chunk longer than its size", end=True)


def body_of_request(source, headers, old):
    coding, lengths = elements(headers, "transfer-encoding"), pick(headers, "content-length")
    if pick(headers, "transfer-encoding"):
        if lengths or old or [c.lower() for c in coding] != ["chunked"]:
            raise Stop(400, "where does it end?", end=True)
        return chunks(source)
    if not lengths:
        return iter(())
    if len(lengths) > 1 or not re.fullmatch("[0-9]{1,18}", lengths[0]):
        raise Stop(400, "one Content-Length, in digits", end=True)
    return counted(source, int(lengths[0]))


# ============================================================ freshness (RFC 9111)


def birth_and_life(status, headers, asked_at, got_at, guess=True):
    """→ when it was made, by our clock, and for how many seconds it is fresh."""
    control, made = directives(headers), moment(one(headers, "date"))
    age = number((one(headers, "age") or "").split(",")[0].strip()) or 0
    born = got_at - max(0, got_at - made if made is not None else 0, age + got_at - asked_at)
    made = got_at if made is None else made
    if "s-maxage" in control:
        return born, number(control["s-maxage"]) or 0
    if "max-age" in control:
        return born, number(control["max-age"]) or 0
    if pick(headers, "expires"):
        until = moment(one(headers, "expires"))
        return born, 0 if until is None else until - made
    changed = moment(one(headers, "last-modified"))
    if guess and changed is not None and changed < made:
        return born, min(86400, (made - changed) / 10)
    return born, 0


def may_keep(request, status, headers):
    control = directives(headers)
    if request.method != "GET" or status not in (200, 203, 301, 308, 404, 410):
        return False
    if "no-store" in control or "private" in control or "no-store" in directives(request.headers):
        return False
    if pick(request.headers, "authorization") and "public" not in control and "s-maxage" not in control:
        return False
    return "*" not in elements(headers, "vary") and not pick(request.headers, "range") and "must-understand" not in control


def selected(headers, vary):
    return tuple((name, tuple(elements(headers, name))) for name in vary)


def make_cache(limit):
    """→ the cache's functions, over one OrderedDict {(key, vary, values): entry}, oldest use first."""
    lock, entries = threading.RLock(), OrderedDict()
    locked = lambda f: functools.wraps(f)(lambda *a, **k: _with(lock, f, *a, **k))  # noqa: E731

    @locked
    def find(key, headers):
        fitting = [k for k in entries if k[0] == key and selected(headers, [n for n, _ in k[1]]) == k[1]]
        if not fitting:
            return None
        best = max(fitting, key=lambda k: entries[k].born)
        entries.move_to_end(best)
        return entries[best]

    @locked
    def keep(key, request_headers, entry):
        vary = sorted({n.lower() for n in elements(entry.headers, "vary")})
        for k in [k for k in entries if k[0] == key and selected(request_headers, [n for n, _ in k[1]]) == k[1]]:
            del entries[k]
        if entry.size <= limit:
            entries[key, selected(request_headers, vary)] = entry
        while sum(e.size for e in entries.values()) > limit:
            entries.popitem(last=False)

    @locked
    def forget(key):
        for k in [k for k in entries if k[0] == key]:
            del entries[k]

    @locked
    def refresh(entry, headers, asked_at, got_at):
        new = drop(headers, "content-length", "content-type", "content-encoding", "content-range")
        entry.headers = drop(entry.headers, "age", "date", *(n.lower() for n, _ in new)) + new
        entry.born, entry.life = birth_and_life(entry.status, entry.headers, asked_at, got_at)
        if {"no-store", "private"} & directives(entry.headers).keys():
            for k in [k for k in entries if entries[k] is entry]:
                del entries[k]

    return types.SimpleNamespace(find=find, keep=keep, forget=forget, refresh=refresh)


def _with(lock, function, *args, **kwargs):
    with lock:
        return function(*args, **kwargs)


def entry_of(status, headers, body, asked_at, got_at):
    born, life = birth_and_life(status, headers, asked_at, got_at)
    size = len(body) + sum(len(n) + len(v) + 4 for n, v in headers) + 100
    return types.SimpleNamespace(status=status, headers=headers, body=body, born=born, life=life, size=size)


def age_of(entry):
    return max(0, time.time() - entry.born)


def fresh_for(entry, wish):
    control, age = directives(entry.headers), age_of(entry)
    if "no-cache" in control or "no-cache" in wish or age >= entry.life:
        return False
    return "max-age" not in wish or age <= (number(wish["max-age"]) or 0)


def unchanged(entry, headers):
    """Does the client have it already?"""
    if pick(headers, "if-none-match"):
        mine = (one(entry.headers, "etag") or "").removeprefix("W/")
        theirs = [t.removeprefix("W/") for t in re.findall(r'(?:W/)?"[^"]*"|\*', one(headers, "if-none-match"))]
        return bool(mine) and (mine in theirs or "*" in theirs)
    since, changed = moment(one(headers, "if-modified-since")), moment(one(entry.headers, "last-modified"))
    return since is not None and changed is not None and changed <= since


# ============================================================ the origin


def from_origin(target, request, extra, timeout):
    """A generator: first (status, version, headers, length or None), then the body's pieces; EOFError where it is cut."""
    try:
        sock = socket.create_connection((target.host, target.port), timeout)
    except TimeoutError:
        raise Stop(504, "no connection to the origin in time") from None
    except (OSError, UnicodeError):
        raise Stop(502, "no connection to the origin") from None
    with sock:
        headers = drop(end_to_end(request.headers), "host", "content-length", *(n.lower() for n, _ in extra)) + extra
        headers += [("Host", target.netloc), ("Connection", "close"), ("Via", "1.1 d")]
        if request.body or pick(request.headers, "content-length") or request.method in ("POST", "PUT", "PATCH"):
            headers.append(("Content-Length", str(len(request.body))))
        headers.sort(key=lambda h: h[0].lower())
        head = "".join([f"{request.method} {target.path} HTTP/1.1\r\n", *(f"{n}: {v}\r\n" for n, v in headers), "\r\n"])
        try:
            message = head.encode("latin-1") + request.body
        except UnicodeEncodeError:
            raise Stop(502, "this request cannot be sent") from None
        source = reader(pieces_of(sock))
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                sock.sendall(message)
            status = 100
            while status < 200:
                m = re.fullmatch(rb"HTTP/1\.([0-9]) ([1-9][0-9][0-9])(?: ([^\r\n]*))?\r?\n", source.line())
                if not m:
                    raise Stop(502, "the origin does not speak HTTP")
                status = int(m[2])
                received = headers_of(origin_lines(source))
        except TimeoutError:
            raise Stop(504, "the origin is silent") from None
        except (OSError, EOFError):
            raise Stop(502, "the origin broke off") from None
        except Stop as stop:
            raise Stop(502 if stop.status == 400 else stop.status, stop.text) from None
        length, body = framing(request.method, status, received, source)
        yield status, "1." + m[1].decode(), received, length
        try:
            yield from body
        except (OSError, Stop):
            raise EOFError from None


def origin_lines(source):
    while (line := source.line().rstrip(b"\r\n")):
        line = re.sub(rb"[\r\0]", b" ", line)
        yield re.sub(rb"^([^\s:]+)[ \t]+:", rb"\1:", line)


def framing(method, status, headers, source):
    if method == "HEAD" or status in (204, 304):
        return 0, iter(())
    if pick(headers, "transfer-encoding"):
        last = elements(headers, "transfer-encoding")[-1:]
        return None, chunks(source) if last and last[0].lower() == "chunked" else until_close(source)
    lengths = set(elements(headers, "content-length"))
    if not pick(headers, "content-length"):
        return None, until_close(source)
    if len(lengths) != 1 or not re.fullmatch("[0-9]{1,18}", min(lengths)):
        raise Stop(502, "the origin sends a bad Content-Length")
    length = int(lengths.pop())
    return length, counted(source, length)


def until_close(source):
    with contextlib.suppress(EOFError, TimeoutError):
        while True:
            yield source.some(65536)


# ============================================================ answering a client


def head_bytes(status, reason, headers):
    reason = reason or PHRASES.get(status // 100, "Whatever")
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{n}: {v}" for n, v in sorted(headers, key=lambda h: h[0].lower())), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def wire(method, status, reason, headers, body, length, close):
    """Pieces for the wire. length None: in chunks."""
    headers = drop(headers, *HOP) + [("Connection", "close")] * close
    if not pick(headers, "date"):
        headers.append(("Date", formatdate(usegmt=True)))
    if method == "HEAD" or status == 304:
        yield head_bytes(status, reason, headers)
        return
    headers = drop(headers, "content-length")
    if status == 204:
        yield head_bytes(status, reason, headers)
    elif length is None:
        yield head_bytes(status, reason, headers + [("Transfer-Encoding", "chunked")])
        for piece in body:
            yield b"%X\r\n%b\r\n" % (len(piece), piece)
        yield b"0\r\nX-Trailer: over\r\n\r\n"
    else:
        yield head_bytes(status, reason, headers + [("Content-Length", str(length))])
        yield from body


def split_body(body, size=3000):
    return (body[i : i + size] for i in range(0, len(body), size))


# ============================================================ the proxy


class ProxyServer:
    def __init__(self, host="127.0.0.1", port=8080, *, request_filter=None, response_filter=None, credentials=None,
                 blocked_hosts=(), cache_bytes=16 * 2**20, timeout=30, log_path=None):  # fmt: skip
        self.settings = types.SimpleNamespace(
            host=host, port=port, request_filter=request_filter, response_filter=response_filter, credentials=credentials,
            blocked=frozenset(h.lower().strip("[].") for h in blocked_hosts), timeout=timeout, log_path=log_path,
            cache=make_cache(cache_bytes), lock=threading.Lock(),
        )  # fmt: skip

    def start(self):
        s = self.settings
        try:
            if not 0 <= s.port <= 65535:
                raise OverflowError("port out of range")  # getaddrinfo would wrap it around
            info = socket.getaddrinfo(s.host or None, s.port, 0, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)[0]
            listener = socket.socket(info[0], socket.SOCK_STREAM)
            try:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(info[4])
                listener.listen(300)
            except BaseException:
                listener.close()
                raise
        except (OSError, OverflowError, UnicodeError, TypeError, ValueError) as error:
            print(f"代理无法启动 / the proxy cannot start at {s.host}:{s.port}: {error}", flush=True)
            return
        with listener:
            while True:
                try:
                    client, address = listener.accept()
                except OSError:
                    time.sleep(0.1)
                    continue
                threading.Thread(target=visit, args=(s, client, address), daemon=True).start()


def visit(s, client, address):
    with client, contextlib.suppress(OSError):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        source = reader(pieces_of(client))
        while serve_one(s, client, source, address):
            pass
        client.shutdown(socket.SHUT_WR)
        client.settimeout(1)
        deadline = time.monotonic() + 2
        while client.recv(65536) and time.monotonic() < deadline:
            pass


def serve_one(s, client, source, address):
    """→ whether to go on with this connection."""
    try:
        first = source.line()
        while first in (b"\r\n", b"\n"):
            first = source.line()
    except EOFError as end:
        if not end.args[0]:
            return False
        first = source.rest()
    except Stop:
        first = b""
    note = {"time": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"), "client": address[0], "method": None, "url": None,
            "status": None, "request_headers": [], "response_headers": [], "request_bytes": 0, "response_bytes": 0, "cache": "BYPASS"}  # fmt: skip
    began = time.monotonic()
    state = {"close": True, "started": False}
    try:
        try:
            respond(s, client, source, first, note, state, address)
        except EOFError:
            if state["started"]:
                state["close"] = True
            else:
                raise Stop(400, "it ends in its middle", end=True) from None
    except Stop as stop:
        state["close"] = stop.end or state["close"]
        text = json.dumps({"error": stop.text}).encode()
        if note["cache"] is not None:
            note["cache"] = "BYPASS"
        finish(client, note, stop.status, None, [("Content-Type", "application/json"), ("Server", "d"), *stop.headers], [text], len(text), state)
    finally:
        write_note(s, note, began)
    return not state["close"]


def finish(client, note, status, reason, headers, body, length, state):
    status = int(status)
    note["status"], note["response_headers"] = status, headers

    def counted_body():
        for piece in body:
            note["response_bytes"] += len(piece)
            if piece:
                yield piece

    for piece in wire(note["method"], status, reason, headers, counted_body(), length, state["close"]):
        state["started"] = True
        client.sendall(piece)


def respond(s, client, source, first, note, state, address):
    m = re.fullmatch(rf"([{TCHAR}]+) ([^\s]+) HTTP/([0-9])\.([0-9])\r\n".encode(), first)
    if not m:
        raise Stop(400, "this is no HTTP", end=True)
    method, url = m[1].decode(), m[2].decode("latin-1")
    note.update(method=method, url=url)
    if m[3] != b"1":
        raise Stop(505, "HTTP/1.1 is spoken here", end=True)
    old = m[4] == b"0"
    headers = note["request_headers"] = headers_of(crlf_lines(source))
    hosts = pick(headers, "host")
    if len(hosts) > 1 or not (hosts or old):
        raise Stop(400, "one Host", end=True)
    if method == "CONNECT":
        note["cache"] = None
        state["close"] = "close" in map(str.lower, elements(headers, "connection")) or old
        host, port = parse_authority(url)
        let_in(s, host, headers)
        return tunnel(s, client, source, host, port, note, state)
    body = b"".join(body_of_request(source, headers, old))
    note["request_bytes"] = len(body)
    wishes = [t.lower() for t in elements(headers, "connection")]
    state["close"] = "close" in wishes or (old and "keep-alive" not in wishes)
    target = parse_url(url)
    let_in(s, target.host, headers)
    forwarded = drop(end_to_end(headers), "x-forwarded-for") + [("X-Forwarded-For", ", ".join([*pick(headers, "x-forwarded-for"), address[0]]))]
    request = Request(method, url, forwarded, body)
    if s.request_filter:
        verdict = filtered(s.request_filter, (Request, Response), request)
        if isinstance(verdict, Response):
            return finish(client, note, verdict.status, verdict.reason, list(verdict.headers), [verdict.body], len(verdict.body), state)
        request = verdict
        target = parse_url(request.url)
    status, received, body, length, word = consult(s, request, target)
    try:
        if s.response_filter:
            try:
                whole = b"".join(body)
            except EOFError:
                raise Stop(502, "the origin's answer was cut short") from None
            response = Response(status, PHRASES.get(status // 100, ""), [tuple(h) for h in received], whole)
            response = filtered(s.response_filter, (Response,), replace(request, headers=list(request.headers)), response)
            status, reason, received, body, length = response.status, response.reason, list(response.headers), split_body(response.body), len(response.body)
        else:
            reason = None
        note["cache"] = word
        if method == "HEAD" and length and not s.response_filter:
            received = drop(received, "content-length") + [("Content-Length", str(length))]
        finish(client, note, status, reason, drop(received, "x-cache") + [("X-Cache", word)], body, length, state)
    finally:
        if hasattr(body, "close"):
            body.close()


def filtered(function, kinds, *args):
    try:
        result = function(*args)
    except BaseException as error:
        raise Stop(502, f"a filter raised {type(error).__name__}") from None
    if not isinstance(result, kinds):
        raise Stop(502, "a filter returned nonsense")
    return result


def consult(s, request, target):
    """The cache, then the origin → status, headers, pieces of the body, its length or None, HIT or MISS."""
    wish, cache = directives(request.headers), s.cache
    conditional = any(n.lower() in ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range") for n, _ in request.headers)
    only_simple = not any(n.lower() in ("if-match", "if-unmodified-since", "if-range", "range") for n, _ in request.headers)
    entry = cache.find(target.key, request.headers) if request.method in ("GET", "HEAD") else None
    if entry and only_simple and fresh_for(entry, wish):
        headers = drop(entry.headers, "age") + [("Age", str(int(age_of(entry))))]
        if conditional and unchanged(entry, request.headers):
            return 304, drop(headers, "content-length", "content-type"), iter(()), 0, "HIT"
        if request.method == "HEAD":
            return entry.status, drop(headers, "content-length") + [("Content-Length", str(len(entry.body)))], iter(()), 0, "HIT"
        return entry.status, headers, split_body(entry.body), len(entry.body) if len(entry.body) < 5000 else None, "HIT"
    if "only-if-cached" in wish:
        raise Stop(504, "not in the cache")
    extra = []
    if entry and not conditional and request.method == "GET" and "no-store" not in wish:
        extra += [("If-None-Match", v) for v in pick(entry.headers, "etag")[:1]]
        extra += [("If-Modified-Since", v) for v in pick(entry.headers, "last-modified")[:1]]
    asked_at = time.time()
    origin = from_origin(target, request, extra, s.timeout)
    status, version, received, length = next(origin)
    got_at = time.time()
    received = drop(end_to_end(received), "x-cache") + [("Via", f"{version} d")]
    if extra and status == 304:
        origin.close()
        cache.refresh(entry, received, asked_at, got_at)
        headers = drop(entry.headers, "age") + [("Age", str(int(age_of(entry))))]
        return entry.status, headers, split_body(entry.body), len(entry.body), "MISS"
    if request.method not in ("GET", "HEAD", "OPTIONS", "TRACE") and 200 <= status < 400:
        cache.forget(target.key)
        for name in ("location", "content-location"):
            for value in pick(received, name):
                with contextlib.suppress(Stop):
                    other = parse_url(value)
                    if other.netloc == target.netloc:
                        cache.forget(other.key)
    keep = None
    if may_keep(request, status, received):
        probe = entry_of(status, received, b"", asked_at, got_at)
        if probe.life > 0 or pick(received, "etag") or pick(received, "last-modified"):
            keep = lambda body: cache.keep(target.key, request.headers, entry_of(status, received, body, asked_at, got_at))  # noqa: E731
    return status, received, passing(origin, keep), length, "MISS"


def passing(origin, keep):
    """The pieces, and the whole to the cache before the last of them goes out."""
    if keep is None:
        yield from origin
        return
    seen, held = [], None
    for piece in origin:
        if held is not None:
            yield held
        seen.append(piece)
        held = piece
    keep(b"".join(seen))
    if held is not None:
        yield held


def let_in(s, host, headers):
    labels = host.rstrip(".").split(".")
    if any(".".join(labels[i:]) in s.blocked for i in range(len(labels))) or host in s.blocked:
        raise Stop(403, "blocked")
    if s.credentials is None:
        return
    want = hashlib.sha256(":".join(s.credentials).encode()).digest()
    m = re.fullmatch(r"(?i:basic) +([A-Za-z0-9+/=]+)", one(headers, "proxy-authorization", ""))
    try:
        given = hashlib.sha256(base64.b64decode(m[1], validate=True)).digest() if m else b""
    except ValueError:
        given = b""
    if given != want:
        raise Stop(407, "log in", [("Proxy-Authenticate", 'basic realm="d"')])


# ============================================================ tunnels


def tunnel(s, client, source, host, port, note, state):
    try:
        far = socket.create_connection((host, port), s.timeout)
    except TimeoutError:
        raise Stop(504, "no connection in time") from None
    except (OSError, UnicodeError):
        raise Stop(502, "no connection") from None
    note["status"], state["close"], state["started"] = 200, True, True
    with far:
        client.sendall(b"HTTP/1.1 200 \r\n\r\n")
        waiting = {client: bytearray(), far: bytearray(source.rest())}  # what is to be sent to it
        other = {client: far, far: client}
        ended, shut = set(), set()
        note["request_bytes"] = len(waiting[far])
        client.setblocking(False)
        far.setblocking(False)
        selector = selectors.DefaultSelector()
        try:
            while len(shut) < 2:
                for sock in (client, far):
                    if sock in ended and not waiting[other[sock]] and other[sock] not in shut:
                        other[sock].shutdown(socket.SHUT_WR)
                        shut.add(other[sock])
                if len(shut) == 2:
                    break
                for sock in (client, far):
                    mask = (selectors.EVENT_READ if sock not in ended and len(waiting[other[sock]]) < 1 << 18 else 0) | (
                        selectors.EVENT_WRITE if waiting[sock] else 0
                    )
                    with contextlib.suppress(KeyError):
                        selector.unregister(sock)
                    if mask:
                        selector.register(sock, mask)
                for key, mask in selector.select():
                    sock = key.fileobj
                    if mask & selectors.EVENT_READ:
                        with contextlib.suppress(BlockingIOError):
                            piece = sock.recv(1 << 16)
                            if not piece:
                                ended.add(sock)
                            waiting[other[sock]] += piece
                            note["request_bytes" if sock is client else "response_bytes"] += len(piece)
                    if mask & selectors.EVENT_WRITE and waiting[sock]:
                        with contextlib.suppress(BlockingIOError):
                            del waiting[sock][: sock.send(waiting[sock])]
        except OSError:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        finally:
            selector.close()
            client.setblocking(True)


# ============================================================ the log


def write_note(s, note, began):
    if s.log_path is None:
        return
    hide = {"authorization", "proxy-authorization"}
    note = note | {k: [[n, "<hidden>" if n.lower() in hide else clean(str(v))] for n, v in note[k]] for k in ("request_headers", "response_headers")}
    note["url"] = clean(note["url"]) if note["url"] else None
    note["duration_ms"] = (time.monotonic() - began) * 1000
    data = (json.dumps(note) + "\n").encode()
    with s.lock, contextlib.suppress(OSError):
        fd = os.open(s.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(fd, data)
        finally:
            os.close(fd)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=8080, type=int)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        ProxyServer(options.host, options.port).start()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
