"""What the kernel knows of a connection that neither end says: whether the program has taken what was sent to it.

A pause alone cannot tell two segments apart for certain: on a busy machine the program may sleep through it. Where the
system shows the queues of sockets (Linux, sock_diag(7)), it ends when the program has emptied its own: exact, and some
50 µs long.
"""

from __future__ import annotations

import socket
import struct
import sys
import time

_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST = 4, 20, 1
_ANY_STATE, _NO_COOKIE = 0xFFFFFFFF, 0xFFFFFFFF

#: Offset of idiag_rqueue: behind nlmsghdr (16), four bytes, the inet_diag_sockid (48) and idiag_expires (4).
_RQUEUE = 16 + 4 + 48 + 4

_EVERY = 0.0001


def await_taken(sock: socket.socket, longest: float) -> None:
    """Wait until the other end, has read everything that was sent over ``sock``, at most ``longest`` s.

    Where the system does not tell, wait ``longest``.
    """
    if not sys.platform.startswith("linux"):
        time.sleep(longest)
        return
    try:
        other, mine = sock.getpeername(), sock.getsockname()
    except OSError:
        return  # gone
    end = time.monotonic() + longest
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as kernel:
        question = _question(other, mine)
        while time.monotonic() < end:
            kernel.send(question)
            answer = kernel.recv(4096)
            found = struct.unpack_from("=H", answer, 4)[0] == _SOCK_DIAG_BY_FAMILY
            if not found or struct.unpack_from("=I", answer, _RQUEUE)[0] == 0:
                return
            time.sleep(_EVERY)


def _question(source: tuple[str, int], target: tuple[str, int]) -> bytes:
    """struct inet_diag_req_v2 for the one socket from ``source`` to ``target`` (IPv4, TCP)."""
    body = struct.pack("=BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _ANY_STATE)
    body += struct.pack("!HH", source[1], target[1])
    body += socket.inet_aton(source[0]).ljust(16, b"\0") + socket.inet_aton(target[0]).ljust(16, b"\0")
    body += struct.pack("=III", 0, _NO_COOKIE, _NO_COOKIE)
    return struct.pack("=IHHII", 16 + len(body), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 0, 0) + body
