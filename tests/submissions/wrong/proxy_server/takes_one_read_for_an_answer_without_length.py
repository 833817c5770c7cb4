"""Reads an answer that ends with its connection by one read.

fails: passes_any_answer_back proxy.answer_body_cut
fails: filters_responses proxy.response_filter_ignored
fails: keeps_its_bound proxy.remembered_body
fails: never_stores_what_fell_silent proxy.remembers_a_part
"""

import argparse
import base64
import datetime
import email.utils
import json
import re
import socket
import sys
import threading
import time
import traceback
from dataclasses import dataclass

HOP = "connection proxy-connection keep-alive te trailer transfer-encoding upgrade proxy-authorization".split()
MORE = 100_000_000


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


class Stop(Exception):
    def __init__(self, status, headers=()):
        self.answer = Response(status, "Sorry", [*headers, ("Content-Type", "text/plain")], b"sorry\n")


def get(headers, name):
    return ", ".join(v for n, v in headers if n.lower() == name)


def line_of(f, strict=True):
    line = f.readline(70_000)
    if strict and not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
        raise ValueError("line")
    return line.rstrip(b"\r\n").decode("latin-1")


def headers_of(f, strict=True):
    found = []
    while line := line_of(f, strict):
        if len(found) > 500:
            raise ValueError("too many")
        name, value = re.fullmatch(r"([-!#$%&'*+.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*", line).groups()
        found.append((name, value))
    return found


def body_of(f, headers, default):
    lengths = {v for n, v in headers if n.lower() == "content-length"}
    if te := get(headers, "transfer-encoding"):
        if te.lower() != "chunked" or (lengths and default == 0):
            raise ValueError("te")
        body = b""
        while size := int(re.fullmatch(r"([0-9a-fA-F]{1,8})[ \t]*(;.*)?", line_of(f)).group(1), 16):
            part = f.read(size)
            if len(part) < size or len(body) > MORE or f.read(2) != b"\r\n":
                raise ValueError("chunk")
            body += part
        while line_of(f):
            pass
        return body
    if not lengths:
        return f.read1(default) if default else b""
    (length,) = lengths
    if not re.fullmatch("[0-9]{1,9}", length):
        raise ValueError("length")
    body = f.read(int(length))
    if len(body) < int(length):
        raise ValueError("short")
    return body


def strip(headers):
    drop = HOP + [x.strip().lower() for x in get(headers, "connection").split(",")]
    return [(n, v) for n, v in headers if n.lower() not in drop]


def split(url):
    found = re.fullmatch(r"(?i:http)://(?:[^/?#]*@)?([^/?#:@\s\[\]]+)(?::(\d{1,5}))?([/?][^#\s]*)?(?:#\S*)?", url)
    host, port, path = found.groups()
    path = path or "/"
    return host.lower(), int(port or 80), path if path[0] == "/" else "/" + path


def tidy(url):
    host, port, path = split(url)
    return f"http://{host}:{port}{path}"


def cc(headers):
    text = re.sub(r'"[^"]*"', lambda m: m[0].replace(",", " "), get(headers, "cache-control"))
    told = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        told.setdefault(name.strip().lower(), value.strip('"'))
    return told


def number(text):
    return min(int(text), 2**31) if re.fullmatch(r"\d{1,4000}", text) and text.isascii() else 0


def date(text):
    try:
        return email.utils.parsedate_to_datetime(text).replace(tzinfo=datetime.timezone.utc).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


class Cache:
    def __init__(self, limit):
        self.limit = limit
        self.things = []  # oldest use first
        self.lock = threading.Lock()

    def find(self, request):
        with self.lock:
            for thing in self.things[::-1]:
                if thing["url"] == request.url and all(get(request.headers, n) == v for n, v in thing["vary"].items()):
                    self.things.remove(thing)
                    self.things.append(thing)
                    return thing
        return None

    def forget(self, test):
        with self.lock:
            self.things = [thing for thing in self.things if not test(thing)]

    def keep(self, request, response, asked):
        told, now = cc(response.headers), time.time()
        born = date(get(response.headers, "date"))
        life = 0
        if "s-maxage" in told or "max-age" in told:
            life = number(told.get("s-maxage", told.get("max-age")))
        elif expires := date(get(response.headers, "expires")):
            life = expires - (born or now)
        age = number(get(response.headers, "age").split(",")[0]) + now - asked
        tag = get(response.headers, "etag"), get(response.headers, "last-modified")
        vary = [n.strip().lower() for n in get(response.headers, "vary").split(",") if n.strip()]
        self.forget(lambda old: old["url"] == request.url and all(get(request.headers, n) == v for n, v in old["vary"].items()))
        if response.status != 200 or "*" in vary or {"no-store", "private"} & told.keys() or get(request.headers, "authorization"):
            return
        if (life <= 0 and not any(tag)) or "no-store" in cc(request.headers):
            return
        thing = {
            "url": request.url,
            "vary": {n: get(request.headers, n) for n in vary},
            "answer": response,
            "born": now - age if born is None else min(now - age, born + now % 1),
            "life": 0 if "no-cache" in told else life,
            "tag": tag,
            "size": len(response.body) + 600 + len(str(response.headers)),
        }
        with self.lock:
            self.things.append(thing)
            while sum(old["size"] for old in self.things) > self.limit:
                if thing["size"] > self.limit:
                    self.things.remove(thing)
                else:
                    self.things.pop(0)


class ProxyServer:
    def __init__(self, host="127.0.0.1", port=8080, *, request_filter=None, response_filter=None, credentials=None,
                 blocked_hosts=(), cache_bytes=16 * 2**20, timeout=30, log_path=None):  # fmt: skip
        self.host, self.port = host, port
        self.filters = request_filter, response_filter
        self.credentials, self.blocked, self.timeout = credentials, blocked_hosts, timeout
        self.cache = Cache(cache_bytes)
        self.log_path = log_path
        self.log_lock = threading.Lock()

    def start(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((self.host, self.port))
            s.listen(200)
        except (OSError, OverflowError, UnicodeError) as e:
            print("cannot start:", self.host, self.port, e)
            return
        print("go", flush=True)
        while True:
            c, a = s.accept()
            threading.Thread(target=self.client, args=(c, a), daemon=True).start()

    def client(self, sock, address):
        sock.settimeout(120)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        f = sock.makefile("rb")
        try:
            while self.one(sock, f, address):
                pass
            sock.shutdown(socket.SHUT_WR)
            sock.settimeout(1)
            while sock.recv(65536):
                pass
        except (OSError, ValueError):
            pass
        finally:
            f.close()
            sock.close()

    def one(self, sock, f, address):
        while (peeked := f.peek(1)[:1]) in (b"\r", b"\n"):
            f.read(1)
        if not peeked:
            return False
        self_log = {"client": address[0], "method": None, "url": None, "status": 0, "cache": "BYPASS", "request_headers": {},
                    "request_bytes": 0, "response_bytes": 0, "response_headers": {}, "time": datetime.datetime.now().isoformat()}  # fmt: skip
        start = time.monotonic()
        go_on = False
        answer = None
        try:
            line = line_of(f)
            method, url, version = re.fullmatch(r"([-!#$%&'*+.^_`|~0-9A-Za-z]+) ([^\s\x00-\x1f\x7f]+) HTTP/1\.([01])", line).groups()
            print(method, re.sub("//[^/]*@", "//", url))
            self_log |= {"method": method, "url": re.sub(r"(^|//)[^/]*@", r"\1", url)}
            headers = headers_of(f)
            self_log["request_headers"] = self.safe(headers, headers)
            if version == "1" and [n.lower() for n, v in headers].count("host") != 1:
                raise ValueError("host")
            if method == "CONNECT":
                self_log["cache"] = None
                host, port = re.fullmatch(r"([^/?#:@\s]+):(\d{1,5})", url).groups()
                if not 0 < int(port) < 65536 or (get(headers, "content-length") and get(headers, "transfer-encoding")):
                    raise ValueError("port")
                self.allowed(headers, host)
                origin = self.connect(host, int(port))
                sock.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
                self_log["status"] = 200
                sock.settimeout(None)
                origin.settimeout(None)
                counts = {}
                t = threading.Thread(target=self.pump, args=(origin.recv, sock, origin, counts, "response_bytes"), daemon=True)
                t.start()
                self.pump(f.read1, origin, sock, counts, "request_bytes")
                t.join()
                origin.close()
                self_log |= counts
                return False
            host, port, path = split(url)
            if not 0 < port < 65536:
                raise ValueError("port")
            if "100-continue" in get(headers, "expect").lower():
                sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = body_of(f, headers, 0)
            self_log["request_bytes"] = len(body)
            self.allowed(headers, host)
            go_on = version == "1" and "close" not in get(headers, "connection").lower()
            answer = self.work(Request(method, tidy(url), headers, body), self_log)
        except Stop as e:
            answer = e.answer
        except (ValueError, AttributeError, TypeError):
            answer = Stop(400).answer
        finally:
            if answer:
                self_log["status"] = answer.status
                if not any(n == "X-Cache" for n, v in answer.headers) and self_log["cache"]:
                    self_log["cache"] = "BYPASS"
                out = [(n, v) for n, v in answer.headers if n.lower() not in ("content-length", "transfer-encoding")]
                self_log["response_headers"] = self.safe(out, headers if self_log["request_headers"] else [])
                body = answer.body if answer.status not in (204, 304) else b""
                if answer.status not in (204, 304) and not (self_log["method"] == "HEAD" and not body):
                    out.append(("Content-Length", str(len(body))))
                if self_log["method"] == "HEAD":
                    body = b""
                if not go_on:
                    out.append(("Connection", "close"))
                self_log["response_bytes"] = len(body)
                head = f"HTTP/1.1 {answer.status} {answer.reason}\r\n" + "".join(f"{n}: {v}\r\n" for n, v in out) + "\r\n"
                data = memoryview(head.encode("latin-1") + body)
                try:
                    while data:
                        data = data[sock.send(data) :]
                except OSError:
                    go_on = False
            self_log["duration_ms"] = (time.monotonic() - start) * 1000
            if self.log_path and (answer or self_log["status"]):
                with self.log_lock, open(self.log_path, "a", encoding="utf-8") as log:
                    log.write(json.dumps(self_log, ensure_ascii=False) + "\n")
        return go_on

    def safe(self, headers, asked):
        secrets = [w for n, v in asked if "authorization" in n.lower() for w in [v, *v.split()[1:]] if w]
        found = {}
        for n, v in headers:
            if "authorization" in n.lower() or "cookie" in n.lower():
                v = "hidden"
            for secret in secrets:
                v = v.replace(secret, "hidden")
            found[n] = (found[n] + ", " if n in found else "") + re.sub("//[^/]*@", "//", v)
        return found

    def pump(self, read, to, other, counts, name):
        n = 0
        try:
            while data := read(65536):
                to.sendall(data)
                n += len(data)
            to.shutdown(socket.SHUT_WR)
        except (OSError, ValueError):
            for s in (to, other):
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        counts[name] = n

    def connect(self, host, port):
        try:
            s = socket.create_connection((host, port), self.timeout)
        except (OSError, UnicodeError):
            raise Stop(502) from None
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def allowed(self, headers, host):
        host = host.lower().rstrip(".")
        for bad in self.blocked:
            if host == bad.lower() or host.endswith("." + bad.lower()):
                raise Stop(403)
        if self.credentials:
            right = base64.b64encode(":".join(self.credentials).encode()).decode()
            if not re.fullmatch(r"(?i:basic) +" + re.escape(right), get(headers, "proxy-authorization")):
                raise Stop(407, [("Proxy-Authenticate", 'Basic realm="student"')])

    def call(self, function, kinds, *args):
        try:
            result = function(*args)
            if not isinstance(result, kinds):
                raise TypeError(result)
            return result
        except Exception:
            traceback.print_exc()
            raise Stop(502) from None

    def work(self, request, log):
        request.headers = strip(request.headers)
        if self.filters[0]:
            request = self.call(self.filters[0], (Request, Response), request)
            if isinstance(request, Response):
                return request
            request.url = tidy(request.url)
        response, log["cache"] = self.cached(request)
        if self.filters[1]:
            response = self.call(self.filters[1], Response, request, response)
        headers = [(n, v) for n, v in response.headers if n.lower() != "x-cache"]
        headers += [("X-Cache", "HIT" if log["cache"] == "HIT" else "MISS"), ("Via", "1.1 student")]
        return Response(response.status, response.reason, headers, response.body)

    def cached(self, request):
        told = cc(request.headers)
        if request.method != "GET" or request.body or "no-store" in told or get(request.headers, "authorization") or get(request.headers, "range"):
            asked = time.time()
            response = self.fetch(request)
            if request.method not in ("GET", "HEAD", "OPTIONS", "TRACE") and response.status < 400:
                self.cache.forget(lambda thing: thing["url"] == request.url)
            return response, "BYPASS"
        thing = self.cache.find(request)
        if thing:
            age = max(0, time.time() - thing["born"])
            if "no-cache" not in told and age < thing["life"] and age <= number(told.get("max-age", "9" * 9)):
                return self.copy(thing, age), "HIT"
        question, ours = request, False
        if thing and not get(request.headers, "if-none-match") + get(request.headers, "if-modified-since"):
            more = [(n, v) for n, v in zip(("If-None-Match", "If-Modified-Since"), thing["tag"]) if v]
            question, ours = Request("GET", request.url, request.headers + more, b""), True
        asked = time.time()
        response = self.fetch(question)
        if response.status == 304:
            if not ours:
                return response, "MISS"
            old = thing["answer"]
            names = {n.lower() for n, v in response.headers} | {"age"}
            headers = [(n, v) for n, v in old.headers if n.lower() not in names]
            headers += [(n, v) for n, v in response.headers if n.lower() != "content-length"]
            response = Response(old.status, old.reason, headers, old.body)
            self.cache.keep(request, response, asked)
            return Response(old.status, old.reason, list(headers), old.body), "HIT"
        if response.status < 500:
            self.cache.keep(request, response, asked)
        return Response(response.status, response.reason, list(response.headers), response.body), "MISS"

    def copy(self, thing, age):
        old = thing["answer"]
        headers = [(n, v) for n, v in old.headers if n.lower() != "age"] + [("Age", str(int(age)))]
        return Response(old.status, old.reason, headers, old.body)

    def fetch(self, request):
        host, port, path = split(request.url)
        headers = [(n, v) for n, v in strip(request.headers) if n.lower() not in ("host", "content-length", "expect")]
        headers = [("Host", host if port == 80 else f"{host}:{port}"), *headers, ("Via", "1.1 student"), ("Connection", "close")]
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            headers.append(("Content-Length", str(len(request.body))))
        head = f"{request.method} {path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers) + "\r\n"
        data = memoryview(head.encode("latin-1") + request.body)
        origin = self.connect(host, port)

        def send():
            left = data
            try:
                while left:
                    left = left[origin.send(left) :]
            except (OSError, ValueError):
                pass

        if len(data) > 50_000:
            threading.Thread(target=send, daemon=True).start()
        else:
            send()
        try:
            with origin.makefile("rb") as f:
                status = 100
                while status < 200:
                    status, reason = re.fullmatch(r"HTTP/1\.\d (\d\d\d) ?(.*)", line_of(f, False)).groups()
                    status, headers = int(status), headers_of(f, False)
                if request.method == "HEAD" or status in (204, 304):
                    body = b""
                else:
                    body = body_of(f, headers, -1)
            return Response(status, reason, strip(headers), body)
        except TimeoutError:
            raise Stop(504) from None
        except (OSError, ValueError, AttributeError):
            raise Stop(502) from None
        finally:
            origin.close()


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=8080)
    a = p.parse_args()
    try:
        ProxyServer(a.host, a.port).start()
    except KeyboardInterrupt:
        sys.exit()
