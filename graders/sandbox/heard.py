"""What a driver may say on its channel, checked where it comes in: everything behind this trusts the shape of it.

A submission lives in the driver's process and can write to the channel what it likes. It must not be able to make the
grader stumble (what stumbles counts as the grader's fault, and costs nobody marks) nor to fill its memory.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

#: An event, or anything but the answer to a call, is never longer; a call may return 8 MiB of text with escapes.
MAX_SHORT, MAX_LINE = 2**22, 64 * 2**20
MAX_EVENT = 2048

#: Values, and levels of them, in one message. The encoder stops far below both.
MAX_PARTS, MAX_DEPTH = 2_000_000, 250

_MAX_NAME, _MAX_MESSAGE, _MAX_TRACEBACK = 2_000, 40_000, 200_000

Json = Any


class Nonsense(Exception):
    """No driver says this: the submission has tampered with the channel."""


@dataclass(frozen=True)
class Asked:
    """What of a command decides what its answer must have."""

    do: str
    reads: frozenset[str] = frozenset()
    keeps: bool = False

    @classmethod
    def of(cls, command: dict[str, Any]) -> Asked:
        return cls(str(command.get("do")), frozenset(command.get("read") or ()), bool(command.get("keep")))


def parse(line: bytes) -> dict[str, Json]:
    """One line as a JSON object of bounded size and depth, without NaN, infinities and lone surrogates."""
    if _parts(line) > MAX_PARTS:
        raise Nonsense("a line on the grader's channel has too many parts")
    try:
        message = json.loads(line, parse_constant=_no_constant)
        _walk(message)
    except (ValueError, RecursionError):
        raise Nonsense("a line on the grader's channel is not JSON") from None
    if not isinstance(message, dict):
        raise Nonsense("a line on the grader's channel is not an object")
    return message


def event(message: dict[str, Json], size: int) -> dict[str, Json]:
    """An event with the keys that it has, and no others."""
    kinds = _EVENTS.get(message["event"]) if isinstance(message["event"], str) else None
    if kinds is None or size > MAX_EVENT:
        raise Nonsense("an event that no driver reports")
    return {"event": message["event"], **{key: _as(kind, message.get(key)) for key, kind in kinds.items()}}


def answer(message: dict[str, Json], asked: Asked, size: int) -> dict[str, Json]:
    """An answer with everything that this command's answers have."""
    if size > (MAX_LINE if asked.do == "call" else MAX_SHORT):
        raise Nonsense("an answer that is too long")
    found = {"id": message["id"]}
    known = _ANSWERS.get(asked.do, {}) | ({"handle": _count} if asked.keeps else {})
    if "raised" in message:
        found["raised"] = raised(message["raised"])
    for key, kind in known.items():
        if key in message:
            found[key] = _as(kind, message[key])
        elif "raised" not in found and key not in _OPTIONAL:
            raise Nonsense(f"an answer without {key!r}")
    if "raised" not in found and set(found.get("reads", {})) != asked.reads:
        raise Nonsense("an answer to other questions")
    return found


def raised(found: Json) -> dict[str, Json]:
    """An exception, as inside/raised.py tells it."""
    if not isinstance(found, dict):
        raise Nonsense("an exception without its parts")
    return {key: _as(kind, found.get(key)) for key, kind in _RAISED.items()}


# --- kinds of values: a function that returns the value or raises Nonsense


Kind = Callable[[Json], bool]


def _as(kind: Kind | Callable[[Json], dict[str, Json]], value: Json) -> Json:
    found = kind(value)
    if isinstance(found, dict):
        return found
    if not found:
        raise Nonsense("a part of an answer that no driver sends")
    return value


def _text(most: int) -> Kind:
    return lambda value: isinstance(value, str) and len(value) <= most


def _number(value: Json) -> bool:
    return type(value) in (int, float) and 0 <= value < 1e9


def _count(value: Json) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _names(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and len(item) <= _MAX_NAME for item in value)


def _anything(value: Json) -> bool:
    return True


def _reads(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Nonsense("readings without names")
    found = {}
    for path, part in value.items():
        if not isinstance(part, dict) or not ("value" in part or "raised" in part):
            raise Nonsense("a reading without a value")
        found[path] = {"value": part["value"]} if "value" in part else {"raised": raised(part["raised"])}
    return found


def _changed(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("args"), list) and isinstance(value.get("kwargs"), dict)


def _or_none(kind: Kind) -> Kind:
    return lambda value: value is None or kind(value)


_RAISED: dict[str, Kind] = {
    "type": _text(_MAX_NAME),
    "bases": _texts,
    "message": _text(_MAX_MESSAGE),
    "file": _or_none(_text(_MAX_NAME)),
    "line": _or_none(_count),
    "traceback": _text(_MAX_TRACEBACK),
}

_EVENTS: dict[str, dict[str, Kind]] = {
    "listening": {"host": _text(_MAX_NAME), "port": _count, "transport": _text(_MAX_NAME)},
    "serving": {"handle": _count},
}

_ANSWERS: dict[str, dict[str, Any]] = {
    "import": {"names": _names, "sockets": _count, "threads": _count, "processes": _count, "seconds": _number},
    "new": {"handle": _count},
    "call": {"value": _anything, "seconds": _number, "reads": _reads, "changed": _changed},
    "get": {"value": _anything},
    "serve": {"returned": _anything, "value": _anything},
    "serve_wsgi": {"returned": _anything, "value": _anything},
}
_OPTIONAL = frozenset({"reads", "changed"})


# --- sizes


_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def _parts(line: bytes) -> int:
    """About the number of values in a line of JSON, counted before it is parsed: 64 MiB of `[],` become 2 GiB."""
    if line.count(b",") + line.count(b"[") + line.count(b"{") > MAX_PARTS:
        line = _STRING.sub(b"", line)
    return line.count(b",") + line.count(b"[") + line.count(b"{")


def _walk(message: Json) -> None:
    """ValueError for what is too deep, or what JSON cannot write again."""
    level: list[Json] = [message]
    for _ in range(MAX_DEPTH):
        below: list[Json] = []
        for value in level:
            if isinstance(value, str):
                value.encode()  # UnicodeEncodeError is a ValueError
            elif isinstance(value, float) and not math.isfinite(value):
                raise ValueError
            elif isinstance(value, dict):
                _encodable(value)
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        if not below:
            return
        level = below
    raise ValueError


def _encodable(keys: Iterable[str]) -> None:
    for key in keys:
        key.encode()


def _no_constant(name: str) -> float:
    raise ValueError(name)
