"""What a shared cache may answer, exchange by exchange (RFC 9111, as far as the contract goes). No I/O, no clock.

The contract leaves a cache some choices, such as whether it stores a 404 that says how long it is fresh. So what it has
stored is known for certain, or only perhaps; and to a request there may be several right answers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from graders.core.models.proxy_exchange import Exchange, changes, same_url, variant, varies
from graders.core.models.proxy_messages import Pairs


class Storing(Enum):
    """Whether an answer may be used again without asking the origin."""

    MUST = "must"
    MAY = "may"
    NEVER = "never"


@dataclass
class Kept:
    """An answer that the cache has, for certain or perhaps; ``number`` as in its body."""

    number: int
    exchange: Exchange
    certain: bool

    def fits(self, now: Exchange) -> bool:
        """Whether it is of the same URL and variant."""
        then, names = self.exchange, varies(self.exchange)
        return same_url(then, now) and variant(then, names) == variant(now, names)


class CacheModel:
    """Follows a conversation: ``allowed`` before an exchange, ``saw`` behind it."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []

    def allowed(self, now: Exchange, number: int) -> tuple[int, ...]:
        """The answers that the client may get in exchange ``number``."""
        if now.method != "GET":
            return (number,)
        told = directives(now.asked)
        usable = [kept for kept in self.kept if kept.fits(now) and _is_young_enough(kept.exchange, told)]
        certain = max((kept.number for kept in usable if kept.certain), default=0)
        latest = tuple(kept.number for kept in usable if kept.number >= certain)
        # Whoever asks with Authorization or no-store may be served from memory, and may be sent to the origin.
        must = certain and "no-store" not in told and not _has(now.asked, "authorization")
        return latest if must else (*latest, number)

    def saw(self, now: Exchange, number: int, came: int) -> None:
        """The client got answer ``came`` in exchange ``number``."""
        if changes(now):
            self.kept = [kept for kept in self.kept if not same_url(kept.exchange, now)]
        if now.method != "GET":
            return
        if came != number:
            for kept in self.kept:
                kept.certain = kept.certain or kept.number == came
            return
        storing = storing_of(now)
        if storing is Storing.MUST and not directives(now.asked):
            self.kept = [kept for kept in self.kept if not kept.fits(now)]
            self.kept.append(Kept(number, now, True))
            return
        # Whether it takes the place of what was there is the cache's choice.
        for kept in self.kept:
            kept.certain = kept.certain and not kept.fits(now)
        if storing is not Storing.NEVER:
            self.kept.append(Kept(number, now, False))


def storing_of(exchange: Exchange) -> Storing:
    """What becomes of the answer to a GET, by what the request and the answer say (RFC 9111 §3, §4)."""
    told = directives(exchange.answered)
    authorised = _has(exchange.asked, "authorization")
    if (
        {"no-store", "private", "no-cache"} & told.keys()
        or "no-store" in directives(exchange.asked)
        or "*" in varies(exchange)
        or (authorised and not {"public", "s-maxage"} & told.keys())
        or age_of(exchange) >= lifetime_of(exchange)
    ):
        return Storing.NEVER
    return Storing.MUST if exchange.status == 200 and not authorised else Storing.MAY


def directives(headers: Pairs) -> dict[str, str]:
    """Cache-Control by name, in lower case; quoted strings with commas are not among those that are generated."""
    found: dict[str, str] = {}
    for value in _values(headers, "cache-control"):
        for part in value.split(","):
            name, _, argument = part.strip().partition("=")
            found.setdefault(name.lower(), argument)
    found.pop("", None)
    return found


def lifetime_of(exchange: Exchange) -> int:
    """Seconds for which the answer is fresh, as Cache-Control says it."""
    told = directives(exchange.answered)
    return next((_seconds(told[name]) for name in ("s-maxage", "max-age") if name in told), 0)


def age_of(exchange: Exchange) -> int:
    """Seconds of age that the answer comes with."""
    return next((_seconds(value) for value in _values(exchange.answered, "age")), 0)


def _is_young_enough(then: Exchange, told: dict[str, str]) -> bool:
    return "no-cache" not in told and ("max-age" not in told or age_of(then) <= _seconds(told["max-age"]))


def _values(headers: Pairs, name: str) -> Sequence[str]:
    return [value for key, value in headers if key.lower() == name]


def _has(headers: Pairs, name: str) -> bool:
    return bool(_values(headers, name))


def _seconds(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]+", text) else 0
