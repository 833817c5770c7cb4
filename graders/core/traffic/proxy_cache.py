"""Conversations with a cache, edge by edge: what is fresh, how old it is, and what is never stored. No I/O.

Nothing waits for an answer to grow old where Age, Date and max-age say how old it is.
"""

from __future__ import annotations

from dataclasses import replace

from graders.core.models.http_message import Framing
from graders.core.models.proxy_exchange import Exchange
from graders.core.models.proxy_messages import Pairs, Unchanged

History = tuple[Exchange, ...]

#: Far from any clock, so that no machine's matters.
PAST, FUTURE = "Thu, 01 Oct 2015 10:00:00 GMT", "Wed, 01 Oct 2098 10:00:00 GMT"

#: What an answer's Age may have grown by, on the slowest machine.
SLOW = 100

#: The age of an answer from then, in seconds: at least that of 2022, at most that of 2040.
SINCE_PAST = (200_000_000, 800_000_000 + SLOW)

#: Seconds after which an answer with max-age=1 is stale, however they are counted.
TO_GROW_STALE = 1.1


def told(*lines: str) -> Pairs:
    """Lines of Cache-Control."""
    return tuple(("Cache-Control", line) for line in lines)


FRESH = told("max-age=1000")
HEADERS: Pairs = (("Content-Type", "text/plain"), ("X-Many", "one"), ("X-Many", "two"), ("X-Version", "1"))


def first(*lines: str, headers: Pairs = (), **more: object) -> Exchange:
    """The origin's answer has these lines of Cache-Control, and these headers."""
    return replace(Exchange(told(*lines) + headers), **more)  # type: ignore[arg-type]


def again(exchange: Exchange, *wants: int, **more: object) -> Exchange:
    """The same request once more: these answers may come, out of memory; without any, the origin must be asked."""
    return replace(exchange, wants=wants, **more)  # type: ignore[arg-type]


_A = Exchange()
_FULL = Exchange(FRESH + HEADERS + (("ETag", '"a"'),))
_AT_B = Exchange(path="/b")

#: One answer serves whoever asks for the same, and nobody who asks for something else.
FROM_MEMORY: tuple[History, ...] = (
    (_A, again(_A, 1)),
    (_FULL, again(_FULL, 1, has=HEADERS), again(_FULL, 1, has=HEADERS), again(_FULL, 1, has=HEADERS)),
    (_A, _AT_B, again(_A, 1), again(_AT_B, 2), again(_A, 1)),
    (_A, replace(_A, path="/a?x=1"), replace(_A, path="/a?x=2"), again(_A, 1), replace(_A, path="/a?x=1", wants=(2,))),
    (_A, replace(_A, path="/A"), again(_A, 1), replace(_A, path="/a/"), again(_A, 1)),
    (_A, replace(_A, origin="T"), again(_A, 1), replace(_A, origin="T", wants=(2,))),
    (_A, again(_A, 1, client="B"), again(_A, 1, client="C", asked=(("User-Agent", "another"), ("Accept", "*/*")))),
    (
        replace(_A, framing=Framing.CHUNKED),
        again(_A, 1),
        replace(_AT_B, framing=Framing.CLOSE),
        again(_AT_B, 3),
        again(_A, 1),
    ),
    (replace(_A, size=100_000), again(_A, 1, size=100_000), _AT_B, again(_A, 1, size=100_000)),
    (
        first("public, max-age=1000"),
        first("Max-Age=1000", path="/b"),
        first("must-revalidate,max-age=1000", path="/c"),
        again(_A, 1),
        again(_AT_B, 2),
        replace(_A, path="/c", wants=(3,)),
    ),
    (_A, replace(_AT_B, status=500, answered=()), again(_A, 1), replace(_AT_B, status=404, answered=()), again(_A, 1)),
)


def _aged(*headers: tuple[str, str], max_age: int = 1000) -> Exchange:
    return first(f"max-age={max_age}", headers=headers)


def _remembered(exchange: Exchange, least: int, most: int | None = None) -> History:
    ages = (least, least + SLOW if most is None else most)
    return exchange, again(exchange, 1, ages=ages), again(exchange, 1, ages=ages)


def _stale(exchange: Exchange) -> History:
    return exchange, again(exchange), again(exchange)


#: The age is the larger one of Age and of what Date says; what has reached its max-age is stale.
AGES: tuple[History, ...] = (
    _remembered(_A, 0),
    _remembered(_aged(("Age", "50")), 50),
    _remembered(_aged(("age", "800")), 800),
    _stale(_aged(("Age", "5000"))),
    _stale(_aged(("Age", "1000"))),
    _stale(_aged(("Date", PAST))),
    _stale(_aged(("Date", PAST), ("Age", "10"))),
    _remembered(_aged(("Date", PAST), max_age=2_000_000_000), *SINCE_PAST),
    # The larger of the two, not both together. Of nine digits: some take what is longer for as long as can be.
    _remembered(_aged(("Date", PAST), ("Age", "800000000"), max_age=990_000_000), *SINCE_PAST),
    _remembered(_aged(("Date", FUTURE)), 0),
    _remembered(_aged(("Date", FUTURE), ("Age", "50")), 50),
    # The one that takes time: an answer grows older in memory, and stale.
    (
        _aged(max_age=1),
        _AT_B,
        again(_aged(max_age=1), pause=TO_GROW_STALE),
        again(_AT_B, 2, ages=(1, SLOW)),
    ),
)


def _never(exchange: Exchange, **more: object) -> History:
    return exchange, again(exchange, **more), replace(_A, path="/fresh"), replace(_A, path="/fresh", wants=(3,))


_LOGIN: Pairs = (("Authorization", "Basic dGVzdDp0ZXN0"),)
_OTHER_LOGIN: Pairs = (("authorization", "Bearer abc"),)
_CONDITIONAL = replace(
    _A, asked=(("If-None-Match", '"a"'),), unchanged=Unchanged('"a"', headers=FRESH), statuses=(200, 304), wants=(1,)
)

#: What is not stored, each followed by something that is.
NEVER: tuple[History, ...] = (
    _never(first("no-store")),
    _never(first("no-store, max-age=1000")),
    _never(first("max-age=1000, no-store")),
    _never(first("max-age=1000,No-Store")),
    _never(first("max-age=1000", "no-store")),
    _never(first("private")),
    _never(first("private, max-age=1000")),
    _never(first("max-age=1000", "PRIVATE")),
    _never(first("max-age=1000", headers=(("ETag", '"a"'),), asked=_LOGIN), asked=()),
    _never(first("max-age=1000", asked=_LOGIN), asked=_OTHER_LOGIN),
    _never(first("max-age=1000", asked=_OTHER_LOGIN), asked=()),
    _never(first("max-age=0")),
    (_A, again(_A, 1), replace(first("no-store"), path="/b"), replace(first("no-store"), path="/b"), again(_A, 1)),
    (replace(_A, cut=3), _A, again(_A, 2)),
    (replace(_A, cut=1, size=50_000), again(_A, size=50_000), again(_A, 2, size=50_000)),
    (replace(_A, cut=5, framing=Framing.CHUNKED), _A, again(_A, 2)),
    (replace(_A, cut=9, framing=Framing.CHUNKED), _A, again(_A, 2)),
    _never(replace(_A, method="POST")),
    (replace(_A, method="POST"), _A, again(_A, 2)),
    (replace(_A, method="HEAD"), _A, again(_A, 2)),
    (_CONDITIONAL, replace(_A, wants=(1, 2)), replace(_A, wants=(1, 2))),
)

_NO_STORE, _MISSING = first("no-store"), replace(_A, status=404, answered=())
_VALIDATED = first("no-cache", headers=(("ETag", '"a"'),))
_TELLS_HIT, _TELLS_MISS = ((*FRESH, ("X-Cache", said)) for said in ("HIT", "MISS"))

#: Answers of all kinds, out of memory or not: each has an X-Cache that says which. An origin may have one of its own.
SAID: tuple[History, ...] = (
    (_A, again(_A, 1), again(_A, 1)),
    (_A, _AT_B, again(_A, 1)),
    (_NO_STORE, _NO_STORE, _A),
    (replace(_A, method="POST"), _A, again(_A, 2), replace(_A, method="DELETE", status=204)),
    (replace(_A, method="HEAD"), replace(_MISSING, path="/b"), replace(_MISSING, status=500, path="/c")),
    (replace(_A, asked=_LOGIN), _A),
    (replace(_A, answered=_TELLS_HIT), again(_A, 1), replace(_A, answered=(("x-cache", "HIT"),), path="/b")),
    (replace(_A, answered=_TELLS_MISS), again(_A, 1), again(_A, 1)),
    (_VALIDATED, again(_VALIDATED, 1, 2, unchanged=Unchanged('"a"', headers=(("ETag", '"a"'),))), _AT_B),
)
