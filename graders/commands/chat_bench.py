"""How fast chat servers deliver: 200 clients × 20 messages, each to all of them, beside one client that never reads.

Part of `python -m graders bench`. The clients are one loop in this process that counts lines; no line is looked at.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from graders.commands.served import served
from graders.core.models.chat_events import join, line, message
from graders.core.rubric import all_units
from graders.core.wire.blame import Wrong
from graders.core.wire.tcp_opening import make_narrow
from graders.sandbox import Limits

UNIT = "chat_server"
CLIENTS, MESSAGES = 200, 20
TOLD = f"{CLIENTS} clients, {MESSAGES} messages each, beside one client that never reads"

#: Seconds for one server, all in all, and without any line from it.
LONGEST, QUIET = 20.0, 5.0


@dataclass
class Run:
    """What one server did."""

    name: str
    delivered: int = 0  # lines of messages
    seconds: float = 0.0
    problem: str = ""

    def __str__(self) -> str:
        if self.problem:
            return f"  {self.name:24} {self.problem}"
        told = f"{self.delivered / self.seconds:9,.0f} deliveries a second, {self.delivered:,} in {self.seconds:.1f} s"
        missing = CLIENTS * MESSAGES * CLIENTS - self.delivered
        late = self.seconds >= LONGEST
        return f"  {self.name:24} {told}" + (f", {missing:,} {'to come' if late else 'LOST'}" if missing else "")


def programs(submission: Path) -> Iterator[tuple[str, Path]]:
    """The submission's server, and the right samples where they are."""
    path = all_units()[UNIT].path
    yield str(submission), submission / path
    for file in sorted(Path("tests/submissions/right", UNIT).glob("*.py")):
        yield file.stem, file


def deliveries(submission: Path) -> Iterator[Run]:
    """Each server's run, one after the other."""
    for name, file in programs(submission):
        yield measured(name, file)


def measured(name: str, file: Path) -> Run:
    """Start the server in a sandbox with bounded memory, and have the clients talk."""
    unit = all_units()[UNIT]
    run = Run(name)
    # All processors for all that time: who is slow shall be seen as slow, not ended as a loop and seen as losing lines.
    limits = replace(Limits.for_clients(unit.clients), cpu_seconds=round(LONGEST) * (os.cpu_count() or 1) * 2)
    try:
        with served(unit, file, limits) as address:
            _talk(address, run)
    except (Wrong, OSError) as error:
        run.problem = f"{type(error).__name__}: {error}"
    return run


def _talk(address: tuple[str, int], run: Run) -> None:
    clients: list[socket.socket] = []
    try:
        sleeper = socket.socket()
        clients.append(sleeper)
        make_narrow(sleeper)
        _joins(sleeper, address, "sleeper")
        for number in range(CLIENTS):
            client = socket.socket()
            clients.append(client)
            _joins(client, address, f"U{number}")
        _count(clients[1:], run)
    finally:
        for client in clients:
            client.close()


def _joins(client: socket.socket, address: tuple[str, int], name: str) -> None:
    """Connect and join; once its own join has come, no backlog can run over."""
    client.settimeout(QUIET)
    client.connect(address)
    client.sendall(line(join(name)))
    if not client.recv(1):
        raise OSError(f"{name} is not let in")


def _count(clients: list[socket.socket], run: Run) -> None:
    """Everybody talks; count line ends until all are there, or nothing comes any more."""
    # One byte of each own join has been read, and of the joins behind it none: they are lines, too.
    joins = sum(range(1, len(clients) + 1))
    wanted = joins + len(clients) * MESSAGES * len(clients)
    seen = 0
    with selectors.DefaultSelector() as selector:
        for client in clients:
            client.setblocking(False)
            selector.register(client, selectors.EVENT_READ)
        began = last = time.monotonic()
        for number, client in enumerate(clients):
            client.send(b"".join(line(message(f"{number} {each}")) for each in range(MESSAGES)))
        while seen < wanted and last < began + LONGEST:
            ready = selector.select(QUIET)
            if not ready:
                break
            for key, _ in ready:
                assert isinstance(key.fileobj, socket.socket)
                data = key.fileobj.recv(2**18)
                seen += data.count(b"\n")
                if not data:
                    selector.unregister(key.fileobj)
            last = time.monotonic()
    run.delivered, run.seconds = max(0, seen - joins), max(last - began, 1e-6)
