"""The grader as a chat server, one conversation of the lesson's chat (21.6) with a client that is called.

What the server says and when is the caller's; here are the turns that come again and again: joining, refusing, telling
an event and looking at what receive() returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graders.core.models.chat_events import KEYS, Event, join, joined, line, message, refused
from graders.core.models.chat_lines import Leaves, Lines, judge_event
from graders.core.models.finding import Mismatch, Side
from graders.core.text import Text
from graders.core.traffic.chat_client import ME, Told
from graders.core.wire.blame import Silence
from graders.core.wire.program import EARLY, LATE_SECONDS, Call, Instance, Program, Returned
from graders.core.wire.tcp import TcpPeer
from graders.core.wire.tcp_opening import Listener

# -- the server's part of a conversation -------------------------------------------------------------------------------

#: How long the server takes to answer a join, in patience units.
PAUSE_UNITS = 0.1

#: For how long a server that closes waits for the client's leave; whether it comes is the matter of one check.
GOODBYE_UNITS = 0.2


def new(program: Program, listener: Listener, name: str | None = ME) -> Instance:
    """A client of the listener's; without a name it has the default one."""
    named = {} if name is None else {"name": name}
    return program.new("ChatClient", host=listener.address[0], port=listener.address[1], **named)


def begin_to_join(client: Instance, listener: Listener, name: str = ME) -> tuple[Call, TcpPeer]:
    """connect() is called; the server accepts and hears the join."""
    call = client.begin("connect")
    server = listener.accept()
    server.expect(Lines((join(name),)))
    return call, server


def admit(program: Program, call: Call, server: TcpPeer, own: Told) -> Returned:
    """The server tells the client of its own joining, and connect() is True."""
    server.send(own.line)
    returned = call.result(hangs="chat_client.own_join_missed")
    program.expect(returned, True, diagnosis="chat_client.join_not_true")
    return returned


def join_room(program: Program, client: Instance, listener: Listener, name: str = ME) -> TcpPeer:
    call, server = begin_to_join(client, listener, name)
    admit(program, call, server, Told(joined(name)))
    return server


@contextmanager
def in_the_room(program: Program, *, narrow: bool = False) -> Iterator[tuple[Instance, TcpPeer]]:
    """A client that has joined, and the server's end of its connection."""
    with program.listen("S", narrow=narrow) as listener:
        client = new(program, listener)
        with join_room(program, client, listener) as server:
            yield client, server
            part(client, server)


def part(client: Instance, server: TcpPeer) -> None:
    """The client closes, and the server does when it has heard so: what is said, in what order, is not judged here."""
    call = client.begin("close")
    if not server.closed:
        server.receive(Leaves(), units=GOODBYE_UNITS)
        server.close()
    call.end()


#: How a server refuses a client: by an error, by closing before or after it has heard the join, by a reset, in the
#: middle of a line.
OBSTACLES = ("error", "close", "close at once", "reset", "half a line")


def refuse(client: Instance, listener: Listener, obstacle: str, earlier: tuple[dict[str, Any], ...]) -> Call:
    """connect() meets the obstacle; what comes of that is in the call."""
    call = client.begin("connect")
    with listener.accept() as server:
        if obstacle != "close at once":
            server.expect(Lines((join(ME),)))
        for event in earlier:
            server.send(line(event))
        if obstacle == "error":
            server.send(line(refused("名字已被使用")))
        if obstacle == "half a line":
            server.send(line(joined(ME))[:-9])
        if obstacle == "reset":
            server.await_taken()
            server.reset()
        else:
            server.close()
    return call


# -- what calls return -------------------------------------------------------------------------------------------------


def waiting(program: Program, client: Instance) -> Call:
    """receive() with a time-out of one patience unit: it was not kept if that passes."""
    return client.begin("receive", timeout=round(program.patience.seconds, 3))


def take(
    program: Program,
    returned: Returned,
    wanted: Event,
    suspect: str | None = None,
    *,
    sure: bool = False,
    waited: bool = False,
) -> None:
    """What receive() returned is this event.

    ``suspect``: the diagnosis where it is another or none, and where it is no event at all if one can be ``sure``;
    ``waited``: time has passed outside the call, too.
    """
    found = judge_event(wanted, KEYS[wanted["type"]], returned.value)
    if found is None:
        return
    diagnosis, python = found
    vague = sure or diagnosis in (
        "chat_client.event_lost",
        "chat_client.other_line_ends",
        "chat_client.other_event",
        "chat_client.event_altered",
    )
    mismatch = Mismatch(
        Side(value=dict(wanted)),
        Side(value=returned.value if isinstance(returned.value, dict | str | None) else repr(returned.value)),
        diagnosis=suspect if vague and suspect else diagnosis,
        note=Text("别的键可以有，不比较", "other keys are allowed, and not compared"),
        python=python,
    )
    program.story.fail(mismatch, returned.step)
    waited = waited or returned.seconds >= EARLY * program.patience.seconds
    if returned.value is None and waited:
        raise Silence(mismatch)  # perhaps the machine was slow
    program.wrong(
        returned, mismatch.wanted, got=mismatch.got, diagnosis=mismatch.diagnosis, note=mismatch.note, python=python
    )


def hear(program: Program, client: Instance, server: TcpPeer, each: Told, suspect: str | None = None) -> None:
    """The server tells something, and receive() returns it."""
    server.send(each.line)
    take(program, waiting(program, client).result(hangs="chat_client.receive_hangs"), each.event, suspect)


def say(program: Program, client: Instance, server: TcpPeer, text: str) -> None:
    """send() puts the text on a line of its own, and is True."""
    call = client.begin("send", text)
    server.expect(Lines((message(text),)))
    program.expect(call.result(), True, diagnosis="client.not_true")


#: How late a receive() that only polls may come back, in seconds.
POLL_SECONDS = 0.3


def expect_none_in_time(program: Program, client: Instance, timeout: float) -> None:
    """receive() with this time-out returns None after about so many seconds; 0 only polls."""
    late = "chat_client.time_out_late" if timeout else "chat_client.none_not_at_once"
    program.expect_in_time(
        lambda: client.begin("receive", timeout=timeout).result(hangs=late),
        None,
        timeout,
        late_by=LATE_SECONDS if timeout else POLL_SECONDS,
        diagnosis="chat_client.not_none",
        early="chat_client.time_out_early",
        late=late,
    )


def expect_none(program: Program, returned: Returned, *, after: float, diagnosis: str = "chat_client.not_none") -> None:
    """receive() returned None after about so many seconds."""
    program.expect(returned, None, diagnosis=diagnosis)
    late = "chat_client.time_out_late" if after else "chat_client.none_not_at_once"
    program.expect_duration(returned, after, early="chat_client.time_out_early", late=late)
