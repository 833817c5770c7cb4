"""Conversations with a cache, edge by edge: lifetimes, Vary, validation, directives, invalidation, bound. No I/O."""

from __future__ import annotations

from dataclasses import replace

from graders.core.models.http_message import Framing
from graders.core.models.proxy_exchange import Exchange
from graders.core.models.proxy_messages import Pairs, Unchanged
from graders.core.traffic.proxy_cache import FRESH, FUTURE, PAST, SLOW, TO_GROW_STALE, History, again, first, told

_A = Exchange()
_AT_B = Exchange(path="/b")

# -- lifetimes: (lines of Cache-Control, Expires, Date)

_FRESH_BY = (
    (("max-age=0, s-maxage=1000",), None),
    (("s-maxage=1000, max-age=0",), None),
    (("s-maxage=1000",), PAST),
    (("max-age=0", "S-MaxAge=1000"), None),
    (("max-age=1000",), PAST),
    (("max-age=1000",), "0"),
    (("max-age=1000",), "soon"),
    ((), FUTURE),
    (("public",), FUTURE),
    (("public", "Max-Age=1000"), None),
    (("unknown, max-age=1000,, x=y",), None),
    (("max-age=999999999999",), None),
)
_STALE_BY = (
    (("s-maxage=0, max-age=1000",), None),
    (("max-age=1000, s-maxage=0",), None),
    (("max-age=1000", "s-maxage=0"), FUTURE),
    (("max-age=0",), FUTURE),
    ((), PAST),
    ((), "0"),
    ((), "-1"),
    (("public",), "soon"),
)


def _by(lines: tuple[str, ...], expires: str | None, date: str | None = None) -> Exchange:
    headers = [(name, value) for name, value in (("Expires", expires), ("Date", date)) if value is not None]
    return first(*lines, headers=tuple(headers))


#: Which of s-maxage, max-age and Expires counts, and what each may look like.
LIFETIMES: tuple[History, ...] = (
    *((_by(*case), again(_A, 1)) for case in _FRESH_BY),
    *((_by(*case), again(_by(*case)), _AT_B, again(_AT_B, 3)) for case in _STALE_BY),
    # Expires counts from Date, whatever the clock says.
    (_by((), FUTURE, FUTURE), again(_A)),
    (_by((), PAST, PAST), again(_A)),
)

# -- Vary


def _varying(*names: str) -> Exchange:
    return Exchange(FRESH + tuple(("Vary", name) for name in names))


def _for(exchange: Exchange, language: str | None, *wants: int, **more: object) -> Exchange:
    asked = () if language is None else (("Accept-Language", language),)
    return again(exchange, *wants, **{"asked": asked, **more})


_L = _varying("Accept-Language")
_TWO = _varying("Accept-Language, X-Flavor")
_LINES = _varying("X-Flavor", "accept-language")


def _both(exchange: Exchange, language: str, flavor: str, *wants: int) -> Exchange:
    return again(exchange, *wants, asked=(("X-Flavor", flavor), ("Accept-Language", language)))


def _two_names(exchange: Exchange) -> History:
    return (
        _both(exchange, "zh", "a"),
        _both(exchange, "zh", "b"),
        _both(exchange, "en", "a"),
        _both(exchange, "zh", "a", 1),
        _both(exchange, "zh", "b", 2),
        _both(exchange, "en", "a", 3),
    )


_TAG: Pairs = (("ETag", '"v1"'),)
_IN_ZH = (*_TAG, ("Vary", "Accept-Language"))
_MARKED = first("no-cache", headers=_IN_ZH)


def _flavored(*lines: str, wants: tuple[int, ...] = ()) -> Exchange:
    return again(_varying("X-Flavor"), *wants, asked=tuple(("X-Flavor", line) for line in lines))


#: A variant is for those who ask for the same in the headers that Vary names.
VARIANTS: tuple[History, ...] = (
    (_for(_L, "zh"), _for(_L, "en"), _for(_L, "zh", 1), _for(_L, "en", 2), _for(_L, "zh", 1)),
    (_for(_L, None), _for(_L, "en"), _for(_L, None, 1), _for(_L, "en", 2)),
    (_for(_L, "en"), _for(_L, None), _for(_L, "en", 1), _for(_L, None, 2)),
    (_for(_L, "zh"), _for(_L, "zh", 1, client="B", asked=(("accept-language", "zh"), ("User-Agent", "x")))),
    (_for(_varying("ACCEPT-language"), "zh"), _for(_L, "zh", 1), _for(_L, "en")),
    _two_names(_TWO),
    _two_names(_LINES),
    (_varying("*"), again(_varying("*")), again(_varying("*"))),
    (_for(_varying("Accept-Language, *"), "zh"), _for(_varying("Accept-Language, *"), "zh")),
    (_for(_L, "zh"), *(_for(_L, each) for each in ("en", "de", "fr", "it")), _for(_L, "zh", 1), _for(_L, "fr", 4)),
    # All lines of a header count, and the letter case of what nobody knows the meaning of.
    (_flavored("a", "b"), _flavored("a", "c"), _flavored("d", "c"), _flavored("a", "b", wants=(1,)), _flavored("a")),
    (_flavored("a"), _flavored("A"), _flavored("a", wants=(1,)), _flavored("A", wants=(2,))),
    # What a 304 has made fresh is the same variant as before. What the client gets of a 304 is not asked here.
    (
        _for(_MARKED, "zh"),
        _for(_MARKED, "zh", 1, 2, unchanged=Unchanged('"v1"', headers=FRESH + _IN_ZH), statuses=(200, 304)),
        _for(_MARKED, "en", suspect="proxy.vary_lost"),
    ),
)

# -- validation

_DATE = "Tue, 01 Oct 2019 10:00:00 GMT"


def _validators(etag: str, date: str) -> Pairs:
    return tuple((name, value) for name, value in (("ETag", etag), ("Last-Modified", date)) if value)


#: A header that the stored answer does not have.
_NEWS: Pairs = (("X-News", "none"),)


def _version(number: int) -> Pairs:
    return (("X-Version", str(number)),)


def _validated(etag: str, date: str, line: str = "no-cache") -> tuple[Exchange, Unchanged]:
    """What must be validated, and the 304 that makes it fresh; what only the 304 has is added (RFC 9111 §3.2)."""
    own = _validators(etag, date)
    return first(line, headers=own + _version(1)), Unchanged(etag, date, FRESH + own + _version(2) + _NEWS)


def _unchanged(etag: str, date: str, line: str = "no-cache", pause: float = 0.0) -> History:
    stored, unchanged = _validated(etag, date, line)
    updated = _version(2) + _NEWS
    return (
        stored,
        Exchange(FRESH + _version(3), (1,), "proxy.not_revalidated", unchanged=unchanged, has=updated, pause=pause),
        Exchange(wants=(1,), suspect="proxy.not_refreshed", has=updated),
        Exchange(wants=(1,), suspect="proxy.not_refreshed", has=updated),
    )


def _changed(etag: str, date: str) -> History:
    stored, _ = _validated(etag, date, "max-age=1000, no-cache")
    return stored, Exchange(FRESH + _validators('"new"', "") + _version(2)), Exchange(wants=(2,), has=_version(2))


_STORED, _SAME = _validated('"v1"', "")
_GROWING, _STILL = _validated('"v1"', _DATE, "max-age=1")


def _with(etag: str, *wants: int) -> Exchange:
    """The client itself asks whether it has the right one."""
    asked = (("If-None-Match", etag),)
    return Exchange(FRESH, wants, asked=asked, unchanged=_SAME, statuses=(200, 304) if etag == '"v1"' else (200,))


def _refreshed(said: Pairs, *then: Exchange) -> History:
    """What came with an age of its own is validated; the 304 says this besides, and what it says of the age counts."""
    return (
        first("no-cache", "max-age=100", headers=(*_TAG, ("Age", "500"))),
        Exchange((), (1,), "proxy.not_revalidated", unchanged=Unchanged('"v1"', headers=_TAG + said)),
        *then,
    )


#: The client has a newer one than the cache: the 304 that the origin has for it is not about the stored answer.
_NEWER = Unchanged('"v2"', headers=(("ETag", '"v2"'),))
_HAS_NEWER = Exchange(
    (*FRESH, ("ETag", '"v2"')),
    (),
    "proxy.another_304",
    asked=(("If-None-Match", '"v2"'),),
    unchanged=_NEWER,
    statuses=(200, 304),
)


#: no-cache and what is stale is asked about; 304 makes it fresh again, 200 takes its place.
VALIDATIONS: tuple[History, ...] = (
    _changed('"v1"', ""),
    _changed("", _DATE),
    _unchanged('"v1"', ""),
    _unchanged('W/"v1"', ""),
    _unchanged("", _DATE),
    _unchanged('"v1"', _DATE),
    _unchanged('"v1"', _DATE, "max-age=1000, No-Cache"),
    # It is stale when it comes: who does not store it is right, too.
    (first("max-age=0", headers=_STORED.answered[1:]), Exchange(wants=(1, 2), unchanged=_SAME), Exchange(wants=(1, 2))),
    # What the client asks by itself is no news for others: none of them gets a 304.
    (_STORED, _with('"v1"', 1, 2), Exchange(wants=(1, 2, 3), unchanged=_SAME), Exchange(wants=(1, 2, 3))),
    (_STORED, _with('"other"', 1, 2), Exchange(wants=(1, 2, 3), unchanged=_SAME), Exchange(wants=(1, 2, 3))),
    (_STORED, _HAS_NEWER),
    # Validated is as good as new (RFC 9111 §4.2.3): the age of what is stored is over, unless the 304 has one.
    _refreshed(told("max-age=100"), *[Exchange(wants=(1,), suspect="proxy.not_refreshed", ages=(0, SLOW))] * 2),
    _refreshed((*told("max-age=100"), ("Age", "100")), Exchange(suspect="proxy.age_of_304"), Exchange(wants=(3,))),
    # The one that takes time.
    (
        _GROWING,
        replace(_GROWING, path="/b"),
        Exchange(FRESH + _version(2), path="/b", pause=TO_GROW_STALE),
        Exchange(FRESH, (1,), "proxy.not_revalidated", unchanged=_STILL, has=_version(2)),
        Exchange(wants=(3,), path="/b", has=_version(2)),
        Exchange(wants=(1,), suspect="proxy.not_refreshed", has=_version(2)),
    ),
)

# -- directives of requests


def _asking(*lines: str, wants: tuple[int, ...] = ()) -> Exchange:
    return Exchange(asked=told(*lines), wants=wants)


_OLD = first("max-age=1000", headers=(("Age", "50"),))

#: A client may want nothing old, or nothing out of memory, or nothing stored.
DIRECTIVES: tuple[History, ...] = (
    (_A, _asking("no-cache"), again(_A, 1, 2)),
    (_A, _asking("No-Cache"), _asking("no-cache")),
    (_A, _asking("x=y", "no-cache")),
    (_A, again(_A, 1), _asking("max-age=1000, no-cache"), _asking("max-age=1000", wants=(1, 3))),
    (_asking("no-store"), again(_A), again(_A, 2)),
    (_asking("NO-STORE"), again(_A), again(_A, 2)),
    (_A, _asking("no-store", wants=(1, 2)), again(_A, 1, 3)),
    (_OLD, _asking("max-age=10")),
    (_OLD, _asking("max-age=0")),
    (_OLD, _asking("Max-Age=10")),
    (_OLD, _asking("max-age=500", wants=(1,)), _asking("max-age=49"), _asking("max-age=500", wants=(1, 3))),
)

# -- invalidation


def _change(method: str, status: int = 200, path: str = "/a", **more: object) -> Exchange:
    return replace(Exchange((), method=method, status=status, path=path), **more)  # type: ignore[arg-type]


def _kept(change: Exchange) -> History:
    return _A, change, again(_A, 1, suspect="proxy.invalidated_for_nothing"), again(_A, 1)


def _void(change: Exchange) -> History:
    return _A, change, again(_A), again(_A, 3), change, again(_A), again(_A, 6)


_AT_ROOT = Exchange(path="/")

#: What has changed is asked for anew, in every variant; nothing else is.
INVALIDATIONS: tuple[History, ...] = (
    *(_void(_change(method)) for method in ("POST", "PUT", "PATCH", "DELETE", "FROB")),
    _void(_change("POST", 201)),
    _void(_change("DELETE", 204)),
    _void(_change("POST", client="B")),
    (_AT_ROOT, _change("POST", path=""), _AT_ROOT),  # an empty path is the same as "/" (RFC 9110 §4.2.3)
    _kept(_change("POST", 500)),
    _kept(_change("DELETE", 404)),
    _kept(_change("PUT", 403)),
    _kept(_change("POST", path="/b")),
    _kept(_change("DELETE", path="/a?x=1")),
    _kept(_change("PUT", path="/")),
    _kept(_change("POST", origin="T")),
    _kept(_change("OPTIONS")),
    (
        _for(_L, "zh"),
        _for(_L, "en", 1, 2),
        _for(_L, None, 1, 2, 3),
        _change("PUT", asked=(("Accept-Language", "zh"),)),
        _for(_L, "zh"),
        _for(_L, "en", 5, 6),
        _for(_L, None, 5, 6, 7),
    ),
)

# -- the bound

#: What the cache may take; five bodies of SIZE are all of it. 20 % of slack: four fit, seven do not.
CACHE_BYTES, SIZE, LARGE, TOO_LARGE = 100_000, 20_000, 50_000, 150_000


def _at(name: str, *wants: int, size: int = SIZE, **more: object) -> Exchange:
    return replace(Exchange(path=f"/{name}", wants=wants, size=size), **more)  # type: ignore[arg-type]


def _favourite() -> History:
    """One is used again and again while others come; the first of those must be gone at the end."""
    steps = [_at("favourite"), _at("first")]
    for number in range(8):
        steps += [_at(f"{number}"), _at("favourite", 1, suspect="proxy.not_the_oldest_first")]
    return (*steps, _at("7", len(steps) - 1), _at("first", suspect="proxy.unbounded"))


def _after(*steps: Exchange) -> History:
    return (_at("a"), *steps, _at("a", 1, suspect="proxy.thrown_out_for_nothing"))


def _crowded() -> History:
    """Four and a large one are more than it may take: the first of the four must have gone when the last one is in."""
    small = [_at(f"{number}") for number in range(4)]
    large = _at("large", size=LARGE)
    return (*small, large, replace(large, wants=(5,)), _at("0", suspect="proxy.unbounded"))


def _emptied() -> History:
    """What was made void frees its room, and does so once: four more fit behind it, and not any number of them."""
    steps = [each for number in range(8) for each in (_at(f"void{number}"), _change("POST", path=f"/void{number}"))]
    before = len(steps)
    steps += [_at(f"{number}") for number in range(4)]
    steps += [_at(f"{number}", before + number + 1, suspect="proxy.thrown_out_for_nothing") for number in range(4)]
    return (*steps, *(_at(f"{number}") for number in range(4, 10)), _at("0", suspect="proxy.unbounded"))


_HUGE = _at("huge", size=TOO_LARGE)
_STREAM = replace(_HUGE, framing=Framing.CHUNKED)
#: The same again, and whoever does not ask the origin for it has not replaced anything.
_REPLACED = tuple(_at("b", *range(2, number + 1), asked=told("no-cache")) for number in range(3, 9))

#: The oldest use goes first; what is too large does not come in.
BOUNDS: tuple[History, ...] = (
    _favourite(),
    _crowded(),
    (_HUGE, again(_HUGE, suspect="proxy.stores_the_too_large"), _at("b"), _at("b", 3)),
    _after(_HUGE, again(_HUGE, suspect="proxy.stores_the_too_large")),
    _after(_STREAM, again(_STREAM, suspect="proxy.stores_the_too_large"), replace(_STREAM, framing=Framing.CLOSE)),
    _after(_at("b"), *_REPLACED),
    _emptied(),
)
