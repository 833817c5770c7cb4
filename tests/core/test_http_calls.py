"""What is generated for HTTP clients holds what the strategies promise, edges included; the answers are well made."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings

from graders.core.models.http_answer import GARBAGE, Answer, cut, of_text, redirect
from graders.core.models.http_message import Framing
from graders.core.models.http_parser import ResponseParser, State
from graders.core.traffic import http_calls
from graders.core.traffic.frozen import BACKEND

frozen = settings(
    backend=BACKEND, max_examples=60, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


def drawn(strategy: Any) -> list[Any]:
    """What a check with 60 cases gets."""
    seen: list[Any] = []

    def see(value: Any) -> None:
        seen.append(value)

    frozen(given(value=strategy)(see))()
    return seen


def test_targets_are_ascii_and_have_one_reading() -> None:
    targets = drawn(http_calls.targets())
    assert "" in targets and any("%" in target for target in targets) and any("+" in target for target in targets)
    for target in targets:
        assert target.isascii() and " " not in target and "#" not in target
        assert not {"", ".", ".."} & set(urlsplit("http://a" + target).path.split("/")[1:-1])


def test_foreign_targets_are_not_ascii() -> None:
    targets = drawn(http_calls.foreign_targets())
    assert all(not target.isascii() for target in targets)
    assert any("#" in target for target in targets)


def test_headers_travel_as_latin_1() -> None:
    for fields in drawn(http_calls.headers()):
        assert fields and len({name.lower() for name in fields}) == len(fields)
        for name, value in fields.items():
            assert name.isascii() and all(ord(letter) >= 0x20 for letter in value)
            assert value.encode("latin-1").strip() == value.encode("latin-1")
            assert value == value.strip() and (value or name.startswith(("X-", "x-")))


def test_params_and_forms_hold_empty_values_and_lists() -> None:
    values = [value for params in drawn(http_calls.params()) for value in params.values()]
    assert all(value in values for value in ("", 0, []))
    assert any(isinstance(value, list) and len(value) > 1 for value in values)
    fields = [value for form in drawn(http_calls.forms()) for value in form.values()]
    assert "" in fields and 0 in fields and not any(isinstance(value, list | bool) for value in fields)
    assert any(isinstance(value, str) and len(value) > 65_536 for value in fields)


def test_json_values_are_json_and_never_null() -> None:
    values = drawn(http_calls.json_values())
    assert all(value in values for value in (False, "", [], {}))
    assert None not in values
    for value in values:
        assert json.loads(json.dumps(value, allow_nan=False)) == value


@pytest.mark.parametrize("framing", [Framing.LENGTH, Framing.CHUNKED, Framing.CLOSE])
@pytest.mark.parametrize("status", [200, 204, 404])
def test_answers_are_well_made(framing: Framing, status: int) -> None:
    parser = ResponseParser("GET")
    parser.feed(of_text("你好" * 20, status, framing=framing, headers=(("X-A", "b"),)).encode())
    parser.end()
    message = parser.message
    assert parser.state is State.COMPLETE and message is not None and not message.deviations and not parser.surplus
    assert (message.status, message.body.decode()) == (status, "" if status == 204 else "你好" * 20)
    assert message.headers.get("x-a") == "b"


@pytest.mark.parametrize("framing", [Framing.LENGTH, Framing.CHUNKED])
@pytest.mark.parametrize("kept", [0, 1, 7, 12, 15])
def test_a_cut_answer_is_incomplete(framing: Framing, kept: int) -> None:
    parser = ResponseParser("GET")
    parser.feed(cut(of_text("0123456789abcdefghij", framing=framing), kept))
    assert parser.head is not None and parser.state is State.NEEDS_MORE
    assert parser.end() is State.BROKEN


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_no_answer(name: str) -> None:
    parser = ResponseParser("GET")
    parser.feed(GARBAGE[name])
    assert parser.end() is State.BROKEN


def test_a_redirect_may_hold_garbage() -> None:
    assert b"Location: http://[bad\r\n" in redirect("http://[bad").encode()
    assert Answer(content_type=None).encode().count(b"Content-Type") == 0
