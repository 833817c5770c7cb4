"""Recording UDP peers: every datagram that is sent or arrives is one step of the story."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from graders.core.models.finding import Mismatch, Side
from graders.core.text import Text
from graders.core.wire.blame import GONE, Silence, Wrong
from graders.core.wire.patience import Patience
from graders.core.wire.ready import wait_ready
from graders.core.wire.story import Story

#: The largest payload of a datagram over IPv4: 65,535 less the headers of IP (20) and UDP (8).
LARGEST = 65_507

Judge = Callable[[bytes], Mismatch | None]


class Datagram(NamedTuple):
    data: bytes
    sender: tuple[str, int]


class UdpPeer:
    """A datagram socket of the grader's on loopback: a client of the program's server, or a server for its client."""

    def __init__(
        self, name: str, story: Story, patience: Patience, *, program: tuple[str, int] | None = None, port: int = 0
    ) -> None:
        self.name = name
        self.story = story
        self.patience = patience
        self.program = program  # where send() goes; a server peer learns it from what arrives
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self._socket.setblocking(False)
        # Bursts of the largest datagrams must not be lost on the grader's side.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 2**20)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        story.add(name, "open", port=self.address[1], to=program[1] if program else None)

    def __enter__(self) -> UdpPeer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, data: str | bytes, *, to: tuple[str, int] | None = None, label: Text | None = None) -> None:
        """Send one datagram to the program (or ``to``)."""
        payload = data.encode() if isinstance(data, str) else data
        target = to or self.program
        assert target is not None, "a server peer answers only after something has arrived"
        self.story.add(self.name, "send", data=payload, label=label)
        wait_ready(self._socket, False, True, self.patience.seconds)
        with suppress(*GONE):  # an ICMP error of an earlier datagram; what is missing shows when nothing is received
            self._socket.sendto(payload, target)

    def receive(self, *, units: float = 1.0) -> Datagram | None:
        """The next datagram within patience, else None; records nothing, judges nothing."""
        deadline = self.patience.deadline(units)
        while True:
            try:
                data, sender = self._socket.recvfrom(65_536)
            except (BlockingIOError, *GONE):
                if deadline.over:
                    return None
                wait_ready(self._socket, True, False, deadline.left)
                continue
            return Datagram(data, sender[:2])

    def expect(self, judge: Judge, wanted: Side, *, label: Text | None = None, units: float = 1.0) -> bytes:
        """The next datagram, judged. Raises Wrong for a finding of ``judge``, Silence (wanting ``wanted``) for none."""
        datagram = self.receive(units=units)
        if datagram is None:
            step = self.story.add(self.name, "silence", label=label)
            mismatch = Mismatch(wanted, Side(Text("什么也没有收到", "nothing arrived")), diagnosis="udp.no_answer")
            self.story.fail(mismatch, step)
            raise Silence(mismatch)
        self.program = self.program or datagram.sender
        step = self.story.add(self.name, "receive", data=datagram.data, label=label)
        mismatch_or_none = judge(datagram.data)
        if mismatch_or_none is not None:
            self.story.fail(mismatch_or_none, step)
            raise Wrong(mismatch_or_none)
        return datagram.data

    def close(self) -> None:
        self._socket.close()
