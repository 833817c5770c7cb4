"""What must be in a proxy's log: for every request one line, a JSON object that says what is known of it. No I/O.

Lines may come in any order, and a line is written when its request is done, which may be after the client has its
answer. What the grader cannot know (the time, the duration) must only make sense.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graders.core.models.finding import Ending, Mismatch, Side
from graders.core.models.json_text import json_value
from graders.core.models.proxy_messages import Pairs
from graders.core.text import Text

Line = dict[str, Any]

KEYS = (
    *("time", "client", "method", "url", "status", "request_headers", "response_headers"),
    *("request_bytes", "response_bytes", "duration_ms", "cache"),
)

#: What `cache` may say: of an answer from the cache, from an origin, of the proxy's own, of a tunnel.
HIT, ASKED, OWN, TUNNEL = ("HIT",), ("MISS", "BYPASS"), ("MISS", "BYPASS", None), (None,)

_EMPTY = Side(Text("文件是空的，或者不存在", "the file is empty, or not there"))


@dataclass(frozen=True)
class Exchange:
    """A request as the client has sent it, and its answer as the client has got it.

    ``url`` None: it was not HTTP; of CONNECT, and of what is no absolute URL, it is a part that the logged one has.
    ``status`` None: there was no answer, and so there need not be a line.
    """

    method: str | None
    url: str | None
    status: int | None
    cache: tuple[str | None, ...] = ASKED
    request_bytes: int = 0  # the body's; more may be counted
    response_bytes: int = 0
    asked: Pairs = ()  # headers that the line must have
    answered: Pairs = ()
    client: str = "127.0.0.1"
    least_ms: int = 0  # that it must have taken

    @property
    def whole_url(self) -> bool:
        return self.url is not None and self.url.startswith("http://")

    def named(self) -> str:
        return f"{self.method} {self.url}" if self.method else "not HTTP"


class Logged:
    """The stream oracle of a log with a line for each of these."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self.exchanges = list(exchanges)
        self.needed = [each for each in self.exchanges if each.status is not None]

    def complete(self, data: bytes | bytearray) -> bool:
        return sum(_value(row) is not None for row in _rows(bytes(data))) >= len(self.needed)

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        if self.needed and not data.strip():
            wanted = Side(Text("每个请求一行", "a line for every request"))
            return Mismatch(wanted, _EMPTY, "proxy.log_empty", python=self._all_there())
        left: list[Line] = []
        for row in _rows(data):
            value = _value(row)
            if not isinstance(value, dict):
                wanted = Side(Text("一行一个 JSON 对象", "one JSON object a line"))
                return Mismatch(wanted, Side(data=row), "proxy.log_not_json", python="json_lines(got)")
            left.append(value)
        return self._match(left)

    def _match(self, left: list[Line]) -> Mismatch | None:
        """Give every exchange its line: first those that are right, so that only wrong ones are left to be told."""
        open_ones: list[Exchange] = []
        for exchange in self.exchanges:
            fitting = [line for line in left if _is_about(exchange, line) and _fault(exchange, line) is None]
            if fitting:
                left.remove(fitting[0])
            elif exchange.status is not None:
                open_ones.append(exchange)
            else:
                left[:] = [line for line in left if not _is_about(exchange, line)]
        for exchange in open_ones:
            about = [line for line in left if _is_about(exchange, line)]
            # What names no URL, or none that was asked for, is taken for the line that is missing.
            strays = [line for line in left if not any(_is_about(other, line) for other in self.exchanges if other.url)]
            if about or strays:
                return _fault(exchange, (about or strays)[0])
        if left:
            wanted = Side(Text("每个请求一行", "one line for every request"))
            right = f"len(json_lines(got)) == {len(self.needed)} and {self._all_there()}"
            return Mismatch(wanted, Side(value=left[0]), "proxy.log_twice", python=right)
        if open_ones:
            named = open_ones[0].named()
            wanted = Side(Text(f"{named} 的一行", f"a line for {named}"))
            got = Side(Text("没有", "there is none"))
            return Mismatch(wanted, got, "proxy.log_missing", python=self._all_there())
        return None

    def _all_there(self) -> str:
        counts = {_about(each): 0 for each in self.needed}
        for each in self.needed:
            counts[_about(each)] += 1
        return " and ".join(f"sum({about} for line in json_lines(got)) >= {n}" for about, n in counts.items())


def _rows(data: bytes) -> list[bytes]:
    return [row for row in data.split(b"\n") if row.strip()]


def _value(row: bytes) -> Any:
    try:
        return json_value(row)
    except ValueError:
        return None


# -- which line


def _is_about(exchange: Exchange, line: Line) -> bool:
    url = line.get("url")
    if exchange.url is None:
        return url is None
    return isinstance(url, str) and (
        normalised(url) == normalised(exchange.url) if exchange.whole_url else exchange.url in url
    )


def _about(exchange: Exchange) -> str:
    """The same as an expression of ``line``, for the replay."""
    if exchange.url is None:
        return "(line.get('url') is None)"
    return f"({exchange.url.removeprefix('http://')!r} in str(line.get('url')))"


def normalised(url: str) -> str:
    """As far as a program may write it in another way: letter case of the host, a port 80, an empty path."""
    match = re.fullmatch(r"(?i:http)://([^/?#]*)([^#]*)(?:#.*)?", url)
    if match is None:
        return url
    host, rest = match[1].lower().removesuffix(":80"), match[2]
    return f"http://{host}{rest if rest.startswith('/') else '/' + rest}"


# -- what it says


def _fault(exchange: Exchange, line: Line) -> Mismatch | None:
    missing = [key for key in KEYS if key not in line]
    if missing:
        return _wrong(exchange, "key_missing", sorted(KEYS), sorted(line), f"{set(KEYS)!r} <= set(line)")
    return next((found for check in _CHECKS if (found := check(exchange, line))), None)


def _wrong(exchange: Exchange, code: str, wanted: object, got: object, right: str, key: str = "") -> Mismatch:
    name = key or code
    about = exchange.named()
    said = Text(f"{about} 的 {name}", f"{name} of {about}") if code != "key_missing" else Text("这些键", "these keys")
    python = f"any({right} for line in json_lines(got) if {_about(exchange)})"
    if code == "url":
        python = f"any({_about(exchange)} for line in json_lines(got))"
    return Mismatch(Side(said, value=wanted), Side(value=got), f"proxy.log_{code}", python=python)


def _method(exchange: Exchange, line: Line) -> Mismatch | None:
    if line["method"] == exchange.method:
        return None
    return _wrong(exchange, "method", exchange.method, line["method"], f"line.get('method') == {exchange.method!r}")


def _url(exchange: Exchange, line: Line) -> Mismatch | None:
    return None if _is_about(exchange, line) else _wrong(exchange, "url", exchange.url, line["url"], "")


def _status(exchange: Exchange, line: Line) -> Mismatch | None:
    if str(line["status"]) == str(exchange.status):
        return None
    return _wrong(exchange, "status", exchange.status, line["status"], f"line.get('status') == {exchange.status}")


def _time(exchange: Exchange, line: Line) -> Mismatch | None:
    if isinstance(line["time"], str) and _is_iso(line["time"]):
        return None
    wanted = "2026-01-31T12:34:56+00:00"
    return _wrong(exchange, "time", wanted, line["time"], r"re.match(r'\d{4}-?\d\d-?\d\d.\d\d', str(line.get('time')))")


def _is_iso(text: str) -> bool:
    """A date and a time of ISO 8601; a space for the T is let pass."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) > len("2026-01-31")


def _client(exchange: Exchange, line: Line) -> Mismatch | None:
    if exchange.client in json.dumps(line["client"]):
        return None
    return _wrong(
        exchange, "client", exchange.client, line["client"], f"{exchange.client!r} in str(line.get('client'))"
    )


def _bytes(exchange: Exchange, line: Line) -> Mismatch | None:
    for key, least in (("request_bytes", exchange.request_bytes), ("response_bytes", exchange.response_bytes)):
        if not (_is_number(line[key]) and line[key] >= least):
            return _wrong(exchange, "bytes", least, line[key], f"line.get({key!r}) >= {least}", key)
    return None


def _duration(exchange: Exchange, line: Line) -> Mismatch | None:
    least = exchange.least_ms
    if _is_number(line["duration_ms"]) and line["duration_ms"] >= least:
        return None
    right = f"line.get('duration_ms') >= {least}"
    return _wrong(exchange, "duration", least + 1.5, line["duration_ms"], right, "duration_ms")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _headers(exchange: Exchange, line: Line) -> Mismatch | None:
    for key, wanted in (("request_headers", exchange.asked), ("response_headers", exchange.answered)):
        pairs = header_pairs(line[key])
        if pairs is None:
            right = f"isinstance(line.get({key!r}), (list, dict))"
            return _wrong(exchange, "headers", {"X-Name": "value"}, line[key], right, key)
        for name, value in wanted:
            if not any(name.lower() == other.lower() and _has(got, value) for other, got in pairs):
                found = f"{json.dumps(value)!r} in json.dumps(line.get({key!r}))"
                right = f"{found} and {name.lower()!r} in str(line.get({key!r})).lower()"
                return _wrong(exchange, "headers", {name: value}, line[key], right, key)
    return None


def header_pairs(value: object) -> list[tuple[str, Any]] | None:
    """The headers of a line, which may be an object or a list of pairs; None for anything else."""
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in value
    ):
        return [(name, text) for name, text in value]
    return None


def _has(got: object, value: str) -> bool:
    return got == value or (isinstance(got, list) and value in got)


def _cache(exchange: Exchange, line: Line) -> Mismatch | None:
    if line["cache"] in exchange.cache:
        return None
    wanted = list(exchange.cache) if len(exchange.cache) > 1 else exchange.cache[0]
    return _wrong(exchange, "cache", wanted, line["cache"], f"line.get('cache', '') in {exchange.cache!r}")


_CHECKS: tuple[Callable[[Exchange, Line], Mismatch | None], ...] = (
    *(_url, _method, _status, _cache, _bytes, _headers, _time, _client, _duration),
)


# -- what it must not say


class Discreet:
    """The stream oracle of a log in which none of the ``secrets`` is; it has seen enough once so many lines are there.

    A request that is not logged gives nothing away. That something is logged at all must be seen, though.
    """

    def __init__(self, lines: int, secrets: Iterable[str]) -> None:
        self.lines = lines
        self.secrets = list(secrets)

    def complete(self, data: bytes | bytearray) -> bool:
        return sum(_value(row) is not None for row in _rows(bytes(data))) >= self.lines

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        for row in _rows(data):
            said = row.decode("utf-8", "replace") + "\n" + "\n".join(_texts(_value(row)))
            for secret in self.secrets:
                if secret in said:
                    wanted = Side(Text(f"日志里没有 {secret}", f"{secret} is not in the log"))
                    right = f"{secret!r} not in got.decode() + str(json_lines(got))"
                    right = f"len(json_lines(got)) >= {self.lines} and {right}"
                    return Mismatch(wanted, Side(data=row), "proxy.log_credentials", python=right)
        if self.lines and not data.strip():
            wanted = Side(Text("每个请求一行", "a line for every request"))
            return Mismatch(wanted, _EMPTY, "proxy.log_empty", python="json_lines(got)")
        return None


def _texts(value: Any) -> Iterable[str]:
    """All strings in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
