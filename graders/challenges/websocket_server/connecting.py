"""Exchanges with the server where it is not they that are graded, but whether they come about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graders.core.models.web_answer import AnswerTo, Question
from graders.core.traffic.web_requests import Ask
from graders.core.wire.server import Server
from graders.core.wire.web import host_of
from graders.core.wire.websocket import WebSocketPeer, open_websocket


@contextmanager
def exchange(server: Server, name: str = "A", *, suspect: str | None = None) -> Iterator[WebSocketPeer]:
    """Prove that the server serves ``name``, who stays connected."""
    with open_websocket(server.connect, name) as client:
        client.exchange("你好", suspect=suspect)
        yield client


@contextmanager
def attentive(server: Server, name: str = "A") -> Iterator[WebSocketPeer]:
    """The same with a client that answers the server's Close."""
    with exchange(server, name) as client, client.attending():
        yield client


def ask(server: Server, request: Ask, question: Question, *, may_close: bool = False) -> None:
    """An ordinary request, and its answer. ``may_close``: the connection's end is one."""
    with server.connect("A") as peer:
        peer.send(request.bytes(host_of(server)))
        peer.expect(AnswerTo("GET", question, may_close=may_close))
