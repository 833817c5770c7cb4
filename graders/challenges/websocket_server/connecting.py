"""Exchanges with the server where it is not they that are graded, but whether they come about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graders.core.models.web_answer import Question
from graders.core.traffic.web_requests import Ask
from graders.core.wire.server import Server
from graders.core.wire.web import host_of, receive_answer
from graders.core.wire.websocket import WebSocketPeer, open_websocket


@contextmanager
def exchange(server: Server, name: str = "A") -> Iterator[WebSocketPeer]:
    """Prove that the server serves ``name``, who stays connected."""
    with open_websocket(server.connect, name) as client:
        client.exchange("你好")
        yield client


@contextmanager
def attentive(server: Server, name: str = "A") -> Iterator[WebSocketPeer]:
    """The same with a client that answers the server's Close."""
    with exchange(server, name) as client, client.attending():
        yield client


def ask(server: Server, request: Ask, question: Question) -> None:
    """An ordinary request, and its answer."""
    with server.connect("A") as peer:
        peer.send(request.bytes(host_of(server)))
        receive_answer(peer, "GET", question)
