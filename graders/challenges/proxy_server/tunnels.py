"""HTTPS: CONNECT opens a tunnel that passes bytes both ways, whatever they are."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.challenges.proxy_server.unit import PUBLIC, TUNNELS, unit
from graders.core.models.proxy_messages import Pairs
from graders.core.models.tunnel import Exactly
from graders.core.rubric import given
from graders.core.traffic.proxy_tunnels import EARLY, LONG, OPENINGS, PAYLOADS
from graders.core.wire.server import Server
from graders.core.wire.tunnel import End, TlsTunnel, open_tunnel

ENDS = st.sampled_from(["client", "origin"])
TALK: list[tuple[End, bytes]] = [(which, data) for data in PAYLOADS for which in ("client", "origin")]

#: Seconds of quiet: well over the time-out of 1 s.
QUIET = 1.5


@unit.check(points=3, cases=12, needs=PUBLIC)
@given(
    opening=st.sampled_from(OPENINGS),
    talk=st.lists(st.sampled_from(TALK), min_size=2, max_size=4),
    cuts=st.lists(st.integers(1, 99), max_size=3),
    both=st.booleans(),
)
def opens_a_tunnel(
    server: Server,
    opening: tuple[str, Pairs],
    talk: list[tuple[End, bytes]],
    cuts: list[int],
    both: bool,
) -> None:
    """CONNECT 得到 200，之后两个方向的字节原样通过。 CONNECT is answered 200, then bytes pass untouched, both ways."""
    version, headers = opening
    with open_tunnel(server, version=version, headers=headers, cut_at=cuts) as tunnel:
        for which, data in talk:
            tunnel.passes(which, data, cut_at=[len(data) * cut // 100 for cut in cuts])
        if both:
            tunnel.client.send(LONG)
            tunnel.origin.send(LONG[::-1])
            tunnel.origin.expect(Exactly(LONG))
            tunnel.client.expect(Exactly(LONG[::-1]))
        tunnel.passes("client", b"one more")
        tunnel.passes("origin", b"and back")


@unit.check(points=1, cases=len(EARLY) + 1, needs=TUNNELS)
@given(early=st.sampled_from(EARLY), cuts=st.lists(st.integers(1, 99), max_size=3))
def sends_early_bytes_on(server: Server, early: bytes, cuts: list[int]) -> None:
    """紧跟在 CONNECT 后面的字节也送到。 Bytes right behind the CONNECT pass through the tunnel, too."""
    with open_tunnel(server, early=early, cut_at=cuts) as tunnel:
        tunnel.passes("client", b"one more")
        tunnel.passes("origin", b"and back")


@unit.check(points=2, cases=8, needs=TUNNELS)
@given(
    first=ENDS,
    before=st.sampled_from([b"", b"a", LONG]),
    glued=st.booleans(),
    after=st.sampled_from([b"b", LONG]),
)
def passes_half_close_on(server: Server, first: End, before: bytes, glued: bool, after: bytes) -> None:
    """一边说完了（半关闭），另一边知道，还可以接着说。 One side ends: the other learns of it and can still speak."""
    with open_tunnel(server) as tunnel:
        one, other = tunnel.end(first), tunnel.other(first)
        if before:
            one.send(before, more=glued)
        one.half_close()
        other.expect(Exactly(before, missing="proxy.half_close_cuts")) if before else None
        other.expect_end(diagnosis="proxy.half_close_lost")
        other.send(after)
        one.expect(Exactly(after, missing="proxy.half_close_closes"))
        other.close()
        one.expect_end(diagnosis="proxy.half_close_lost")


@unit.check(points=1, needs=TUNNELS, options={"timeout": 1})
def leaves_a_quiet_tunnel_open(server: Server) -> None:
    """隧道里安静得比 timeout 久，也不断开。 A tunnel that is quiet for longer than timeout stays open."""
    code = "proxy.quiet_tunnel_closed"
    with open_tunnel(server, "A", "S") as unused, open_tunnel(server, "B", "T") as used:
        used.passes("client", b"hello")
        used.passes("origin", b"hello")
        unused.client.expect_silence(seconds=QUIET, diagnosis=code)
        for peer in (unused.origin, used.client, used.origin):
            peer.expect_silence(seconds=0, diagnosis=code)
        for tunnel in (unused, used):
            tunnel.passes("origin", b"still here", missing=code)
            tunnel.passes("client", b"so am I", missing=code)


@unit.check(points=2, cases=3, needs=TUNNELS)
@given(texts=st.lists(st.tuples(ENDS, st.sampled_from([b"hello", b"x" * 20_000])), min_size=1, max_size=3))
def carries_tls(server: Server, texts: list[tuple[End, bytes]]) -> None:
    """真正的 TLS 握手和数据能通过隧道。 A real TLS handshake and what follows pass through the tunnel."""
    with open_tunnel(server) as tunnel:
        tls = TlsTunnel(tunnel)
        tls.shake_hands()
        for which, data in texts:
            tls.says(which, data)
