"""A proxy's log: what any correct program may write passes, and each mistake has its diagnosis."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graders.core.models.finding import Ending
from graders.core.models.proxy_log import ASKED, HIT, OWN, TUNNEL, Discreet, Exchange, Logged, normalised
from graders.core.replay.messages import json_lines

URL = "http://127.0.0.1:8000/a?b=c"
GET = Exchange("GET", URL, 200, ASKED, 0, 5, (("X-Asked", 'a"b'),), (("X-Answered", "1"),))

LINE: dict[str, Any] = {
    "time": "2026-01-31T12:34:56.789+00:00",
    "client": "127.0.0.1:50000",
    "method": "GET",
    "url": URL,
    "status": 200,
    "request_headers": {"x-asked": 'a"b', "Host": "127.0.0.1:8000"},
    "response_headers": [["X-Answered", "1"]],
    "request_bytes": 0,
    "response_bytes": 5,
    "duration_ms": 1.5,
    "cache": "MISS",
}


def log(*lines: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def diagnosis(data: bytes, *exchanges: Exchange) -> str | None:
    found = Logged(exchanges).judge(data, Ending.COMPLETE)
    if found is None:
        return None
    assert not _holds(found.python, data), found.python
    return found.diagnosis


def _holds(python: str | None, data: bytes) -> bool:
    """Whether a replay would take the log for right."""
    try:
        return bool(eval(str(python), {"got": data, "json_lines": json_lines, "json": json, "re": __import__("re")}))
    except Exception:
        return False


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"time": "2026-01-31T12:34:56Z"},
        {"time": "20260131T123456+0100"},
        {"time": "2026-01-31 12:34:56"},
        {"client": ["127.0.0.1", 50000]},
        {"client": "127.0.0.1"},
        {"response_bytes": 4000, "request_bytes": 200, "duration_ms": 0},
        {"request_headers": [["X-Asked", 'a"b'], ["Cookie", "***"]], "response_headers": {"X-ANSWERED": ["1"]}},
        {"cache": "BYPASS"},
        {"more": True},
        {"url": "HTTP://127.0.0.1:8000/a?b=c#d"},
    ],
)
def test_a_line_may_be_written_in_many_ways(change: dict[str, Any]) -> None:
    assert diagnosis(log(LINE | change), GET) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"time": 1769862896.5}, "time"),
        ({"time": "31/Jan/2026:12:34:56 +0000"}, "time"),
        ({"time": "2026-01-31"}, "time"),
        ({"client": "50000"}, "client"),
        ({"method": None}, "method"),
        ({"url": "/a?b=c"}, "url"),
        ({"url": "http://127.0.0.1:8000/a"}, "url"),
        ({"status": 304}, "status"),
        ({"request_headers": "X-Asked: a"}, "headers"),
        ({"request_headers": {"X-Asked": "a"}}, "headers"),
        ({"response_headers": {}}, "headers"),
        ({"response_bytes": 4}, "bytes"),
        ({"request_bytes": None}, "bytes"),
        ({"duration_ms": "1.5"}, "duration"),
        ({"duration_ms": -1}, "duration"),
        ({"cache": "HIT"}, "cache"),
        ({"cache": None}, "cache"),
    ],
)
def test_a_wrong_value_is_named(change: dict[str, Any], code: str) -> None:
    assert diagnosis(log(LINE | change), GET) == f"proxy.log_{code}"


def test_lines_come_in_any_order() -> None:
    hit, other = LINE | {"cache": "HIT"}, LINE | {"url": URL + "d"}
    exchanges = [GET, Exchange("GET", URL, 200, HIT), Exchange("GET", URL + "d", 200)]
    assert diagnosis(log(other, hit, LINE), *exchanges) is None
    assert diagnosis(log(other, LINE, LINE), *exchanges) == "proxy.log_cache"


def test_each_request_has_one_line() -> None:
    other = Exchange("GET", URL + "d", 200)
    assert diagnosis(b"", GET) == "proxy.log_empty"
    assert diagnosis(log(LINE), GET, other) == "proxy.log_missing"
    assert diagnosis(log(LINE, LINE), GET) == "proxy.log_twice"
    assert diagnosis(b"GET /\n", GET) == "proxy.log_not_json"
    assert diagnosis(json.dumps(LINE, indent=1).encode(), GET) == "proxy.log_not_json"
    assert diagnosis(log({"url": URL}), GET) == "proxy.log_key_missing"


def test_what_was_not_http_has_neither_method_nor_url() -> None:
    garbage = Exchange(None, None, 400, OWN)
    line = LINE | {"method": None, "url": None, "status": 400, "cache": None}
    assert diagnosis(log(line), garbage) is None
    assert diagnosis(log(line | {"method": ""}), garbage) == "proxy.log_method"
    assert diagnosis(log(line | {"url": "hello"}), garbage) == "proxy.log_url"


def test_a_request_without_an_answer_needs_no_line() -> None:
    unanswered = Exchange(None, None, None, OWN)
    assert diagnosis(log(LINE), GET, unanswered) is None
    assert diagnosis(log(LINE, LINE | {"method": None, "url": None, "status": None}), GET, unanswered) is None


def test_a_tunnel_is_named_by_its_authority() -> None:
    tunnel = Exchange("CONNECT", "127.0.0.1:443", 200, TUNNEL)
    line = LINE | {"method": "CONNECT", "url": "127.0.0.1:443", "cache": None}
    assert diagnosis(log(line), tunnel) is None
    assert diagnosis(log(line | {"cache": "BYPASS"}), tunnel) == "proxy.log_cache"


def test_it_waits_for_whole_lines() -> None:
    data = log(LINE)
    assert not any(Logged([GET]).complete(data[:end]) for end in range(len(data) - 1))
    assert Logged([GET]).complete(data)


@pytest.mark.parametrize("text", ["dG9wOnNlY3JldA==", "1001-n@ghts", "密码"])
def test_credentials_are_found_however_they_are_written(text: str) -> None:
    oracle = Discreet(1, [text])
    line = LINE | {"request_headers": {"A": f"Basic {text}"}}
    for data in (log(line), json.dumps(line, ensure_ascii=False).encode(), text.encode()):
        found = oracle.judge(data, Ending.COMPLETE)
        assert found is not None and found.diagnosis == "proxy.log_credentials"
    assert oracle.judge(log(LINE), Ending.COMPLETE) is None


def test_an_empty_log_does_not_pass_for_a_discreet_one() -> None:
    found = Discreet(2, ["secret"]).judge(b"", Ending.SILENCE)
    assert found is not None and found.diagnosis == "proxy.log_empty"
    assert not Discreet(2, ["secret"]).complete(log(LINE))


def test_urls_are_compared_as_the_contract_says() -> None:
    assert normalised("http://HOST:80") == normalised("http://host/")
    assert normalised("http://host/A") != normalised("http://host/a")
