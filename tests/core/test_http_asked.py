"""The oracle of a request: the same meaning in other spellings is right, every other meaning has its own code."""

from __future__ import annotations

from typing import Any

import pytest

from graders.core.diagnoses import all_diagnoses
from graders.core.models.finding import Ending
from graders.core.models.http_asked import (
    Asked,
    Difference,
    RequestFor,
    body,
    headers,
    host,
    leftovers,
    method,
    parsed,
    same_json,
    target,
)
from graders.core.models.http_message import Request
from graders.core.replay.judging import Wanted

URL = "http://127.0.0.1:8000"
FORM = "application/x-www-form-urlencoded"


def request(line: str = "GET / HTTP/1.1", *fields: str, content: bytes = b"") -> Request:
    """A request as it is on the wire."""
    lines = [line, "Host: 127.0.0.1:8000", *fields, *([f"Content-Length: {len(content)}"] if content else []), "", ""]
    message = parsed("\r\n".join(lines).encode("latin-1") + content).message
    assert message is not None
    return message


def code(difference: Difference | None) -> str | None:
    if difference is None:
        return None
    assert difference.code in all_diagnoses()
    return difference.code.removeprefix("http_client.")


@pytest.mark.parametrize(
    ("url", "seen", "wanted"),
    [
        ("/", "/", None),
        ("", "/", None),
        ("?a=b", "/?a=b", None),
        ("/a%41?b=%41", "/aA?b=A", None),  # what need not be escaped
        ("/%e4%bd%a0", "/%E4%BD%A0", None),
        ("/你?q=好", "/%E4%BD%A0?q=%E5%A5%BD", None),
        ("/a?b=c#top", "/a?b=c", None),
        ("/a?b=c+d", "/a?b=c%20d", None),
        ("/a?b", "/a?b=", None),
        ("/a?b=1&c=2&b=3", "/a?c=2&b=1&b=3", None),  # the order of different names says nothing
        ("/a?", "/a", None),
        ("/a(b)", "/a%28b%29", None),
        ("/a?b=1&b=2", "/a?b=2&b=1", "wrong_query"),
        ("/a", "/b", "wrong_path"),
        ("/a%2Fb", "/a/b", "wrong_path"),
        ("/a/", "/a", "wrong_path"),
        ("/a%20b", "/a%2520b", "escapes_twice"),
        ("/a?b=%20", "/a?b=%2520", "escapes_twice"),
        ("/a?b=c+d", "/a?b=c%2Bd", "plus_is_space"),
        ("/a?b=c", "/a", "wrong_query"),
        ("/你", "/%C4%E3", "not_utf8"),
        ("/?q=你", "/?q=%C4%E3", "not_utf8"),
        ("/é", "/é", "raw_non_ascii"),
    ],
)
def test_target(url: str, seen: str, wanted: str | None) -> None:
    assert code(target(Asked("GET", URL + url), request(f"GET {seen} HTTP/1.1"))) == wanted


@pytest.mark.parametrize(
    ("params", "seen", "wanted"),
    [
        ({"a": "1"}, "/?own=1&a=1", None),
        ({"a": [1, 2.5]}, "/?own=1&a=1&a=2.5", None),
        ({"a": []}, "/?own=1", None),
        ({"own": "2"}, "/?own=1&own=2", None),
        ({"own": "2"}, "/?own=2&own=1", "wrong_query"),
        ({"a": "1"}, "/?a=1", "wrong_query"),
        ({"a": "1"}, "/?own=1", "wrong_query"),
        ({"a": "", "b": "1"}, "/?own=1&b=1", "empty_dropped"),
        ({"a": 0}, "/?own=1", "empty_dropped"),
        ({"a": [1, 2]}, "/?own=1&a=%5B1%2C+2%5D", "wrong_query"),
        ({"a": "b&c=d"}, "/?own=1&a=b&c=d", "wrong_query"),
        ({"a": "b c"}, "/?own=1&a=b+c", None),
        ({"a": "b+c"}, "/?own=1&a=b+c", "wrong_query"),
    ],
)
def test_params(params: dict[str, Any], seen: str, wanted: str | None) -> None:
    assert code(target(Asked("GET", URL + "/?own=1", params=params), request(f"GET {seen} HTTP/1.1"))) == wanted


@pytest.mark.parametrize(
    ("fields", "seen", "wanted"),
    [
        ({"X-A": "b"}, ["x-a: b"], None),
        ({"X-A": "é"}, ["X-A: é"], None),
        ({"X-A": "a  b"}, ["X-A:\ta  b "], None),
        ({"X-A": "b"}, [], "header_missing"),
        ({"X-A": "b"}, ["X-A: b", "x-a: b"], "header_repeated"),
        ({"X-A": "b"}, ["X-A: c"], "header_changed"),
        ({"X-A": "é"}, ["X-A: Ã©"], "header_not_latin1"),
        ({"X-A": "né"}, ["X-A: n"], "header_not_latin1"),
        ({"X-A": "né"}, ["X-A: other"], "header_changed"),
    ],
)
def test_headers(fields: dict[str, str], seen: list[str], wanted: str | None) -> None:
    assert code(headers(Asked("GET", URL, headers=fields), request("GET / HTTP/1.1", *seen))) == wanted


@pytest.mark.parametrize("line", ["Cookie: a=b", "X-Earlier: 1", "authorization: Basic eDp5"])
def test_leftovers(line: str) -> None:
    asked = Asked("GET", URL, headers={"X-Now": "1", "User-Agent": "mine"})
    assert leftovers(asked, request("GET / HTTP/1.1", "x-now: 1", "User-Agent: mine", "Accept: */*")) is None
    assert code(leftovers(asked, request("GET / HTTP/1.1", line))) == "leftover"


@pytest.mark.parametrize(
    ("form", "content", "wanted"),
    [
        ({"a": "1", "b": "x y"}, b"b=x+y&a=1", None),
        ({"a": "1", "b": "x y"}, b"a=1&b=x%20y", None),
        ({"n": 1.5, "m": -3}, b"n=1.5&m=-3", None),
        ({"": ""}, b"=", None),
        ({"a": "你"}, b"a=%E4%BD%A0", None),
        ({"a": "你"}, b"a=%C4%E3", "not_utf8"),
        ({"a": "b&c"}, b"a=b&c", "form_not_escaped"),
        ({"a": "é"}, "a=é".encode(), "form_not_escaped"),
        ({"a": "1", "b": ""}, b"a=1", "empty_dropped"),
        ({"a": 0}, b"", "empty_dropped"),
        ({"a": "1"}, b"a=2", "wrong_form"),
        ({"a": "1"}, b'{"a": "1"}', "wrong_form"),
    ],
)
def test_form(form: dict[str, Any], content: bytes, wanted: str | None) -> None:
    seen = request("POST / HTTP/1.1", f"Content-Type: {FORM}; charset=utf-8", content=content)
    assert code(body(Asked("POST", URL, form=form), seen)) == wanted


@pytest.mark.parametrize(
    ("value", "content", "wanted"),
    [
        ({"a": [1, None, "é"]}, b'{ "a":[1,null,"\\u00e9"] }', None),
        ({"a": "é"}, '{"a":"é"}'.encode(), None),
        (1, b"1.0", None),
        (0, b"0", None),
        ("", b'""', None),
        (0, b"", "falsy_json_lost"),
        ([], b"", "falsy_json_lost"),
        (1, b"true", "wrong_json"),
        ({"a": 1}, b'{"a": "1"}', "wrong_json"),
        ({"a": 1}, b"{'a': 1}", "not_json"),
        ("é", '"é"'.encode("latin-1"), "not_json"),
        ({"a": 1}, b'"{\\"a\\": 1}"', "wrong_json"),
    ],
)
def test_json(value: Any, content: bytes, wanted: str | None) -> None:
    seen = request("POST / HTTP/1.1", "content-type: Application/JSON", content=content)
    assert code(body(Asked("POST", URL, json=value), seen)) == wanted


def test_content_type_goes_with_the_body() -> None:
    assert code(
        body(Asked("POST", URL, json={"a": 1}), request(f"POST / HTTP/1.1\r\nContent-Type: {FORM}", content=b"1"))
    )
    as_json = request("POST / HTTP/1.1", "Content-Type: application/json", content=b"a=1")
    assert code(body(Asked("POST", URL, form={"a": "1"}), as_json)) == "wrong_content_type"
    assert code(body(Asked("POST", URL, form={"a": "1"}), request(content=b"a=1"))) == "wrong_content_type"


def test_the_rest() -> None:
    assert code(method(Asked("POST", URL), request())) == "wrong_method"
    assert host(Asked("GET", URL), request()) is None
    assert code(host(Asked("GET", "http://127.0.0.1:8001"), request())) == "wrong_host"
    assert code(body(Asked("GET", URL), request(content=b"x"))) == "unwanted_body"
    assert not same_json(True, 1) and not same_json([0], [False]) and same_json({"a": [1]}, {"a": [1.0]})


@pytest.mark.parametrize(
    ("asked", "aspect", "right", "wrong"),
    [
        (Asked("POST", URL), method, b"POST / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"),
        (Asked("GET", URL + "/你?q=a+b"), target, b"GET /%E4%BD%A0?q=a+b HTTP/1.1\r\n\r\n", b"GET /x HTTP/1.1\r\n\r\n"),
        (
            Asked("GET", URL, headers={"X-A": "b"}),
            headers,
            b"GET / HTTP/1.1\r\nx-a: b\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
        ),
        (Asked("GET", URL), leftovers, b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nCookie: a=b\r\n\r\n"),
        (
            Asked("POST", URL, form={"a": "你"}),
            body,
            f"POST / HTTP/1.1\r\nContent-Type: {FORM}\r\nContent-Length: 11\r\n\r\na=%E4%BD%A0".encode(),
            f"POST / HTTP/1.1\r\nContent-Type: {FORM}\r\nContent-Length: 3\r\n\r\na=1".encode(),
        ),
        (
            Asked("POST", URL, json=[]),
            body,
            b"POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
            b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        ),
    ],
)
def test_a_replay_tells_right_from_wrong(asked: Asked, aspect: Any, right: bytes, wrong: bytes) -> None:
    oracle = RequestFor(asked, (aspect,))
    assert oracle.complete(right) and not oracle.complete(right[:-1])
    assert oracle.judge(right, Ending.COMPLETE) is None
    mismatch = oracle.judge(wrong, Ending.COMPLETE)
    assert mismatch is not None and mismatch.python is not None
    wanted = Wanted({"python": mismatch.python}, wrong)
    assert wanted.right_bytes(right, "complete")
    assert not wanted.right_bytes(wrong, "complete") and not wanted.right_bytes(b"", "silence")


def test_what_is_no_request() -> None:
    oracle = RequestFor(Asked("GET", URL))
    assert oracle.complete(b"hello\r\n\r\n")
    for data in (b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nHost:", b""):
        mismatch = oracle.judge(data, Ending.END)
        assert mismatch is not None and mismatch.diagnosis == "http_client.no_whole_request"
