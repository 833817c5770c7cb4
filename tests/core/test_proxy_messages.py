"""What may change on the way through a proxy, and what may not. No socket."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest

from graders.core.models.finding import Ending
from graders.core.models.http_headers import Headers
from graders.core.models.http_message import Framing, Response
from graders.core.models.proxy_messages import Chunks, Reply, Sent
from graders.core.models.proxy_passing import Forwarded, delivered, fault_of_headers
from graders.core.replay.judging import NAMES, names_of

HOST = "127.0.0.1:80"
SENT = Sent(
    "POST",
    "/a?b=%20c",
    (("X-One", "1"), ("Connection", "X-Private, close"), ("x-private", "p"), ("X-Many", "a"), ("X-Many", "b")),
    b"body",
    Framing.LENGTH,
)
GOOD = (
    b"POST /a?b=%20c HTTP/1.1\r\nhost: 127.0.0.1:80\r\nx-one: 1\r\nX-Many: a, b\r\nVia: 1.1 p\r\nConnection: close\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n4;x=y\r\nbody\r\n0\r\n\r\n"
)


def found(data: bytes, *sent: Sent) -> str | None:
    mismatch = Forwarded(HOST, sent or [SENT]).judge(data, Ending.COMPLETE)
    if mismatch is None:
        return None
    assert mismatch.python is not None
    # The replay's expression finds this wrong, and the good one right.
    assert not eval(mismatch.python, {**NAMES, **names_of(data, "complete")})
    assert eval(mismatch.python, {**NAMES, **names_of(GOOD, "complete")})
    return mismatch.diagnosis


def test_another_framing_case_and_headers_of_the_proxys_own_are_fine() -> None:
    assert found(GOOD) is None


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"POST /a", b"PUT /a", "proxy.wrong_method"),
        (b"POST /a?b", b"POST http://127.0.0.1:80/a?b", "proxy.absolute_form"),
        (b"/a?b=%20c", b"/a", "proxy.wrong_path"),
        (b"127.0.0.1:80", b"127.0.0.1", "proxy.wrong_host"),
        (b"x-one: 1", b"x-one: 2", "proxy.request_header_changed"),
        (b"x-one: 1\r\n", b"", "proxy.request_header_missing"),
        (b"a, b", b"b, a", "proxy.request_header_order"),
        (b"Connection: close", b"Connection: X-Private", "proxy.hop_to_origin"),
        (b"Connection: close", b"X-Private: p", "proxy.hop_to_origin"),
        (b"4;x=y\r\nbody\r\n", b"3\r\nbod\r\n", "proxy.request_body_cut"),
        (b"4;x=y\r\nbody\r\n", b"", "proxy.request_body_missing"),
        (b"\r\nbody\r\n", b"\r\nBODY\r\n", "proxy.request_body_changed"),
        (b"Connection: close", b"Content-Length: 4", "proxy.length_and_chunked"),
    ],
)
def test_what_the_origin_must_not_see(old: bytes, new: bytes, code: str) -> None:
    assert old in GOOD
    assert found(GOOD.replace(old, new)) == code


def test_one_of_several_requests_is_told_by_its_path() -> None:
    other = Sent(path="/other")
    assert found(GOOD, other, SENT) is None
    oracle = Forwarded(HOST, [SENT, other])
    assert oracle.judge(b"GET /other HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n", Ending.COMPLETE) is None
    assert oracle.picked is other


def answer(reply: Reply, **changes: object) -> Response:
    as_it_was = Response("1.1", reply.status, "", Headers(reply.headers), reply.body, Framing.LENGTH, Headers(), ())
    return replace(as_it_was, **changes)  # type: ignore[arg-type]


def test_the_client_gets_status_headers_and_body_of_the_origin() -> None:
    reply = Reply(404, (("X-A", "1"), ("Keep-Alive", "timeout=17")), b"x" * 1000)
    kept_back = Headers([("x-a", "1"), ("Via", "1.1 p")])
    assert delivered(reply)(answer(reply, headers=kept_back)) is None
    wrong = delivered(reply)(answer(reply, headers=kept_back, body=b"x" * 999))
    assert wrong is not None
    assert wrong.diagnosis == "proxy.answer_body_cut"
    assert str(zlib.crc32(reply.body)) in str(wrong.python)
    for changes in ({"headers": Headers(reply.headers)}, {"headers": Headers()}, {"status": 200}):
        assert delivered(reply)(answer(reply, **{"headers": kept_back, **changes})) is not None


def test_cookies_are_not_joined() -> None:
    two = (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    assert fault_of_headers(two, Headers(two), "proxy.answer_header") is None
    assert fault_of_headers(two, Headers([("Set-Cookie", "a=1, b=2")]), "proxy.answer_header") is not None


def test_messages_are_written_as_they_say() -> None:
    assert Chunks(2, ";e", (("T", "1"),)).encode(b"abc") == b"2;e\r\nab\r\n1;e\r\nc\r\n0\r\nT: 1\r\n\r\n"
    assert Reply(204).bytes() == b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
    head = Reply(body=b"abc", to_head=True, kept=True).bytes()
    assert head == b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    assert Sent(version="1.0", host="").bytes(HOST) == b"GET http://127.0.0.1:80/ HTTP/1.0\r\n\r\n"
