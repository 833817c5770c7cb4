"""Ports on loopback, where units share the machine's network."""

from __future__ import annotations

import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from graders.core.text import Text
from graders.core.wire.blame import Unavailable

_turns: defaultdict[tuple[str, int], threading.Lock] = defaultdict(threading.Lock)

#: Whose turn it is with port N, among the graders of this machine: who is bound to N + TURN. Nothing listens there, and
#: the system ends a turn even when its process is killed.
TURN = 11_000

#: A turn that lasts longer than any check is no grader's: the port is then looked at as it is.
LONGEST_TURN = 60.0


def free_port(transport: str) -> int:
    """A port that nobody uses now. Where another program takes it at once, the second opinion has another port."""
    with _socket(transport) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def lesson_port(transport: str, port: int, *, private: bool) -> Iterator[None]:
    """While this lasts nobody else has the fixed port that a script uses. Raises Unavailable when somebody has.

    Units that share the machine's network take turns, in this process and in others; with a ``private`` one each has
    the port to itself.
    """
    if private:  # nobody is there but the program itself, which shall not gain by having it
        yield
        return
    with _turns[transport, port], _socket(transport) as turn:
        _await_turn(turn, port)
        _require_free(transport, port)
        yield


def _socket(transport: str) -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM)


def _await_turn(turn: socket.socket, port: int) -> None:
    until = time.monotonic() + LONGEST_TURN
    while time.monotonic() < until:
        try:
            turn.bind(("127.0.0.1", port + TURN))
        except OSError:
            time.sleep(0.02)
        else:
            return


def _require_free(transport: str, port: int) -> None:
    with _socket(transport) as probe:
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
