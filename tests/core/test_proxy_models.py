"""The oracles for tunnels, refusals and what must not be smuggled."""

from __future__ import annotations

import pytest

from graders.core.models.finding import Ending
from graders.core.models.http_headers import Headers
from graders.core.models.http_message import Framing, Request
from graders.core.models.proxy_attacks import Unsmuggled, refused, via_added
from graders.core.models.proxy_passing import fault_of_headers
from graders.core.models.proxy_refusals import NotWhole
from graders.core.models.tunnel import Exactly
from graders.core.models.web_answer import AnswerTo


def code(found: object) -> str | None:
    return getattr(found, "diagnosis", None)


@pytest.mark.parametrize(
    ("got", "complete", "taken", "wanted"),
    [
        (b"abc", True, 3, None),
        (b"abcd", True, 3, None),
        (b"ab", False, 2, "proxy.tunnel_cut"),
        (b"", False, 0, "proxy.tunnel_cut"),
        (b"xb", True, 2, "proxy.tunnel_changed"),
    ],
)
def test_exactly(got: bytes, complete: bool, taken: int, wanted: str | None) -> None:
    oracle = Exactly(b"abc")
    assert (oracle.complete(got), oracle.taken(got)) == (complete, taken)
    assert code(oracle.judge(got[:taken], Ending.COMPLETE if complete else Ending.SILENCE)) == wanted


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("data", "ending", "wanted"),
    [
        (HEAD + b"Content-Length: 2\r\n\r\no", Ending.END, None),
        (HEAD + b"Content-Length: 2\r\n\r\no", Ending.SILENCE, "proxy.cut_answer_hangs"),
        (HEAD + b"Content-Length: 1\r\n\r\no", Ending.COMPLETE, "proxy.cut_answer_whole"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", Ending.COMPLETE, None),
        (HEAD + b"\r\nhalf of it", Ending.END, None),
        (b"", Ending.RESET, None),
    ],
)
def test_a_cut_answer_must_not_look_whole(data: bytes, ending: Ending, wanted: str | None) -> None:
    assert code(NotWhole("GET").judge(data, ending)) == wanted


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (400, None),
        (501, "proxy.bad_request_not_400"),
        (200, "proxy.long_chunk_accepted"),
        (500, "proxy.bad_request_not_400"),
    ],
)
def test_refusals(status: int, wanted: str | None) -> None:
    oracle = AnswerTo("GET", refused("long_chunk"))
    data = b"HTTP/1.1 %d Some\r\nContent-Length: 0\r\n\r\n" % status
    assert oracle.complete(data)
    assert code(oracle.judge(data, Ending.COMPLETE)) == wanted


@pytest.mark.parametrize(
    ("hidden", "head", "wanted"),
    [
        ("X-A: 1\rX-Injected: 1", b"X-A: 1\r\nX-Injected: 1", None),
        ("X-A: 1\rX-Injected: 1", b"X-A: 1\rX-Injected: 1", "proxy.line_end_passed_on"),
        ("X-A: 1\rX-Injected: 1", b"X-A: 1 X-Injected: 1", None),
        ("X-A: 1\nX-Injected: 1", b"X-A: 1\r\nX-Injected: 1", None),
        ("X-A: 1\nX-Injected: 1", b"X-A: 1\nX-Injected: 1", "proxy.line_end_passed_on"),
        ("X-A: 1\r\n X-Injected: 1", b"X-A: 1\r\nX-Injected: 1", "proxy.header_smuggled"),
        ("X-A: 1\r\n X-Injected: 1", b"X-A: 1\r\n X-Injected: 1", None),
    ],
)
def test_hidden_line_ends(hidden: str, head: bytes, wanted: str | None) -> None:
    data = b"GET / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n"
    oracle = Unsmuggled(hidden)
    assert oracle.complete(data)
    assert code(oracle.judge(data, Ending.COMPLETE)) == wanted


@pytest.mark.parametrize(
    ("target", "wanted"),
    [("/a%0d%0aX-Injected:1", None), ("/a%0D%0AX-Injected%3a1", None), ("/a\r\nX-Injected:1", "proxy.decoded_url")],
)
def test_urls_stay_encoded(target: str, wanted: str | None) -> None:
    data = f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    assert code(Unsmuggled("/a%0d%0aX-Injected:1").judge(data, Ending.COMPLETE)) == wanted


@pytest.mark.parametrize(
    ("before", "got", "wanted"),
    [
        ((), ("1.1 me",), None),
        (("1.0 fred",), ("1.0 fred, 1.1 me (a comment, too)",), None),
        (("1.0 fred", "1.1 lucy"), ("1.0 fred", "1.1 lucy", "HTTP/1.1 me"), None),
        ((), (), "proxy.request_via_missing"),
        (("1.0 fred",), ("1.0 fred",), "proxy.request_via_missing"),
        (("1.0 fred",), ("1.1 me", "1.0 fred"), "proxy.request_via_changed"),
        (("1.0 fred",), ("1.1 me",), "proxy.request_via_changed"),
    ],
)
def test_via(before: tuple[str, ...], got: tuple[str, ...], wanted: str | None) -> None:
    headers = Headers(tuple(("Via", line) for line in got))
    fields = {"method": "GET", "target": "/", "version": "1.1", "headers": headers}
    message = Request(**fields, body=b"", framing=Framing.NONE, trailers=Headers(), deviations=())
    assert code(via_added(before, "request")(message)) == wanted


@pytest.mark.parametrize(
    ("sent", "got", "wanted"),
    [
        ((("X-A", ""),), (("x-a", ""),), None),
        ((("X-A", ""),), (), "it_missing"),
        ((("X-A", "1"), ("X-A", "2")), (("X-A", "1,2"),), None),
        ((("X-A", "1"), ("X-A", "2")), (("X-A", "2"), ("X-A", "1")), "it_order"),
        ((("Set-Cookie", "a"), ("Set-Cookie", "b")), (("Set-Cookie", "a, b"),), "it_changed"),
        ((("Connection", "X-A"), ("X-A", "1")), (), None),
    ],
)
def test_end_to_end_headers(
    sent: tuple[tuple[str, str], ...], got: tuple[tuple[str, str], ...], wanted: str | None
) -> None:
    assert code(fault_of_headers(sent, Headers(got), "it")) == wanted
