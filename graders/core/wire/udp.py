"""Recording UDP peers: every datagram that is sent or arrives is one step of the story."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from graders.core.models.datagrams import DatagramsOracle, Found, Quiet
from graders.core.models.finding import Mismatch, Side
from graders.core.text import Text
from graders.core.wire.blame import GONE, Silence, Wrong
from graders.core.wire.patience import Patience
from graders.core.wire.ready import wait_ready
from graders.core.wire.story import Story

#: The largest payload of a datagram over IPv4: 65,535 less the headers of IP (20) and UDP (8).
LARGEST = 65_507

#: How often, in seconds, a peer that waits looks whether the program is still there.
_GLANCE = 0.1

#: More datagrams than this are a flood; what was wanted would have come before.
_FLOOD = 1000
_FLOOD_BYTES = 8 * 2**20

Judge = Callable[[bytes], Mismatch | None]


class Datagram(NamedTuple):
    data: bytes
    sender: tuple[str, int]


def _never() -> bool:
    return False


class UdpPeer:
    """A datagram socket of the grader's on loopback: a client of the program's server, or a server for its client."""

    def __init__(
        self,
        name: str,
        story: Story,
        patience: Patience,
        *,
        program: tuple[str, int] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        gone: Callable[[], bool] = _never,
    ) -> None:
        self.name = name
        self.story = story
        self.patience = patience
        self.program = program  # where send() goes; a server peer learns it from what arrives
        self._serves = program is None
        self._gone = gone  # whether the program has ended, so that waiting is in vain
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        self._socket.setblocking(False)
        # Bursts of the largest datagrams must not be lost on the grader's side.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 2**20)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        if program is None:
            story.add(name, "listen", transport="udp", host=self.address[0], port=self.address[1])
        else:
            where = "{}:{}".format(*self.address)
            label = Text(f"从 {where}", f"from {where}") if host != "127.0.0.1" else None
            at: dict[str, Any] = {"at": program[0]} if program[0] != "127.0.0.1" else {}
            story.add(
                name, "connect", label=label, transport="udp", host=host, own=self.address[1], port=program[1], **at
            )

    def __enter__(self) -> UdpPeer:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: str | bytes, *, pause: float = 0.0, label: Text | None = None) -> None:
        """Send one datagram to the program, after ``pause`` seconds."""
        payload = data.encode() if isinstance(data, str) else data
        assert self.program is not None, "a server peer answers only after something has arrived"
        self.story.add(self.name, "send", data=payload, label=label, pause_before=pause)
        if pause:
            time.sleep(pause)  # part of the traffic, not a wait for anything
        wait_ready(self._socket, False, True, self.patience.seconds)
        with suppress(*GONE):  # an ICMP error of an earlier datagram; what is missing shows when nothing is received
            self._socket.sendto(payload, self.program)

    def receive(self, *, units: float = 1.0) -> Datagram | None:
        """The next datagram within patience, else None; records nothing, judges nothing."""
        deadline = self.patience.deadline(units)
        while True:
            over = deadline.over or self._gone()
            try:
                data, sender = self._socket.recvfrom(65_536)
            except (BlockingIOError, *GONE):
                if over:
                    return None
                wait_ready(self._socket, True, False, min(deadline.left, _GLANCE))
                continue
            return Datagram(data, sender[:2])

    def expect(
        self,
        judge: Judge,
        wanted: Side,
        *,
        label: Text | None = None,
        units: float = 1.0,
        silence: str = "udp.no_answer",
    ) -> bytes:
        """The next datagram, judged. Raises Wrong for a finding of ``judge``, Silence (wanting ``wanted``) for none."""
        datagram = self.receive(units=units)
        if datagram is None:
            raise self._silence(Quiet(wanted, silence), label, units)
        self.program = datagram.sender if self._serves else self.program
        step = self.story.add(self.name, "receive", data=datagram.data, label=label, until="datagram")
        mismatch = judge(datagram.data)
        if mismatch is not None:
            self.story.fail(mismatch, step)
            raise Wrong(mismatch)
        return datagram.data

    def expect_all(self, oracle: DatagramsOracle, *, label: Text | None = None, units: float = 1.0) -> list[bytes]:
        """The next datagrams until ``oracle`` has seen enough or no more come, judged together."""
        got, found = self._hear(oracle, label, units)
        if found is not None:
            raise self._silence(found, label, units)
        return got

    def hears(self, oracle: DatagramsOracle, *, units: float = 1.0) -> bool:
        """As expect_all, but where something has not come: False then, and nobody is blamed."""
        _, quiet = self._hear(oracle, None, units)
        if quiet is not None:
            self.story.add(self.name, "silence", seconds=self.patience.seconds * units)
        return quiet is None

    def _hear(self, oracle: DatagramsOracle, label: Text | None, units: float) -> tuple[list[bytes], Quiet | None]:
        got: list[bytes] = []
        steps = []
        size = 0
        deadline = self.patience.deadline(units)
        while not oracle.complete(got) and len(got) < _FLOOD and size < _FLOOD_BYTES and not deadline.final:
            datagram = self.receive(units=oracle.units(got) * units)
            if datagram is None:
                break
            size += len(datagram.data)
            self.program = datagram.sender if self._serves else self.program
            got.append(datagram.data)
            steps.append(self.story.add(self.name, "receive", data=datagram.data, label=label, until="datagram"))
        found = oracle.judge(got)
        if isinstance(found, Found):
            self.story.fail(found.mismatch, steps[found.index])
            raise Wrong(found.mismatch)
        return got, found

    def _silence(self, quiet: Quiet, label: Text | None, units: float) -> Wrong:
        """Nothing came: the program may still, unless it has ended."""
        step = self.story.add(self.name, "silence", label=label, seconds=self.patience.seconds * units)
        if self._gone():
            ended = Side(Text("服务器已经停止", "the server has stopped"))
            code = "udp.server_stopped" if quiet.diagnosis == "udp.no_answer" else quiet.diagnosis
            gone = Mismatch(quiet.wanted, ended, diagnosis=code, python=quiet.python)
            self.story.fail(gone, step)
            return Wrong(gone)
        got = quiet.got or Side(Text("什么也没有收到", "nothing arrived"))
        mismatch = Mismatch(quiet.wanted, got, diagnosis=quiet.diagnosis, python=quiet.python)
        self.story.fail(mismatch, step)
        return Silence(mismatch)

    def close(self) -> None:
        """The peer leaves; UDP tells nobody."""
        self.story.add(self.name, "close")
        self._socket.close()
