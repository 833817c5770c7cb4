"""Tunnels through the program (CONNECT): the grader is the client at one end and the server at the other."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Literal

from graders.core.models.tunnel import Exactly, is_open
from graders.core.wire.proxy import AnswerPart, Origin
from graders.core.wire.server import Server
from graders.core.wire.tcp import TcpPeer

#: One end of a tunnel.
End = Literal["client", "origin"]


def connect_request(authority: str, version: str = "1.1", headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """The bytes of a CONNECT; Python's http.client sent it in HTTP/1.0 and without Host before 3.12."""
    host = [f"Host: {authority}"] if version == "1.1" else []
    lines = [f"CONNECT {authority} HTTP/{version}", *host, *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode()


@dataclass
class Tunnel:
    """Both ends of an open tunnel."""

    client: TcpPeer
    origin: TcpPeer

    def end(self, which: End) -> TcpPeer:
        return self.client if which == "client" else self.origin

    def other(self, which: End) -> TcpPeer:
        return self.origin if which == "client" else self.client

    def passes(self, which: End, data: bytes, *, cut_at: Iterable[int] = (), missing: str = "proxy.tunnel_cut") -> None:
        """What one end sends comes out of the other as it was."""
        self.end(which).send(data, cut_at=cut_at)
        self.other(which).expect(Exactly(data, missing=missing))


@contextmanager
def open_tunnel(
    server: Server,
    name: str = "A",
    origin: str = "S",
    *,
    version: str = "1.1",
    headers: Iterable[tuple[str, str]] = (),
    early: bytes = b"",
    cut_at: Iterable[int] = (),
    refused: str | None = None,
) -> Iterator[Tunnel]:
    """A tunnel of the client ``name`` to a server ``origin`` of its own; ``early``: sent right behind the request.

    ``cut_at``: percents of what is sent; ``refused``: what no answer points to.
    """
    with Origin(server, origin) as listening, server.connect(name) as client:
        data = connect_request(listening.authority, version, headers) + early
        client.send(data, cut_at=[len(data) * cut // 100 for cut in cut_at])
        client.expect(AnswerPart("CONNECT", is_open, suspect=refused or "proxy.no_tunnel"))
        with listening.accept(f"{origin}1") as far:
            if early:
                far.expect(Exactly(early, missing="proxy.early_bytes_lost"))
            yield Tunnel(client, far)


# -- TLS inside it


_making = threading.Lock()  # or two checks at once would make two authorities, and trust each other's server not


def _contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    with _making:
        return _made_once()


@cache
def _made_once() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(the client's, the server's), with a certificate made for this process."""
    import trustme  # here, as nothing else needs it, and it takes a while

    authority = trustme.CA()
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(client)
    authority.issue_cert("origin.test").configure_cert(server)
    return client, server


class TlsEnd:
    """TLS without I/O at one end: what it has to say is taken by ``flight``, what it hears is put in by ``hear``."""

    def __init__(self, which: End) -> None:
        self.which = which
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        client, server = _contexts()
        if which == "client":
            self._tls = client.wrap_bio(self._in, self._out, server_hostname="origin.test")
        else:
            self._tls = server.wrap_bio(self._in, self._out, server_side=True)

    def shake_hands(self) -> bool:
        """Go on with the handshake; True when it is done on this side."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def flight(self) -> bytes:
        return self._out.read()

    def hear(self, data: bytes) -> None:
        self._in.write(data)

    def encrypt(self, data: bytes) -> None:
        self._tls.write(data)

    def decrypt(self) -> bytes:
        """All that came so far."""
        data = b""
        try:
            while piece := self._tls.read(65_536):
                data += piece
        except ssl.SSLWantReadError:
            pass
        return data


class TlsTunnel:
    """TLS through a tunnel: every flight must come out as it went in, or no handshake would ever succeed."""

    def __init__(self, tunnel: Tunnel) -> None:
        self.tunnel = tunnel
        self.ends: dict[End, TlsEnd] = {"client": TlsEnd("client"), "origin": TlsEnd("origin")}

    def _pass(self, which: End, cut_at: Iterable[int] = ()) -> None:
        if flight := self.ends[which].flight():
            self.tunnel.passes(which, flight, cut_at=cut_at)
            self.ends["origin" if which == "client" else "client"].hear(flight)

    def shake_hands(self) -> None:
        done = {"client": False, "origin": False}
        order: tuple[End, End] = ("client", "origin")
        while not all(done.values()):
            for which in order:
                done[which] = done[which] or self.ends[which].shake_hands()
                self._pass(which)

    def says(self, which: End, data: bytes) -> None:
        """``data`` passes from one end to the other inside TLS."""
        self.ends[which].encrypt(data)
        self._pass(which)
        heard = self.ends["origin" if which == "client" else "client"].decrypt()
        assert heard == data, "every flight came as it was sent"
