"""The grader's ends of the connections, once more: TCP, UDP, and listening. Part of every replay script."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import time
from collections.abc import Callable

# A peer that does not read takes the program for stuck when it takes nothing for that long.
STUCK = 0.3

# Small segments and a small window, where the recorded peer had them: buffers are full soon.
NARROW_SEGMENT, NARROW_WINDOW = 536, 4096
# What such a peer opens its window to when it reads late.
WIDE_WINDOW = 2**20

# An answer that looks complete is, when nothing follows it for that long.
QUIET = 0.3


class WentWrongEarlier(Exception):
    """The program did something else before the failing step was reached."""


class Connection:
    """The grader's end of one TCP connection, once more."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.unread = b""
        self.ended = ""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes, reading: str = "meanwhile", seconds: float = 60, *, more: bool = False) -> bool:
        """Send it all, reading beside it as the recorded peer did: "meanwhile", only "when stuck", or "never".

        `more`: the end of it may go out together with what follows, such as a FIN (Linux).

        False when the program takes no more of it (for "never" that is how it ends), or is gone.
        """
        view = memoryview(data)
        flags = getattr(socket, "MSG_MORE", 0) if more else 0
        last = time.monotonic() + (STUCK if reading == "never" else seconds)
        self.sock.setblocking(False)
        while view and time.monotonic() < last:
            may_read = [] if reading == "never" or self.ended else [self.sock]
            readable, writable, _ = select.select(may_read, [self.sock], [], 0.1)
            try:
                if writable:
                    view = view[self.sock.send(view[: 1 << 16], flags) :]
                    last = max(last, time.monotonic() + STUCK)
                if readable and not (writable and reading == "when stuck"):
                    self._read_some(0)
            except BlockingIOError:
                continue
            except OSError:
                self.ended = self.ended or "reset"
                return False
        return not view

    def _read_some(self, seconds: float) -> bool:
        """Read once; False when nothing came in that time."""
        try:
            self.sock.settimeout(max(0.001, seconds))  # 0 would not wait, and raise another error
            data = self.sock.recv(1 << 16)
        except TimeoutError:
            return False
        except OSError:
            self.ended = "reset"
            return True
        if not data:
            self.ended = "end"
        self.unread += data
        return True

    def receive(
        self, settled: Callable[[bytes], bool], seconds: float, *, end_of: Callable[[bytes], int] | None = None
    ) -> tuple[bytes, str]:
        """(what came, how it stopped: end, reset or silence; complete with `end_of`).

        Once it is settled, as far as one can see, a short quiet is taken for the end of the answer. `end_of`: where the
        answer ends in what came, 0 while it does not; what comes behind it is the next one's.
        """
        deadline = time.monotonic() + seconds
        if end_of is not None:
            return self._receive_part(end_of, deadline)
        while not self.ended and (left := deadline - time.monotonic()) > 0:
            if not settled(self.unread):
                self._read_some(left)
            elif not self._read_some(min(left, QUIET)):
                break
        data, self.unread = self.unread, b""
        return data, self.ended or "silence"

    def widen(self) -> None:
        """A late reader has had its full window: the rest in small segments would only take long."""
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WIDE_WINDOW)

    def _receive_part(self, end_of: Callable[[bytes], int], deadline: float) -> tuple[bytes, str]:
        while not (end := end_of(self.unread)) and not self.ended and (left := deadline - time.monotonic()) > 0:
            self._read_some(left)
        end, how = (end, "complete") if end else (len(self.unread), self.ended or "silence")
        data, self.unread = self.unread[:end], self.unread[end:]
        return data, how

    def half_close(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.sock.close()

    def reset(self) -> None:
        # Lingering for 0 seconds makes close() send RST instead of FIN.
        with contextlib.suppress(OSError):
            on_then_zero = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, on_then_zero)
        self.sock.close()


class Datagrams:
    """The grader's end for UDP: `to` is the program's server, or whoever sent last."""

    def __init__(self, sock: socket.socket, to: tuple[str, int] | None) -> None:
        self.sock = sock
        self.to = to

    def send(self, data: bytes, reading: str = "", seconds: float = 60, *, more: bool = False) -> bool:
        if self.to is None:
            raise WentWrongEarlier("no datagram came that could be answered")
        with contextlib.suppress(OSError):
            self.sock.sendto(data, self.to)
            return True
        return False

    def receive(
        self, settled: Callable[[bytes], bool], seconds: float, *, end_of: Callable[[bytes], int] | None = None
    ) -> tuple[bytes, str]:
        self.sock.settimeout(seconds)
        try:
            data, self.to = self.sock.recvfrom(1 << 16)
        except TimeoutError:
            return b"", "silence"
        except OSError:
            return b"", "reset"
        return data, "complete"

    def half_close(self) -> None:
        pass

    widen = half_close

    def close(self) -> None:
        self.sock.close()

    reset = close


class Listener:
    """A server of the grader, once more: on the port where that is free, else on another."""

    def __init__(self, host: str, port: int, *, udp: bool, narrow: bool = False) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
        if not udp and os.name != "nt":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if narrow:
            make_narrow(self.sock)
        try:
            self.sock.bind((host, port))
        except OSError:
            self.sock.bind((host, 0))
        self.port: int = self.sock.getsockname()[1]
        if not udp:
            self.sock.listen(128)

    def accept(self, seconds: float) -> Connection | None:
        self.sock.settimeout(seconds)
        try:
            return Connection(self.sock.accept()[0])
        except OSError:
            return None


def make_narrow(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_WINDOW)
    if hasattr(socket, "TCP_MAXSEG"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, NARROW_SEGMENT)


def connected(address: tuple[str, int], seconds: float, *, narrow: bool = False) -> Connection:
    """A TCP connection. Raises OSError."""
    sock = socket.socket()
    try:
        if narrow:
            make_narrow(sock)
        sock.settimeout(seconds)
        sock.connect(address)
    except OSError:
        sock.close()
        raise
    return Connection(sock)


def port_is_free(port: int, transport: str | None = "tcp") -> bool:
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as sock:
        if kind == socket.SOCK_STREAM and os.name != "nt":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
