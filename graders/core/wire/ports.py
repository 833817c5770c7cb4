"""Ports on loopback, where units share the machine's network."""

from __future__ import annotations

import socket
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from graders.core.text import Text
from graders.core.wire.blame import Unavailable

_turns: defaultdict[tuple[str, int], threading.Lock] = defaultdict(threading.Lock)


def free_port(transport: str) -> int:
    """A port that nobody uses now. Where another program takes it at once, the second opinion has another port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def lesson_port(transport: str, port: int, *, private: bool) -> Iterator[None]:
    """While this lasts nobody else has the fixed port that a script uses. Raises Unavailable when somebody has.

    Units that share the machine's network take turns; with a ``private`` one each has the port to itself.
    """
    with _turns[transport, port] if not private else threading.Lock():
        if not private:  # else nobody is there but the program itself, which shall not gain by it
            _require_free(transport, port)
        yield


def _require_free(transport: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM) as probe:
        try:
            if transport == "tcp":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("0.0.0.0", port))
        except OSError:
            words = f"{transport.upper()} {port}"
            raise Unavailable(Text(f"别的程序占用了端口 {words}", f"another program has port {words}")) from None


def second_loopback() -> str:
    """Another address of this machine, to tell hosts apart; where there is just the one (macOS), that."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.2", 0))
        except OSError:
            return "127.0.0.1"
    return "127.0.0.2"


@contextmanager
def refusing_port() -> Iterator[int]:
    """A TCP port that refuses every connection: bound, so that nobody else can take it, and not listening."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        yield port
