"""How TCP connections come about: the grader as a client (`connect`) and as a server (`Listener`)."""

from __future__ import annotations

import os
import socket

from graders.core.models.finding import Mismatch, Side
from graders.core.text import Text
from graders.core.wire.blame import GONE, Silence, Unavailable, Wrong
from graders.core.wire.patience import Patience
from graders.core.wire.ready import wait_ready
from graders.core.wire.story import Story
from graders.core.wire.tcp import TcpPeer

#: A narrow peer: small segments and a small window, so that the program's buffers on loopback are soon full. Loopback's
#: own segments of 64 KiB let the kernel take more than a megabyte from the program before it ever has to wait.
NARROW_SEGMENT = 536
NARROW_WINDOW = 4096


def make_narrow(sock: socket.socket) -> None:
    """Before it connects or listens: see NARROW_SEGMENT."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_WINDOW)
    if hasattr(socket, "TCP_MAXSEG"):  # not on Windows
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, NARROW_SEGMENT)


def connect(
    address: tuple[str, int],
    name: str,
    story: Story,
    patience: Patience,
    *,
    narrow: bool = False,
    refused: str | None = None,
) -> TcpPeer:
    """Connect to the program's server as client ``name``; Wrong when it refuses, Silence when nothing answers."""
    sock = socket.socket()
    if narrow:
        make_narrow(sock)
    sock.settimeout(patience.seconds)
    try:
        sock.connect(address)
    except (ConnectionRefusedError, *GONE):
        sock.close()
        step = story.add(name, "refused", port=address[1])
        mismatch = Mismatch(
            Side(Text("连接被接受", "the connection is accepted")),
            Side(Text("连接被拒绝", "the connection is refused")),
            diagnosis=refused or "tcp.refused",
            event="connect",
        )
        story.fail(mismatch, step)
        raise Wrong(mismatch) from None
    except TimeoutError:
        sock.close()
        step = story.add(name, "silence", port=address[1])
        mismatch = Mismatch(
            Side(Text("连接被接受", "the connection is accepted")),
            Side(Text("没有人应答", "nobody answers")),
            diagnosis="tcp.not_accepted",
            event="connect",
        )
        story.fail(mismatch, step)
        raise Silence(mismatch) from None
    story.add(name, "connect", port=address[1], narrow=narrow)
    return TcpPeer(name, sock, story, patience)


class Listener:
    """The grader as a server: a listening socket on loopback that hands out recording peers."""

    def __init__(
        self, name: str, story: Story, patience: Patience, *, port: int = 0, backlog: int = 16, narrow: bool = False
    ) -> None:
        self.name = name
        self.story = story
        self.patience = patience
        self._socket = socket.socket()
        if os.name == "posix":  # on Windows it would share the port with whoever has it
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if narrow:
            make_narrow(self._socket)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError:
            self._socket.close()
            if port:  # the lesson's own, for a script
                raise Unavailable(Text(f"端口 {port} 已被占用", f"port {port} is in use")) from None
            raise
        self._socket.listen(backlog)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        story.add(name, "listen", port=self.address[1], narrow=narrow)

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """For waiting on several ends at once."""
        return self._socket.fileno()

    def awaits(self, seconds: float) -> bool:
        """Whether a connection is waiting to be accepted; waits for one up to ``seconds``."""
        return wait_ready(self._socket, True, False, seconds)[0]

    def stop(self) -> None:
        """Stop listening: from now on whoever connects is refused."""
        self.story.add(self.name, "close")
        self.close()

    def accept(self, name: str | None = None, *, units: float = 1.0) -> TcpPeer:
        """The next connection of the program. Raises Silence when it does not come within patience."""
        self._socket.settimeout(self.patience.seconds * units)
        try:
            sock, _ = self._socket.accept()
        except TimeoutError:
            step = self.story.add(self.name, "silence")
            mismatch = Mismatch(
                Side(Text("程序连接过来", "the program connects")),
                Side(Text("没有连接", "no connection")),
                diagnosis="tcp.never_connects",
                event="accept",
            )
            self.story.fail(mismatch, step)
            raise Silence(mismatch) from None
        name = name or self.name
        self.story.add(name, "accept", listener=self.name)
        return TcpPeer(name, sock, self.story, self.patience)

    def close(self) -> None:
        self._socket.close()
