"""The vocabulary of the lesson's chat (21.6): events and the keys that count, lines, names. No I/O.

One JSON object a line over TCP, one a text message over WebSocket. An event is compared by the keys that the contract
names: extra keys, the order of keys, white space between them and the escaping of characters are the sender's own.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from graders.core.models.json_text import json_value

#: What a server says and a client asks; values are what JSON has.
Event = Mapping[str, Any]

#: The keys that count in what a server says, besides ``type``. An error's ``reason`` is any string.
KEYS: dict[str, tuple[str, ...]] = {
    "join": ("name",),
    "message": ("name", "text"),
    "leave": ("name",),
    "error": (),
    "direct": ("name", "to", "text"),  # these two over WebSocket only
    "push": ("text",),
}

#: A name has from 1 to so many characters once it is stripped.
LONGEST_NAME = 32

#: A client's line of at most ``TAKEN`` bytes is taken; one that reaches ``REFUSED`` without its end is refused. What
#: lies between (the contract says 65,536 and not what exactly is counted) is not tried.
TAKEN, REFUSED = 65_000, 66_000

#: A client that pauses for a second is not dropped while it is owed fewer bytes than this.
MOST_OWED = 1_000_000

#: What a server may add to a line besides the keys that count: extra keys, white space, the line's end.
_ADDED = 400


# -- what a server says ------------------------------------------------------------------------------------------------


def joined(name: str) -> dict[str, Any]:
    return {"type": "join", "name": name}


def said(name: str, text: str) -> dict[str, Any]:
    return {"type": "message", "name": name, "text": text}


def left(name: str) -> dict[str, Any]:
    return {"type": "leave", "name": name}


def refused(reason: str = "…") -> dict[str, Any]:
    """An error, in any words."""
    return {"type": "error", "reason": reason}


# -- what a client asks ------------------------------------------------------------------------------------------------


def join(name: Any) -> dict[str, Any]:
    return {"type": "join", "name": name}


def message(text: Any) -> dict[str, Any]:
    return {"type": "message", "text": text}


def leave() -> dict[str, Any]:
    return {"type": "leave"}


# -- comparing ---------------------------------------------------------------------------------------------------------


def same_event(wanted: Event, got: Event) -> bool:
    """Whether ``got`` is the event ``wanted`` by the keys that count."""
    kind = wanted["type"]
    if got.get("type") != kind:
        return False
    if kind == "error":
        return isinstance(got.get("reason"), str)
    return all(key in got and got[key] == wanted[key] for key in KEYS[kind])


def counted(event: Event) -> dict[str, Any]:
    """What counts of an event of a known type, as far as it is there."""
    return {key: event[key] for key in ("type", *KEYS[event["type"]]) if key in event}


def key_of(event: Event) -> tuple[Any, ...]:
    """What counts of an event, hashable as far as the event is one of the contract's; ``same_event`` as equality.

    ValueError for what is no event: an unknown type, a key that is missing or no string.
    """
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in KEYS:
        raise ValueError(f"type {kind!r}")
    values = [event.get(key) for key in (KEYS[kind] if kind != "error" else ("reason",))]
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{kind} without its keys")
    return (kind, *values) if kind != "error" else (kind,)


# -- lines -------------------------------------------------------------------------------------------------------------


def line(event: Any, *, escaped: bool = False, compact: bool = False, end: bytes = b"\n") -> bytes:
    """A value as one line of JSON; ``escaped``: ASCII only, ``compact``: no spaces; ``end``: the line's end.

    A lone surrogate is always escaped: UTF-8 has no other way to say it.
    """
    separators = (",", ":") if compact else None
    text = json.dumps(event, ensure_ascii=escaped, separators=separators)
    try:
        return text.encode() + end
    except UnicodeEncodeError:
        return json.dumps(event, separators=separators).encode() + end


def most_bytes(events: Sequence[Event]) -> int:
    """What lines of a server's may take at most: it may write any character of a string as ``\\uXXXX``."""
    strings = [word for event in events for pair in event.items() for word in pair]
    return sum(6 * len(word.encode("utf-16-le", "surrogatepass")) // 2 + 4 for word in strings) + _ADDED * len(events)


def split_lines(data: bytes | bytearray) -> tuple[list[bytes], bytes]:
    """The whole lines in a stretch of a stream, without their ends, and the rest that has no end yet.

    Only a line feed ends a line: U+2028, a form feed and the other ends that ``splitlines`` knows are text.
    """
    *lines, rest = bytes(data).split(b"\n")
    return lines, rest


def event_of(data: bytes) -> dict[str, Any]:
    """The object on a line, which may end in a carriage return. ValueError, with the reason, where there is none."""
    value = json_value(data)
    if not isinstance(value, dict):
        raise ValueError("no JSON object")
    return value


# -- names -------------------------------------------------------------------------------------------------------------


def name_of(asked: Any) -> str | None:
    """The name under which ``asked`` joins, None where it is a bad one. Whether it is taken is the room's matter."""
    if not isinstance(asked, str):
        return None
    name = asked.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        return None
    return None if any(unicodedata.category(character) == "Cc" for character in name) else name
