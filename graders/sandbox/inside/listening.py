"""Tells the grader the moment a socket listens: no polling, and no stray connection that a server would count."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any


def announce(tell: Callable[[dict[str, Any]], None]) -> None:
    """Call `tell` with an event after every listen() of a TCP socket and every bind() of a UDP socket."""
    listen, bind = socket.socket.listen, socket.socket.bind

    def event(sock: socket.socket, transport: str) -> None:
        try:
            if sock.family in (socket.AF_INET, socket.AF_INET6):
                host, port = sock.getsockname()[:2]
                tell({"event": "listening", "host": host, "port": port, "transport": transport})
        except OSError:
            pass

    def listen_and_tell(self: socket.socket, *args: Any) -> None:
        listen(self, *args)
        event(self, "tcp")

    def bind_and_tell(self: socket.socket, *args: Any) -> None:
        bind(self, *args)
        if self.type & 0xF == socket.SOCK_DGRAM:
            event(self, "udp")

    socket.socket.listen = listen_and_tell  # type: ignore[assignment, method-assign]
    socket.socket.bind = bind_and_tell  # type: ignore[assignment, method-assign]
