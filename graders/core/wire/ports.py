"""Ports on loopback, where units share the machine's network."""

from __future__ import annotations

import socket


def free_port(transport: str) -> int:
    """A port that nobody uses now. Another program may take it at once: the check then fails to start and tries again."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
