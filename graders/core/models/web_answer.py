"""Oracles for the answers of a web server: complete, well-formed HTTP first (http_parser.py), then what a check asks.

    peer.send(request)
    peer.expect(AnswerTo("GET", Json({...})))

A *question* is a function from a Response to a Mismatch or None; the functions below make the usual ones.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from typing import Any

from graders.core.models.finding import Ending, Mismatch, Side
from graders.core.models.http_headers import media_type, parameter
from graders.core.models.http_message import Response
from graders.core.models.http_parser import ResponseParser, State
from graders.core.models.http_trouble import Trouble
from graders.core.models.json_text import json_value
from graders.core.models.web_page import URLENCODED, fault_of_forms
from graders.core.text import Text

Question = Callable[[Response], Mismatch | None]

_NOTHING_BEHIND = Text("回答之后没有别的字节", "nothing behind the answer")
_WHOLE_ANSWER = Text("一个完整的 HTTP 回答", "one complete HTTP answer")


class AnswerTo:
    """The stream oracle for the answer to one request with this method.

    ``suspect`` is the diagnosis when no answer comes at all, where the request itself points to the mistake;
    ``surplus``: the diagnosis for bytes behind the answer that come along with it (None: they are not looked at);
    ``to_end``: read on behind the answer, until the connection ends or patience does, for bytes that come later;
    ``may_close``: the server may as well close the connection instead (RFC 9112 §9.5), which no check holds against it.
    """

    most = 8 * 2**20  # bytes; no answer of the contract has a tenth of it

    def __init__(
        self,
        method: str,
        question: Question,
        *,
        suspect: str | None = None,
        surplus: str | None = None,
        to_end: bool = False,
        may_close: bool = False,
    ) -> None:
        self.to_end = to_end
        self.surplus = surplus
        self.may_close = may_close
        self.method = method
        self.question = question
        self.suspect = suspect
        self._parser = ResponseParser(method)

    def complete(self, data: bytes | bytearray) -> bool:
        """``data`` only ever grows while one answer is received, so that each byte is parsed once."""
        if self._parser.state is State.NEEDS_MORE:
            self._feed(data)
        return self._parser.state is not State.NEEDS_MORE and not self.to_end

    def _feed(self, data: bytes | bytearray) -> None:
        if rest := bytes(data[self._parser.fed :]):
            self._parser.feed(rest)

    @property
    def message(self) -> Response | None:
        """The answer that was judged, as far as it is one."""
        return self._parser.message

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        if self.may_close and not data and ending in (Ending.END, Ending.RESET):
            return None
        parser = self._parser
        self._feed(data)
        if parser.state is State.NEEDS_MORE and ending in (Ending.END, Ending.RESET):
            parser.end()
        if parser.message is not None:
            found = self.question(parser.message)
            return found if found or not self.surplus else self._surplus(parser.surplus, self.surplus)
        if parser.trouble is not None:
            return self._broken(parser.trouble, data, ending)
        return self._unfinished(parser, data)

    @staticmethod
    def _surplus(data: bytes, diagnosis: str) -> Mismatch | None:
        if not data:
            return None
        return Mismatch(Side(_NOTHING_BEHIND), Side(data=data), diagnosis, python="not extra")

    def _broken(self, trouble: Trouble, data: bytes, ending: Ending) -> Mismatch:
        code = trouble.code
        note = Text(f"第 {trouble.offset} 个字节处：{trouble.sentence('zh')}", str(trouble))
        if not data:
            code = self.suspect or ("http.reset_without_answer" if ending is Ending.RESET else code)
            return Mismatch(Side(_WHOLE_ANSWER), Side(_NOTHING[ending]), code, python="status is not None")
        return Mismatch(Side(_WHOLE_ANSWER), Side(data=data), code, note=note, python="status is not None")

    def _unfinished(self, parser: ResponseParser, data: bytes) -> Mismatch:
        if not data:
            code = self.suspect or "http.silence"
            return Mismatch(Side(_WHOLE_ANSWER), Side(_NOTHING[Ending.SILENCE]), code, python="status is not None")
        came = len(parser.body_so_far)
        length = parser.head and parser.head.headers.get("Content-Length")
        if parser.head is None:
            code, note = "http.unfinished_head", Text("首部之后没有空行", "there is no empty line behind the headers")
        elif length is not None:
            code = "http.length_too_large"
            note = Text(
                f"Content-Length 说正文有 {length} 字节，来了 {came} 字节就没有了",
                f"Content-Length promised {length} bytes of body, {came} came and then nothing",
            )
        elif "chunked" in parser.head.headers.tokens("Transfer-Encoding"):
            code = "http.truncated_chunks"
            note = Text(
                f"正文是分块的，收到 {came} 字节，最后一块（长度为 0）没有来",
                f"the body is chunked, and after {came} bytes the last chunk (of size 0) has not come",
            )
        else:
            code = "http.never_ends"
            note = Text(
                f"没有 Content-Length，连接也没有关闭：收到 {came} 字节正文，不知道完了没有",
                f"no Content-Length, and the connection stays open: is it all after {came} bytes? Nobody knows",
            )
        return Mismatch(Side(_WHOLE_ANSWER), Side(data=data), code, note=note, python="how != 'silence'")


class WhateverComes(AnswerTo):
    """The stream oracle that reads as far as one answer goes, and minds nothing: not even that none comes."""

    def __init__(self, method: str) -> None:
        super().__init__(method, lambda answer: None)

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        super().judge(data, ending)  # the message is noted
        return None


_NOTHING = {
    Ending.SILENCE: Text("什么也没有来", "nothing came"),
    Ending.END: Text("连接关闭了，什么也没有来", "the connection was closed, nothing came"),
    Ending.RESET: Text("连接被重置了，什么也没有来", "the connection was reset, nothing came"),
    Ending.COMPLETE: Text("什么也没有来", "nothing came"),
}


class NothingMore:
    """The stream oracle for what comes behind a complete answer: nothing, whether the connection ends or stays open."""

    def __init__(self, diagnosis: str) -> None:
        self.diagnosis = diagnosis

    def complete(self, data: bytes | bytearray) -> bool:
        return bool(data)

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        if not data:
            return None
        python = "not (extra if first_line else got)"
        return Mismatch(Side(_NOTHING_BEHIND), Side(data=data), self.diagnosis, python=python)


# -- questions

#: What a status points to when another one was wanted.
_STATUS = {404: "web.not_found", 405: "web.method_refused", 501: "web.method_unknown", 413: "web.limit_too_low"}


def all_of(*questions: Question) -> Question:
    """The first finding of several questions."""
    return lambda answer: next((found for question in questions if (found := question(answer))), None)


#: Every status that refuses a request.
REFUSED = tuple(range(400, 500))


def status(*wanted: int, suspect: str | None = None, accepted: str = "web.accepted") -> Question:
    """The status is one of ``wanted``.

    ``suspect``: the mistake that another one points to here (5xx speaks for itself); ``accepted``: the one behind a 2xx
    where a refusal was wanted.
    """

    def ask(answer: Response) -> Mismatch | None:
        if answer.status in wanted:
            return None
        if answer.status >= 500 and answer.status != 501:
            code = "web.server_error"
        elif answer.status < 300 and min(wanted) >= 400:
            code = accepted
        elif suspect:
            code = suspect
        else:
            code = _STATUS.get(answer.status, "web.wrong_status")
        numbers = ["4xx" if wanted == REFUSED else word.join(map(str, wanted)) for word in (" 或 ", " or ")]
        got = f"{answer.status} {answer.reason}"
        return Mismatch(
            Side(Text(f"状态码 {numbers[0]}", f"status {numbers[1]}")),
            Side(Text(f"状态码 {got}", f"status {got}")),
            code,
            python="400 <= status < 500" if wanted == REFUSED else f"status in {tuple(wanted)!r}",
        )

    return ask


def content_type(wanted: str) -> Question:
    """The media type, parameters aside."""

    def ask(answer: Response) -> Mismatch | None:
        got = answer.headers.get("Content-Type")
        if media_type(got) == wanted:
            return None
        shown = "没有 Content-Type" if got is None else f"Content-Type: {got}"
        return Mismatch(
            Side(Text(f"Content-Type: {wanted}", f"Content-Type: {wanted}")),
            Side(Text(shown, "no Content-Type" if got is None else shown)),
            "web.content_type",
            python=f"headers.get('content-type', '').split(';')[0].strip().lower() == {wanted!r}",
        )

    return ask


def any_json_type(answer: Response) -> Mismatch | None:
    """application/json, or a type of its own that says it is JSON (RFC 6839), such as application/problem+json."""
    got = media_type(answer.headers.get("Content-Type"))
    if got == "application/json" or got.endswith("+json"):
        return None
    found = content_type("application/json")(answer)
    own = "headers.get('content-type', '').split(';')[0].strip().lower()"
    return found and replace(found, python=f"{own} == 'application/json' or {own}.endswith('+json')")


def html(*statuses: int, suspect: str | None = None) -> Question:
    """An HTML page with one of these statuses."""
    return all_of(status(*statuses, suspect=suspect), content_type("text/html"))


def missing_page(*, similar: bool) -> Question:
    """A 404 page in HTML; ``similar``: for a path that is like a known one, and may have been taken for it."""

    def ask(answer: Response) -> Mismatch | None:
        found = html(404)(answer)
        taken = similar and (answer.status < 300 or answer.status == 405)
        return replace(found, diagnosis="web.similar_path") if found and taken else found

    return ask


def text_of(answer: Response) -> str:
    """The body as text, in the charset that its Content-Type names, UTF-8 by default; never raises."""
    charset = parameter(answer.headers.get("Content-Type"), "charset") or "utf-8"
    try:
        return answer.body.decode(charset, "replace")
    except (LookupError, ValueError):  # no such charset, or one like `undefined` that cannot decode
        return answer.body.decode("utf-8", "replace")


def has_form(*, path: str, field: str, encodings: Container[str] = (URLENCODED,)) -> Question:
    """The page has a form that POSTs ``field`` to ``path`` in one of these encodings."""

    def ask(answer: Response) -> Mismatch | None:
        code = fault_of_forms(text_of(answer), path=path, name=field, encodings=encodings)
        if code is None:
            return None
        wanted = Text(f"一张用 POST 把 {field} 提交给 {path} 的表单", f"a form that POSTs {field} to {path}")
        return Mismatch(Side(wanted), Side(data=answer.body), code, python="False")

    return ask


_application_json = content_type("application/json")


def json_that(
    question: Callable[[Any], Mismatch | None],
    *,
    statuses: tuple[int, ...] = (200,),
    says_json: Question = _application_json,
) -> Question:
    """A JSON answer (RFC 8259: UTF-8) with one of these statuses, whose value is right."""

    def ask(answer: Response) -> Mismatch | None:
        try:
            value = json_value(answer.body)
        except ValueError as error:
            wanted = Side(Text("正文是 JSON（UTF-8）", "the body is JSON (UTF-8)"))
            note = Text(f"json.loads: {error}", f"json.loads: {error}")
            return Mismatch(
                wanted, Side(data=answer.body), "web.not_json", note=note, python="json.loads(body) or True"
            )
        return question(value)

    return all_of(status(*statuses), says_json, ask)


def member(name: str, wanted: object, explain: Callable[[object], str]) -> Callable[[Any], Mismatch | None]:
    """The JSON object's member ``name`` equals ``wanted``; ``explain`` gives the diagnosis of another value."""

    def ask(value: Any) -> Mismatch | None:
        if not isinstance(value, dict) or name not in value:
            return _wrong_json(Side(Text(f"有 {name} 的对象", f"an object with {name}")), value, "web.missing_member")
        got = value[name]
        if got == wanted and isinstance(got, type(wanted)):
            return None
        return Mismatch(
            Side(Text(f"{name} 是", f"{name} is"), value=wanted),
            Side(Text(f"{name} 是", f"{name} is"), value=got),
            explain(got),
            python=f"json.loads(body).get({name!r}) == {wanted!r}",
        )

    return ask


def member_is_text(name: str) -> Callable[[Any], Mismatch | None]:
    """The JSON object's member ``name`` is a string."""

    def ask(value: Any) -> Mismatch | None:
        if isinstance(value, dict) and isinstance(value.get(name), str):
            return None
        wanted = Side(Text(f"{name} 是字符串", f"{name} is a string"))
        found = _wrong_json(wanted, value, "web.not_a_string")
        return found if isinstance(value, dict) and name in value else _wrong_json(wanted, value, "web.missing_member")

    return ask


def _wrong_json(wanted: Side, value: Any, code: str) -> Mismatch:
    return Mismatch(wanted, Side(value=value), code, python="False")


def each(*questions: Callable[[Any], Mismatch | None]) -> Callable[[Any], Mismatch | None]:
    """The first finding of several questions about one JSON value."""
    return lambda value: next((found for question in questions if (found := question(value))), None)
