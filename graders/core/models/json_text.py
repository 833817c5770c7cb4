"""JSON that a program sent, as a value of bounded size: it may be made to exhaust its reader (RFC 8259 §9)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

#: No answer of the contract is longer: a form of 100 KB comes back with every character escaped.
MOST = 4 * 2**20

#: Levels of nesting; far above any answer, far below what makes Python's own recursion fail.
DEEPEST = 100


def json_value(data: bytes) -> Any:
    """The value. ValueError, with the reason, for what is no JSON text in UTF-8 or too much of it."""
    if len(data) > MOST:
        raise ValueError(f"{len(data):,} bytes are too many")
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    level = [value]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below.extend(each.values())
            elif isinstance(each, list):
                below.extend(each)
        if not below:
            return value
        level = below
    raise ValueError("nested too deeply")


def same_json(one: Any, other: Any) -> bool:
    """Equal as JSON values: 1 and 1.0 are the same number, true is not 1 (in Python it is)."""
    return _alike(one, other, lambda a, b: bool(a == b) and isinstance(a, bool) == isinstance(b, bool))


def identical_json(one: Any, other: Any) -> bool:
    """Written alike as JSON, but for the order of members: 1, 1.0 and true are three."""
    return _alike(one, other, lambda a, b: type(a) is type(b) and bool(a == b))


def _alike(one: Any, other: Any, same: Callable[[Any, Any], bool]) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key], same) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_alike(*pair, same) for pair in zip(one, other, strict=True))
    return same(one, other)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
