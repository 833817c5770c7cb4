"""UDP 回声服务器：每个数据报得到一个回答。 UDP echo server: answers each datagram with one, prefix and text.

Lesson 21.2.2.1. Every datagram stands for itself, and the answer goes to its sender. Loopback loses nothing as long as
no buffer overflows; where more than one answer is outstanding the datagrams are few and short.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from hypothesis import strategies as st

from graders.core import common
from graders.core.models.datagrams import Answers, AnyAnswer
from graders.core.rubric import Serve, Unit, given
from graders.core.traffic import datagrams
from graders.core.traffic.texts import CHARACTERS, PHRASES, short_texts
from graders.core.wire.ports import second_loopback
from graders.core.wire.program import Program
from graders.core.wire.script import Script
from graders.core.wire.server import Server
from graders.core.wire.udp import UdpPeer

unit = Unit(
    __doc__,
    "udp_server",
    section="21.2.2.1",
    offers={"UDPServer": ["start"]},
    starts=Serve("UDPServer", default_port=8888, transport="udp"),
)

PORT = 8888  # the lesson's, for the script


@contextmanager
def exchange(server: Server, name: str = "A") -> Iterator[UdpPeer]:
    """Prove that the server is alive, whatever it answers."""
    with server.udp(name) as peer:
        peer.send("hello")
        peer.expect_all(AnyAnswer())
        yield peer


def ask(peer: UdpPeer, text: str, *, silence: str = "udp.no_answer", before: tuple[str, ...] = ()) -> None:
    """One datagram and its answer."""
    peer.send(text)
    peer.expect_all(Answers((text.encode(),), tuple(earlier.encode() for earlier in before), silence=silence))


PUBLIC = ["offers_the_public_names"]
ALIVE = ["answers_a_datagram"]
RIGHT = ["answers_a_text"]

unit.check(points=0, actor="program")(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


@unit.check(points=4, needs=PUBLIC)
def answers_a_datagram(server: Server) -> None:
    """收到一个数据报，向它的发送者回答一个数据报。 Answers a datagram with a datagram to its sender."""
    with server.udp("A") as a:
        a.send("hello")
        a.expect_all(AnyAnswer())


@unit.check(points=8, needs=ALIVE, cases=20)
@given(texts=datagrams.conversations())
def answers_a_text(server: Server, texts: list[str]) -> None:
    """回答是前缀加上收到的文字，一个接一个都对。 Each answer is the prefix and the text, one after the other."""
    with server.udp("A") as a:
        for number, text in enumerate(texts):
            ask(a, text, before=tuple(texts[:number]))


@unit.check(points=2, needs=RIGHT, fresh=True)
def serves_after_a_silence(server: Server) -> None:
    """好几秒没有人发送，之后照常服务。 Serves on after seconds in which nobody sends anything."""
    code = "server.stops_when_nobody_comes"
    with exchange(server, "A") as a:
        server.expect_serving(common.NOBODY_SECONDS, diagnosis=code)
        a.send("again")
        a.expect_all(AnyAnswer(code))


@unit.check(points=6, needs=RIGHT, cases=len(CHARACTERS) + 1)
@given(character=st.sampled_from(CHARACTERS), phrase=st.sampled_from(PHRASES), mixture=short_texts())
def keeps_every_character(server: Server, character: str, phrase: str, mixture: str) -> None:
    """任何字符都原样返回：空白、换行、NUL、表情符号……。 Every character comes back: white space, NUL, emoji, …"""
    # Was the one before the last a word that stops it? Repeated texts are another check's matter.
    texts = list(dict.fromkeys([character, f"a{character}b", mixture, phrase, "the end"]))
    with server.udp("A") as a:
        for number, text in enumerate(texts):
            ask(a, text, before=tuple(texts[:number]))


@unit.check(points=6, needs=RIGHT, cases=len(datagrams.SIZES) + 1)
@given(size=st.sampled_from(datagrams.SIZES))
def answers_texts_up_to_1024_bytes(server: Server, size: int) -> None:
    """直到 1024 字节的文字都完整地返回。 Texts of up to 1024 bytes come back whole."""
    with server.udp("A") as a:
        ask(a, datagrams.plain(size), silence="udp.long_unanswered")


@unit.check(points=6, needs=RIGHT, cases=3)
@given(text=datagrams.plain_texts())
def answers_the_empty_datagram(server: Server, text: str) -> None:
    """空的数据报也得到回答，之后继续服务。 The empty datagram is answered, too, and the service goes on."""
    with server.udp("A") as a:
        ask(a, text)
        ask(a, "", silence="udp.empty_unanswered")
        ask(a, text + "2", silence="udp.empty_unanswered")


@unit.check(points=7, needs=RIGHT, cases=6)
@given(texts=datagrams.conversations(), again=st.sampled_from(["x", "你好"]))
def answers_each_datagram_once(server: Server, texts: list[str], again: str) -> None:
    """每个数据报正好得到一个回答，重复的文字也一样。 Each datagram gets exactly one answer, a repeated text, too."""
    before = tuple(text.encode() for text in texts)
    with server.udp("A") as a:
        for text in [*texts, again]:
            a.send(text)
            a.expect_all(Answers((text.encode(),), before))
        a.send(again)
        a.expect_all(Answers((again.encode(),), before, alone=True, silence="udp.repeat_unanswered"))


@unit.check(points=8, needs=RIGHT, cases=8)
@given(senders=st.integers(2, 8), rounds=st.integers(1, 2))
def answers_each_sender_its_own(server: Server, senders: int, rounds: int) -> None:
    """很多发送者交替发送，每人只得到自己的回答。 Many senders at once, and each gets its own answers only."""
    names = "ABCDEFGH"[:senders]
    with ExitStack() as leaving:
        peers = [leaving.enter_context(server.udp(names[0]))]
        # The second sender differs from the first by its host alone.
        port = peers[0].address[1] if second_loopback() != "127.0.0.1" else 0
        peers.append(leaving.enter_context(server.udp(names[1], host=second_loopback(), port=port)))
        peers += [leaving.enter_context(server.udp(name)) for name in names[2:]]
        for turn in range(rounds):
            texts = [f"{name}{turn}" for name in names]
            for peer, text in zip(peers, texts, strict=True):
                peer.send(text)
            _expect_own(list(zip(peers, texts, strict=True)))


def _expect_own(exchanges: list[tuple[UdpPeer, str]]) -> None:
    """Everybody gets the answer to his text. Where one does not: has somebody else got it?"""
    texts = [text for _, text in exchanges]
    unanswered: list[tuple[UdpPeer, str]] = []
    for peer, text in exchanges:
        if not peer.hears(_own(text, texts), units=0.1 if unanswered else 1.0):
            unanswered.append((peer, text))
    for peer, text in exchanges:
        peer.hears(_nothing_of_others(text, texts))
    for peer, text in unanswered:
        peer.expect_all(_own(text, texts))


def _own(text: str, texts: list[str]) -> Answers:
    others = tuple(other.encode() for other in texts if other != text)
    return Answers((text.encode(),), others=others, silence="udp.sender_unanswered")


def _nothing_of_others(text: str, texts: list[str]) -> Answers:
    """By the time that everybody has been answered, what was sent to the wrong one has arrived, too."""
    return Answers((), others=tuple(other.encode() for other in texts if other != text))


unit.check(points=8, cases=4, needs=ALIVE, actor="stopped")(common.reports_an_address_that_cannot_be_bound(exchange))
unit.check(points=5, cases=4, needs=ALIVE)(common.stops_on_interrupt(exchange))
unit.check(points=4, cases=3, needs=ALIVE)(common.starts_again_after_a_kill(exchange))
unit.check(points=3, actor="program", needs=ALIVE)(common.imports_without_side_effects)


@unit.check(points=2, actor="program", needs=ALIVE)
def offers_its_attributes(program: Program) -> None:
    """UDPServer() 不带参数也能创建，有属性 server_socket。 UDPServer() needs no arguments and has server_socket."""
    program.expect_has("server_socket", on=program.new("UDPServer"))


@unit.check(points=4, actor="bare", needs=ALIVE, ports=[f"{PORT}/udp"])
def runs_as_a_script(script: Script) -> None:
    """作为脚本运行时，在所有地址的 8888 端口上服务。 As a script it serves on port 8888 of every address."""
    script.run()
    script.await_listening(PORT, "udp")
    with script.udp_client("A", port=PORT, host=second_loopback()) as a:
        a.send("hello")
        a.expect_all(AnyAnswer("udp.default_address"))


@unit.check(points=8, tier="robust", needs=["answers_texts_up_to_1024_bytes"], cases=len(datagrams.LONG_SIZES) + 1)
@given(size=st.sampled_from(datagrams.LONG_SIZES))
def answers_a_long_text(server: Server, size: int) -> None:
    """直到 65,484 字节的文字，在一个数据报里完整返回。 Texts of up to 65,484 bytes come back in one datagram."""
    with server.udp("A") as a:
        ask(a, datagrams.plain(size), silence="udp.long_unanswered")


@unit.check(points=9, tier="robust", needs=RIGHT, cases=2 * len(datagrams.NOT_UTF8))
@given(garbage=st.sampled_from(datagrams.NOT_UTF8), text=datagrams.plain_texts())
def survives_bytes_that_are_not_utf8(server: Server, garbage: tuple[bytes, int], text: str) -> None:
    """收到不是 UTF-8 的数据报之后，继续正确地服务。 After a datagram that is not UTF-8 it goes on serving correctly."""
    with server.udp("A") as a, server.udp("B") as b:
        ask(a, "before")
        pattern, times = garbage
        b.send(pattern * times)
        still_serves(a, text, silence="udp.lost_after_bad_bytes", tries=TRIES if times > 1 else 1)


@unit.check(points=2, tier="robust", needs=["survives_bytes_that_are_not_utf8"], cases=3)
@given(size=st.sampled_from([65_507, 65_485]), text=datagrams.plain_texts())
def survives_a_text_too_long_to_answer(server: Server, size: int, text: str) -> None:
    """放不下回答的文字，不会让服务停下。 A text whose answer fits no datagram does not stop the service."""
    with server.udp("A") as a, server.udp("B") as b:
        ask(a, "before")
        b.send("a" * size)
        still_serves(a, text, silence="udp.lost_after_too_long")


@unit.check(points=4, tier="robust", needs=RIGHT, cases=4)
@given(padding=st.integers(0, 16))
def answers_a_burst(server: Server, padding: int) -> None:
    """一下子来 50 个短数据报，每个都得到回答。 A burst of 50 short datagrams is answered in full."""
    texts = [f"{number}{'x' * padding}" for number in range(50)]
    with server.udp("A") as a:
        for text in texts:
            a.send(text)
        a.expect_all(Answers(tuple(text.encode() for text in texts), silence="udp.burst_lost"))


@unit.check(points=4, tier="robust", needs=RIGHT, cases=4)
@given(senders=st.integers(1, 2), text=datagrams.plain_texts())
def survives_a_sender_that_left(server: Server, senders: int, text: str) -> None:
    """发送者不等回答就离开，别人不受影响。 A sender that leaves before its answer comes does not matter to others."""
    with server.udp("A") as a:
        ask(a, "before")
        for sender in "BC"[:senders]:
            for _ in range(BUSY):  # while it answers these, the other one leaves
                a.send("busy")
            with server.udp(sender) as leaving:
                leaving.send("bye")
                leaving.close()
        still_serves(a, text, silence="udp.lost_after_leaving", late=(b"busy",))


#: Datagrams that take a server longer than a sender takes to leave; a burst of 50 is fair.
BUSY = 6


#: A server with a small buffer may lose the datagram behind a large one: UDP may. That it goes on is what is asked.
TRIES = 3


def still_serves(peer: UdpPeer, text: str, *, silence: str, tries: int = TRIES, late: tuple[bytes, ...] = ()) -> None:
    """The server still answers, within so many tries, and answers this very text; what is ``late`` may come as well."""
    earlier = (b"before", *late)
    *texts, last = (f"{text}{number}".encode() for number in range(tries))
    for wanted in texts:
        peer.send(wanted)
        if peer.hears(Answers((wanted,), earlier, late=earlier), units=0.5):
            return
        earlier += (wanted,)
    peer.send(last)
    peer.expect_all(Answers((last,), earlier, late=earlier, silence=silence))
