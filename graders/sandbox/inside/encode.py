"""Values on the channel between a driver and the grader: JSON, and tagged objects for what JSON cannot say.

A tag is an object with the key "$": bytes {"hex"}, tuple {"items"}, dict {"pairs"}, float {"repr"}, int {"hex"},
str {"hex"} (UTF-8 with surrogates), object {"type", "repr", "bases"}, class {"name", "bases"}. Towards the driver also
handle {"handle"} and python {"source", "name"}.
Never pickle: what comes out of a sandbox is hostile.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable
from typing import Any

_MAX_REPR = 2000
_MAX_DEPTH = 60
_MAX_BITS = 8192  # a longer int is described
_MAX_NAME = 300
_MAX_NODES = 300_000
_DESCRIBED = 50  # nodes that a description counts as: it takes so much longer than a number

#: Containers in outline.
_OUTLINE = reprlib.Repr()
_OUTLINE.maxlevel = 4
_OUTLINE.maxtuple = _OUTLINE.maxlist = _OUTLINE.maxdict = _OUTLINE.maxset = _OUTLINE.maxfrozenset = 20
_OUTLINE.maxstring = _OUTLINE.maxother = 200


def encode(value: object) -> Any:
    """A value as JSON with tags. Anything unknown becomes its type and a repr of at most 2,000 characters."""
    return _Encoder().encode(value, 0)


class _Encoder:
    def __init__(self) -> None:
        self.nodes = 0
        self.above: set[int] = set()  # the containers we are inside of: a list may contain itself

    def encode(self, value: object, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > _MAX_NODES:
            raise ValueError("the value has too many parts")
        if value is None or value is True or value is False:
            return value
        if isinstance(value, type):
            return {"$": "class", "name": type_name(value), "bases": base_names(value)}
        if isinstance(value, str):
            return _text(str.__str__(value))
        if (
            isinstance(value, int) and int.bit_length(value) <= _MAX_BITS
        ):  # IntEnum members such as http.HTTPStatus.OK are their numbers
            number = int.__index__(value)
            return number if -(2**63) <= number < 2**64 else {"$": "int", "hex": hex(number)}
        if isinstance(value, float):
            number_ = float.__float__(value)
            return number_ if math.isfinite(number_) else {"$": "float", "repr": repr(number_)}
        if isinstance(value, (bytes, bytearray)):
            return {"$": "bytes", "hex": bytes(value).hex()}
        if isinstance(value, (list, tuple, dict)) and depth < _MAX_DEPTH and id(value) not in self.above:
            self.above.add(id(value))
            try:
                return self._container(value, depth + 1)
            finally:
                self.above.discard(id(value))
        self.nodes += _DESCRIBED
        return {
            "$": "object",
            "type": type_name(type(value)),
            "repr": short_repr(value),
            "bases": base_names(type(value)),
        }

    def _container(self, value: object, depth: int) -> Any:
        if isinstance(value, list):
            return [self.encode(item, depth) for item in list.__iter__(value)]
        if isinstance(value, tuple):
            return {"$": "tuple", "items": [self.encode(item, depth) for item in tuple.__iter__(value)]}
        assert isinstance(value, dict)
        pairs = [(self.encode(key, depth), self.encode(item, depth)) for key, item in dict.items(value)]
        if all(isinstance(key, str) and key != "$" for key, _ in pairs):
            return dict(pairs)
        return {"$": "dict", "pairs": [list(pair) for pair in pairs]}


def decode(value: Any, other: Callable[[dict[str, Any]], Any]) -> Any:
    """The value back again; `other` makes something of the tags that have no value here, or raises ValueError."""
    if isinstance(value, list):
        return [decode(item, other) for item in value]
    if not isinstance(value, dict):
        return value
    if "$" not in value:
        return {key: decode(item, other) for key, item in value.items()}
    tag = value["$"]
    try:
        if tag == "bytes":
            return bytes.fromhex(value["hex"])
        if tag == "tuple":
            return tuple(decode(item, other) for item in value["items"])
        if tag == "dict":
            return {decode(key, other): decode(item, other) for key, item in value["pairs"]}
        if tag == "float":
            return float(value["repr"])
        if tag == "int":
            return int(value["hex"][: _MAX_BITS // 4 + 3], 16)
        if tag == "str":
            return bytes.fromhex(value["hex"]).decode("utf-8", "surrogatepass")
    except (KeyError, TypeError) as error:
        raise ValueError(f"malformed {tag} value") from error
    return other(value)


def type_name(kind: type) -> str:
    """`ValueError`, `http.client.HTTPResponse`: a type's name, with its module unless that is builtins."""
    module = getattr(kind, "__module__", "")
    name = str(getattr(kind, "__qualname__", kind))[:_MAX_NAME]
    return name if module in ("builtins", None, "") else f"{module}.{name}"[: 2 * _MAX_NAME]


def base_names(kind: type) -> list[str]:
    """The names of the types that it is, itself first."""
    return [type_name(base) for base in type.mro(kind)][:50] if kind is not type else ["type", "object"]


def short_repr(value: object) -> str:
    """repr() that never raises and is never long; the program's own __repr__ may do anything.

    A container inside of which others nest is told in outline: repr() of a list of lists may take for ever.
    """
    try:
        text = _OUTLINE.repr(value) if type(value) in (list, tuple, dict, set, frozenset) else repr(value)
    except BaseException as error:
        text = f"<{type_name(type(value))}: its repr raised {type_name(type(error))}>"
    return text[:_MAX_REPR].encode("utf-8", "backslashreplace").decode("utf-8")


def _text(value: str) -> Any:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return {"$": "str", "hex": value.encode("utf-8", "surrogatepass").hex()}
    return value
