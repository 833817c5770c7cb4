"""The request that a call of an HTTP client asks for, and how what the server saw differs from it. No I/O.

A client may write the same request in many ways: header names in any letter case, a space in a query as `+` or `%20`,
JSON with or without spaces, letters percent-encoded that need not be. So nothing here compares bytes; both sides are
brought to what they *mean* (RFC 3986 §6.2.2, the form encoding of the URL standard, RFC 8259) and that is compared.

    asked = Asked("GET", "http://127.0.0.1:8000/a?b=c", params={"d": [1, 2]})
    target(asked, request)      # None, or Difference("http_client.wrong_query", wanted, got, …)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from graders.core.models.finding import Ending, Mismatch, Side
from graders.core.models.http_headers import media_type
from graders.core.models.http_message import Request
from graders.core.models.http_parser import RequestParser, State
from graders.core.models.json_text import json_value, same_json
from graders.core.text import Text

#: Where a parameter may be one value or several of them.
Fields = Mapping[str, Any]
#: The values of every field, by the field's name: order matters among values of one name alone.
Multimap = dict[bytes, list[bytes]]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class _Nothing:
    """`json` was not given; None cannot say so, since it is a JSON value."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = _Nothing()


@dataclass(frozen=True)
class Asked:
    """What the arguments of one call ask for. `form` and `json` exclude each other."""

    method: str
    url: str
    params: Fields = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Fields | None = None
    json: Any = NOTHING


@dataclass(frozen=True)
class Difference:
    """One thing that the server saw otherwise than it was asked for.

    ``code`` is a diagnosis; ``python`` an expression over the request ``got``, true when this thing is right (for the
    replay script, whose HttpMessage, parse, re and json it may use).
    """

    code: str
    wanted: Any
    got: Any
    python: str | None = None


#: An aspect compares one thing and names the first difference in it.
Aspect = Callable[[Asked, Request], Difference | None]


def method(asked: Asked, request: Request) -> Difference | None:
    """The method, which is case-sensitive (RFC 9110 §9.1)."""
    if request.method == asked.method:
        return None
    right = f"{_REQUEST}.first_line.startswith({asked.method + ' '!r})"
    return Difference("http_client.wrong_method", asked.method, request.method, right)


def target(asked: Asked, request: Request) -> Difference | None:
    """The path and the query; `params` come behind what the URL's own query has."""
    parts = urlsplit(asked.url)
    path, _, query = request.target.partition("?")
    if not request.target.isascii():
        return Difference("http_client.raw_non_ascii", "ASCII", request.target, f"{_TARGET}.isascii()")
    if segments(parts.path or "/") != segments(path):
        return _path_difference(parts.path or "/", path)
    own, got = fields(parts.query), fields(query)
    return None if got == merged(own, plain(asked.params)) else _query_difference(own, asked.params, got)


def host(asked: Asked, request: Request) -> Difference | None:
    """Host, once, with the port where it is not 80 (RFC 9110 §7.2)."""
    wanted, got = [urlsplit(asked.url).netloc], request.headers.get_all("Host")
    return None if wanted == got else Difference("http_client.wrong_host", wanted, got)


def headers(asked: Asked, request: Request) -> Difference | None:
    """Every header that was asked for, exactly once and with its value."""
    for name, value in asked.headers.items():
        got = request.headers.get_all(name)
        if got == [value]:
            continue
        if not got:
            code = "http_client.header_missing"
        elif len(got) > 1:
            code = "http_client.header_repeated"
        elif got[0] in _mistaken(value):
            code = "http_client.header_not_latin1"
        else:
            code = "http_client.header_changed"
        shown = [f"{name}: {one}" for one in got]
        return Difference(code, f"{name}: {value}", shown, f"{_REQUEST}.headers.get({name.lower()!r}) == {value!r}")
    return None


#: What a client sends because it remembers something.
_REMEMBERED = ("cookie", "authorization", "referer")


def leftovers(asked: Asked, request: Request) -> Difference | None:
    """Nothing that only an earlier call can have brought: cookies, credentials, conditions, another's X- headers."""
    known = {name.lower() for name in asked.headers}
    for name, value in request.headers:
        lower = name.lower()
        if lower not in known and (lower in _REMEMBERED or lower.startswith(("x-", "if-"))):
            absent = f"{_REQUEST}.complete and {lower!r} not in {_REQUEST}.headers"
            return Difference("http_client.leftover", None, f"{name}: {value}", absent)
    return None


def body(asked: Asked, request: Request) -> Difference | None:
    """The body and its Content-Type: a form, a JSON value, or no body at all."""
    if asked.json is not NOTHING:
        return _json_difference(asked.json, request)
    if asked.form is not None:
        return _form_difference(asked.form, request)
    if not request.body:
        return None
    return Difference("http_client.unwanted_body", b"", request.body, f"{_REQUEST}.complete and not {_REQUEST}.body")


#: Parts of the request, for expressions.
_REQUEST = "HttpMessage(got)"
_TARGET = f"{_REQUEST}.first_line.split(' ')[1]"
_FIELDS = "parse.parse_qs({}, keep_blank_values=True)"


def _mistaken(value: str) -> set[str]:
    """What a header's value beyond ASCII becomes in the hands of those who convert it."""
    if value.isascii():
        return set()
    errors = ("ignore", "replace", "backslashreplace", "xmlcharrefreplace")
    return {value.encode().decode("latin-1"), *(value.encode("ascii", error).decode().strip() for error in errors)}


def _path_difference(wanted: str, got: str) -> Difference:
    code = "escapes_twice" if "%25" in got and segments(unquote(got)) == segments(wanted) else "wrong_path"
    if unquote_to_bytes(got) != unquote_to_bytes(wanted) == _gbk(unquote_to_bytes(got)):
        code = "not_utf8"
    plainly = unquote(wanted, errors="surrogateescape")
    right = f"parse.unquote({_TARGET}.partition('?')[0])"
    return Difference(f"http_client.{code}", wanted, got, f"{right} == {plainly!r}" if _is_text(plainly) else None)


def _query_difference(own: Multimap, params: Fields, got: Multimap) -> Difference:
    wanted = merged(own, plain(params))
    code = "wrong_query"
    if _each(got, lambda value: value.replace(b"+", b" ")) == wanted:
        code = "plus_is_space"
    elif _each(got, unquote_to_bytes) == wanted:
        code = "escapes_twice"
    elif got == merged(own, plain(_truthy(params))):
        code = "empty_dropped"
    elif _gbk_read(got) == wanted:
        code = "not_utf8"
    right = _FIELDS.format(f"{_TARGET}.partition('?')[2]")
    return Difference(f"http_client.{code}", readable(wanted), readable(got), f"{right} == {readable(wanted)!r}")


def _form_difference(form: Fields, request: Request) -> Difference | None:
    wanted = plain(form)
    right = f"{_REQUEST}.body.isascii() and {_FIELDS.format(f'{_REQUEST}.body.decode()')} == {readable(wanted)!r}"
    if not request.body and not _truthy(form):
        return Difference("http_client.empty_dropped", readable(wanted), request.body, right)
    if difference := _type_difference(FORM, request):
        return difference
    if not request.body.isascii():
        return Difference("http_client.form_not_escaped", readable(wanted), request.body, right)
    got = fields(request.body.decode("ascii"))
    if got == wanted:
        return None
    code = "wrong_form"
    if request.body == b"&".join(name + b"=" + value for name, several in wanted.items() for value in several):
        code = "form_not_escaped"
    elif got == plain(_truthy(form)):
        code = "empty_dropped"
    elif _gbk_read(got) == wanted:
        code = "not_utf8"
    return Difference(f"http_client.{code}", readable(wanted), readable(got), right)


def _truthy(values: Fields) -> Fields:
    """What is left by those who ask `if value:`."""
    return {name: value for name, value in values.items() if value}


def _json_difference(wanted: Any, request: Request) -> Difference | None:
    right = f"json.loads({_REQUEST}.body) == {wanted!r}"
    if not wanted and not request.body:
        return Difference("http_client.falsy_json_lost", wanted, request.body, right)
    if difference := _type_difference(JSON, request):
        return difference
    try:
        got = json_value(request.body)
    except ValueError:
        return Difference("http_client.not_json", wanted, request.body, right)
    return None if same_json(wanted, got) else Difference("http_client.wrong_json", wanted, got, right)


def _type_difference(wanted: str, request: Request) -> Difference | None:
    got = request.headers.get_all("Content-Type")
    if [media_type(value) for value in got] == [wanted]:
        return None
    right = f"{_REQUEST}.headers.get('content-type', '').lower().startswith({wanted!r})"
    return Difference("http_client.wrong_content_type", wanted, ", ".join(got) or None, right)


def _each(values: Multimap, change: Callable[[bytes], bytes]) -> Multimap:
    return {change(name): [change(value) for value in several] for name, several in values.items()}


def _gbk(data: bytes) -> bytes:
    """The same text as UTF-8, if it is GBK."""
    return data.decode("gbk", "replace").encode()


def _gbk_read(values: Multimap) -> Multimap:
    return _each(values, _gbk)


def _is_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


# -- what things mean


def segments(path: str) -> list[bytes]:
    """A path's segments with their percent-escapes undone: `/a%41/%2F` → [b"", b"aA", b"/"]."""
    return [unquote_to_bytes(segment) for segment in path.split("/")]


def fields(query: str) -> Multimap:
    """A form-encoded query or body: `a=1&b=+&a=2` → {a: [1, 2], b: [space]}; `a` is the same as `a=`."""
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return _multimap((_unescape(name), _unescape(value)) for name, _, value in pairs)


def plain(values: Fields) -> Multimap:
    """The same of a dict of strings, numbers and lists of them; an empty list says nothing."""
    return _multimap(
        (name.encode(), str(value).encode())
        for name, several in values.items()
        for value in (several if isinstance(several, list) else [several])
    )


def merged(first: Multimap, second: Multimap) -> Multimap:
    """Both, the values of the first before those of the second."""
    return {name: first.get(name, []) + second.get(name, []) for name in first | second}


def readable(values: Multimap) -> dict[str, list[str]]:
    """For a sentence: text where it is UTF-8, bytes that are not stay visible as escapes."""
    return {
        name.decode("utf-8", "backslashreplace"): [value.decode("utf-8", "backslashreplace") for value in several]
        for name, several in values.items()
    }


def _unescape(text: str) -> bytes:
    return unquote_to_bytes(text.replace("+", " "))


def _multimap(pairs: Iterable[tuple[bytes, bytes]]) -> Multimap:
    result: Multimap = {}
    for name, value in pairs:
        result.setdefault(name, []).append(value)
    return result


# -- as an oracle of what arrives on a connection


@dataclass(frozen=True)
class RequestFor:
    """The stream oracle of an HTTP origin: one request, right in these aspects."""

    asked: Asked
    aspects: tuple[Aspect, ...] = ()
    most = 4 * 2**20  # bytes; no call of the checks asks for a tenth of it

    def complete(self, data: bytes | bytearray) -> bool:
        """When the request is whole, or can no longer become one."""
        return parsed(data).state is not State.NEEDS_MORE

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        """The first difference, or that it is no whole request."""
        parser = parsed(data)
        if parser.message is None:
            words = Text("没有完整的请求", "no whole request")
            return Mismatch(
                Side(Text("一个完整的 HTTP 请求", "one whole HTTP request")),
                Side(words, data),
                diagnosis="http_client.no_whole_request",
            )
        for aspect in self.aspects:
            if difference := aspect(self.asked, parser.message):
                return Mismatch(
                    _side(difference.wanted),
                    _side(difference.got),
                    diagnosis=difference.code,
                    python=difference.python,
                )
        return None


def parsed(data: bytes | bytearray) -> RequestParser:
    """A parser that was fed these bytes."""
    parser = RequestParser()
    parser.feed(bytes(data))
    return parser


def _side(value: Any) -> Side:
    return Side(data=value) if isinstance(value, bytes) else Side(value=value)
