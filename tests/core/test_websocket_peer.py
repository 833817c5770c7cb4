"""The grader's WebSocket client answers pings where the protocol has a place for an answer: between two frames."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from graders.core.models.websocket_frames import PING, PONG, TEXT, Frame, FrameReader
from graders.core.wire.patience import Patience
from graders.core.wire.story import Story
from graders.core.wire.websocket import WebSocketPeer

MASK = b"abcd"
TEXTS = [Frame(TEXT, b"first", mask=MASK), Frame(TEXT, b"second", mask=MASK)]


@pytest.fixture
def ends() -> Iterator[tuple[WebSocketPeer, socket.socket]]:
    """The peer behind its handshake, and the server's end."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as mine:
        peer = WebSocketPeer("A", mine, Story(), Patience())
        peer._upgraded = True
        with listener.accept()[0] as theirs:
            theirs.settimeout(10)
            yield peer, theirs


def heard_by(server: socket.socket, count: int, received: bytes = b"") -> list[tuple[int, bytes]]:
    """So many frames, as opcode and payload."""
    reader = FrameReader()
    reader.read(received)
    while len(reader.frames) < count:
        received += server.recv(65536)
        reader.read(received)
    assert reader.end == len(received)
    return [(frame.opcode, frame.payload) for frame in reader.frames]


@pytest.mark.parametrize("cut", [1, 5, 12, 14])
def test_a_ping_during_a_frame_is_answered_behind_what_is_sent(
    ends: tuple[WebSocketPeer, socket.socket], cut: int
) -> None:
    peer, server = ends
    first = []

    def ping() -> None:
        first.append(server.recv(65536))
        server.sendall(Frame(PING, b"there?").encode())

    thread = threading.Thread(target=ping)
    thread.start()
    peer.send_frames(TEXTS, cut_at=[cut, 20])
    thread.join()
    assert heard_by(server, 3, first[0]) == [(TEXT, b"first"), (TEXT, b"second"), (PONG, b"there?")]
    assert [step.kind for step in peer.story.steps] == ["send", "send", "send", "send"]


def test_a_ping_behind_half_a_frame_is_answered_when_that_is_whole(
    ends: tuple[WebSocketPeer, socket.socket],
) -> None:
    peer, server = ends
    whole = TEXTS[0].encode()
    peer.send(whole[:4])
    server.sendall(Frame(PING, b"there?").encode())
    assert peer._wait_readable(10)
    peer._read_available()
    peer.send(whole[4:])
    assert heard_by(server, 2) == [(TEXT, b"first"), (PONG, b"there?")]
