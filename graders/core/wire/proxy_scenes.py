"""What clients and origins of a proxy do together: crowds, slow ones, and those that break off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from graders.core.models.http_message import Framing
from graders.core.models.proxy_messages import Pairs, Reply, Sent
from graders.core.models.proxy_passing import delivered
from graders.core.wire.proxy import AnswerPart, Origin
from graders.core.wire.ready import ready_ones
from graders.core.wire.server import Server
from graders.core.wire.tcp import Reading
from graders.core.wire.tunnel import open_tunnel

MANY = "proxy.many_clients"


def crowd_of_requests(server: Server, count: int) -> None:
    """All ask at the same time; each gets its answer and stays connected."""
    requests = [Sent(path=f"/{number}") for number in range(count)]
    reply = Reply(body=b"the same for all")
    with ExitStack() as stack:
        origin = stack.enter_context(Origin(server))
        clients = [stack.enter_context(server.connect(f"C{number}", refused=MANY)) for number in range(count)]
        origin.offer(reply, requests)
        for client, sent in zip(clients, requests, strict=True):
            client.send(sent.bytes(origin.authority))
        for client in clients:
            answer = AnswerPart("GET", delivered(reply), suspect=MANY)
            origin.serve_until(client, answer)
            client.expect(answer, units=0.1)


def crowd_of_tunnels(server: Server, count: int) -> None:
    """All have a tunnel at the same time; through each comes what was sent into it."""
    with ExitStack() as stack:
        tunnels = [
            stack.enter_context(open_tunnel(server, f"C{number}", f"S{number}", refused=MANY))
            for number in range(count)
        ]
        for number, tunnel in enumerate(tunnels):
            tunnel.passes("client", b"from %d" % number, missing=MANY)
            tunnel.passes("origin", b"to %d" % number, missing=MANY)


#: Who is slow, and in what.
SLOW = (
    "an origin that says nothing yet",
    "an origin inside its head",
    "an origin inside its body",
    "a client that says nothing",
    "a client inside its head",
    "a client inside its body",
    "a client that never reads",
    "a quiet tunnel",
)

#: What a program may store, so that it may also store it in the wrong place.
STORABLE: Pairs = (("Cache-Control", "max-age=1000"),)

#: How long an answer that nobody reads may take to begin, so that the program is in the middle of it when others ask.
_BEGINS_UNITS = 0.3

#: More than the kernel holds for a client that does not read.
_LARGE = bytes(range(256)) * 2**14


@contextmanager
def slow_one(server: Server, what: str) -> Iterator[None]:
    """Meanwhile someone is slow; behind it the slow one goes on, and gets its answer."""
    if what == "a quiet tunnel":
        with open_tunnel(server) as tunnel:
            yield
            tunnel.passes("origin", b"after all")
        return
    reply, sent = Reply(headers=STORABLE, body=b"after all"), Sent(path="/slow")
    if what == "a client inside its body":
        sent = Sent("POST", "/slow", body=b"hello", framing=Framing.LENGTH)
    with Origin(server) as origin, server.connect("A", narrow=what == "a client that never reads") as client:
        data = sent.bytes(origin.authority)
        if what == "a client that never reads":
            client.send(data)
            with origin.accept("S1") as far:
                origin.receive(far, sent)
                far.send(Reply(body=_LARGE).bytes(), reading=Reading.NEVER)
                ready_ones([client], server.patience.seconds * _BEGINS_UNITS)
                yield
            client.reset()
            return
        late = {"a client that says nothing": 0, "a client inside its head": 30, "a client inside its body": -3}
        if what in late:
            first, rest = data[: late[what]], data[late[what] :]
            client.send(first) if first else None
            yield
            origin.offer(reply, [sent])
            client.send(rest)
            answer = AnswerPart(sent.method, delivered(reply, suspect="proxy.request_in_pieces"))
            origin.serve_until(client, answer)
            client.expect(answer, units=0.1)
            return
        client.send(data)
        with origin.accept("S1") as far:
            origin.receive(far, sent)
            whole = reply.bytes()
            said = {"an origin inside its head": 20, "an origin inside its body": len(whole) - 3}.get(what, 0)
            far.send(whole[:said]) if said else None
            yield
            far.send(whole[said:])
        client.expect(AnswerPart(sent.method, delivered(reply)))


#: When a client breaks off.
BAD = (
    "at once",
    "without a word",
    "inside its head",
    "inside its body",
    "before the answer",
    "inside the answer",
    "inside a tunnel",
    "at the far end of a tunnel",
    "behind garbage",
)


def spoil(server: Server, when: str, name: str, origin_name: str) -> None:
    """A client breaks off with a reset, in the middle of something."""
    if when in ("inside a tunnel", "at the far end of a tunnel"):
        with open_tunnel(server, name, origin_name) as tunnel:
            tunnel.passes("client", b"hello")
            (tunnel.client if when == "inside a tunnel" else tunnel.origin).reset()
        return
    sent = Sent("POST", "/bad", body=b"hello" * 1000, framing=Framing.LENGTH)
    with Origin(server, origin_name) as origin, server.connect(name) as client:
        data = sent.bytes(origin.authority)
        said = {"at once": b"", "without a word": b"", "inside its head": data[:30], "inside its body": data[:-9]}
        said["behind garbage"] = b"\x00\xff\r\n\r\n"
        if said.get(when, data):
            client.send(said.get(when, data))
            client.await_taken()
        if when in said:
            client.close() if when == "without a word" else client.reset()
            return
        with origin.accept(f"{origin_name}1") as far:
            origin.receive(far, sent)
            answer = Reply(body=_LARGE).bytes()
            begun = 100_000 if when == "inside the answer" else 0
            far.send(answer[:begun]) if begun else None
            client.reset()
            far.send(answer[begun:], reading=Reading.NEVER)  # the program may have no use for it any more
