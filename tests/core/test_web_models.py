"""Forms, pages and answers of web servers: the oracles and the traffic, without a server."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl

import pytest

from graders.core.diagnoses import all_diagnoses
from graders.core.models.finding import Ending
from graders.core.models.http_trouble import TEXTS
from graders.core.models.web_answer import (
    AnswerTo,
    NothingMore,
    WhateverComes,
    content_type,
    each,
    has_form,
    html,
    json_that,
    member,
    member_is_text,
    missing_page,
    status,
)
from graders.core.models.web_form import FormAnswer
from graders.core.models.web_page import MULTIPART, URLENCODED, attributes_of, fault_of_forms, forms_of
from graders.core.traffic.web_forms import ENCODINGS, ODD_NAMES, VALUES, encode, encode_raw
from graders.core.traffic.web_requests import Ask, get, post_form

OK = b"HTTP/1.1 200 OK\r\n"


def code(oracle, data, ending=Ending.COMPLETE):
    """The diagnosis for what arrived, None when it is right; `complete` is asked as a peer does, after every byte."""
    for index in range(len(data)):
        if oracle.complete(data[: index + 1]):
            break
    found = oracle.judge(data, ending)
    return found and found.diagnosis


# -- requests and forms


def test_requests_are_what_they_say():
    request = post_form("/api/submit", "a=1", (("X", "é"),))
    assert request.bytes("h:1") == (
        b"POST /api/submit HTTP/1.1\r\nHost: h:1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"X: \xe9\r\nContent-Length: 3\r\n\r\na=1"
    )
    assert request.bytes("h:1")[request.head_size("h:1") :] == b"a=1"
    assert b"Content-Length: 0" in post_form("/", "").bytes("h")
    assert b"Content-Length" not in get("/").bytes("h")
    assert b"Content-Length" not in Ask("POST", "/", (), b"x", length=False).bytes("h")


@pytest.mark.parametrize("value", VALUES)
def test_all_encodings_mean_the_same(value):
    pairs = (("name", value), ("a b&", "="))
    for encoding in ENCODINGS:
        body = encode(pairs, encoding)
        assert body.isascii()
        assert tuple(parse_qsl(body)) == pairs
    assert tuple(parse_qsl(encode_raw(pairs).decode())) == pairs


@pytest.mark.parametrize(
    "pairs", [*ODD_NAMES, (("a", ""), ("a", "1"), ("b", "2"), ("a", "3")), (("name", ""), ("name", "b"))]
)
def test_the_right_answers(pairs):
    lists = parse_qs(encode(pairs))
    assert FormAnswer(pairs).received_data == lists
    assert FormAnswer(pairs).name == lists.get("name", [""])[0]
    first = {}
    for key, value in parse_qsl(encode(pairs), keep_blank_values=True):
        first.setdefault(key, value)
    assert FormAnswer(pairs, flat=True).received_data == first
    assert FormAnswer(pairs, flat=True).name == first.get("name", "")


@pytest.mark.parametrize(
    ("pairs", "got", "wanted"),
    [
        ((("name", "a b"),), "Hello, a+b!", "form.plus_is_space"),
        ((("name", "é"),), "Hello, Ã©!", "form.wrong_charset"),
        ((("name", "é"),), "Hello, \ufffd\ufffd!", "form.wrong_charset"),
        ((("name", "%41"),), "Hello, A!", "form.decoded_twice"),
        ((("name", "é"),), "Hello, %C3%A9!", "form.not_decoded"),
        ((("name", "&lt;"),), "Hello, !", "form.decoded_twice"),
        ((("name", "a&b=c"),), "Hello, a!", "form.decoded_twice"),
        ((("name", "a"),), "Hello, !", "form.missing_name"),
        ((("name", " a "),), "Hello, a!", "form.stripped"),
        ((("name", "<b>"),), "Hello, &lt;b&gt;!", "form.escaped"),
        ((("name", "a"), ("name", "b")), "Hello, b!", "form.first_value"),
        ((("name", "a"),), "Hello, ['a']!", "form.first_value"),
        ((), "Hello, None!", "form.missing_name"),
        ((), "Hello, World!", "form.missing_name"),
        ((("name", "abc" * 2000),), "Hello, " + "abc" * 1000 + "!", "form.cut_short"),
        ((("name", "a"),), "Hello, b!", "form.other_greeting"),
        ((("name", "a"),), "hello a", "form.other_greeting"),
        ((("name", "a"),), None, "form.other_greeting"),
    ],
)
def test_wrong_greetings_are_explained(pairs, got, wanted):
    assert FormAnswer(pairs).explain_message(got) == wanted


@pytest.mark.parametrize(
    ("flat", "got", "wanted"),
    [
        (False, {"a": "1", "b": "x y"}, "form.flat_values"),
        (False, {"a": ["1", "2"], "b": ["x y"], "c": [""]}, "form.empty_field"),
        (False, {"a": ["1"], "b": ["x y"]}, "form.repeated_field"),
        (False, {"a": ["2"], "b": ["x y"]}, "form.repeated_field"),
        (False, {"a": ["1", "2"], "b": ["x+y"]}, "form.plus_is_space"),
        (False, {"a": ["1", "2"]}, "form.other_fields"),
        (False, {}, "form.other_fields"),
        (False, "a=1", "form.other_fields"),
        (True, {"a": ["1", "2"], "b": ["x y"], "c": [""]}, "form.list_values"),
        (True, {"a": "1", "b": "x y"}, "form.empty_field"),
        (True, {"a": "2", "b": "x y", "c": ""}, "form.repeated_field"),
        (True, {}, "form.other_fields"),
    ],
)
def test_wrong_fields_are_explained(flat, got, wanted):
    pairs = (("a", "1"), ("b", "x y"), ("a", "2"), ("c", ""))
    assert FormAnswer(pairs, flat).explain_received_data(got) == wanted


def test_fields_of_a_body_that_was_decoded_as_a_whole():
    form = FormAnswer((("name", "a&b=c"),))
    assert form.explain_received_data({"name": ["a"], "b": ["c"]}) == "form.decoded_twice"


# -- pages

FIELD = '<input name="name">'
FORM = f"<form action=/api/submit method=post>{FIELD}</form>"


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (f"<form action=/api/submit method=post>{FIELD}</form>", None),
        (f"<FORM ACTION='api/submit' METHOD=POST>{FIELD}</FORM>", None),
        (f"<form action='http://127.0.0.1:8000/api/submit?x' method=post>{FIELD}", None),
        ("<form action=/api/submit method=post><textarea name=name></textarea></form>", None),
        ("<form action=/api/submit method=post><select name=name></select></form>", None),
        ("<form id=f action=/api/submit method=post></form><input name=name form=f>", None),
        (f"<form>{FIELD}<button formaction=/api/submit formmethod=post>go</button></form>", None),
        (f"<form action=/search><input name=q></form><form action=/api/submit method=post>{FIELD}</form>", None),
        (f"<base href=/api/><form action=submit method=post>{FIELD}</form>", None),
        (f"<base target=x><base href=/api/><base href=/x/><form action=submit method=post>{FIELD}</form>", None),
        (f"<form action=submit method=post>{FIELD}</form><base href=api/>", None),
        (f"<base href='data:,x'><form action=api/submit method=post>{FIELD}</form>", None),
        (f"<base href='http://['><form action=api/submit method=post>{FIELD}</form>", None),
        (f"<template><base href=/x/></template><form action=api/submit method=post>{FIELD}</form>", None),
        (f"<form action=/api/s%75bmit method=post>{FIELD}</form>", None),
        (f"<textarea><form></textarea><form action=/api/submit method=post>{FIELD}</form>", None),
        (f"<title><form></title><form action=/api/submit method=post>{FIELD}</form>", None),
        (f"<template><form></template><form action=/api/submit method=post>{FIELD}</form>", None),
        (f"<form action=/api/submit method=post><template></form></template>{FIELD}</form>", None),
        (f"<style>{'a { color: red }' * 6400}</style>{FORM}", None),
        (f"<script>{'if (a<b && b<c) a<<=1; ' * 2000}</script>{FORM}", None),
        (f"<SCRIPT>var page = '<!-- '; var tag = '<form>';</SCRIPT>{FORM}", None),
        (f"<pre>{'<<<<' * 200}</pre>{FORM}", None),
        (f"<!-- {'<b ' * 2000} -->{FORM}", None),
        ("", "page.no_form"),
        (f"<script>document.write('{FORM}')</script>", "page.no_form"),
        (f"<title><form action=/api/submit method=post>{FIELD}</form></title>", "page.no_form"),
        (f"<base href=/x/><form action=api/submit method=post>{FIELD}</form>", "page.form_action"),
        (f"<base href=/api/submit><form method=post>{FIELD}</form>", "page.form_action"),
        (f"<!-- <form action=/api/submit method=post>{FIELD}</form> -->", "page.no_form"),
        (f"<form method=post>{FIELD}</form>", "page.form_action"),
        (f"<form action=/api/submit>{FIELD}</form>", "page.form_method"),
        (f"<form action=/api/submit method=get>{FIELD}</form>", "page.form_method"),
        (f"<form action=/api/submit method=post enctype=multipart/form-data>{FIELD}</form>", "page.form_enctype"),
        ("<form action=/api/submit method=post><input id=name></form>", "page.form_field"),
        ("<form action=/api/submit method=post><input type=submit name=name></form>", "page.form_field"),
        ("<form action=/api/submit method=post><input disabled name=name></form>", "page.form_field"),
        (f"<form action=/api/submit method=post></form>{FIELD}", "page.form_field"),
    ],
)
def test_forms(page, fault):
    assert fault_of_forms(page, path="/api/submit", name="name") == fault


def test_what_is_right_for_flask_alone():
    page = f"<form action=/api/submit method=post enctype=Multipart/Form-Data>{FIELD}</form>"
    assert fault_of_forms(page, path="/api/submit", name="name", encodings=(URLENCODED, MULTIPART)) is None


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("<p title=\"x' onx=1 '\">' onx=1 '</p>", {"title"}),
        ("<p title='x&#39; onx=1 &#39;'>", {"title"}),
        ("<p title='x' onx=1 ''>", {"title", "onx", "''"}),
        ("<p title=x onx=1>", {"title", "onx"}),
        ("<script>'<p onx=1>'</script><!-- <p onx=1> --><textarea><p onx=1></textarea>", set()),
    ],
)
def test_quotes_end_the_value_that_they_began(page, names):
    assert attributes_of(page) == names


def test_the_first_of_two_equal_attributes_counts():
    assert forms_of("<form action=/a action=/b>")[0].attributes["action"] == "/a"


# -- answers


def json_answer(body):
    return OK + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


@pytest.mark.parametrize(
    ("data", "ending", "wanted"),
    [
        (OK + b"Content-Length: 0\r\n\r\n", Ending.COMPLETE, None),
        (OK + b"\r\nabc", Ending.END, None),
        (OK + b"\r\nabc", Ending.RESET, None),
        (b"", Ending.SILENCE, "http.silence"),
        (b"", Ending.END, "http.no_answer"),
        (b"", Ending.RESET, "http.reset_without_answer"),
        (b"hello", Ending.COMPLETE, "http.bad_status_line"),
        (OK + b"Content-Type: x\r\n", Ending.SILENCE, "http.unfinished_head"),
        (OK + b"Content-Length: 3\r\n\r\nab", Ending.SILENCE, "http.length_too_large"),
        (OK + b"Content-Length: 3\r\n\r\nab", Ending.END, "http.length_mismatch"),
        (OK + b"\r\nab", Ending.SILENCE, "http.never_ends"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", Ending.SILENCE, "http.truncated_chunks"),
    ],
)
def test_how_answers_end(data, ending, wanted):
    assert code(AnswerTo("GET", status(200)), data, ending) == wanted


def test_a_suspect_names_the_silence():
    oracle = AnswerTo("GET", status(200), suspect="web.held_up")
    assert code(oracle, b"", Ending.SILENCE) == "web.held_up"
    assert code(oracle, b"", Ending.END) == "web.held_up"
    assert code(AnswerTo("GET", status(200), may_close=True), b"", Ending.RESET) is None


def test_bytes_behind_an_answer():
    data = OK + b"Content-Length: 1\r\n\r\nxy"
    assert code(AnswerTo("GET", status(200)), data) is None
    assert code(AnswerTo("GET", status(200), surplus="web.longer_than_it_says"), data) == "web.longer_than_it_says"
    assert code(NothingMore("web.body_after_head"), b"", Ending.SILENCE) is None
    assert code(NothingMore("web.body_after_head"), b"x", Ending.COMPLETE) == "web.body_after_head"


@pytest.mark.parametrize(
    ("got", "question", "wanted"),
    [
        (200, status(200), None),
        (405, status(404, 405), None),
        (404, status(200), "web.not_found"),
        (413, status(200), "web.limit_too_low"),
        (501, status(200), "web.method_unknown"),
        (302, status(200), "web.wrong_status"),
        (500, status(200, suspect="web.query_in_path"), "web.server_error"),
        (404, status(200, suspect="web.query_in_path"), "web.query_in_path"),
        (200, status(404), "web.accepted"),
        (201, status(413, accepted="web.no_body_limit", suspect="web.query_in_path"), "web.no_body_limit"),
    ],
)
def test_statuses(got, question, wanted):
    data = b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % got
    assert code(AnswerTo("GET", question), data) == wanted


@pytest.mark.parametrize(
    ("got", "similar", "wanted"),
    [
        (404, True, None),
        (404, False, None),
        (200, True, "web.similar_path"),
        (200, False, "web.accepted"),
        (405, True, "web.similar_path"),
        (405, False, "web.method_refused"),
        (302, True, "web.wrong_status"),
        (500, True, "web.server_error"),
    ],
)
def test_missing_pages(got, similar, wanted):
    data = b"HTTP/1.1 %d X\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n" % got
    assert code(AnswerTo("GET", missing_page(similar=similar)), data) == wanted


def test_a_missing_page_is_html():
    data = b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n"
    assert code(AnswerTo("GET", missing_page(similar=True)), data) == "web.content_type"


@pytest.mark.parametrize("data", [b"", b"hello\r\n\r\n", OK, OK + b"Content-Length: 1\r\n\r\nxy"])
def test_whatever_comes(data):
    assert code(WhateverComes("GET"), data, Ending.END) is None
    assert code(WhateverComes("GET"), data, Ending.SILENCE) is None


def test_whatever_comes_ends_with_the_answer():
    assert WhateverComes("GET").complete(OK + b"Content-Length: 1\r\n\r\nx")
    assert not WhateverComes("GET").complete(OK)
    assert WhateverComes("HEAD").complete(OK + b"Content-Length: 1\r\n\r\n")


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'{"a": "x", "b": ""}', None),
        (b'{"a": "x"}', "web.missing_member"),
        (b'{"a": "x", "b": 1}', "web.not_a_string"),
        (b'{"a": "y", "b": ""}', "web.other_data"),
        (b"[]", "web.missing_member"),
        (b"{'a': 'x'}", "web.not_json"),
        (b'{"a": "\xff"}', "web.not_json"),
        (b"[" * 100_000, "web.not_json"),
    ],
)
def test_json_answers(body, wanted):
    question = json_that(each(member("a", "x", lambda _: "web.other_data"), member_is_text("b")))
    assert code(AnswerTo("GET", question), json_answer(body)) == wanted


def test_a_number_is_not_true():
    question = json_that(member("a", True, lambda _: "web.other_data"))
    assert code(AnswerTo("GET", question), json_answer(b'{"a": 1}')) == "web.other_data"


def test_content_types():
    page = OK + b"content-type: Text/HTML; charset=GBK\r\nContent-Length: 0\r\n\r\n"
    assert code(AnswerTo("GET", html(200)), page) is None
    assert code(AnswerTo("GET", content_type("application/json")), page) == "web.content_type"
    assert code(AnswerTo("GET", content_type("text/html")), OK + b"Content-Length: 0\r\n\r\n") == "web.content_type"


def test_a_page_in_an_unknown_charset_is_read_all_the_same():
    form = b"<form action=/api/submit method=post><input name=name></form>"
    page = OK + b"Content-Type: text/html; charset=nonsense\r\nContent-Length: %d\r\n\r\n%b" % (len(form), form)
    assert code(AnswerTo("GET", has_form(path="/api/submit", field="name")), page) is None


def test_every_trouble_has_a_diagnosis():
    deviations = {"http.bare_lf", "http.no_reason_space", "http.folded_header", "http.repeated_length"}
    deviations |= {"http.length_and_chunked", "http.chunked_in_http_1_0", "http.length_not_allowed"}
    deviations |= {"http.raw_non_ascii", "http.space_in_chunk_size"}
    requests = {"http.bad_request_line"}
    assert set(TEXTS) - deviations - requests <= set(all_diagnoses())
