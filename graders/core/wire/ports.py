"""Ports on loopback, where units share the machine's network."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from graders.core.text import Text
from graders.core.wire.blame import Unavailable

#: Whose turn it is with port N, among the graders of this machine: who is bound to N + TURN. Nothing listens there, and
#: the system ends a turn even when its process is killed.
TURN = 11_000

#: A turn that lasts longer than any check is no grader's: the port is then looked at as it is.
LONGEST_TURN = 60.0


class FixedPort(NamedTuple):
    """A port that a program does not choose: the lesson's own, or one that a script is told to use."""

    number: int
    transport: str

    @classmethod
    def parse(cls, text: str) -> FixedPort:
        """``8888/tcp`` or ``8888/udp``, as /etc/services has it; raises ValueError for anything else."""
        number, _, transport = text.partition("/")
        if transport not in ("tcp", "udp") or not number.isdecimal() or not 0 < int(number) < TURN:
            raise ValueError(f"{text!r} is no port like 8888/tcp, below {TURN}")
        return cls(int(number), transport)


_turns: defaultdict[FixedPort, threading.Lock] = defaultdict(threading.Lock)
_no_graders: set[FixedPort] = set()  # whose turns another program has


def free_port(transport: str) -> int:
    """A port that nobody uses now. Where another program takes it at once, the second opinion has another port."""
    with _socket(transport) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def fixed_ports(ports: Iterable[FixedPort], *, private: bool) -> Iterator[None]:
    """While this lasts nobody else has these ports. Raises Unavailable when another program has one of them.

    Units that share the machine's network take turns, in this process and in others; with a ``private`` one each has
    the ports to itself.
    """
    if private:  # nobody is there but the program itself, which shall not gain by having one
        yield
        return
    with ExitStack() as turns:
        for port in sorted(ports):  # in one order for all, or two could wait for each other
            turns.enter_context(_turns[port])
            _await_turn(turns.enter_context(_socket(port.transport)), port)
        for port in sorted(ports):
            _require_free(port)
        yield


def _socket(transport: str) -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM)


def _await_turn(turn: socket.socket, port: FixedPort) -> None:
    until = time.monotonic() + LONGEST_TURN
    while port not in _no_graders:
        try:
            turn.bind(("127.0.0.1", port.number + TURN))
        except OSError:
            if time.monotonic() >= until:
                _no_graders.add(port)
            time.sleep(0.02)
        else:
            return


def _require_free(port: FixedPort) -> None:
    with _socket(port.transport) as probe:
        try:
            if port.transport == "tcp" and os.name == "posix":  # on Windows it would share the port with whoever has it
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("0.0.0.0", port.number))
        except OSError:
            words = f"{port.transport.upper()} {port.number}"
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
