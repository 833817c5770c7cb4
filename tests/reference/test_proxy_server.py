"""The proxy's reference: curl, requests and Chromium go through it; its cache is tried without a network."""

from __future__ import annotations

import contextlib
import http.server
import json
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from graders.core.wire.ports import free_port
from tests.reference.serving import ROOT, dom, needs_chromium, running, script

sys.path.insert(0, str(ROOT / "reference" / "challenges"))
import proxy_server
from proxy_server import Cache, Malformed, Request, Response, Stream

sys.path.pop(0)

CURL = shutil.which("curl")
needs_curl = pytest.mark.skipif(CURL is None, reason="there is no curl here")
BIG = bytes(range(256)) * 8192  # 2 MiB


class Pages(http.server.BaseHTTPRequestHandler):
    """The origin. It counts what it is asked, by path."""

    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path.startswith("/cached"):
            self.answer(f"number {len(self.asked)}".encode(), {"Cache-Control": "max-age=600", "ETag": '"1"'})
        elif self.path == "/big":
            self.answer(BIG, {})
        elif self.path == "/page":
            script = b"<script src=/script.js></script>"
            self.answer(b"<!doctype html><title>t</title><p id=p></p>" + script, {"Content-Type": "text/html"})
        elif self.path == "/script.js":
            script = b"document.getElementById('p').textContent = 'through ' + 'the proxy'"
            self.answer(script, {"Content-Type": "text/javascript", "Cache-Control": "max-age=600"})
        else:
            self.answer(json.dumps(dict(self.headers)).encode(), {})

    do_HEAD = do_GET

    def do_POST(self) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(body[::-1], {})

    def answer(self, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def serving(certificate: trustme.LeafCert | None = None) -> Iterator[tuple[str, list[str]]]:
    handler = type("Handler", (Pages,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"{'http' if certificate is None else 'https'}://localhost:{server.server_port}", handler.asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def secure_url(authority: trustme.CA) -> Iterator[str]:
    with serving(authority.issue_cert("localhost")) as (url, _):
        yield url


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    with serving() as found:
        yield found


@contextlib.contextmanager
def proxy(*arguments: str, program: str | None = None) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The reference's script, or a program that gets the port as its argument."""
    if program is None:
        with script("challenges/proxy_server.py", *arguments) as started:
            yield started
        return
    port = free_port("tcp")
    folder = ROOT / "reference" / "challenges"
    command = ["-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{program}", str(port)]
    with running(command, port) as process:
        yield process, port


def curl(*arguments: str, data: bytes | None = None) -> bytes:
    assert CURL is not None
    command = [CURL, "-sS", "--max-time", "20", "--noproxy", "", *arguments]
    return subprocess.run(command, input=data, capture_output=True, timeout=30, check=True).stdout


def log_lines(path: Path, enough: Callable[[list[Any]], bool]) -> list[Any]:
    """The log, once it has enough: a line is written after the answer was sent."""
    for _ in range(400):
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        if enough(lines):
            return lines
        time.sleep(0.02)
    raise AssertionError(lines)


# --- outside clients ---


@needs_curl
def test_curl_gets_posts_and_hits(site: tuple[str, list[str]]) -> None:
    url, asked = site
    with proxy() as (_, port):
        through = ("-x", f"http://127.0.0.1:{port}")
        twice = curl(*through, "-i", f"{url}/cached", f"{url}/cached").decode()  # on one connection
        assert [line for line in twice.split("\r\n") if line.startswith("X-Cache")] == ["X-Cache: MISS", "X-Cache: HIT"]
        assert "\r\nAge: " in twice and asked == ["/cached"]
        assert curl(*through, f"{url}/big") == BIG
        assert b"Content-Length: 2097152\r\n" in curl(*through, "-I", f"{url}/big")
        # curl asks for "100 Continue" before it sends a large body.
        assert curl(*through, "-H", "Expect: 100-continue", "--data-binary", "@-", f"{url}/", data=BIG) == BIG[::-1]
        chunked = ("-H", "Transfer-Encoding: chunked", "--data-binary", "@-")
        assert curl(*through, *chunked, f"{url}/", data=BIG) == BIG[::-1]
        seen = json.loads(curl(*through, "-H", "Connection: X-Hop", "-H", "X-Hop: 1", "-H", "X-Kept: 2", f"{url}/x"))
        assert seen["X-Kept"] == "2" and seen["Via"].startswith("1.1 ")
        assert not {"X-Hop", "Proxy-Connection"} & seen.keys()


@needs_curl
def test_curl_logs_in_and_tunnels(tmp_path: Path, secure_url: str, authority: trustme.CA) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    log = tmp_path / "log"
    with proxy("--user", "小明:a:b", "--block", "blocked.example", "--log", str(log)) as (_, port):
        through = ("--cacert", str(tmp_path / "ca.pem"), "-x", f"http://127.0.0.1:{port}")
        status = ("-o", "/dev/null", "-w", "%{http_code} %{http_connect}")
        right = (*through, "--proxy-user", "小明:a:b")
        assert curl(*right, f"{secure_url}/big") == BIG
        assert curl(*right, "--data-binary", "@-", f"{secure_url}/", data=BIG) == BIG[::-1]
        for wrong in ((), ("--proxy-user", "小明:a")):
            assert curl(*through, *wrong, *status, "http://localhost:1/") == b"407 000"
            with pytest.raises(subprocess.CalledProcessError):
                curl(*through, *wrong, secure_url)
        # It asks for the challenge first and then answers it.
        assert curl(*through, "--proxy-anyauth", "--proxy-user", "小明:a:b", f"{secure_url}/big") == BIG
        assert curl(*right, *status, "http://www.Blocked.example/") == b"403 000"
        lines = log_lines(log, lambda lines: len(lines) >= 8)
    assert {line["cache"] for line in lines if line["method"] == "CONNECT"} == {None}
    assert max(line["response_bytes"] for line in lines) > len(BIG)
    assert "a:b" not in log.read_text("utf-8") and "5bCP5piOOmE6Yg" not in log.read_text("utf-8")


def test_requests_goes_through(site: tuple[str, list[str]], secure_url: str, tmp_path: Path, authority: Any) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    url, _ = site
    with proxy() as (_, port), requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": f"http://127.0.0.1:{port}", "https": f"http://127.0.0.1:{port}"}
        answers = [session.get(f"{url}/cached", timeout=20) for _ in range(5)]
        assert [answer.headers["X-Cache"] for answer in answers] == ["MISS", *["HIT"] * 4]
        assert {answer.text for answer in answers} == {"number 1"}
        assert session.post(url, data=iter([b"ab", b"c" * 100_000]), timeout=20).content == b"c" * 100_000 + b"ba"
        assert session.get(f"{secure_url}/big", timeout=20, verify=str(tmp_path / "ca.pem")).content == BIG
        assert session.get("http://localhost:1/", timeout=20).status_code == 502


@needs_chromium
def test_chromium_browses_through_it(site: tuple[str, list[str]], secure_url: str, tmp_path: Path) -> None:
    url, asked = site
    log = tmp_path / "log"
    flags = ["--proxy-bypass-list=<-loopback>", "--ignore-certificate-errors"]
    with proxy("--log", str(log)) as (_, port):
        for page in (f"{url}/page", f"{secure_url}/page"):
            assert "through the proxy</p>" in dom(page, tmp_path, *flags, f"--proxy-server=http://127.0.0.1:{port}")
        wanted = {f"{url}/page", f"{url}/script.js", secure_url.removeprefix("https://")}
        log_lines(log, lambda lines: wanted <= {line["url"] for line in lines})
    assert {"/page", "/script.js"} <= set(asked)


# --- the wire ---


def test_a_kept_connection_never_stalls(site: tuple[str, list[str]]) -> None:
    """A head and a body in two sends would cost 40 ms each time."""
    url, _ = site
    with proxy() as (_, port), socket.create_connection(("127.0.0.1", port), 20) as client:
        took = []
        for _ in range(31):
            begun = time.perf_counter()
            client.sendall(f"GET {url}/cached HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            answer = b""
            while b"number 1" not in answer:
                answer += client.recv(65_536)
            took.append(time.perf_counter() - begun)
        assert statistics.median(took) < 0.02


def test_a_tunnel_passes_half_closes_and_ends_with_ctrl_c() -> None:
    with proxy() as (process, port), socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        client = socket.create_connection(("127.0.0.1", port), 20)
        target = f"127.0.0.1:{listener.getsockname()[1]}"
        client.sendall(f"CONNECT {target} HTTP/1.0\r\n\r\n".encode() + b"early")
        origin, _ = listener.accept()
        origin.settimeout(20)
        sender = threading.Thread(target=lambda: (client.sendall(BIG), client.shutdown(socket.SHUT_WR)))
        sender.start()
        with client, origin:
            assert read_all(origin) == b"early" + BIG
            sender.join()
            origin.sendall(BIG)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            assert head.startswith(b"HTTP/1.1 200 ")
            process.send_signal(signal.SIGINT)  # one direction is still open
            assert process.wait(10) == 0


def read_all(sock: socket.socket) -> bytes:
    parts = []
    while part := sock.recv(65_536):
        parts.append(part)
    return b"".join(parts)


FILTERS = """
from proxy_server import ProxyServer, Response
def ask(request):
    if request.url.endswith("/stop"):
        return Response(418, "Teapot", [("X-Mine", "1")], b"short and stout")
    if request.url.endswith("/fail"):
        raise RuntimeError("on purpose")
    request.headers.append(("X-Added", "yes"))
    return request
def tell(request, response):
    response.body = response.body.replace(b"yes", b"certainly")
    return response
ProxyServer("127.0.0.1", int(sys.argv[1]), request_filter=ask, response_filter=tell).start()
"""


def test_filters_change_answer_and_fail(site: tuple[str, list[str]]) -> None:
    url, asked = site
    with proxy(program=FILTERS) as (_, port), requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": f"http://127.0.0.1:{port}"}
        assert session.get(f"{url}/", timeout=20).json()["X-Added"] == "certainly"
        answer = session.get(f"{url}/stop", timeout=20)
        assert (answer.status_code, answer.content) == (418, b"short and stout")
        assert "X-Cache" not in answer.headers and session.get(f"{url}/fail", timeout=20).status_code == 502
    assert asked == ["/"]


# --- messages, without a network of their own ---

HEAD = b"POST http://h/ HTTP/1.1\r\nHost: h\r\n"
BODIES = {
    HEAD + b"Content-Length: 5\r\n\r\nhello": b"hello",
    HEAD + b"Content-Length: 5, 5\r\n\r\nhello": b"hello",
    HEAD + b"\r\n": b"",
    HEAD + b'transfer-encoding: CHUNKED\r\n\r\n5;a="b;c"\r\nhello\r\n00A\r\n, you all!\r\n0\r\nX: y\r\n\r\n': (
        b"hello, you all!"
    ),
}
REFUSED = {
    HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": 400,
    HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!": 400,
    HEAD + b"Content-Length: +5\r\n\r\nhello": 400,
    HEAD + b"Content-Length: 99999999999999999999\r\n\r\n": 413,
    HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n": 501,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n": 400,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n": 400,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\n\r\n": 400,
    HEAD + b"Content-Length : 5\r\n\r\nhello": 400,
    HEAD + b"X: a\nY: b\r\n\r\n": 400,
    HEAD + b"X: a\rY: b\r\n\r\n": 400,
    HEAD + b"X: a\r\n folded\r\n\r\n": 400,
    HEAD + b"X: " + b"a" * 100_000: 431,
    HEAD + b"Content-Length: 5\r\n\r\nhell": 400,  # the end
}


def read_request(data: bytes, cuts: int) -> tuple[bytes, bytes]:
    """The body, and what is left of the stream; the data comes in pieces of that many bytes."""
    near, far = socket.socketpair()
    with near, far:

        def feed() -> None:
            with contextlib.suppress(OSError):
                for start in range(0, len(data), cuts):
                    far.sendall(data[start : start + cuts])
                far.shutdown(socket.SHUT_WR)

        feeder = threading.Thread(target=feed)
        feeder.start()
        near.settimeout(20)
        stream = Stream(near)
        try:
            head = stream.read_head()
            assert head is not None
            _, headers = proxy_server.parse_head(head)
            body = proxy_server.read_request_body(stream, "1.1", headers)
            while stream.fill():
                pass
            return body, bytes(stream.buffer)
        finally:
            near.close()
            feeder.join()


@pytest.mark.parametrize("data", BODIES, ids=range(len(BODIES)))
def test_a_request_is_read_however_it_is_cut(data: bytes) -> None:
    for following in (b"", b"GET http://h/next HTTP/1.1\r\n"):
        for cuts in (len(data) + 100, 7, 1):
            assert read_request(data + following, cuts) == (BODIES[data], following)


@pytest.mark.parametrize("data", REFUSED, ids=range(len(REFUSED)))
def test_a_request_that_could_be_taken_in_two_ways_is_refused(data: bytes) -> None:
    for cuts in (len(data), 977, 1):
        if len(data) // cuts < 10_000:
            with pytest.raises(Malformed) as refused:
                read_request(data, cuts)
            assert refused.value.response.status == REFUSED[data]


# --- the cache, without a network and with a clock of its own ---

NOW = 1_700_000_000.0


def asking(url: str = "http://h/", *headers: tuple[str, str]) -> Request:
    return Request("GET", url, list(headers), b"")


def age_when(*headers: tuple[str, str], later: float = 0) -> str | None:
    """The Age of the answer from the cache, that many seconds later; None when it is not fresh."""
    cache = Cache(100_000)
    cache.store(asking(), Response(200, "OK", list(headers), b"body"), NOW, NOW)
    entry = cache.find(asking())
    if entry is None or not entry.is_fresh_for({}, NOW + later):
        return None
    return dict(entry.answer(asking(), NOW + later).headers)["Age"]


def date(seconds: float) -> str:
    return formatdate(NOW + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "later", "age"),
    [
        ([("Cache-Control", "max-age=10")], 9.5, "9"),
        ([("Cache-Control", "max-age=10")], 10, None),
        ([("Cache-Control", "MAX-AGE=10"), ("Age", "4")], 5, "9"),
        ([("Cache-Control", "max-age=10"), ("Age", "4")], 6, None),
        ([("Cache-Control", "max-age=10"), ("Date", date(-4))], 5, "9"),
        ([("Cache-Control", "max-age=10"), ("Date", date(-4)), ("Age", "6")], 5, None),
        ([("Cache-Control", "max-age=10"), ("Age", "x, 9")], 9, "9"),
        ([("Cache-Control", "max-age=10, s-maxage=20"), ("Expires", date(5))], 15, "15"),
        ([("Cache-Control", "max-age=10"), ("Cache-Control", "s-maxage=0")], 0, None),
        ([("Cache-Control", "max-age=ten"), ("Expires", date(5))], 0, None),
        ([("Cache-Control", 'x="max-age=1", max-age="10"')], 9, "9"),
        ([("Cache-Control", "max-age=" + "9" * 5000)], 1e8, "100000000"),
        ([("Date", date(0)), ("Expires", date(10))], 9, "9"),
        ([("Date", date(100)), ("Expires", date(110))], 9, "9"),
        ([("Expires", "Tue Nov 14 22:13:30 2023")], 9, "9"),
        ([("Expires", "0")], 0, None),
        ([("Cache-Control", "max-age=10, private")], 0, None),
        ([("Cache-Control", "max-age=10"), ("cache-control", "No-Store")], 0, None),
        ([("Cache-Control", "max-age=10, no-cache"), ("ETag", '"1"')], 0, None),
        ([("Cache-Control", "max-age=10"), ("Vary", "accept, *")], 0, None),
        ([("ETag", '"1"')], 0, None),
    ],
)
def test_freshness(headers: list[tuple[str, str]], later: float, age: str | None) -> None:
    assert age_when(*headers, later=later) == age


def test_an_answer_asked_for_before_the_change_is_not_stored() -> None:
    cache = Cache(100_000)
    cache.invalidate("http://h/", NOW + 1)
    answer = Response(200, "OK", [("Cache-Control", "max-age=10")], b"old")
    assert cache.store(asking(), answer, asked=NOW, now=NOW + 2) is None
    assert cache.store(asking(), answer, asked=NOW + 2, now=NOW + 3) is not None


@pytest.mark.parametrize("variants", [False, True], ids=["URLs", "variants"])
def test_the_cache_keeps_its_bound_with_very_many(variants: bool) -> None:
    """What it says it takes is what it really takes, and no trace is left of what has gone."""
    bound = 2**20
    tracemalloc.start()
    try:
        cache = Cache(bound)
        before, _ = tracemalloc.get_traced_memory()
        peak = 0
        for number in range(10_000):
            language = ("Accept-Language", f"variant {number}") if variants else ("Accept", "all")
            request = asking("http://h/one" if variants else f"http://h/{number}", language)
            headers = [("Cache-Control", "max-age=600"), ("Vary", "Accept-Language"), ("ETag", f'"{number}"')]
            cache.store(request, Response(200, "OK", headers, b"%d" % number), NOW, NOW)
            if number % 100 == 0:
                peak = max(peak, tracemalloc.get_traced_memory()[0] - before)
            assert cache.size <= bound
        assert cache.find(request) is not None
        assert peak <= bound
        cache.invalidate("http://h/one", NOW)
        for number in range(10_000):
            cache.invalidate(f"http://h/{number}", NOW)
        assert cache.size == 0 and not cache._entries and not cache._variants
    finally:
        tracemalloc.stop()


def test_what_was_used_least_recently_goes_first() -> None:
    cache = Cache(100_000)
    for name in ("a", "b", "c", "d"):
        cache.store(
            asking(f"http://h/{name}"), Response(200, "OK", [("Cache-Control", "max-age=9")], BIG[:22_000]), 0, 0
        )
    assert cache.find(asking("http://h/a"))
    cache.store(asking("http://h/e"), Response(200, "OK", [("Cache-Control", "max-age=9")], BIG[:22_000]), 0, 0)
    cache.store(asking("http://h/f"), Response(200, "OK", [("Cache-Control", "max-age=9")], BIG[:200_000]), 0, 0)
    assert [name for name in "abcdef" if cache.find(asking(f"http://h/{name}"))] == ["a", "c", "d", "e"]
