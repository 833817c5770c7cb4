"""One exchange through a caching proxy, and whether the client's answer came from where it had to. No I/O.

Each answer of an origin has a body with a number of its own, so that what the client gets says which answer it is: one
that the origin has just given, or one of those before, out of memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graders.core.models.finding import Mismatch, Side
from graders.core.models.http_message import Framing, Response
from graders.core.models.proxy_messages import Pairs, Reply, Sent, Unchanged
from graders.core.models.proxy_passing import fault_of_headers
from graders.core.models.web_answer import Question
from graders.core.text import Text

#: Bytes of a body that a report shows where its number says what it is.
_SHOWN = 100


@dataclass(frozen=True)
class Exchange:
    """What a client asks, what the origin would answer, and which answers may come.

    ``wants``: the numbers of the answers that may come, counted from 1; empty: only this exchange's own, which is to
    say that the origin must have been asked. ``suspect``: what another one points to, where ``why_not`` cannot tell.
    """

    answered: Pairs = (("Cache-Control", "max-age=1000"),)
    wants: tuple[int, ...] = ()
    suspect: str = ""
    method: str = "GET"
    path: str = "/a"
    asked: Pairs = ()
    status: int = 200
    size: int = 0  # of the body, at least
    cut: int = 0  # bytes at the end of the origin's answer that do not come
    framing: Framing = Framing.LENGTH
    client: str = "A"
    origin: str = "S"
    unchanged: Unchanged | None = None
    statuses: tuple[int, ...] = ()  # that the client's answer may have; empty: those of the answers that may come
    has: Pairs = ()  # headers of the client's answer
    ages: tuple[int, int] | None = None  # between which its Age must be, out of memory; None: not looked at
    pause: float = 0.0  # seconds before it: only where time must pass

    @property
    def sent(self) -> Sent:
        body = b"a=b" if self.method in ("POST", "PUT", "PATCH") else b""
        return Sent(self.method, self.path, self.asked, body, Framing.LENGTH if body else Framing.NONE)

    def body(self, number: int) -> bytes:
        """The body of the origin's answer, when this is exchange ``number``."""
        line = b"answer %d\n" % number
        return line if self.size <= len(line) else line + b"." * (self.size - len(line))

    def reply(self, number: int) -> Reply:
        return Reply(
            self.status, self.answered, self.body(number), self.framing, to_head=self.method == "HEAD", kept=False
        )

    def allowed(self, number: int) -> tuple[int, ...]:
        return self.wants or (number,)


def right_answer(history: Sequence[Exchange]) -> Question:
    """The question for the client's answer in the last exchange of these."""
    number, now = len(history), history[-1]
    allowed = now.allowed(number)

    def ask(answer: Response) -> Mismatch | None:
        statuses = now.statuses or tuple(dict.fromkeys(history[n - 1].status for n in allowed))
        bodiless = now.method == "HEAD" or answer.status in (204, 304)
        got = None if bodiless else number_of(answer.body, history)
        if got is not None and got not in allowed:
            code = now.suspect or why_not(history, got)
            python = f"status in {statuses!r} and ({' or '.join(_is_body(history, n) for n in allowed)})"
            return Mismatch(_told(allowed, number), Side(_name(got, number), answer.body[:_SHOWN]), code, python=python)
        if answer.status not in statuses:
            return _wrong_status(answer, statuses)
        if not bodiless and got is None:
            code = "proxy.remembered_without_body" if not answer.body else "proxy.remembered_body"
            python = " or ".join(_is_body(history, n) for n in allowed)
            return Mismatch(_told(allowed, number), Side(data=answer.body), code, python=python)
        return fault_of_headers(now.has, answer.headers, "proxy.remembered_header") or (
            _fault_of_age(now.ages, answer) if now.ages and got != number else None
        )

    return ask


def right_x_cache(history: Sequence[Exchange]) -> Question:
    """The question whether X-Cache says where the client's answer comes from, whichever it is.

    A line that the origin has sent may stand beside. What was validated has either.
    """
    now, number = history[-1], len(history)

    def ask(answer: Response) -> Mismatch | None:
        values = [part.strip() for value in answer.headers.get_all("X-Cache") for part in value.split(",")]
        remembered = answer.body and number_of(answer.body, history) not in (None, number)
        right = ("HIT", "MISS") if now.unchanged else ("HIT",) if remembered else ("MISS",)
        if any(value in right for value in values):
            return None
        which = f"{right!r}" if now.unchanged else f"('MISS' if body in (b'', {now.body(number)!r}) else 'HIT',)"
        words = " / ".join(f"X-Cache: {value}" for value in right)
        return Mismatch(
            Side(Text(words, words)),
            Side(value=[f"X-Cache: {value}" for value in values]),
            "proxy.wrong_x_cache" if values else "proxy.no_x_cache",
            python=f"any(each in re.split(' *, *', headers.get('x-cache', '')) for each in {which})",
        )

    return ask


def number_of(body: bytes, history: Sequence[Exchange]) -> int | None:
    """Which of the answers has this body; None: none of them."""
    return next((n for n, exchange in enumerate(history, 1) if body == exchange.body(n)), None)


def why_not(history: Sequence[Exchange], got: int) -> str:
    """What it points to that the last exchange was answered with answer ``got``, which was not allowed."""
    now, then, number = history[-1], history[got - 1], len(history)
    if got == number:
        return "proxy.not_from_memory"
    if now.method != "GET":
        return "proxy.remembers_other_methods"
    if not same_url(then, now):
        return "proxy.another_entry"
    if then.method != "GET":
        return "proxy.remembers_other_methods"
    told = " ".join(value for name, value in then.answered if name.lower() == "cache-control").lower()
    if "no-store" in told or "private" in told:
        return "proxy.remembers_the_forbidden"
    if any(name.lower() == "authorization" for name, _ in then.asked):
        return "proxy.remembers_for_one"
    if any(name.lower() == "cache-control" and "no-store" in value.lower() for name, value in then.asked):
        return "proxy.request_directive_ignored"
    if then.cut:
        return "proxy.remembers_a_part"
    between = history[got:-1]
    if any(same_url(each, now) and changes(each) for each in between):
        return "proxy.not_invalidated"
    if varies(then) - {"*"} and variant(then, varies(then)) != variant(now, varies(then)):
        return "proxy.vary_ignored"
    if "*" in varies(then):
        return "proxy.vary_star"
    if any(name.lower() == "cache-control" for name, _ in now.asked):
        return "proxy.request_directive_ignored"
    if "no-cache" in told:
        return "proxy.no_cache_ignored"
    return "proxy.served_stale"


def same_url(one: Exchange, other: Exchange) -> bool:
    """Whether the URLs are the same; an empty path is "/"."""
    return (one.origin, one.sent.target) == (other.origin, other.sent.target)


def changes(exchange: Exchange) -> bool:
    """Whether it has changed what is at its URL: it succeeded, and its method is not safe (RFC 9110 §9.2.1)."""
    return exchange.method not in ("GET", "HEAD", "OPTIONS", "TRACE") and exchange.status < 400


def varies(exchange: Exchange) -> frozenset[str]:
    """The names in its answer's Vary, in lower case."""
    values = [value for name, value in exchange.answered if name.lower() == "vary"]
    return frozenset(each.strip().lower() for value in values for each in value.split(","))


def variant(exchange: Exchange, names: frozenset[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What it asks in these headers."""
    return tuple((each, tuple(v for name, v in exchange.asked if name.lower() == each)) for each in sorted(names))


def _name(got: int, number: int) -> Text:
    if got == number:
        return Text(f"第 {got} 个回答：源服务器又被问了一次", f"answer {got}: the origin was asked anew")
    return Text(f"第 {got} 个回答，从缓存里来", f"answer {got}, out of the cache")


def _told(allowed: Sequence[int], number: int) -> Side:
    if tuple(allowed) == (number,):
        words = Text(
            f"第 {number} 个回答：必须去问源服务器", f"answer {number}: the origin must be asked for it, or about it"
        )
    elif number not in allowed:
        which = " / ".join(map(str, allowed))
        words = Text(f"第 {which} 个回答，从缓存里来", f"answer {which}, out of the cache")
    else:
        which = ", ".join(map(str, allowed))
        words = Text(f"这几个回答之一：{which}", f"one of the answers {which}")
    return Side(words)


def _is_body(history: Sequence[Exchange], number: int) -> str:
    body = history[number - 1].body(number)
    line, dot, _ = body.partition(b"\n")
    if len(body) == len(line + dot):
        return f"body == {body!r}"
    return f"(body.startswith({line + dot!r}) and len(body) == {len(body)})"


def _wrong_status(answer: Response, wanted: Sequence[int]) -> Mismatch:
    numbers = " / ".join(map(str, wanted))
    got = f"{answer.status} {answer.reason}"
    return Mismatch(
        Side(Text(f"状态码 {numbers}", f"status {numbers}")),
        Side(Text(f"状态码 {got}", f"status {got}")),
        "proxy.not_modified_for_nobody" if answer.status == 304 else "proxy.remembered_status",
        python=f"status in {tuple(wanted)!r}",
    )


def _fault_of_age(ages: tuple[int, int], answer: Response) -> Mismatch | None:
    """An answer out of memory has one Age (RFC 9111 §5.1), which counts on from the age that it came with."""
    values, (least, most) = answer.headers.get_all("Age"), ages
    if len(values) == 1 and values[0].isascii() and values[0].isdigit() and least <= int(values[0]) <= most:
        return None
    code = "proxy.no_age" if not values else "proxy.two_ages" if len(values) > 1 else "proxy.wrong_age"
    python = f"re.fullmatch('[0-9]+', headers.get('age', '')) and {least} <= int(headers['age']) <= {most}"
    wanted = Side(Text(f"一个 Age，{least} 到 {most} 秒", f"one Age, of {least} to {most} seconds"))
    return Mismatch(wanted, Side(value=[f"Age: {value}" for value in values]), code, python=python)
