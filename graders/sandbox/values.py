"""The grader's side of the values that a driver sends: decoded where they have a value here, named where not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graders.sandbox.inside.encode import decode as _decode
from graders.sandbox.inside.encode import encode


@dataclass(frozen=True)
class Foreign:
    """An object that lives in the subject: its type, all types that it is, and its repr (cut to 2,000)."""

    type: str
    repr: str
    bases: tuple[str, ...] = field(default=(), compare=False)
    is_class: bool = False


def decode(value: Any) -> Any:
    """What a driver's `value` means: JSON, bytes, tuples, …; Foreign for everything else. ValueError if malformed."""
    return _decode(value, _foreign)


def _foreign(tagged: dict[str, Any]) -> Foreign:
    bases = tuple(str(base) for base in tagged.get("bases", ()))
    if tagged["$"] == "object":
        return Foreign(str(tagged.get("type")), str(tagged.get("repr")), bases)
    if tagged["$"] == "class":
        return Foreign(str(tagged.get("name")), f"<class {tagged.get('name')}>", bases, is_class=True)
    raise ValueError(f"unknown tag {tagged['$']!r}")


def source(text: str, name: str) -> dict[str, str]:
    """An argument that is made inside the subject: `text` is run there and `name` is what it defined.

    The global name `module` is the submission's module: source("def drop(request): return module.Response(…)", "drop").
    """
    return {"$": "python", "source": text, "name": name}


def handle(number: int) -> dict[str, Any]:
    """An argument that is an object of the subject, by the handle that `new` gave."""
    return {"$": "handle", "handle": number}


__all__ = ["Foreign", "decode", "encode", "handle", "source"]
