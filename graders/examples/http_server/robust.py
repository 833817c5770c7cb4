"""Robust: odd forms, requests in any shape, and clients of every kind."""

from __future__ import annotations

from urllib.parse import unquote_plus

from hypothesis import strategies as st

from graders.core.models.finding import Mismatch, Side
from graders.core.models.http_message import Response
from graders.core.models.web_answer import (
    AnswerTo,
    NothingMore,
    Question,
    all_of,
    content_type,
    each,
    json_that,
    member,
    member_is_text,
    status,
)
from graders.core.models.web_form import FormAnswer
from graders.core.rubric import given
from graders.core.text import Text
from graders.core.traffic.web_forms import encode, encode_raw
from graders.core.traffic.web_requests import FORM_TYPE, Ask, Pairs, get, post_form
from graders.core.wire.server import Server
from graders.core.wire.tcp import TcpPeer
from graders.core.wire.web import converse, exchange, host_of, receive_answer
from graders.examples.http_server.unit import (
    ALIVE,
    FORMS,
    MIB,
    alive,
    any_status,
    greeting,
    name_of,
    unit,
)

QUERIES = ("?a=b", "?", "?name=other", "?x=1&y=2", "?path=/nothing", "?%E4%BD%A0=%FF", "?/", "?a?b")
WITH_QUERY = [(path, query) for query in QUERIES for path in ("/api/data", "/", "/api/submit")]


@unit.check(points=3, tier="robust", cases=len(WITH_QUERY) + 1, needs=[*ALIVE, *FORMS])
@given(path_and_query=st.sampled_from(WITH_QUERY))
def ignores_a_query_string(server: Server, path_and_query: tuple[str, str]) -> None:
    """路径后面的查询串不改变回答。 A query string behind the path changes nothing."""
    path, query = path_and_query
    if path == "/api/submit":
        pairs = (("name", "x"),)
        known = all_of(status(200, suspect="web.query_in_path"), name_of(pairs, "web.query_in_form"))
        exchange(server, post_form(path + query, encode(pairs)), known)
    else:
        exchange(server, get(path + query), status(200, suspect="web.query_in_path"))


#: What no reading of a Content-Length allows. "+5", "1_0" and "" are left out: int() or a missing header excuse them.
MALFORMED = ("-1", "abc", "-5", "1.5", "0x10", "1e3", "5 5", "--1", "5,6", "\xb2", "5;", "NaN", "-1048577")


@unit.check(points=4, tier="robust", cases=2 * len(MALFORMED) + 1, needs=FORMS)
@given(length_and_body=st.sampled_from([(length, body) for length in MALFORMED for body in (b"", b"name=x")]))
def refuses_a_malformed_content_length(server: Server, length_and_body: tuple[str, bytes]) -> None:
    """Content-Length 不是非负整数时回答 400。 A Content-Length that is no non-negative number is answered 400."""
    length, body = length_and_body
    request = Ask("POST", "/api/submit", (FORM_TYPE, ("Content-Length", length)), body, length=False)
    exchange(server, request, status(400), suspect="web.bad_length_unanswered")


@unit.check(points=2, tier="robust", cases=4, needs=FORMS)
@given(version=st.sampled_from(["1.1", "1.0"]), client=st.sampled_from([(FORM_TYPE,), ()]))
def answers_a_form_without_content_length(server: Server, version: str, client: Pairs) -> None:
    """没有 Content-Length 的 POST 也得到回答：空表单、400 或 411。 A POST without Content-Length is answered, too."""
    request = Ask("POST", "/api/submit", client, version=version)
    answer = exchange(server, request, status(200, 400, 411), suspect="web.no_length_unanswered")
    if answer.status == 200:
        exchange(server, request, json_that(member_is_text("message")), suspect="web.no_length_unanswered")


#: (Content-Length, how much of the body is sent)
TOO_LARGE = [(length, sent) for length in (MIB + 1, 2 * MIB, 10 * MIB, 10**10, 10**20) for sent in (0, 1000)]
TOO_LARGE += [(MIB + 1, MIB + 1), (3 * MIB, 3 * MIB)]


@unit.check(points=4, tier="robust", cases=len(TOO_LARGE) + 1, needs=FORMS)
@given(length_and_sent=st.sampled_from(TOO_LARGE))
def refuses_a_body_over_one_mebibyte(server: Server, length_and_sent: tuple[int, int]) -> None:
    """正文超过 1 MiB 时马上回答 413，不等正文。 A body over 1 MiB is answered 413 at once, without waiting for it."""
    length, sent = length_and_sent
    headers = (FORM_TYPE, ("Content-Length", str(length)))
    body = (b"name=" + b"a" * sent)[:sent]
    request = Ask("POST", "/api/submit", headers, body, length=False)
    exchange(server, request, status(413, accepted="web.no_body_limit"), suspect="web.no_body_limit")


#: Bodies up to the limit, by what fills them.
FILLINGS = {
    "64 KiB": "name=" + "a" * (65_536 - 5),
    "1 MiB - 1": "name=" + "a" * (MIB - 1 - 5),
    "1 MiB": "name=" + "a" * (MIB - 5),
    "5000 fields": "name=x&" + "&".join(f"field{number}=1" for number in range(5000)),
    "escapes": "name=" + "%61" * ((MIB - 5) // 3),
}


@unit.check(points=2, tier="robust", cases=len(FILLINGS) + 1, needs=FORMS)
@given(filling=st.sampled_from(list(FILLINGS)))
def accepts_a_body_of_one_mebibyte(server: Server, filling: str) -> None:
    """正好 1 MiB 的正文仍然可以。 A body of exactly 1 MiB is still accepted."""
    body = FILLINGS[filling]
    name = unquote_plus(body.removeprefix("name=").partition("&")[0])
    exchange(server, post_form("/api/submit", body), name_of((("name", name),)), units=3)


#: Not UTF-8, or percent-escapes that are none or do not give UTF-8.
UNDECODABLE = (
    b"name=\xff", b"name=%FF", b"name=\xe4\xbd", b"name=%E4%BD", b"\xff\xfe=x", b"%FF=x", b"name=%ED%A0%80",
    b"name=\xed\xa0\x80", b"name=%zz", b"name=%", b"name=%4", b"\x80\x81\x82", b"name=a\xffb&x=%C3", b"%=%&=&&",
)  # fmt: skip


def decoded_or_refused(answered: int) -> Question:
    """400, or 200 with an answer of the agreed shape."""
    if answered == 400:
        return status(400)
    return json_that(each(member_is_text("message"), member("status", "success", lambda _: "web.other_data")))


@unit.check(points=3, tier="robust", cases=len(UNDECODABLE) + 1, needs=[*ALIVE, *FORMS])
@given(body=st.sampled_from(UNDECODABLE))
def answers_a_form_that_is_not_utf8(server: Server, body: bytes) -> None:
    """正文不是 UTF-8、百分号转义无效时也有回答。 A body that is not UTF-8 or has bad escapes is answered, too."""
    answer = exchange(server, post_form("/api/submit", body), status(200, 400), suspect="web.bad_text_unanswered")
    exchange(server, post_form("/api/submit", body), decoded_or_refused(answer.status))
    alive(server)


@unit.check(points=2, tier="robust", cases=13, needs=FORMS)
@given(name=st.sampled_from(["张三", "é", "😀", "a b", "a=b", "=", "a;b", '"x"', "{}", "?", "\\", "中" * 3000]))
def reads_utf8_without_escapes(server: Server, name: str) -> None:
    """正文里没有转义的 UTF-8（curl -d name=张三）也能读懂。 UTF-8 without escapes, as curl sends it, is understood."""
    pairs = (("name", name), ("名", "值"))
    exchange(server, post_form("/api/submit", encode_raw(pairs)), greeting(FormAnswer(pairs)))


@unit.check(points=2, tier="robust", cases=20, needs=["reads_utf8_without_escapes"])
@given(
    name=st.sampled_from(["张三", "x", "é😀" * 20, "名字" * 700]),
    cuts=st.lists(st.integers(-60, 40), min_size=1, max_size=5).map(tuple),
)
def reads_a_request_in_any_pieces(server: Server, name: str, cuts: tuple[int, ...]) -> None:
    """请求在任何地方被切开，回答都一样。 A request may arrive in any pieces."""
    pairs = (("name", name),)
    request = post_form("/api/submit", encode_raw(pairs))
    body = request.head_size(host_of(server))  # the cuts count from here: before it lies the head, behind it the form
    exchange(
        server,
        request,
        name_of(pairs, "web.request_in_pieces"),
        cut_at=[body + cut for cut in cuts],
        suspect="web.request_in_pieces",
    )


#: Ways to write the headers of a form: (name of the length, name of the type, space behind the colon).
SPELLINGS = [
    ("content-length", "content-type", " "),
    ("CONTENT-LENGTH", "CONTENT-TYPE", ""),
    ("Content-length", "Content-type", "  "),
    ("cOnTeNt-LeNgTh", "cOnTeNt-TyPe", "\t"),
    ("Content-Length", "Content-Type", ""),
]
#: As fetch and jQuery send it: the media type has a parameter.
PARAMETERS = ["; charset=UTF-8", ";charset=utf-8"]
FORM_HEADERS = [(*spelling, "") for spelling in SPELLINGS]
FORM_HEADERS += [("Content-Length", "Content-Type", " ", parameter) for parameter in PARAMETERS]


@unit.check(points=2, tier="robust", cases=len(FORM_HEADERS) + 1, needs=FORMS)
@given(written=st.sampled_from(FORM_HEADERS))
def reads_headers_however_they_are_written(server: Server, written: tuple[str, str, str, str]) -> None:
    """首部名不分大小写，冒号后可无空格；表单的类型可带 charset。 Header names in any case; a form with a charset."""
    length, kind, space, parameter = written
    pairs = (("name", "x"),)
    body = encode(pairs).encode()
    data = f"POST /api/submit HTTP/1.1\r\nhost:{host_of(server)}\r\n{length}:{space}{len(body)}\r\n"
    data += f"{kind}:{space}application/x-www-form-urlencoded{parameter}\r\n\r\n"
    suspect = "web.form_with_charset" if parameter else "web.header_case"
    with server.connect("A") as client:
        client.send(data.encode() + body)
        question = all_of(status(200, suspect=suspect), name_of(pairs, suspect))
        receive_answer(client, "POST", question, suspect=suspect)


#: A request whose rest is late, at every stage: nothing yet, inside the head, before the body, inside the body.
STAGES = (0, 20, -7, -3)


@unit.check(points=3, tier="robust", cases=4, needs=[*ALIVE, *FORMS])
@given(stages=st.lists(st.sampled_from(STAGES), min_size=1, max_size=4))
def serves_others_while_a_client_is_slow(server: Server, stages: list[int]) -> None:
    """慢的客户端不耽误别人，自己最后也得到回答。 A slow client delays nobody, and is answered in the end."""
    pairs = (("name", "abcd"),)
    data = post_form("/api/submit", encode(pairs)).bytes(host_of(server))
    slow = []
    for number, stage in enumerate(stages):
        cut = stage if stage >= 0 else len(data) + stage
        client = server.connect("ABCD"[number])
        slow.append((client, data[cut:]))
        client.send(data[:cut]) if cut else None
        alive(server, name=f"Z{number}", suspect="web.held_up")
        exchange(server, post_form("/api/submit", "name=x"), status(200), name="Y", suspect="web.held_up")
    for client, rest in slow:
        with client:
            client.send(rest)
            receive_answer(client, "POST", name_of(pairs, "web.request_in_pieces"))


#: (path, statuses beside that of GET): what is there is what GET says, what is not may be refused in another way.
HEADS = [("/", ()), ("/api/data", ()), ("/api/submit", (404, 405)), ("/nothing", (404, 405, 501))]


@unit.check(points=2, tier="robust", cases=len(HEADS) + 1, needs=ALIVE)
@given(asked=st.sampled_from(HEADS))
def answers_head_like_get(server: Server, asked: tuple[str, tuple[int, ...]]) -> None:
    """HEAD 的回答和 GET 一样，只是没有正文。 HEAD is answered like GET, without the body."""
    target, refusals = asked
    # What GET says of a path that is not there is another check's matter.
    got = exchange(server, get(target), any_status if target == "/nothing" else status(200, 404, 405))
    wanted = {got.status, *refusals}
    request = Ask("HEAD", target, (("Connection", "close"),))
    with server.connect("B") as client:
        client.send(request.bytes(host_of(server)))
        question = status(*sorted(wanted))
        client.expect(AnswerTo("HEAD", question, surplus="web.body_after_head", to_end=True))
    if got.status == 200:
        media = (got.headers.get("Content-Type") or "").split(";")[0].strip().lower()
        exchange(server, Ask("HEAD", target), all_of(content_type(media), length_like(got)))


def length_like(got: Response) -> Question:
    """A length of 0 is not that of a page (RFC 9110 §8.6). None at all is fine, and a page may vary in length."""

    def ask(answer: Response) -> Mismatch | None:
        length = answer.headers.get("Content-Length")
        if not got.body or length is None or length.strip("0 "):
            return None
        wanted = Text("GET 时的 Content-Length，或者没有", "the Content-Length that GET has, or none")
        shown = f"Content-Length: {length}"
        python = "headers.get('content-length', '1').strip('0 ')"
        return Mismatch(Side(wanted), Side(Text(shown, shown)), "web.head_length", python=python)

    return ask


OTHER_METHODS = ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")
TARGETS = ("/api/data", "/", "/api/submit", "/nothing")


@unit.check(points=2, tier="robust", cases=25, needs=ALIVE)
@given(asked=st.sampled_from([(method, target) for method in OTHER_METHODS for target in TARGETS]))
def refuses_other_methods(server: Server, asked: tuple[str, str]) -> None:
    """其他方法得到 501 或 405。 Other methods are answered 501 or 405."""
    method, target = asked
    wanted = (501, 405, 404) if target == "/nothing" else (501, 405)
    request = Ask(method, target, (), b"name=x" if method in ("PUT", "PATCH") else b"")
    question = status(*wanted, accepted="web.other_method", suspect="web.other_method")
    exchange(server, request, question, suspect="web.method_unanswered")


REQUESTS = (
    get("/api/data"),
    get("/"),
    get("/nothing"),
    post_form("/api/submit", "name=%E4%BD%A0"),
    post_form("/nothing", "name=x"),
    post_form("/", "name=x"),
)


@unit.check(points=2, tier="robust", cases=13, needs=ALIVE)
@given(request=st.sampled_from(REQUESTS), second=st.sampled_from(["/api/data", "/"]))
def ends_every_answer_where_it_says(server: Server, request: Ask, second: str) -> None:
    """每个回答正好在它说的地方结束，不影响下一个。 Every answer ends where it says and leaves the next one alone."""
    longer = "web.longer_than_it_says"
    with server.connect("A") as client:
        answer = converse(client, host_of(server), request, any_status, surplus=longer)
        if answer.keeps_alive and not client.ending:
            suspect = "web.unread_body" if request.body else None
            follow_up(client, server, get(second), status(200, suspect=suspect), longer)
        client.half_close()
        client.expect(NothingMore(longer), units=0.3)


def follow_up(client: TcpPeer, server: Server, request: Ask, question: Question, surplus: str) -> None:
    """The next request on a connection that the server has not said to close. It may close it all the same."""
    client.send(request.bytes(host_of(server)))
    client.expect(AnswerTo(request.method, question, surplus=surplus, may_close=True))


GARBAGE = (
    b"",
    b"\r\n\r\n",
    b"hello\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\0" * 500 + b"\r\n\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 150 + b"\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"POST /api/submit HTTP/1.1\r\nContent-Length: 100\r\n\r\nname",
    "GET /你 HTTP/1.1\r\n\r\n".encode(),
)


@unit.check(points=2, tier="robust", cases=16, needs=ALIVE)
@given(garbage=st.sampled_from(GARBAGE), leaves=st.sampled_from(["reset", "close", "silent", "half_close"]))
def survives_bad_clients(server: Server, garbage: bytes, leaves: str) -> None:
    """乱码、重置和沉默的客户端不影响别人。 Garbage, resets and silent clients do not affect others."""
    count = 12 if leaves == "silent" else 2
    silent = []
    for number in range(count):
        client = server.connect(f"A{number}")
        if garbage:
            client.send(garbage)
        if leaves == "silent":
            silent.append(client)
        elif leaves == "half_close":
            client.half_close()
            silent.append(client)
        else:
            getattr(client, leaves)()
        alive(server, suspect="web.held_up")
    for client in silent:
        client.close()
    alive(server, suspect="web.held_up")
