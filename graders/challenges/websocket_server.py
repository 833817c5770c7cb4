"""WebSocket 服务器：回声、聊天室、聊天网页。 WebSocket server: an echo, a chat room and a page to chat in.

Lesson 21.7, task 2; RFC 6455. A client of the grader speaks frame by frame (wire/websocket.py). Every check ends with
an exchange whose answer is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from hypothesis import strategies as st

from graders.core import chat_room, common
from graders.core.models.chat_events import join, joined, line, message
from graders.core.models.chat_seen import InOrder, Sees
from graders.core.models.web_answer import Question, html, status
from graders.core.models.websocket_chat import Binary, SeesMessages, direct
from graders.core.rubric import Serve, Unit, given
from graders.core.traffic.chat import BAD_NAMES, SAME_NAMES, TEXTS
from graders.core.traffic.chat_histories import histories
from graders.core.traffic.pools import most_of
from graders.core.traffic.web_requests import Ask, Pairs, clients, get
from graders.core.traffic.websocket import (
    BAD_CLOSES,
    BAD_HANDSHAKES,
    GOOD_CLOSES,
    LARGEST,
    MANY_FRAGMENTS,
    MASKS,
    MEBIBYTE,
    NOT_UTF8,
    PROTOCOL_VIOLATIONS,
    SIZES,
    Handshake,
    Violation,
    evenly,
    fragmented,
    handshakes,
    in_fragments,
    in_one,
    payload_of,
    ping,
    pong,
)
from graders.core.traffic.websocket_chat import (
    BAD_DIRECTS,
    BAD_MESSAGES,
    BINARIES,
    FIRST_MESSAGES,
    PUSHED,
    WRITTEN,
    Long,
    long_texts,
    privately,
)
from graders.core.wire.browser import visitors
from graders.core.wire.chat_scenes import crowd, everybody, talk_beside_a_late_reader
from graders.core.wire.page_chat import PageChat
from graders.core.wire.script import Script
from graders.core.wire.server import Server
from graders.core.wire.tcp import Reading
from graders.core.wire.web import host_of, receive_answer
from graders.core.wire.websocket import WebSocketPeer, open_as, open_websocket
from graders.core.wire.websocket_chat import SocketChat

unit = Unit(
    __doc__,
    "websocket_server",
    section="21.7",
    offers={"WebSocketServer": ["start", "push"]},
    starts=Serve("WebSocketServer", default_port=8765),
    clients=700,  # 200, and libraries serve each with three threads
)


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


def open_room(server: Server) -> SocketChat:
    return SocketChat(server.connect)


def ask(server: Server, request: Ask, question: Question) -> None:
    """An ordinary request, and its answer."""
    with server.connect("A") as peer:
        peer.send(request.bytes(host_of(server)))
        receive_answer(peer, "GET", question)


#: A class that no page has elements of, unless it takes for HTML what was written.
AS_HTML = "shown-as-html"

PUBLIC = ["offers_the_public_names"]
SHAKES = ["shakes_hands"]
ECHOES = ["echoes_a_text"]
SIZED = ["echoes_any_size"]
ANNOUNCES = ["announces_newcomers"]
TALKS = ["passes_messages_on"]
CLOSES = ["closes_in_good_order"]

unit.check(points=0, actor="program")(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


@unit.check(points=3, cases=10, needs=PUBLIC)
@given(handshake=handshakes())
def shakes_hands(server: Server, handshake: Handshake) -> None:
    """握手：首部的名字不分大小写，列表逐项看，101 和 Accept 都对。 The handshake: any case, lists, the right Accept."""
    with server.connect("A").become(WebSocketPeer) as client:
        client.shake_hands(handshake)
        client.exchange("a")


@unit.check(points=3, cases=10, needs=SHAKES)
@given(
    texts=st.lists(
        st.sampled_from(["你好", "a", "", "hello", " 好 ", "😀", "é\n\0", "x" * 125]), min_size=1, max_size=6
    )
)
def echoes_a_text(server: Server, texts: list[str]) -> None:
    """每条文字消息原样送回，一条一条来。 Each text message comes back as it was, one after the other."""
    with open_websocket(server.connect) as client:
        for text in texts:
            client.exchange(text)


@unit.check(points=2, cases=8, needs=SHAKES)
@given(
    payloads=st.lists(
        st.sampled_from([b"\x00\xff\xfe", b"", b"abc", "你好".encode(), bytes(range(256))]), min_size=1, max_size=4
    )
)
def echoes_binary(server: Server, payloads: list[bytes]) -> None:
    """二进制消息作为二进制原样送回。 Binary messages come back as they were, as binary ones."""
    with open_websocket(server.connect) as client:
        for payload in payloads:
            client.exchange(payload)
            client.exchange("你好")


@unit.check(points=3, cases=2 * len(SIZES) + 1, needs=ECHOES)
@given(size=st.sampled_from((*SIZES, *SIZES, *LARGEST)), binary=st.booleans(), mask=st.sampled_from(MASKS))
def echoes_any_size(server: Server, size: int, binary: bool, mask: bytes) -> None:
    """消息可以是 1 MiB 以内的任何长度，掩码任意。 A message may be of any length up to 1 MiB, with any mask."""
    with open_websocket(server.connect) as client:
        payload = payload_of(size, binary)
        client.send_frames([in_one(payload, mask)])
        client.hear(payload, suspect="websocket.size")
        client.exchange("完")


@unit.check(points=3, cases=20, needs=ECHOES)
@given(message_and_cuts=fragmented(), mask=st.sampled_from(MASKS))
def joins_fragments(server: Server, message_and_cuts: tuple[str | bytes, tuple[int, ...]], mask: bytes) -> None:
    """一条消息可以分成几帧，汉字可以切开，片段可以是空的。 Fragments, cut anywhere, even empty, make one message."""
    message, cuts = message_and_cuts
    with open_websocket(server.connect) as client:
        client.send_frames(in_fragments(message, cuts, mask))
        client.hear(message, suspect="websocket.fragments")
        client.exchange("完")


@unit.check(points=2, cases=len(MANY_FRAGMENTS) + 1, needs=["joins_fragments"])
@given(size_and_count=st.sampled_from(MANY_FRAGMENTS), binary=st.booleans())
def joins_a_thousand_fragments(server: Server, size_and_count: tuple[int, int], binary: bool) -> None:
    """最多 1000 个片段，合计 1 MiB。 Up to 1000 fragments, 1 MiB together."""
    size, count = size_and_count
    with open_websocket(server.connect) as client:
        payload = payload_of(size, binary)
        client.send_frames(in_fragments(payload, evenly(size, count)))
        client.hear(payload, suspect="websocket.many_fragments")
        client.exchange("完")


@unit.check(points=3, cases=12, needs=ECHOES)
@given(
    handshake=handshakes(),
    cuts=st.lists(st.integers(1, 160), max_size=4),
    behind=st.lists(st.sampled_from(["你好", "a", "x" * 200]), max_size=2),
    apart=st.booleans(),
)
def takes_a_request_in_pieces(
    server: Server, handshake: Handshake, cuts: list[int], behind: list[str], apart: bool
) -> None:
    """请求可以切成几段，后面可以紧跟着帧。 The request may come in pieces, with frames right behind it."""
    frames = b"".join(in_one(text).encode() for text in behind)
    end = len(handshake.request.bytes(f"127.0.0.1:{server.address[1]}"))
    places = [*cuts, *([end - 1] if apart else [])]
    if any(place < end for place in places):
        with server.connect("A").become(WebSocketPeer) as client:
            client.shake_hands(handshake, cut_at=places, suspect="websocket.request_in_pieces")
            client.exchange("完", suspect="websocket.request_in_pieces")
    with server.connect("B").become(WebSocketPeer) as client:
        client.shake_hands(handshake, cut_at=places, behind=frames)
        if behind:
            client.hear(*behind, suspect="websocket.lost_behind_request")
        client.exchange("完")


@unit.check(points=3, cases=12, needs=ECHOES)
@given(
    texts=st.lists(st.sampled_from(["你好", "a", "", "x" * 130, "好" * 30]), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 600), max_size=6),
)
def takes_frames_in_pieces(server: Server, texts: list[str], cuts: list[int]) -> None:
    """帧可以在任何地方切开，也可以几帧粘在一起。 Frames may be cut anywhere, and glued together."""
    with open_websocket(server.connect) as client:
        frames = [in_one(text) for text in texts]
        length = sum(len(frame.encode()) for frame in frames)
        client.send_frames(frames, cut_at=[1 + cut % length for cut in cuts])
        client.hear(*texts, suspect="websocket.cut_frames")
        client.exchange("完", suspect="websocket.cut_frames")


@unit.check(points=2, cases=8, needs=ECHOES)
@given(payload=st.sampled_from([b"hello", b"", b"\x00\xff", "你好".encode(), b"p" * 125, bytes(range(125))]))
def answers_pings(server: Server, payload: bytes) -> None:
    """ping 用同样数据的 pong 回答；没有问过的 pong 不用理会。 A ping gets a pong with its data; a pong gets nothing."""
    with open_websocket(server.connect) as client:
        client.send_frames([ping(payload)])
        client.hear(pongs=[payload])
        client.exchange("你好")
        client.send_frames([pong(payload)])
        client.exchange("完")


@unit.check(points=3, cases=len(GOOD_CLOSES) + 1, needs=ECHOES)
@given(payload=st.sampled_from(GOOD_CLOSES), spoke=st.booleans())
def closes_in_good_order(server: Server, payload: bytes, spoke: bool) -> None:
    """关闭握手：Close 得到 Close，然后服务器关闭连接。 A Close gets a Close, and the server closes the connection."""
    with open_websocket(server.connect) as client:
        if spoke:
            client.exchange("你好")
        client.say_goodbye(payload)
    with exchange(server, "B"):
        pass


@unit.check(points=2, cases=8, needs=ECHOES)
@given(
    talk=st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["你好", "a", "hello"])), min_size=1, max_size=6),
    half=st.booleans(),
)
def serves_several_clients(server: Server, talk: list[tuple[str, str]], half: bool) -> None:
    """几个客户端同时连着，各自只得到自己的。 Several clients at once, each gets its own and no more."""
    suspect = "websocket.several_clients"
    with ExitStack() as stack:
        clients = {name: stack.enter_context(open_websocket(server.connect, name, suspect=suspect)) for name in "ABC"}
        if half:
            clients["C"].send_frames(in_fragments("你好", [2])[:1])
        for name, text in talk:
            if name != "C" or not half:
                clients[name].exchange(text, suspect=suspect)
        if half:
            clients["C"].send_frames(in_fragments("你好", [2])[1:])
            clients["C"].hear("你好", suspect=suspect)
        for name, client in clients.items():
            client.exchange(f"{name} 完", suspect=suspect)


@unit.check(points=2, cases=8, needs=SHAKES)
@given(path=st.sampled_from(["/nothing", "/echo/x", "/chats", "/index.html", "/%20"]), upgrade=st.booleans())
def answers_404_elsewhere(server: Server, path: str, upgrade: bool) -> None:
    """别的路径是 404，有没有要求升级都一样。 Other paths are 404, with and without an upgrade."""
    request = Handshake(path).request if upgrade else get(path)
    ask(server, request, status(404, suspect="websocket.not_404", accepted="websocket.not_404"))
    with exchange(server):
        pass


@unit.check(points=2, cases=3, needs=SHAKES, fresh=True)
@given(clients=st.integers(1, 3))
def announces_newcomers(server: Server, clients: int) -> None:
    """/chat：加入的通知发给所有已加入的人，也是新来的人的第一条。 /chat: a join goes to all, the newcomer included."""
    with SocketChat(server.connect) as chat:
        for who in "ABC"[:clients]:
            chat.joins(who)
        chat.joins("D", "小明")


unit.check(points=3, cases=6, needs=ANNOUNCES, fresh=True)(chat_room.passes_messages_on(open_room))


@unit.check(points=2, cases=4, needs=TALKS, fresh=True)
@given(texts=most_of(TEXTS), escaped=st.booleans(), fragments=st.lists(st.integers(1, 100), max_size=2))
def keeps_every_text(server: Server, texts: list[str], escaped: bool, fragments: list[int]) -> None:
    """任何文字都原样转发，分片的也一样。 Any text is passed on unchanged, one in fragments, too."""
    with SocketChat(server.connect) as chat:
        chat.joins("A")
        chat.joins("B")
        for text in texts:
            chat.says("A", text, escaped=escaped, fragments=fragments)
        everybody(chat)


unit.check(points=1, cases=3, needs=TALKS, fresh=True)(chat_room.takes_every_good_name(open_room))


@unit.check(points=2, cases=4, needs=TALKS, fresh=True)
@given(names=most_of(BAD_NAMES), pairs=most_of(SAME_NAMES), first=most_of(FIRST_MESSAGES))
def refuses_bad_joins(server: Server, names: list[Any], pairs: list[tuple[str, str]], first: list[bytes]) -> None:
    """名字不行、已被使用、第一条不是 join：error，然后关闭。 A bad or taken name, or no join: error, then close."""
    with SocketChat(server.connect) as chat:
        chat.joins("A", "证人")
        for name in names:
            chat.joins("B", name, suspect="chat.bad_name_accepted")
            chat.says("A", "还在", suspect="chat.refusal_disturbs")
        for number, (taken, asked) in enumerate(pairs):
            chat.joins(f"C{number}", taken)
            chat.joins("D", asked, suspect="chat.taken_name_accepted")
            chat.says(f"C{number}", "还是我", suspect="chat.refusal_disturbs")
        for words in first:
            chat.tells("E", words, suspect="chat.join_not_required")
            chat.says("A", "还在", suspect="chat.refusal_disturbs")


@unit.check(points=2, cases=6, needs=TALKS, fresh=True)
@given(how=st.sampled_from(SocketChat.ways_to_leave), spoke=st.booleans())
def announces_those_who_leave(server: Server, how: str, spoke: bool) -> None:
    """不管怎样离开，留下的人都收到通知，名字又可以用了。 Every way to leave is announced, and frees the name."""
    with SocketChat(server.connect) as chat:
        for who in "ABC":
            chat.joins(who)
        if spoke:
            chat.says("B", "再见")
        chat.leaves("B", how)
        chat.joins("D", "B", suspect="chat.name_not_freed")
        everybody(chat)


unit.check(points=2, cases=4, needs=TALKS, fresh=True)(
    chat_room.answers_what_it_does_not_understand(open_room, BAD_MESSAGES)
)


@unit.check(points=1, cases=3, needs=TALKS, fresh=True)
@given(binaries=most_of(BINARIES))
def answers_binary_messages_with_an_error(server: Server, binaries: list[Binary]) -> None:
    """聊天室里的二进制消息只得到 error，连接继续。 A binary message in the chat gets an error, and it goes on."""
    with SocketChat(server.connect) as chat:
        for who in "AB":
            chat.joins(who)
        for binary in binaries:
            chat.tells("A", binary, suspect="websocket.binary_in_chat")
            chat.says("A", "你好", suspect="websocket.binary_in_chat")


@unit.check(points=3, cases=8, needs=TALKS, fresh=True)
@given(letters=privately())
def delivers_direct_messages(server: Server, letters: list[tuple[str, str, str]]) -> None:
    """direct 只给收的人和说的人，各一次；对自己说也是一次。 A direct is for its receiver and its sender alone."""
    with SocketChat(server.connect) as chat:
        for who in "ABC":
            chat.joins(who, f" {who} ")
        for who, to, text in letters:
            chat.writes_to(who, to, text)
            chat.says("C", "在")


@unit.check(points=2, cases=4, needs=["delivers_direct_messages"], fresh=True)
@given(bad=most_of(BAD_DIRECTS), texts=most_of(WRITTEN))
def answers_bad_directs_with_an_error(server: Server, bad: list[Any], texts: list[str]) -> None:
    """没有这个人、内容不对的 direct 得到 error，任何文字都原样。 Unknown receivers get an error, any text is kept."""
    with SocketChat(server.connect) as chat:
        for who in "AB":
            chat.joins(who)
        for asked in bad:
            chat.tells("A", asked)
            chat.says("A", "还在", suspect="chat.error_ends")
        for text in texts:
            chat.writes_to("A", "B", text)
        chat.leaves("B")
        chat.writes_to("A", "B", "走了")
        everybody(chat)


@unit.check(points=3, cases=6, needs=TALKS, fresh=True)
@given(
    texts=st.lists(st.sampled_from(PUSHED), min_size=1, max_size=3), stranger=st.sampled_from(["", "/echo", "/chat"])
)
def pushes(server: Server, texts: list[str], stranger: str) -> None:
    """push() 马上把文字发给所有已加入的人，别人没有。 push() sends a text to all who have joined, at once."""
    with SocketChat(server.connect) as chat, ExitStack() as stack:
        guest = None
        if stranger:
            guest = stack.enter_context(open_as(WebSocketPeer, server.connect, "S", stranger))
        for who in "AB":
            chat.joins(who)
        for text in texts:
            chat.is_pushed(server.instance(), text)
        everybody(chat)
        if guest is not None and stranger == "/echo":
            guest.exchange("完", suspect="websocket.push_to_strangers")
        elif guest is not None:
            guest.say(line(join("S"), end=b"").decode())
            guest.expect(SeesMessages(Sees(InOrder([joined("S")]), first=True, suspect="websocket.push_to_strangers")))


unit.check(points=2, cases=8, needs=[*TALKS, "announces_those_who_leave", "refuses_bad_joins"], fresh=True)(
    chat_room.keeps_a_history(open_room, histories(bad_lines=BAD_MESSAGES))
)


@unit.check(points=2, cases=6, needs=TALKS, fresh=True)
@given(long=long_texts(), privately=st.booleans())
def takes_long_texts(server: Server, long: Long, privately: bool) -> None:
    """60,000 个字符的文字也转发。 Texts of up to 60,000 characters are passed on."""
    with SocketChat(server.connect) as chat:
        chat.joins("A")
        chat.joins("B")
        asked = direct("B", long.text) if privately else message(long.text)
        chat.tells("A", asked, escaped=long.escaped, fragments=long.fragments, suspect="websocket.long_text")
        everybody(chat, suspect="websocket.long_text")


unit.check(points=2, cases=4, needs=TALKS, fresh=True)(chat_room.serves_all_who_talk_at_once(open_room))


@unit.check(points=2, cases=3, needs=PUBLIC)
@given(headers=clients())
def serves_a_page(server: Server, headers: Pairs) -> None:
    """GET / 没有要求升级：200，HTML。 GET / without an upgrade: 200 and HTML."""
    ask(server, get("/", headers), html(200))


@unit.check(points=4, needs=["serves_a_page", *TALKS], fresh=True)
def works_in_a_browser(server: Server) -> None:
    """网页在浏览器里能用：加入，发送，看到别人说的话。 The page works in a browser: one joins, sends, reads others."""
    with visitors(server, "V", "W") as people, PageChat(server, people) as chat:
        chat.joins("B")
        chat.joins_by_page("V", "小明")
        chat.joins_by_page("W", "Ann")
        chat.says_by_page("V", "从网页说的")
        chat.says("B", "从别处说的")
        chat.says_by_page("W", "我也在")
        chat.says_by_page("V", "再说一句")
        everybody(chat)


@unit.check(points=2, needs=["works_in_a_browser"], fresh=True)
def interprets_nothing_that_is_written(server: Server) -> None:
    """别人写的只是显示出来，绝不当作 HTML。 What others write is shown, and never taken for HTML."""
    with visitors(server, "V") as people, PageChat(server, people) as chat:
        chat.joins_by_page("V", "小明")
        chat.joins("B", f"<u class={AS_HTML}>B</u>")
        for text in (
            f'<u class="{AS_HTML}">x</u>',
            f"<img class={AS_HTML} src=x>",
            "&lt;b&gt; &amp;",
            "</div></script>",
        ):
            chat.says("B", text, suspect="websocket.page_interprets")
        people[0].has_none(f".{AS_HTML}", diagnosis="websocket.page_interprets")
        chat.leaves("B")
        chat.says_by_page("V", "完")
        people[0].has_none(f".{AS_HTML}", diagnosis="websocket.page_interprets")


unit.check(points=1, actor="program", needs=ECHOES)(common.imports_without_side_effects)
unit.check(points=1, cases=2, needs=ECHOES)(common.starts_again_after_a_kill(exchange))
unit.check(points=2, cases=3, needs=ECHOES)(common.stops_on_interrupt(attentive))
unit.check(points=1, cases=3, needs=ECHOES, actor="stopped")(common.reports_an_address_that_cannot_be_bound(exchange))


def converse_with_script(script: Script, port: int) -> None:
    with open_websocket(partial(script.connect, port=port)) as client:
        client.exchange("你好")


unit.check(points=1, cases=3, actor="bare", needs=ECHOES)(common.runs_as_a_script(8765, converse_with_script))


@unit.check(points=5, tier="robust", cases=len(PROTOCOL_VIOLATIONS) + 1, needs=CLOSES)
@given(violation=st.sampled_from(PROTOCOL_VIOLATIONS))
def refuses_broken_frames(server: Server, violation: Violation) -> None:
    """违反协议的帧：Close 1002。 Frames that break the protocol: a Close with 1002."""
    with exchange(server) as client:
        client.send_frames(violation.frames)
        client.expect_close([1002], suspect=violation.diagnosis)
    with exchange(server, "B"):
        pass


@unit.check(points=4, tier="robust", cases=len(NOT_UTF8) + 1, needs=CLOSES)
@given(data=st.sampled_from(NOT_UTF8), cut=st.one_of(st.none(), st.integers(0, 8)))
def refuses_what_is_not_utf8(server: Server, data: bytes, cut: int | None) -> None:
    """文字不是 UTF-8：Close 1007；二进制就可以。 Text that is not UTF-8: a Close with 1007; binary is fine."""
    with exchange(server) as client:
        client.exchange(data)
        client.send_frames(in_fragments(data, [] if cut is None else [cut], text=True))
        client.expect_close([1007], suspect="websocket.not_utf8_taken")
    with exchange(server, "B"):
        pass


@unit.check(points=3, tier="robust", cases=6, needs=[*CLOSES, *SIZED])
@given(
    sizes=st.sampled_from([[MEBIBYTE + 1], [MEBIBYTE, 1], [600_000, 600_000], [1, MEBIBYTE], [2 * MEBIBYTE]]),
    binary=st.booleans(),
)
def refuses_what_is_too_big(server: Server, sizes: list[int], binary: bool) -> None:
    """超过 1 MiB 的消息（片段合计）：Close 1009。 Over 1 MiB, fragments together: a Close with 1009."""
    total = sum(sizes)
    with exchange(server) as client:
        payload = payload_of(total, binary)
        client.send_frames(in_fragments(payload, sizes[:1] if len(sizes) > 1 else []))
        client.expect_close([1009], suspect="websocket.too_big_taken")
    with exchange(server, "B"):
        pass


@unit.check(points=3, tier="robust", cases=len(BAD_CLOSES) + 1, needs=CLOSES)
@given(payload=st.sampled_from(BAD_CLOSES))
def refuses_invalid_close_codes(server: Server, payload: bytes) -> None:
    """无效的关闭码，只有一个字节的 Close：Close 1002。 An invalid code, or a Close of one byte: a Close with 1002."""
    with exchange(server) as client:
        client.send_close(payload)
        client.expect_close([1002], suspect="websocket.bad_close_taken")
    with exchange(server, "B"):
        pass


@unit.check(points=3, tier="robust", cases=8, needs=["joins_fragments", "answers_pings"])
@given(message_and_cuts=fragmented(), payload=st.sampled_from([b"", b"ping", b"\xff" * 125]), pongs=st.booleans())
def takes_control_frames_between_fragments(
    server: Server, message_and_cuts: tuple[str | bytes, tuple[int, ...]], payload: bytes, pongs: bool
) -> None:
    """ping 和 pong 可以夹在片段之间。 Pings and pongs may come between fragments."""
    message, cuts = message_and_cuts
    with open_websocket(server.connect) as client:
        first, *rest = in_fragments(message, cuts)
        client.send_frames([first, *([pong(payload)] if pongs else []), ping(payload), *rest])
        client.hear(message, pongs=[payload], suspect="websocket.control_between")
        client.exchange("完")


@unit.check(points=3, tier="robust", cases=len(BAD_HANDSHAKES) + 1, needs=SHAKES)
@given(what=st.sampled_from(sorted(BAD_HANDSHAKES)))
def refuses_bad_handshakes(server: Server, what: str) -> None:
    """握手缺少首部或者不对：4xx。 A handshake whose headers are missing or wrong: 4xx."""
    suspect = "websocket.bad_handshake_taken"
    ask(server, BAD_HANDSHAKES[what], status(*range(400, 500), suspect=suspect, accepted=suspect))
    with exchange(server):
        pass


@unit.check(points=3, tier="robust", cases=5, needs=["takes_long_texts"], fresh=True)
@given(manner=st.sampled_from(["never reads", "echo never read", "says nothing", "half a request", "half a frame"]))
def is_held_up_by_no_client(server: Server, manner: str) -> None:
    """不接收的、沉默的、只说一半的客户端不耽误别人。 A client that never reads, or is silent, delays nobody."""
    suspect = "websocket.held_up"
    with SocketChat(server.connect, suspect=suspect) as chat, ExitStack() as stack:
        chat.joins("A")
        chat.joins("B")
        if manner == "never reads":
            chat.connect("S", narrow=True)
            chat.joins("S")
            texts = ["x" * 60_000] * 80
            talk_beside_a_late_reader(chat, texts, "S", pause=0.05, may_end=True, suspect=suspect)
        elif manner == "echo never read":
            deaf = stack.enter_context(open_websocket(server.connect, "S", narrow=True))
            deaf.send_frames([in_one(payload_of(MEBIBYTE, True))] * 8, reading=Reading.NEVER)
        elif manner == "says nothing":
            for name in ("S1", "S2", "S3"):
                stack.enter_context(server.connect(name))
        elif manner == "half a request":
            half = stack.enter_context(server.connect("S"))
            half.send(Handshake("/chat").request.bytes(host_of(server))[:60])
        else:
            half = stack.enter_context(open_as(WebSocketPeer, server.connect, "S", "/chat"))
            half.send(in_one("没说完").encode()[:5])
        everybody(chat, suspect=suspect)
        chat.joins("D", suspect=suspect)
        with exchange(server, "E"):
            pass


@unit.check(points=2, tier="robust", needs=["serves_all_who_talk_at_once", "announces_those_who_leave"], fresh=True)
def serves_200_clients(server: Server) -> None:
    """200 个客户端同时在场，谁也不少。 200 clients at once, and nothing is lost."""
    suspect = "websocket.many_clients"
    with ExitStack() as stack:
        guests = [open_websocket(server.connect, f"E{number}", suspect=suspect) for number in range(120)]
        for guest in guests:
            stack.enter_context(guest)
            guest.exchange("你好", suspect=suspect)
        chat = stack.enter_context(SocketChat(partial(server.connect, refused=suspect), suspect=suspect))
        crowd(chat, [f"U{number}" for number in range(80)], suspect=suspect)
        for guest in guests:
            guest.exchange("完", suspect=suspect)
