"""How values and calls are told to a person: as Python would write them, on one harmless line.

Standard library only, no I/O: part of every replay script.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from graders.core.replay.characters import printable, width
from graders.core.replay.octets import Piece, take

Json = Any
Text = Mapping[str, str]


def pick(text: Text | None, lang: str) -> str:
    """The one language of a text in two; the other one where this one is missing."""
    if not text:
        return ""
    return text.get(lang) or text.get("en") or text.get("zh") or ""


def value_text(value: Json) -> str:
    """A recorded value (JSON, or {"$": kind, …} for what JSON has not) as Python would write it."""
    if isinstance(value, Mapping):
        if "$" in value:
            with contextlib.suppress(
                KeyError, TypeError, ValueError
            ):  # a program may return what only looks like a tag
                return _tagged(value)
        return "{" + ", ".join(f"{key!r}: {value_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(value_text(item) for item in value) + "]"
    return repr(value)


def _tagged(value: Mapping[str, Json]) -> str:
    kind = value["$"]
    if kind == "bytes":
        return repr(bytes.fromhex(value["hex"]))
    if kind == "tuple":
        items = [value_text(item) for item in value["items"]]
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    if kind == "file":
        return f"Path({value['name']!r})" if value.get("path") else repr(value["name"])
    if kind in ("python", "class"):
        return printable(str(value["name"]))
    if kind == "object":
        return printable(str(value.get("repr") or f"<{value.get('type')}>"))
    if kind in ("float", "int"):
        return str(value["repr" if kind == "float" else "hex"])
    if kind == "str":
        return repr(bytes.fromhex(value["hex"]).decode("utf-8", "surrogatepass"))
    if kind == "dict":
        return "{" + ", ".join(f"{value_text(k)}: {value_text(v)}" for k, v in value["pairs"]) + "}"
    raise ValueError(kind)


def squeeze(text: str, lang: str, room: int = 180) -> str:
    """The text within about `room` columns: a long one loses its middle, and says how much."""
    if len(text) <= 4 * room and width(text) <= room:
        return text
    head = "".join(p.shown or "" for p in take([Piece(c, 1) for c in text[:room]], room * 2 // 3))
    tail = "".join(p.shown or "" for p in take([Piece(c, 1) for c in text[: -room - 1 : -1]], room // 3))[::-1]
    left_out = len(text) - len(head) - len(tail)
    note = f" … 省略 {left_out:,} 个字符 … " if lang == "zh" else f" … {left_out:,} characters omitted … "
    return head + note + tail


def raised_text(raised: Mapping[str, Json]) -> str:
    message = printable(str(raised.get("message") or ""))
    return f"{printable(str(raised.get('type')))}{': ' if message else ''}{message}"


def call_text(step: Mapping[str, Json]) -> str:
    """`client.receive(buffer_size=1)`, as one would type it."""
    arguments = [value_text(argument) for argument in step.get("args") or []]
    arguments += [f"{name}={value_text(value)}" for name, value in (step.get("kwargs") or {}).items()]
    owner = f"{variable(step['target'])}." if step.get("target") else ""
    result = f"{variable(step.get('as') or step['name'])} = " if step.get("new") else ""
    return f"{result}{owner}{step['name']}({', '.join(arguments)})"


def start_text(step: Mapping[str, Json]) -> str:
    """`TCPServer(host='127.0.0.1', port=8888).start()`; for a WSGI application its name and port."""
    arguments = dict(step.get("kwargs") or {})
    if step.get("app"):
        port = arguments.pop("port", "?")
        arguments.pop("host", None)
        made = call_text({"name": step["app"], "kwargs": arguments}) if step.get("factory") else step["app"]
        return f"{made} (:{port})"
    return f"{call_text({'name': step.get('class'), 'kwargs': arguments})}.{step.get('method')}()"


def sources_of(kwargs: Mapping[str, Json]) -> list[str]:
    """The code of the grader's own functions among the arguments, line by line."""
    tagged = [value for value in kwargs.values() if isinstance(value, Mapping) and value.get("$") == "python"]
    sources = dict.fromkeys(str(value["source"]) for value in tagged if str(value["source"]).startswith("def "))
    return [printable(row) for source in sources for row in source.strip().split("\n")]


def variable(cls: str) -> str:
    """A name for an instance of the class: `client` for TCPClient, `client2` for TCPClient 2."""
    cls, _, number = cls.partition(" ")
    for ending in ("Client", "Server"):
        if cls.endswith(ending):
            return ending.lower() + number
    return cls.lower() + number


def seconds_text(seconds: float, lang: str) -> str:
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} 毫秒" if lang == "zh" else f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} 秒" if lang == "zh" else f"{seconds:.1f} s"
