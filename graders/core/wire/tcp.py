"""The recording TCP peer: one end of a connection, the grader's; `tcp_opening` tells how it came about."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterable
from contextlib import suppress
from enum import Enum
from itertools import pairwise
from types import TracebackType
from typing import Any, Self, TypeVar

from graders.core.models.finding import Ending, Mismatch, PartOracle, Side, StreamOracle
from graders.core.text import Text
from graders.core.wire.blame import Silence, Wrong, ending_of
from graders.core.wire.kernel import await_taken
from graders.core.wire.patience import Patience
from graders.core.wire.ready import wait_ready
from graders.core.wire.story import Story

#: Between two segments: until the program has read the first, at most this long (it may not be reading at all).
#: Without a pause 36 % of such pairs arrive as one read.
SEGMENT_PAUSE = 0.05

#: More than any answer of the contract (8 MiB): what goes on beyond it is judged as it stands. All peers of a
#: conversation together hold no more than FLOOD_OF_ALL, and each at least its SHARE: 200 may be flooded at once.
FLOOD, FLOOD_OF_ALL, SHARE = 16 * 2**20, 64 * 2**20, 2**19

#: A peer that never reads takes the program for stuck after this long.
STUCK_UNITS = 0.1

#: What a peer that was late opens its window to.
WIDE_WINDOW = 2**20

_CHUNK = 256 * 1024

#: struct linger {on, 0 s}: closing sends RST. Its fields are short on Windows.
_LINGER_ZERO = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


Kind = TypeVar("Kind", bound="TcpPeer")


class Reading(Enum):
    """What a peer does about arriving data while it sends."""

    MEANWHILE = "meanwhile"  # takes it at once: nobody is ever held up
    WHEN_STUCK = "when stuck"  # only when it cannot send: the program's own buffers fill up
    NEVER = "never"  # and gives up sending when the program takes no more


class TcpPeer:
    """One end of a TCP connection, the grader's. Every step it takes is written to the story.

    What arrives is kept until an ``expect`` judges it, also while sending: a program that answers as it reads is never
    deadlocked. A send that fails because the program is gone is recorded and does not raise; reading goes on.
    """

    def __init__(self, name: str, sock: socket.socket, story: Story, patience: Patience) -> None:
        self.name = name
        self.story = story
        self.patience = patience
        self.unread = bytearray()
        self._most = FLOOD  # bytes beyond which it takes no more before they are judged
        self.ending: Ending | None = None  # END or RESET once seen
        self.marks: dict[str, Any] = {}  # what its steps say of how they are to be told
        self._socket = sock
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._socket.close()  # the conversation has gone wrong; what follows is no part of the story

    def become(self, kind: type[Kind]) -> Kind:
        """The same connection as a peer that speaks a protocol; this one is not used any more."""
        return kind(self.name, self._socket, self.story, self.patience)

    def fileno(self) -> int:
        """For waiting on several ends at once; -1 when it is closed."""
        return self._socket.fileno()

    # -- sending -----------------------------------------------------------------------------------------------------

    def send(
        self,
        data: str | bytes,
        *,
        cut_at: Iterable[int] = (),
        reading: Reading = Reading.MEANWHILE,
        label: Text | None = None,
        more: bool = False,
        pause: float = 0.0,
        apart: bool = False,
    ) -> None:
        """Send ``data``, cut into segments at the offsets ``cut_at`` of its bytes, with a real pause at each.

        ``more``: the kernel may keep the end of it back, to send it together with what follows at once, be it a FIN.
        ``pause``: seconds to wait before the first byte, as a slow peer does; ``apart``: wait before it as at a cut.
        """
        whole = data.encode() if isinstance(data, str) else data
        edges = [0, *sorted({at for at in cut_at if 0 < at < len(whole)}), len(whole)]
        for start, end in pairwise(edges):
            wait = SEGMENT_PAUSE if start or apart else pause
            if start or apart:
                await_taken(self._socket, wait)
            elif wait:
                time.sleep(wait)
            self._send_segment(whole[start:end], wait, label if not start else None, reading, more)

    def _send_segment(self, data: bytes, pause: float, label: Text | None, reading: Reading, more: bool) -> None:
        step = self.story.add(
            self.name,
            "send",
            data=data,
            label=label,
            pause_before=pause,
            reading=reading.value,
            more=more,
            **self.marks,
        )
        view = memoryview(data)
        flags = getattr(socket, "MSG_MORE", 0) if more else 0  # Linux only
        deadline = self.patience.deadline(1.0 if reading is not Reading.NEVER else STUCK_UNITS)
        while view and self.ending is not Ending.RESET:
            hears = not self.ending and reading is not Reading.NEVER and not self._flooded
            readable, writable = wait_ready(self._socket, hears, True, deadline.left)
            if readable and not (writable and reading is Reading.WHEN_STUCK):
                deadline.extend(self._read_available())
            if writable:
                try:
                    taken = self._socket.send(view[:_CHUNK], flags)
                except BlockingIOError:
                    continue
                except OSError as error:
                    step.more["failed"] = ending_of(error).value
                    self._drain()
                    return
                view = view[taken:]
                deadline.extend(taken)
            if view and deadline.over and (deadline.final or not (readable or writable)):
                if reading is Reading.NEVER:
                    step.more["taken"] = len(data) - len(view)
                    return
                mismatch = Mismatch(
                    Side(Text("程序把数据读走", "the program reads the data")),
                    Side(Text(f"还剩 {len(view)} 字节没人读", f"{len(view)} bytes are left unread")),
                    diagnosis="tcp.stops_reading",
                    event="read",
                )
                self.story.fail(mismatch, step)
                raise Silence(mismatch)

    def await_taken(self) -> None:
        """Wait until the program has read what was sent, or might have."""
        await_taken(self._socket, SEGMENT_PAUSE)

    def half_close(self) -> None:
        """Say that nothing more will be sent (FIN), and go on reading."""
        self.story.add(self.name, "half_close")
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:  # already gone: reading will tell how
            self._drain()

    def close(self) -> None:
        """Close both ways. Unread data makes the kernel send a reset instead of a FIN, so it is read first."""
        if self.closed:
            return
        self._read_available()
        self.story.add(self.name, "close")
        self._socket.close()

    def reset(self) -> None:
        """Break the connection off with RST, as a crashed machine or a cut cable's router would."""
        self.story.add(self.name, "reset")
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self._socket.close()

    @property
    def closed(self) -> bool:
        """Whether this end has been closed."""
        return self._socket.fileno() < 0

    # -- receiving ---------------------------------------------------------------------------------------------------

    def expect(
        self,
        oracle: StreamOracle,
        *,
        label: Text | None = None,
        units: float = 1.0,
        late: float = 0.0,
        learn: str | None = None,
    ) -> bytes:
        """Read until the oracle has seen enough, the connection ends or patience does; then let it judge.

        ``late``: units that this peer lets pass before it begins to read. ``learn``: a member of the JSON answer whose
        value is the program's choice: a replay goes on with the one that it gets. Returns what was received. Raises
        Wrong, or Silence where the finding may be the clock's fault.
        """
        pause = self.patience.unit * late
        if late:
            time.sleep(pause)
            # The program has met a full window by now; the rest in thousands of small reads would test the machine.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WIDE_WINDOW)
        data, ending = self.receive(oracle, units=units)
        more = self.marks | ({"learn": learn} if learn else {})
        step = self.story.add(
            self.name, "receive", data=data, label=label, ending=ending.value, pause_before=pause, **more
        )
        if isinstance(oracle, PartOracle) and ending is Ending.COMPLETE:
            step.more.update(oracle.part(data))
        mismatch = oracle.judge(data, ending)
        if mismatch is not None:
            self.story.fail(mismatch, step)
            raise (Silence if ending is Ending.SILENCE else Wrong)(mismatch)
        return data

    def receive(self, oracle: StreamOracle, *, units: float = 1.0) -> tuple[bytes, Ending]:
        """What arrives until the oracle is complete, and how that came to its end; records nothing, judges nothing."""
        deadline = self.patience.deadline(units)
        final = False
        self._most = getattr(oracle, "most", FLOOD)
        while True:
            if oracle.complete(self.unread) or self._flooded:
                ending = Ending.COMPLETE
            elif self.ending:
                ending = self.ending
            elif not final and self._wait_readable(deadline.left):
                final = deadline.final  # what is there already still counts
                deadline.extend(self._read_available())
                continue
            else:
                ending = Ending.SILENCE
            data = bytes(self.unread[: oracle.taken(self.unread) if isinstance(oracle, PartOracle) else None])
            del self.unread[: len(data)]
            self.story.held -= len(data)
            return data, ending

    def has(self, oracle: StreamOracle) -> bool:
        """Whether the oracle has seen enough by now, or the connection has ended; does not wait, judges nothing."""
        self._read_available()
        return oracle.complete(self.unread) or self.ending is not None or self._flooded

    def has_ended(self) -> bool:
        """Whether the program has ended the connection by now and nothing is left to be judged."""
        self._read_available()
        return self.ending is not None and not self.unread

    def comes_to_nothing(self, *, units: float = 1.0) -> bool:
        """Whether the program ends the connection without one byte more; waits that long for either."""
        deadline = self.patience.deadline(units)
        while not (self.unread or self.ending) and self._wait_readable(deadline.left):
            self._read_available()
        return self.has_ended()

    def await_data(self, oracle: StreamOracle, *, units: float) -> bool:
        """Whether the oracle has seen enough, or the connection has ended, within that long; judges nothing."""
        deadline = self.patience.deadline(units)
        while not (oracle.complete(self.unread) or self.ending or self._flooded):
            if not self._wait_readable(deadline.left):
                return False
            self._read_available()
        return True

    def expect_end(self, *, label: Text | None = None, units: float = 1.0, diagnosis: str | None = None) -> None:
        """The program sends nothing more and ends the connection (a reset is an end, too)."""
        data, ending = self.receive(Anything(), units=units)
        kind = "silence" if ending is Ending.SILENCE else "end"
        step = self.story.add(
            self.name, "receive" if data else kind, data=data or None, label=label, ending=ending.value
        )
        if data or ending is Ending.SILENCE:
            mismatch = Mismatch(
                Side(Text("连接结束，没有更多数据", "the connection ends, nothing more comes")),
                Side(data=data) if data else Side(Text("连接还开着", "the connection stays open")),
                diagnosis=diagnosis or ("tcp.too_much" if data else "tcp.stays_open"),
                event="end",
            )
            self.story.fail(mismatch, step)
            raise (Wrong if data else Silence)(mismatch)

    def expect_silence(
        self,
        *,
        units: float = 1.0,
        seconds: float | None = None,
        label: Text | None = None,
        diagnosis: str | None = None,
    ) -> None:
        """For that long nothing comes and the connection stays open. It proves no life: let something else do that.

        ``seconds``, by the clock and whatever the machine, where a time-out of the program's own is what may end it.
        """
        length = self.patience.unit * units if seconds is None else seconds
        if self.unread or self.ending or self._wait_readable(length):
            self._read_available()
        step = self.story.add(self.name, "silence", label=label, seconds=length)
        if self.unread or self.ending:
            mismatch = Mismatch(
                Side(Text("什么也没有发生", "nothing happens")),
                Side(data=bytes(self.unread)) if self.unread else Side(Text("连接结束了", "the connection ended")),
                diagnosis=diagnosis or ("tcp.too_much" if self.unread else "tcp.hangs_up"),
                event="silence",
            )
            self.story.fail(mismatch, step)
            raise Wrong(mismatch)

    @property
    def _flooded(self) -> bool:
        """Whether it will take no more of what arrives before that is judged."""
        return len(self.unread) > self._most or (len(self.unread) > SHARE and self.story.held > FLOOD_OF_ALL)

    def _wait_readable(self, seconds: float) -> bool:
        return wait_ready(self._socket, True, False, seconds)[0]

    def _read_available(self) -> int:
        """Take what is there, without waiting; note the end when it is seen. Returns the number of bytes."""
        before = len(self.unread)
        while not self.ending and not self._flooded:
            try:
                data = self._socket.recv(_CHUNK)
            except BlockingIOError:
                break
            except OSError as error:
                self.ending = ending_of(error)
                break
            if not data:
                self.ending = Ending.END
            self.unread += data
            self.story.held += len(data)
        if len(self.unread) > before:
            self._acknowledge()
        return len(self.unread) - before

    def _acknowledge(self) -> None:
        """Have the kernel acknowledge at once (Linux): a program that writes twice in a row waits for that (Nagle)."""
        if hasattr(socket, "TCP_QUICKACK"):  # lasts until the kernel thinks otherwise
            with suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _drain(self) -> None:
        """Sending has failed: what arrived before the break still counts."""
        self._read_available()
        self.ending = self.ending or Ending.RESET


class Anything:
    """The oracle that reads to the end of the connection, and minds nothing."""

    def complete(self, data: bytes | bytearray) -> bool:
        return False

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        return None
