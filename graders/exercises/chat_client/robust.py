"""Nothing is lost or mixed up: cut and glued events, threads, garbage, time-outs, long texts, several clients."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.models.chat_events import joined, line, message, said
from graders.core.models.chat_lines import Lines
from graders.core.rubric import given
from graders.core.traffic.chat_client import ME, NOT_OBJECTS, Stream, Told, easily_told, some_told, streams
from graders.core.wire.chat_host import (
    begin_to_join,
    expect_none_in_time,
    hear,
    in_the_room,
    join_room,
    new,
    part,
    say,
    take,
    waiting,
)
from graders.core.wire.program import Program
from graders.exercises.chat_client.unit import RECEIVES, SENDS, unit
from graders.sandbox import source


@unit.check(points=5, tier="robust", cases=60, needs=RECEIVES)
@given(stream=streams())
def keeps_events_whole(program: Program, stream: Stream) -> None:
    """不管网络怎样切开、粘连，事件都完整。 Events come whole wherever the network cuts and glues."""
    with in_the_room(program) as (client, server):
        left = list(stream.told)
        due, arrived = len(left[0].line), 0
        call = waiting(program, client)  # it waits, so that it sees each segment on its own
        for segment in stream.segments:
            server.send(segment, apart=arrived > 0)
            arrived += len(segment)
            while left and due <= arrived:
                returned = call.result(hangs="chat_client.receive_hangs")
                take(program, returned, left.pop(0).event, "chat_client.cut_or_glued")
                if left:
                    due += len(left[0].line)
                    call = waiting(program, client)


@unit.check(points=4, tier="robust", cases=6, needs=[*SENDS, *RECEIVES])
@given(some=some_told(1, 4))
def sends_while_it_receives(program: Program, some: list[Told]) -> None:
    """一个线程在 receive() 里等，另一个线程可以 send()。 One thread waits in receive(), another sends meanwhile."""
    with in_the_room(program) as (client, server):
        for number, each in enumerate(some):
            text = f"第 {number} 句"
            receiving = client.begin("receive", thread="receiver", timeout=30)
            server.expect_silence(units=0.01, diagnosis="chat_client.says_too_much")  # it waits by now
            sending = client.begin("send", text)
            server.expect(Lines((message(text),)), units=0.5)
            program.expect(sending.result(), True, diagnosis="client.not_true")
            server.send(each.line)
            take(program, receiving.result(hangs="chat_client.receive_hangs"), each.event)


@unit.check(points=3, tier="robust", cases=2 * len(NOT_OBJECTS), needs=RECEIVES)
@given(
    garbage=st.sampled_from(NOT_OBJECTS),
    joining=st.sampled_from([False, True]),
    each=easily_told(),
)
def skips_what_is_no_object(program: Program, garbage: bytes, joining: bool, each: Told) -> None:
    """服务器发来的一行不是 JSON 对象时，跳过它。 A line of the server's that is no JSON object is skipped."""
    with program.listen("S") as listener:
        client = new(program, listener)
        call, server = begin_to_join(client, listener)
        with server:
            if joining:
                server.send(garbage + b"\n")
            server.send(line(joined(ME)))
            returned = call.result(hangs="chat_client.stumbles", raises="chat_client.stumbles")
            program.expect(returned, True, diagnosis="chat_client.stumbles")
            if not joining:
                server.send(garbage + b"\n")
            server.send(each.line)
            returned = waiting(program, client).result(hangs="chat_client.stumbles", raises="chat_client.stumbles")
            take(program, returned, each.event, "chat_client.stumbles", sure=True)
            part(client, server)


@unit.check(points=4, tier="robust", cases=10, needs=["gives_none_on_a_time_out"])
@given(stream=streams(), polls=st.sampled_from([0.05, 0]))
def loses_nothing_on_a_time_out(program: Program, stream: Stream, polls: float) -> None:
    """一行到了一半时超时，什么也不丢。 A time-out in the middle of a line loses nothing."""
    data = stream.told[0].line
    cut = (stream.cuts[0] if stream.cuts else 7) % (len(data) - 1) + 1
    with in_the_room(program) as (client, server):
        server.send(data[:cut])
        server.await_taken()
        expect_none_in_time(program, client, polls)
        server.send(data[cut:])
        returned = waiting(program, client).result(raises="chat_client.lost_after_time_out")
        take(program, returned, stream.told[0].event, "chat_client.lost_after_time_out")


#: Something comes so often, in patience units, for so long: never a whole event.
DRIP_UNITS, DRIPS = 0.08, 40


@unit.check(points=3, tier="robust", cases=2, needs=["gives_none_on_a_time_out", "skips_what_is_no_object"])
@given(drips=st.sampled_from(["bytes", "lines"]))
def keeps_the_time_while_bytes_drip(program: Program, drips: str) -> None:
    """不断有零碎的数据到达，超时也准时。 The time-out is kept while bits and pieces keep coming."""
    timeout = 0.4
    whole = line(said("Ann", "x" * DRIPS))
    with in_the_room(program) as (client, server):
        call = client.begin("receive", timeout=timeout)
        sent = 0
        while sent < DRIPS and not call.arrived(0):
            server.send(
                whole[sent : sent + 1] if drips == "bytes" else b"[]\n", pause=program.patience.unit * DRIP_UNITS
            )
            sent += 1
        returned = call.result(hangs="chat_client.time_out_late")
        program.expect(returned, None, diagnosis="chat_client.not_none")
        program.expect_duration(returned, timeout, early="chat_client.time_out_early", late="chat_client.time_out_late")
        if drips == "bytes":
            server.send(whole[sent:])
            take(
                program, waiting(program, client).result(), said("Ann", "x" * DRIPS), "chat_client.lost_after_time_out"
            )
        else:
            hear(program, client, server, Told(said("Ann", "later")))


#: Which way a long text goes, what it is made of (characters of one, three and four bytes), and in what spelling:
#: escaped, a line of 60,000 characters takes 360 kB.
LONG = (
    *(("sent", character, "plain") for character in "x好😀"),
    *(("received", character, "plain") for character in "x好😀"),
    ("received", "好", "escaped"),
)


@unit.check(points=3, tier="robust", cases=len(LONG), needs=[*SENDS, *RECEIVES])
@given(long=st.sampled_from(LONG))
def carries_long_texts(program: Program, long: tuple[str, str, str]) -> None:
    """60,000 个字符的文字，收发都完整。 A text of 60,000 characters arrives whole, either way."""
    direction, character, spelling = long
    text = character * 60_000
    with in_the_room(program, narrow=direction == "sent") as (client, server):
        if direction == "sent":
            # Made on both sides, so that the story stays short.
            call = client.begin("send", source(f"text = {character!r} * 60_000", "text"))
            server.expect(Lines((message(text),)), late=0.15, units=2.0)
            program.expect(call.result(), True, diagnosis="client.not_true")
        else:
            hear(program, client, server, Told(said("Ann", text), spelling), "chat_client.cut_or_glued")
        hear(program, client, server, Told(said("Ann", "完")))


#: Who says the same again, with nothing between and with something.
AGAIN = [*[said("Ann", "在吗？")] * 2, said("小红", "在"), said("Ann", "在吗？")]


@unit.check(points=2, tier="robust", cases=3, needs=RECEIVES)
@given(count=st.sampled_from((len(AGAIN), 130, 300)))
def keeps_many_events(program: Program, count: int) -> None:
    """一下子来很多事件，一个也不少，相同的也不少。 Of many events that come at once none is lost, equal or not."""
    events = AGAIN if count == len(AGAIN) else [said("Ann", f"{number} 你好") for number in range(count)]
    with in_the_room(program) as (client, server):
        server.send(b"".join(map(line, events)))
        server.await_taken()
        for number, event in enumerate(events):
            returned = waiting(program, client).result(hangs="chat_client.loses_many")
            repeated = event in events[:number] and returned.value is not None  # it goes on with the one behind it
            suspect = "chat_client.repetition_lost" if repeated else "chat_client.loses_many"
            take(program, returned, event, suspect, sure=True)


#: Where the line of the own join event is cut, in shares of its length; behind it come the next lines, glued to it.
CUTS = ((), (0.5,), (0.03,), (0.97,), (0.3, 0.8))


@unit.check(points=2, tier="robust", cases=12, needs=["keeps_events_whole", "keeps_many_events"])
@given(cuts=st.sampled_from(CUTS), behind=some_told(0, 3))
def keeps_the_joining_whole(program: Program, cuts: tuple[float, ...], behind: list[Told]) -> None:
    """自己的加入通知被切开、后面粘着别的，都不出错。 The own join event may come cut, or glued to what follows."""
    own = line(joined(ME))
    with program.listen("S") as listener:
        client = new(program, listener)
        call, server = begin_to_join(client, listener)
        with server:
            data = own + b"".join(each.line for each in behind)
            server.send(data, cut_at=[round(len(own) * share) for share in cuts])
            missed = "chat_client.join_cut" if cuts else "chat_client.lost_behind_join"
            program.expect(call.result(hangs=missed, raises=missed), True, diagnosis=missed)
            for each in behind:
                returned = waiting(program, client).result(hangs="chat_client.lost_behind_join")
                take(program, returned, each.event, "chat_client.lost_behind_join")
            part(client, server)


@unit.check(points=2, tier="robust", cases=2, needs=[*SENDS, *RECEIVES])
@given(first=st.sampled_from((0, 1)))
def keeps_clients_apart(program: Program, first: int) -> None:
    """一个进程里的两个客户端互不相干。 Two clients in one process share nothing."""
    with program.listen("S") as one, program.listen("T") as two:
        names, listeners = ("Bob", "小红"), (one, two)
        clients = [new(program, *each) for each in zip(listeners, names, strict=True)]
        servers = [join_room(program, *each) for each in zip(clients, listeners, names, strict=True)]
        for number, server in enumerate(servers):
            server.send(line(said("Ann", f"给第 {number} 个")))
            server.await_taken()
        for number in (first, 1 - first):
            returned = waiting(program, clients[number]).result(hangs="chat_client.clients_share")
            take(program, returned, said("Ann", f"给第 {number} 个"), "chat_client.clients_share", sure=True)
            say(program, clients[number], servers[number], f"我是 {names[number]}")
        for client, server in zip(clients, servers, strict=True):
            with server:
                part(client, server)
