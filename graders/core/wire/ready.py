"""Waiting for one socket: by poll, as select refuses descriptors from 1024 on; by select where there is no poll."""

from __future__ import annotations

import select
import selectors
import socket
from collections.abc import Sequence
from typing import Any


def wait_ready(sock: socket.socket, read: bool, write: bool, seconds: float) -> tuple[bool, bool]:
    """(readable, writable) within ``seconds``; an error or a hang-up counts as readable, the read tells what it is."""
    if not hasattr(select, "poll"):
        readable, writable, failed = select.select([sock] if read else [], [sock] if write else [], [sock], seconds)
        return bool(readable or failed), bool(writable)
    poll = select.poll()
    poll.register(sock, (select.POLLIN if read else 0) | (select.POLLOUT if write else 0))
    events = poll.poll(max(0, round(seconds * 1000 + 0.5)))
    found = events[0][1] if events else 0
    gone = select.POLLERR | select.POLLHUP | select.POLLNVAL
    return bool(found & (select.POLLIN | gone)) and read, bool(found & (select.POLLOUT | gone)) and write


def ready_ones(ends: Sequence[Any], seconds: float) -> list[Any]:
    """Those of several sockets (or of what has a fileno) that can be read, or have ended; none when time is up."""
    with selectors.DefaultSelector() as selector:
        for end in ends:
            selector.register(end, selectors.EVENT_READ)
        return [key.fileobj for key, _ in selector.select(seconds)]
