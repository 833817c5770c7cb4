"""The request that a call of an HTTP client asks for, and how what the server saw differs from it. No I/O.

A client may write the same request in many ways: header names in any letter case, a space in a query as `+` or `%20`,
JSON with or without spaces, letters percent-encoded that need not be. So nothing here compares bytes; both sides are
brought to what they *mean* (RFC 3986 §6.2.2, the form encoding of the URL standard, RFC 8259) and that is compared.

    asked = Asked("GET", "http://127.0.0.1:8000/a?b=c", params={"d": [1, 2]})
    target_difference(asked, request)      # None, or Difference("request.wrong_query", wanted, got)
"""

from __future__ import annotations

import json as json_codec
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from graders.core.models.http_headers import media_type
from graders.core.models.http_message import Request

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
    """One thing that the server saw otherwise than it was asked for; `code` names the diagnosis."""

    code: str
    wanted: Any
    got: Any


def method_difference(asked: Asked, request: Request) -> Difference | None:
    """The method, which is case-sensitive (RFC 9110 §9.1)."""
    return _differ("request.wrong_method", asked.method, request.method)


def target_difference(asked: Asked, request: Request) -> Difference | None:
    """The path and the query; `params` come behind what the URL's own query has."""
    parts = urlsplit(asked.url)
    path, _, query = request.target.partition("?")
    if not request.target.isascii():
        # The bytes as one would write them in a string: a program that sends UTF-8 as it is shows as such.
        return Difference("request.raw_non_ascii", "ASCII", request.target.encode("latin-1"))
    if segments(parts.path or "/") != segments(path):
        return Difference("request.wrong_path", parts.path or "/", path)
    wanted = merged(fields(parts.query), plain(asked.params))
    if wanted != fields(query):
        return Difference("request.wrong_query", readable(wanted), readable(fields(query)))
    return None


def host_difference(asked: Asked, request: Request) -> Difference | None:
    """Host, once, with the port where it is not 80 (RFC 9110 §7.2)."""
    return _differ("request.wrong_host", [urlsplit(asked.url).netloc], request.headers.get_all("Host"))


def header_difference(asked: Asked, request: Request) -> Difference | None:
    """Every header that was asked for, exactly once and with its value."""
    for name, value in asked.headers.items():
        got = request.headers.get_all(name)
        if not got:
            return Difference("request.header_missing", f"{name}: {value}", None)
        if len(got) > 1:
            return Difference("request.header_repeated", [value], got)
        if got != [value]:
            return Difference("request.header_changed", f"{name}: {value}", f"{name}: {got[0]}")
    return None


def leftover_difference(asked: Asked, request: Request) -> Difference | None:
    """Nothing that only an earlier call can have brought: cookies, credentials, somebody's own X- headers."""
    known = {name.lower() for name in asked.headers}
    for name, value in request.headers:
        lower = name.lower()
        if lower not in known and (lower in ("cookie", "authorization") or lower.startswith("x-")):
            return Difference("request.leftover", None, f"{name}: {value}")
    return None


def body_difference(asked: Asked, request: Request) -> Difference | None:
    """The body and its Content-Type: a form, a JSON value, or no body at all."""
    if asked.json is not NOTHING:
        return _type_difference(JSON, request) or _json_difference(asked.json, request.body)
    if asked.form is not None:
        return _type_difference(FORM, request) or _form_difference(plain(asked.form), request.body)
    return _differ("request.unwanted_body", b"", request.body)


def _type_difference(wanted: str, request: Request) -> Difference | None:
    got = request.headers.get_all("Content-Type")
    if [media_type(value) for value in got] == [wanted]:
        return None
    return Difference("request.wrong_content_type", wanted, ", ".join(got) or None)


def _form_difference(wanted: Multimap, body: bytes) -> Difference | None:
    if not body.isascii():
        return Difference("request.raw_non_ascii", "ASCII", body)
    if fields(body.decode("ascii")) != wanted:
        return Difference("request.wrong_form", readable(wanted), body)
    return None


def _json_difference(wanted: Any, body: bytes) -> Difference | None:
    try:
        got = json_codec.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return Difference("request.not_json", wanted, body)
    return None if same_json(wanted, got) else Difference("request.wrong_json", wanted, got)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _differ(code: str, wanted: Any, got: Any) -> Difference | None:
    return None if wanted == got else Difference(code, wanted, got)


#: Everything above, in the order in which a reader wants to hear of it.
ASPECTS: tuple[Callable[[Asked, Request], Difference | None], ...] = (
    method_difference,
    target_difference,
    host_difference,
    header_difference,
    leftover_difference,
    body_difference,
)


def first_difference(asked: Asked, request: Request) -> Difference | None:
    """The first difference in any aspect."""
    return next((found for aspect in ASPECTS if (found := aspect(asked, request))), None)


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


def same_json(one: Any, other: Any) -> bool:
    """Equal as JSON values: true is not 1 (in Python it is), 1 and 1.0 are the same number."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _unescape(text: str) -> bytes:
    return unquote_to_bytes(text.replace("+", " "))


def _multimap(pairs: Iterable[tuple[bytes, bytes]]) -> Multimap:
    result: Multimap = {}
    for name, value in pairs:
        result.setdefault(name, []).append(value)
    return result
