"""What of a program's bytes and values is kept as evidence: all that a person looks at, and never a flood.

A finding shows where things differ; a program that sends or returns megabytes must not fill the report, or the grader's
memory, with them. No I/O.
"""

from __future__ import annotations

import math
from typing import Any

from graders.sandbox import Foreign

Json = Any

#: Bytes, or characters, kept of what is longer.
MOST = 64 * 1024

#: Bytes kept behind a first difference, and how far back it may be.
_AROUND, _FARTHEST = 1024, 2**20

#: Parts kept of a list, dict or tuple, all levels together, and levels.
_MOST_PARTS, _MOST_LEVELS = 2_000, 50


def kept_bytes(data: bytes, most: int | None = MOST, at: int | None = None) -> dict[str, Json]:
    """Data as a JSON value without the middle of what is too long; an offset ``at`` in its first mebibyte stays."""
    if most is None or len(data) <= most:
        return {"hex": data.hex(), "bytes": len(data), "omitted": 0, "omitted_at": None}
    head = most // 2
    if at is not None and at + _AROUND <= _FARTHEST:
        head = max(head, at + _AROUND)
    tail = min(most - most // 2, len(data) - head)
    kept = data[:head] + data[len(data) - tail :]
    return {"hex": kept.hex(), "bytes": len(data), "omitted": len(data) - len(kept), "omitted_at": head}


def kept_value(value: Any) -> Json:
    """Any value, decoded or as it came, as JSON of bounded size; with the tags of sandbox/inside/encode.py."""
    if isinstance(value, Foreign):
        return _text(value.repr)
    return _Keeper().keep(value, 0)


class _Keeper:
    def __init__(self) -> None:
        self.left = _MOST_PARTS

    def keep(self, value: Any, level: int) -> Json:
        self.left -= 1
        if self.left < 0 or level > _MOST_LEVELS:
            return {"$": "object", "type": type(value).__name__, "repr": "…"}
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int):
            return value if value.bit_length() <= 64 else {"$": "int", "hex": hex(value)[:MOST]}
        if isinstance(value, float):
            return value if math.isfinite(value) else {"$": "float", "repr": repr(value)}
        if isinstance(value, bytes):
            return {"$": "bytes", "hex": value[:MOST].hex()}
        if isinstance(value, Foreign):
            return {"$": "object", "type": value.type, "repr": _text(value.repr)}
        if isinstance(value, list):
            return self.items(value, level)
        if isinstance(value, tuple):
            return {"$": "tuple", "items": self.items(value, level)}
        if isinstance(value, dict):
            return self.pairs(value, level)
        return {"$": "object", "type": type(value).__name__, "repr": _text(repr(value))}

    def items(self, value: list[Any] | tuple[Any, ...], level: int) -> list[Json]:
        kept = [self.keep(item, level + 1) for item in value[: max(0, self.left)]]
        if len(kept) < len(value):
            kept.append({"$": "object", "type": "…", "repr": f"… {len(value) - len(kept)} …"})
        return kept

    def pairs(self, value: dict[Any, Any], level: int) -> Json:
        if isinstance(value.get("$"), str) and isinstance(value.get("hex"), str):
            return {"$": value["$"], "hex": value["hex"][: 2 * MOST]}  # still as it came; the marks of a cut are no hex
        some = list(value.items())[: max(0, self.left)]
        if all(isinstance(key, str) for key in value):
            return {_text(key): self.keep(item, level + 1) for key, item in some}
        return {"$": "dict", "pairs": [[self.keep(key, level + 1), self.keep(item, level + 1)] for key, item in some]}


def _text(text: str) -> str:
    if len(text) <= MOST:
        return text
    return f"{text[: MOST // 2]} … {len(text) - MOST} … {text[-MOST // 2 :]}"
