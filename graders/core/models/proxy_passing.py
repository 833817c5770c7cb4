"""How a message may change on its way through a proxy (RFC 9110 §7, RFC 9112), and how it may not. No I/O.

A proxy may write a message anew: header names in another letter case, another framing of the body, headers of its own
(Via, Connection, Accept-Encoding …). So nothing here compares whole messages; what was sent is looked for in what came.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from graders.core.models.finding import Ending, Mismatch, Side
from graders.core.models.http_asked import parsed, segments
from graders.core.models.http_headers import Headers
from graders.core.models.http_message import Request, Response
from graders.core.models.http_parser import State
from graders.core.models.proxy_messages import Pairs, Reply, Sent
from graders.core.text import Text

#: What a question is about.
Message = TypeVar("Message", Request, Response)

#: Usual diagnoses, and what they are where a check knows more of the mistake.
Codes = Mapping[str, str]

#: Headers of one connection (RFC 9110 §7.6.1, RFC 2616 §13.5.1), besides those that Connection names.
HOP_BY_HOP = frozenset({"connection", "proxy-connection", "proxy-authorization", "keep-alive"}) | frozenset(
    {"te", "trailer", "transfer-encoding", "upgrade"}
)

#: Headers that a proxy may add to, or set as it likes: what it can read itself is its own choice (Accept-Encoding).
ADDED_TO = frozenset({"via", "content-length", "host", "x-forwarded-for", "forwarded", "date", "server"}) | frozenset(
    {"accept-encoding"}
)

#: Methods whose requests usually have no body.
BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})


# -- what the origin sees


class Forwarded:
    """The stream oracle of an origin: one of the requests ``sent`` through a proxy, as far as it may differ.

    ``picked`` is the one that came, ``message`` what came.
    """

    most = 16 * 2**20

    def __init__(
        self,
        authority: str,
        sent: Iterable[Sent],
        *more: Callable[[Request], Mismatch | None],
        codes: Codes | None = None,
    ) -> None:
        self.authority = authority
        self.codes = codes or {}
        self.sent = list(sent)
        self.more = more
        self.message: Request | None = None
        self.picked: Sent | None = None

    def complete(self, data: bytes | bytearray) -> bool:
        return parsed(data).state is not State.NEEDS_MORE

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        return with_code(self._fault(data), self.codes)

    def _fault(self, data: bytes) -> Mismatch | None:
        self.message = message = parsed(data).message
        if message is None:
            wanted = Side(Text("一个完整的 HTTP 请求", "one whole HTTP request"))
            words = Text("不是完整的请求", "no whole request")
            return Mismatch(wanted, Side(words, data), "proxy.no_whole_request", python=f"{_COMPLETE}")
        alike = [each for each in self.sent if same_path(each.target, message.target)]
        self.picked = (alike or self.sent)[0]
        return next(
            (
                found
                for question in (self._first_line, self._host, self._hops, self._ends, self._body, *self.more)
                if (found := question(message))
            ),
            None,
        )

    def _first_line(self, message: Request) -> Mismatch | None:
        assert self.picked is not None
        if message.method != self.picked.method:
            right = f"first_line.startswith({self.picked.method + ' '!r})"
            return _other("proxy.wrong_method", self.picked.method, message.method, right)
        if same_path(self.picked.target, message.target):
            return None
        absolute = message.target.lower().startswith("http:")
        right = f"first_line.split(' ')[1] == {self.picked.target!r}"
        return _other(
            "proxy.absolute_form" if absolute else "proxy.wrong_path", self.picked.target, message.target, right
        )

    def _host(self, message: Request) -> Mismatch | None:
        assert self.picked is not None
        got = message.headers.get_all("Host")
        fitting = [self.authority, *([self.picked.host] if self.picked.host else [])]
        if len(got) == 1 and got[0] in fitting:
            return None
        return _other("proxy.wrong_host", [self.authority], got, f"headers.get('host') in {fitting!r}")

    def _hops(self, message: Request) -> Mismatch | None:
        assert self.picked is not None
        return fault_of_hops(self.picked.headers, message.headers, "proxy.hop_to_origin")

    def _ends(self, message: Request) -> Mismatch | None:
        assert self.picked is not None
        return fault_of_headers(self.picked.headers, message.headers, "proxy.request_header")

    def _body(self, message: Request) -> Mismatch | None:
        assert self.picked is not None
        if any(each.code == "http.length_and_chunked" for each in message.deviations):
            wanted = Side(Text("一种长度", "one length"))
            words = Text("Content-Length 和 Transfer-Encoding 都有", "both Content-Length and Transfer-Encoding")
            right = "not ('content-length' in headers and 'transfer-encoding' in headers)"
            return Mismatch(wanted, Side(words), "proxy.length_and_chunked", python=right)
        return fault_of_body(self.picked.body, message.body, "proxy.request_body")


_COMPLETE = "complete and first_line"


def same_path(sent: str, got: str) -> bool:
    """The same path and query, percent-escapes of what needs none aside."""
    if sent == got:
        return True
    path, _, query = sent.partition("?")
    got_path, _, got_query = got.partition("?")
    return segments(path) == segments(got_path) and unquote_to_bytes(query) == unquote_to_bytes(got_query)


# -- what the client sees


#: What a proxy says of itself: it refuses the request, or what it takes for no answer of the origin.
_REFUSALS = {400, 405, 408, 411, 413, 414, 431, 501, 505}
_FAILURES = {500, 502, 503, 504}


def delivered(reply: Reply, *, suspect: str | None = None) -> Callable[[Response], Mismatch | None]:
    """The answer is the origin's: status, headers and body. ``suspect``: what an error of the proxy's own points to."""
    wanted_body = reply.body if reply.has_body else b""

    def ask(answer: Response) -> Mismatch | None:
        if answer.status != reply.status:
            own = "good_request" if answer.status in _REFUSALS else "good_answer"
            refused = suspect or f"proxy.{own}_refused"
            own_error = answer.status in _REFUSALS | _FAILURES
            return wrong_status(answer, reply.status, code=refused if own_error else "proxy.wrong_status")
        return (
            fault_of_body(wanted_body, answer.body, "proxy.answer_body")
            or fault_of_hops(reply.headers, answer.headers, "proxy.hop_to_client")
            or fault_of_headers(reply.headers, answer.headers, "proxy.answer_header")
        )

    return ask


def wrong_status(answer: Response, *wanted: int, code: str = "proxy.wrong_status") -> Mismatch:
    numbers = " 或 ".join(map(str, wanted)), " or ".join(map(str, wanted))
    got = f"{answer.status} {answer.reason}"
    return Mismatch(
        Side(Text(f"状态码 {numbers[0]}", f"status {numbers[1]}")),
        Side(Text(f"状态码 {got}", f"status {got}")),
        code,
        python=f"status in {wanted!r}",
    )


def absent(name: str, code: str) -> Callable[[Message], Mismatch | None]:
    """The message has no header of this name."""

    def ask(message: Message) -> Mismatch | None:
        if name not in message.headers:
            return None
        return _reached(f"{name}: {message.headers.get(name)}", f"first_line and {name.lower()!r} not in headers", code)

    return ask


def unasked(code: str) -> Callable[[Request], Mismatch | None]:
    """The question about a request that the origin should not have got at all."""

    def ask(message: Request) -> Mismatch | None:
        wanted = Side(Text("源服务器没有被问到", "the origin is not asked"))
        line = f"{message.method} {message.target}"
        return Mismatch(wanted, Side(Text(f"它收到了 {line}", f"it gets {line}")), code, python="not first_line")

    return ask


def with_code(found: Mismatch | None, codes: Codes) -> Mismatch | None:
    """The finding, under the diagnosis that the usual one has in ``codes``."""
    code = codes.get(found.diagnosis or "") if found else None
    return replace(found, diagnosis=code) if found and code else found


# -- parts of messages


def named_by_connection(headers: Iterable[tuple[str, str]]) -> set[str]:
    """The options of Connection, in lower case."""
    return set(Headers(headers).tokens("Connection"))


def fault_of_hops(sent: Pairs, got: Headers, code: str) -> Mismatch | None:
    """A header of one connection that reached the other: Connection by an option, the others by name and value."""
    options = named_by_connection(sent)
    named = options - {"close", "keep-alive"} - HOP_BY_HOP
    for option in sorted(named):  # a proxy may have a TE or an Upgrade of its own to name
        if option in got.tokens("Connection"):
            right = f"{option!r} not in headers.get('connection', '').lower()"
            return _reached(f"Connection: {option}", right, code)
    for name, value in sent:
        lower = name.lower()
        if lower not in HOP_BY_HOP | named or lower in ("connection", "transfer-encoding"):
            continue
        if value in got.get_all(name):
            return _reached(f"{name}: {value}", f"{value!r} not in headers.get({lower!r}, '')", code)
    return None


def _reached(line: str, right: str, code: str) -> Mismatch:
    wanted = Side(Text(f"没有 {line}", f"no {line}"))
    return Mismatch(wanted, Side(Text(f"有 {line}", line)), code, python=right)


def fault_of_headers(sent: Pairs, got: Headers, code: str) -> Mismatch | None:
    """An end-to-end header that is missing, changed, or whose lines come in another order."""
    skipped = HOP_BY_HOP | ADDED_TO | named_by_connection(sent)
    names = list(dict.fromkeys(name.lower() for name, _ in sent if name.lower() not in skipped))
    for name in names:
        wanted = [value for key, value in sent if key.lower() == name]
        came = got.get_all(name)
        # Lines of one name may be joined by commas, but not cookies (RFC 9110 §5.3).
        items, same_items = _items(came), _items(came) == _items(wanted)
        if came == wanted or (came and same_items and name != "set-cookie"):
            continue
        moved = not same_items and sorted(items) == sorted(_items(wanted))
        kind = "missing" if not came else "order" if moved else "changed"
        shown = [f"{name}: {value}" for value in came]
        joined = ", ".join(wanted)
        right = f"re.sub(r'\\s*,\\s*', ',', headers.get({name!r}, '')) == {_tight(joined)!r}"
        return _other(
            f"{code}_{kind}",
            [f"{name}: {value}" for value in wanted],
            shown,
            right if came else f"{name!r} in headers",
        )
    return None


def _items(values: Iterable[str]) -> list[str]:
    return _tight(", ".join(values)).split(",")


def _tight(text: str) -> str:
    return ",".join(part.strip() for part in text.split(","))


def fault_of_body(wanted: bytes, got: bytes, code: str) -> Mismatch | None:
    if wanted == got:
        return None
    if len(wanted) <= 200:
        right = f"body == {wanted!r}"
    else:
        right = f"len(body) == {len(wanted)} and zlib.crc32(body) == {zlib.crc32(wanted)}"
    kind = "body_missing" if not got else "body_cut" if wanted.startswith(got) else "body_changed"
    stem = code.removesuffix("_body")
    return Mismatch(Side(data=wanted), Side(data=got), f"{stem}_{kind}", python=right)


def _other(code: str, wanted: object, got: object, right: str) -> Mismatch:
    return Mismatch(Side(value=wanted), Side(value=got), code, python=right)
