"""The HTTP parsers: every input is fed whole, byte by byte, and with trailing data behind it."""

from __future__ import annotations

import pytest

from graders.core.models.http_headers import Headers, media_type, parameter
from graders.core.models.http_message import Framing, Request, Response
from graders.core.models.http_parser import RequestParser, ResponseParser, State
from graders.core.models.http_trouble import TEXTS, Trouble

OK = b"HTTP/1.1 200 OK\r\n"
TRAILING = b"\x00HTTP/1.1 junk"


def parse(parser, data, *, end=False, step=None):
    """Feed `data` whole or in pieces of `step` bytes, then perhaps end the stream."""
    for index in range(0, len(data), step or max(len(data), 1)):
        parser.feed(data[index : index + (step or len(data))])
    if end:
        parser.end()
    return parser


def complete_response(data, *, method="GET", end=False):
    """Parse in three ways, see that they agree, and give the message."""
    whole = parse(ResponseParser(method), data, end=end)
    assert whole.state is State.COMPLETE, whole.trouble
    assert whole.surplus == b""
    bytewise = parse(ResponseParser(method), data, end=end, step=1)
    assert bytewise.message == whole.message
    if whole.message.framing is not Framing.CLOSE:
        for step in (None, 1):
            trailing = parse(ResponseParser(method), data + TRAILING, end=end, step=step)
            assert trailing.message == whole.message
            assert trailing.surplus == TRAILING
        assert parse(ResponseParser(method), data[:-1]).state is State.NEEDS_MORE
    return whole.message


def complete_request(data):
    whole = parse(RequestParser(), data)
    assert whole.state is State.COMPLETE, whole.trouble
    assert parse(RequestParser(), data, step=1).message == whole.message
    trailing = parse(RequestParser(), data + TRAILING, step=1)
    assert (trailing.message, trailing.surplus) == (whole.message, TRAILING)
    assert parse(RequestParser(), data[:-1]).state is State.NEEDS_MORE
    return whole.message


def broken(make, data, *, end=False):
    """Parse in three ways, see that they agree about code and place, and give both."""
    found = set()
    for step in (None, 1, 7):
        parser = parse(make(), data, end=end, step=step)
        assert parser.state is State.BROKEN
        assert parser.message is None
        found.add((parser.trouble.code, parser.trouble.offset))
    assert len(found) == 1, found
    if not end:
        parser = parse(make(), data + TRAILING)
        assert (parser.trouble.code, parser.trouble.offset) in found
    return found.pop()


# -- answers that are complete


def test_content_length():
    message = complete_response(OK + b"Content-Type: text/plain\r\ncontent-LENGTH:  2 \r\n\r\nhi")
    assert message == Response(
        version="1.1",
        status=200,
        reason="OK",
        headers=Headers([("Content-Type", "text/plain"), ("content-LENGTH", "2")]),
        body=b"hi",
        framing=Framing.LENGTH,
        trailers=Headers(),
        deviations=(),
    )
    assert message.keeps_alive


def test_empty_body_by_length():
    assert complete_response(OK + b"Content-Length: 0\r\n\r\n").body == b""


def test_close_delimited():
    data = b"HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
    parser = parse(ResponseParser(), data)
    assert parser.state is State.NEEDS_MORE
    assert parser.head.status == 200
    message = complete_response(data, end=True)
    assert (message.body, message.framing) == (b"HTTP/1.1 200 OK\r\n\r\n", Framing.CLOSE)
    assert not message.keeps_alive


def test_chunked_with_extensions_and_trailers():
    message = complete_response(
        OK + b"Transfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n00A ; x\r\n0123456789\r\n0\r\nX-Sum: 7\r\n\r\n"
    )
    assert message.body == b"abc0123456789"
    assert message.trailers.pairs == (("X-Sum", "7"),)
    assert message.deviations == ()


def test_chunk_data_may_look_like_framing():
    assert complete_response(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n0\r\n\r\n").body == b"0\r\n\r\n"


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_status_without_body(status):
    assert complete_response(b"HTTP/1.1 " + status + b"\r\nX: y\r\n\r\n").framing is Framing.NONE


def test_304_and_head_may_name_a_length():
    assert complete_response(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").body == b""
    assert complete_response(OK + b"Content-Length: 5\r\n\r\n", method="HEAD").body == b""
    assert complete_response(OK + b"Transfer-Encoding: chunked\r\n\r\n", method="HEAD").body == b""
    assert complete_response(OK + b"\r\n", method="HEAD").body == b""


def test_a_body_after_head_is_surplus():
    assert parse(ResponseParser("HEAD"), OK + b"Content-Length: 5\r\n\r\nhello").surplus == b"hello"


def test_connect_opens_a_tunnel():
    assert complete_response(OK + b"Content-Length: 5\r\n\r\n", method="CONNECT").framing is Framing.NONE
    refused = complete_response(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 1\r\n\r\nx", method="CONNECT")
    assert refused.body == b"x"


def test_interim_answers_come_first():
    message = complete_response(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\nx"
    )
    assert [head.status for head in message.interim] == [100, 103]
    assert (message.status, message.body) == (200, b"x")


def test_switching_protocols_is_final():
    message = complete_response(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
    assert message.status == 101


def test_repeated_headers_keep_their_order():
    message = complete_response(OK + b"Set-Cookie: a=1\r\nX: 1\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n")
    assert message.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_reason_may_be_empty_or_beyond_ascii():
    assert complete_response(b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n").reason == ""
    assert complete_response(b"HTTP/1.1 404 \xe6\x9c\xaa\r\nContent-Length: 0\r\n\r\n").status == 404


def test_header_values_are_latin_1_and_may_be_empty():
    message = complete_response(OK + b"X-Name: \xe9t\xe9\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n")
    assert message.headers.get("x-name") == "été"
    assert message.headers.get("x-empty") == ""


@pytest.mark.parametrize(
    ("head", "alive"),
    [
        (b"HTTP/1.1 200 OK\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: x, Close\r\n", False),
        (b"HTTP/1.0 200 OK\r\n", False),
        (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n", True),
    ],
)
def test_keep_alive(head, alive):
    assert complete_response(head + b"Content-Length: 0\r\n\r\n").keeps_alive is alive


# -- deviations: understood, remembered


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"HTTP/1.1 200 OK\nContent-Length: 1\n\nx", ["http.bare_lf"]),
        (b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", ["http.no_reason_space"]),
        (OK + b"X: a\r\n  b\r\nContent-Length: 1\r\n\r\nx", ["http.folded_header"]),
        (OK + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", ["http.repeated_length"]),
        (OK + b"Content-Length: 1, 1\r\n\r\nx", ["http.repeated_length"]),
        (
            OK + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            ["http.length_and_chunked"],
        ),
        (
            b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n0\r\n\r\n",
            ["http.chunked_in_http_1_0", "http.space_in_chunk_size"],
        ),
    ],
)
def test_deviations_are_remembered(data, codes):
    message = complete_response(data)
    assert message.body == b"x"
    assert [deviation.code for deviation in message.deviations] == codes


def test_folded_value_is_joined_by_a_space():
    assert complete_response(OK + b"X: a\r\n\t b\r\nContent-Length: 0\r\n\r\n").headers.get("X") == "a b"


def test_204_with_a_length_is_a_deviation():
    message = complete_response(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
    assert [deviation.code for deviation in message.deviations] == ["http.length_not_allowed"]


# -- answers that are broken


@pytest.mark.parametrize(
    ("data", "code", "offset"),
    [
        (b"hello", "http.bad_status_line", 0),
        (b"\r\n", "http.bad_status_line", 0),
        (b"HTTP/2 200 OK\r\n", "http.bad_status_line", 0),
        (b"HTTP/1.1 20 OK\r\n", "http.bad_status_line", 0),
        (b"HTTP/1.1 600 Odd\r\n", "http.bad_status_line", 0),
        (b"HTTP/1.1  200 OK\r\n", "http.bad_status_line", 0),
        (b"HTTP/1.1 200 O\x00K\r\n", "http.bad_status_line", 0),
        (b"HTTP/1.1 100 Continue\r\n\r\nnonsense", "http.bad_status_line", 25),
        (OK + b"no colon\r\n", "http.bad_header_line", 17),
        (OK + b": no name\r\n", "http.bad_header_line", 17),
        (OK + b"<html>: x\r\n", "http.bad_header_line", 17),
        (OK + b" X: folded without a line to fold\r\n", "http.bad_header_line", 17),
        (OK + b"X : y\r\n", "http.space_before_colon", 17),
        (OK + b"X: a\rb\r\n", "http.control_character", 21),
        (OK + b"X: a\x00\r\n", "http.control_character", 21),
        (OK + b"Content-Length: -1\r\n\r\n", "http.bad_content_length", 39),
        (OK + b"Content-Length: \r\n\r\n", "http.bad_content_length", 37),
        (OK + b"Content-Length: +1\r\n\r\n", "http.bad_content_length", 39),
        (OK + b"Content-Length: 1_0\r\n\r\n", "http.bad_content_length", 40),
        (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "http.differing_lengths", 57),
        (OK + b"Transfer-Encoding: gzip\r\n\r\n", "http.unknown_transfer_coding", 44),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "http.bad_chunk_size", 47),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0x1\r\n", "http.bad_chunk_size", 47),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n\r\n", "http.bad_chunk_size", 47),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 17 + b"\r\n", "http.bad_chunk_size", 47),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", "http.chunk_not_ended", 52),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\n", "http.chunk_not_ended", 52),
    ],
)
def test_broken_answers(data, code, offset):
    assert broken(ResponseParser, data) == (code, offset)


@pytest.mark.parametrize(
    ("data", "code", "offset"),
    [
        (b"", "http.no_answer", 0),
        (b"HTTP", "http.truncated_head", 4),
        (b"HTTP/1.1 200 OK\r\nX", "http.truncated_head", 18),
        (b"HTTP/1.1 200 OK\r\nX: y\r\n", "http.truncated_head", 23),
        (OK + b"Content-Length: 5\r\n\r\nabc", "http.length_mismatch", 41),
        (OK + b"Content-Length: 5\r\n\r\n", "http.length_mismatch", 38),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", "http.truncated_chunks", 47),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", "http.truncated_chunks", 52),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r", "http.truncated_chunks", 53),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "http.truncated_chunks", 54),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", "http.truncated_chunks", 50),
    ],
)
def test_answers_cut_short(data, code, offset):
    assert broken(ResponseParser, data, end=True) == (code, offset)


def test_the_body_that_came_is_kept():
    parser = parse(ResponseParser(), OK + b"Content-Length: 5\r\n\r\nabc", end=True)
    assert parser.head.status == 200
    assert bytes(parser.body_so_far) == b"abc"


def test_floods_are_cut_off():
    assert broken(ResponseParser, OK + b"X: " + b"a" * 300_000)[0] == "http.head_too_large"
    assert broken(ResponseParser, OK + b"X: y\r\n" * 50_000)[0] == "http.head_too_large"
    assert broken(lambda: ResponseParser(max_body=9), OK + b"Content-Length: 10\r\n\r\n")[0] == "http.body_too_large"
    assert broken(lambda: ResponseParser(max_body=9), OK + b"\r\n" + b"x" * 10)[0] == "http.body_too_large"
    chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n5\r\n"
    assert broken(lambda: ResponseParser(max_body=9), chunked)[0] == "http.body_too_large"


def test_feeding_after_the_end_is_the_callers_fault():
    parser = parse(ResponseParser(), b"", end=True)
    with pytest.raises(ValueError, match="after end"):
        parser.feed(b"x")


# -- requests


def test_get_request():
    data = b"GET /a?b=%20 HTTP/1.1\r\nHost: x:1\r\nX-A: \xe9\r\nAccept: a\r\naccept: b\r\n\r\n"
    message = complete_request(data)
    assert (message.method, message.target, message.version) == ("GET", "/a?b=%20", "1.1")
    assert message.headers.get("accept") == "a, b"
    assert (message.body, message.framing) == (b"", Framing.NONE)
    assert message.keeps_alive


def test_request_bodies():
    assert complete_request(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na=1").body == b"a=1"
    chunked = complete_request(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n")
    assert (chunked.body, chunked.framing) == (b"a=1", Framing.CHUNKED)


def test_empty_lines_before_a_request_are_ignored():
    assert complete_request(b"\r\n\r\nGET / HTTP/1.0\r\n\r\n") == Request(
        method="GET",
        target="/",
        version="1.0",
        headers=Headers(),
        body=b"",
        framing=Framing.NONE,
        trailers=Headers(),
        deviations=(),
    )


def test_absolute_and_other_targets():
    for target in ("http://a:1/b?c", "a:443", "*"):
        assert complete_request(f"X-METHOD {target} HTTP/1.1\r\n\r\n".encode()).target == target


def test_raw_bytes_in_the_target_are_a_deviation():
    message = complete_request("GET /你 HTTP/1.1\r\n\r\n".encode())
    assert message.target.encode("latin-1").decode() == "/你"
    assert [(deviation.code, deviation.offset) for deviation in message.deviations] == [("http.raw_non_ascii", 4)]


@pytest.mark.parametrize(
    ("data", "code", "offset"),
    [
        (b"GET /\r\n", "http.bad_request_line", 0),
        (b"GET  / HTTP/1.1\r\n", "http.bad_request_line", 0),
        (b"GET /a b HTTP/1.1\r\n", "http.bad_request_line", 0),
        (b"\r\nGET / HTTP/2.0\r\n", "http.bad_request_line", 2),
        (b"GET / HTTP/1.1\r\nHost : x\r\n", "http.space_before_colon", 16),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "http.bad_content_length", 37),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "http.unknown_transfer_coding", 52),
    ],
)
def test_broken_requests(data, code, offset):
    assert broken(RequestParser, data) == (code, offset)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "http.no_answer"),
        (b"GET /", "http.truncated_head"),
        (b"GET / HTTP/1.1\r\nContent-Length: 2\r\n\r\na", "http.length_mismatch"),
    ],
)
def test_requests_cut_short(data, code):
    assert broken(RequestParser, data, end=True) == (code, len(data))


# -- the sentences


@pytest.mark.parametrize(
    ("trouble", "english", "chinese"),
    [
        (
            Trouble("http.length_mismatch", 41, {"wanted": 5, "got": 3}),
            "Content-Length promised 5 bytes of body, the connection ended after 3 (at byte 41)",
            "Content-Length 说正文有 5 字节，连接却在 3 字节之后结束了",
        ),
        (
            Trouble("http.bad_header_line", 17, {"number": 1, "got": "'no colon'"}),
            "wanted `Name: value` in header line 1, got 'no colon' (at byte 17)",
            "第 1 个首部行应当是 名字: 值，实际是 'no colon'",
        ),
        (
            Trouble("http.no_answer", 0),
            "the connection ended without one byte of an answer (at byte 0)",
            "连接结束了，一个字节的回答也没有",
        ),
    ],
)
def test_sentences(trouble, english, chinese):
    assert str(trouble) == english
    assert trouble.sentence("zh") == chinese


def test_every_sentence_names_the_same_facts_in_both_languages():
    def names(text):
        return sorted(part.split("}")[0] for part in text.split("{")[1:])

    for code, (chinese, english) in TEXTS.items():
        assert names(chinese) == names(english), code


# -- header values


def test_headers():
    headers = Headers([("Vary", "Accept, X-a"), ("VARY", "x-B"), ("Age", "1")])
    assert headers.tokens("vary") == ["accept", "x-a", "x-b"]
    assert "AGE" in headers
    assert headers.get("Date") is None
    assert len(headers) == 3


def test_media_type_and_parameters():
    assert media_type('Text/HTML; Charset="UTF-8"') == "text/html"
    assert parameter('Text/HTML; Charset="UTF-8"', "charset") == "UTF-8"
    assert media_type(None) == ""
    assert parameter("text/html", "charset") is None
