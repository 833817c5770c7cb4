"""Checks of what an HTTP client makes of an answer, shared: what it returns and prints, and which bodies it takes."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from graders.core.http_client.talk import HttpClient, talk
from graders.core.models.finding import Side
from graders.core.models.http_answer import Answer, of_text
from graders.core.models.http_message import Framing
from graders.core.rubric import CheckFunction, given
from graders.core.text import Text
from graders.core.wire.program import Program, Returned

FRAMINGS = (Framing.LENGTH, Framing.CHUNKED, Framing.CLOSE)

#: The letters of bodies: one to four bytes each in UTF-8.
_LETTERS = "你好世界éЖ😀a"


def numbered(size: int) -> str:
    """A text of `size` characters, another one at every place: what is cut or doubled shows."""
    return "".join(f"{number}{_LETTERS[number % len(_LETTERS)]}" for number in range(size))[:size]


def _text(size: int, lines: bool) -> str:
    """A numbered text in one line or, as web pages are, in several."""
    return numbered(size).replace("世", "\n") if lines else numbered(size)


def returns_the_response(client: HttpClient) -> CheckFunction:
    """Of every successful status and framing; 204 and an empty body are successes, too."""

    @given(
        status=st.sampled_from([200, 201, 202, 203, 204, 206]),
        framing=st.sampled_from(FRAMINGS),
        text=st.sampled_from(["ok", "", "你好，世界", '{"name": "世界"}', numbered(3000)]),
        value=st.sampled_from(["forty-two", "a, b; c"]),
        kind=st.sampled_from(["text/plain", "text/html", "application/json"]),
    )
    def returns_the_response(program: Program, status: int, framing: Framing, text: str, value: str, kind: str) -> None:
        """返回库的响应对象，状态码和响应头可读。 Returns the library's response, status and headers readable."""
        content_type = f"{kind}; charset=utf-8"
        answer = of_text(text, status, headers=(("X-Answer", value),), framing=framing, content_type=content_type)
        wanted: dict[str, Any] = {client.status: status, "headers[x-answer]": value}
        if client.text:
            wanted[client.text] = text if answer.has_body else ""
        with talk(client, program) as conversation:
            returned = conversation.call("/", answer=answer, read=tuple(wanted))
            conversation.expect_library_response(returned)
            for path, right in wanted.items():
                if returned.reads[path] != right:
                    _misread(program, returned, path, right)

    return returns_the_response


def _misread(program: Program, returned: Returned, path: str, right: Any) -> None:
    got = returned.reads[path]
    shown = got if isinstance(got, str | int) else repr(got)
    name, _, key = path.partition("[")
    kind = name.replace("status_code", "status")
    program.wrong(
        returned,
        Side(Text(f"返回值的 {path}", f"{path} of what is returned"), value=right),
        got=Side(Text(f"返回值的 {path}", f"{path} of what is returned"), value=shown),
        diagnosis=f"http_client.wrong_{kind}",
        python=f"got.{name}[{key.rstrip(']')!r}] == {right!r}" if key else f"got.{name} == {right!r}",
    )


def prints_the_status(client: HttpClient) -> CheckFunction:
    """As a number of its own; neither body nor headers have it. Whether there is a body makes no difference."""

    @given(answer=st.sampled_from([*map(Answer, (200, 201, 202, 204)), Answer(body=b"")]))
    def prints_the_status(program: Program, answer: Answer) -> None:
        """打印状态码，正文为空也打印。 Prints the status code, also when the body is empty."""
        status = answer.status
        with talk(client, program) as conversation:
            returned = conversation.call("/", answer=answer)
            number = rf"(?<!\d){status}(?!\d)"
            if not re.search(number, returned.output):
                _unprinted(
                    program, returned, str(status), "http_client.prints_no_status", f"re.search({number!r}, output)"
                )

    return prints_the_status


def prints_the_headers(client: HttpClient) -> CheckFunction:
    """Names in any letter case, and values."""
    names = st.sampled_from(["X-Answer", "X-Served-By", "ETag", "Cache-Control"])
    values = st.sampled_from(["forty-two", "kettle", "quagmire"])

    @given(fields=st.dictionaries(names, values, min_size=1, max_size=3), body=st.sampled_from([b"ok", b""]))
    def prints_the_headers(program: Program, fields: dict[str, str], body: bytes) -> None:
        """打印响应头的名字和值，正文为空也打印。 Prints the headers' names and values, with an empty body, too."""
        with talk(client, program) as conversation:
            returned = conversation.call("/", answer=Answer(headers=tuple(fields.items()), body=body))
            for name, value in fields.items():
                if name.lower() not in returned.output.lower() or value not in returned.output:
                    right = f"{name.lower()!r} in output.lower() and {value!r} in output"
                    _unprinted(program, returned, f"{name}: {value}", "http_client.prints_no_headers", right)

    return prints_the_headers


def prints_the_body(client: HttpClient, *, first: int | None) -> CheckFunction:
    """All of it, or at least its `first` characters: of one line or several."""
    sizes = st.sampled_from([1, 100, 199, 200, 201, 500, 5000])

    @given(size=sizes, framing=st.sampled_from(FRAMINGS), lines=st.booleans())
    def prints_the_beginning_of_the_body(program: Program, size: int, framing: Framing, lines: bool) -> None:
        """打印正文，至少前 200 个字符。 Prints the body, at least its first 200 characters."""
        _prints(program, _text(size, lines), first, framing)

    @given(size=sizes, framing=st.sampled_from(FRAMINGS), lines=st.booleans())
    def prints_the_body(program: Program, size: int, framing: Framing, lines: bool) -> None:
        """打印整个正文。 Prints the whole body."""
        _prints(program, _text(size, lines), None, framing)

    def _prints(program: Program, text: str, first: int | None, framing: Framing) -> None:
        with talk(client, program) as conversation:
            returned = conversation.call("/", answer=of_text(text, framing=framing))
            wanted = text[:first]
            if not _shows(returned.output, wanted):
                right = f"re.search({'(?s)' + '.*?'.join(map(re.escape, wanted.splitlines()))!r}, output)"
                _unprinted(program, returned, wanted, "http_client.prints_no_body", right)

    return prints_the_beginning_of_the_body if first else prints_the_body


def _shows(output: str, text: str) -> bool:
    """Every line of the text is in the output, in its order; what is put before a line (a mark, spaces) is free."""
    at = 0
    for line in text.splitlines():
        found = output.find(line, at)
        if found < 0:
            return False
        at = found + len(line)
    return True


def _unprinted(program: Program, returned: Returned, wanted: str, code: str, right: str) -> None:
    program.wrong(
        returned,
        Side(Text("打印出来", "printed"), value=wanted),
        got=Side(Text("打印的是", "what is printed"), data=returned.output.encode("utf-8", "replace")),
        diagnosis=code,
        python=right,
    )


#: Bodies that are not UTF-8, and what they say where their charset is known.
FOREIGN_BODIES: dict[str, tuple[str | None, bytes, str | None]] = {
    "a picture": ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), None),
    "GBK": ("text/plain; charset=gbk", "你好，网络世界。".encode("gbk") * 3, "你好，网络世界。" * 3),
    "Latin-1": ("text/plain; charset=ISO-8859-1", b"caf\xe9 cr\xe8me", "café crème"),
    "Big5": ("text/html; charset=Big5", "你好，世界".encode("big5"), "你好，世界"),
    "UTF-16": ("text/plain; charset=utf-16", "你好".encode("utf-16"), "你好"),
    "UTF-8 that is cut": ("text/plain; charset=utf-8", "你好".encode()[:-1], None),
    "not what it says": ("text/plain; charset=utf-8", b"\xff\xfe\x80 caf\xe9", None),
    "no type at all": (None, b"\x80\x81\xfe\xff", None),
}


def accepts_any_body(client: HttpClient) -> CheckFunction:
    """A body that is not UTF-8 is no failure; where the library decodes, the declared charset counts."""

    @given(kind=st.sampled_from(sorted(FOREIGN_BODIES)))
    def accepts_any_body(program: Program, kind: str) -> None:
        """正文不是 UTF-8，请求也不算失败。 A body that is not UTF-8 does not make the request fail."""
        content_type, data, text = FOREIGN_BODIES[kind]
        read = (client.text,) if client.text else ()
        with talk(client, program) as conversation:
            answer = Answer(content_type=content_type, body=data)
            returned = conversation.call("/", answer=answer, read=read)
            conversation.expect_response(returned, "http_client.body_not_utf8")
            # What is no response at all is the matter of another check, and has no text.
            got = returned.reads.get(client.text or "")
            if isinstance(got, str) and text not in (None, got):
                _misread(program, returned, client.text or "", text)

    return accepts_any_body
