"""How fast a proxy answers from memory, beside Flask's development server: requests a second, one client.

Part of `python -m graders bench`. The proxy is asked on one kept connection for a page that it has stored. Flask's
server ends the connection behind every answer: it is asked on a new one each time, read to its Content-Length only.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from graders.commands.served import served
from graders.core.models.http_parser import ResponseParser, State
from graders.core.rubric import all_units
from graders.core.wire.blame import Wrong
from graders.sandbox import Limits

UNIT, BESIDE = "proxy_server", "flask_app"

#: Seconds for each of them, and without any answer.
SPAN, QUIET = 1.5, 5.0

_PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nCache-Control: max-age=600\r\nConnection: close\r\n\r\nhello"


def rates(submission: Path) -> Iterator[str]:
    """A line for the submission's proxy, and for the right samples where they are: what it does beside Flask."""
    units = all_units()
    flask = submission / units[BESIDE].path
    try:
        with served(units[BESIDE], flask, Limits()) as address:
            slow = _rate(lambda: _ask(address, b"GET /api/data HTTP/1.1\r\nHost: x\r\n\r\n"))
    except (Wrong, OSError) as error:
        yield f"  {BESIDE} does not serve: {error}"
        return
    yield f"  {'Flask, development server':26} {slow:9,.0f} requests a second"
    files = [(str(submission), submission / units[UNIT].path)]
    files += [(file.stem, file) for file in sorted(Path("tests/submissions/right", UNIT).glob("*.py"))]
    for name, file in files:
        try:
            with served(units[UNIT], file, Limits()) as address, _origin() as url:
                hits = _hits(address, url)
        except (Wrong, OSError) as error:
            yield f"  {name:26} {type(error).__name__}: {error}"
            continue
        yield f"  {name:26} {hits:9,.0f} requests a second from memory, {hits / slow:.1f} times as many"


@contextmanager
def _origin() -> Iterator[str]:
    """The URL of a page that may be stored."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener,), daemon=True).start()
        yield "http://{}:{}/".format(*listener.getsockname())


def _serve(listener: socket.socket) -> None:
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        with peer:
            peer.recv(65536)
            peer.sendall(_PAGE)


def _hits(address: tuple[str, int], url: str) -> float:
    request = f"GET {url} HTTP/1.1\r\nHost: {url.split('/')[2]}\r\n\r\n".encode()
    with socket.create_connection(address, QUIET) as client:
        client.sendall(request)
        _answer(client)
        client.sendall(request)
        if b"x-cache: hit" not in _answer(client).lower():
            raise OSError("it does not answer from memory")

        def ask() -> None:
            client.sendall(request)
            _answer(client)

        return _rate(ask)


def _ask(address: tuple[str, int], request: bytes) -> None:
    with socket.create_connection(address, QUIET) as client:
        client.sendall(request)
        _answer(client)


def _answer(client: socket.socket) -> bytes:
    """One answer, as far as its Content-Length says."""
    parser, data = ResponseParser("GET"), b""
    while parser.state is State.NEEDS_MORE:
        piece = client.recv(65536)
        if not piece:
            raise OSError("the connection ended inside an answer")
        data += piece
        parser.feed(piece)
    return data


def _rate(ask: Callable[[], None]) -> float:
    ask()
    count, began = 0, time.perf_counter()
    while time.perf_counter() < began + SPAN:
        ask()
        count += 1
    return count / (time.perf_counter() - began)
