"""How what was wanted and what came are put side by side.

Standard library only, no I/O: part of every replay script.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from graders.core.replay.characters import printable, width, wrap
from graders.core.replay.octets import Octets, difference, octets, show
from graders.core.replay.values import Json, pick, raised_text, squeeze, value_text


class Line(NamedTuple):
    """One line for a person, and what it is (step, failed, wanted, got, caret, note): sinks colour by it."""

    kind: str
    text: str


def compare(wanted: Mapping[str, Json] | None, got: Mapping[str, Json] | None, lang: str, columns: int) -> list[Line]:
    """What was wanted, what came, and a caret under the first difference."""
    want_word, got_word = ("期望  ", "实际  ") if lang == "zh" else ("wanted  ", "got     ")
    wanted, got = wanted or {}, got or {}
    lines: list[Line] = []
    room = columns - width(want_word)
    wanted_bytes, got_bytes = _bytes_of(wanted), _bytes_of(got)
    if wanted_bytes is not None and got_bytes is not None and wanted_bytes != got_bytes:
        shown = difference(wanted_bytes, got_bytes, lang, room)
    else:
        shown = ("\n".join(_plain(wanted, lang, room)), "\n".join(_plain(got, lang, room)), "")
    for word, kind, text, side in ((want_word, "wanted", shown[0], wanted), (got_word, "got", shown[1], got)):
        told = pick(side.get("text"), lang)
        parts = [*(wrap(printable(told), room) if told else []), *(text.split("\n") if text else [])]
        if not parts:
            continue
        lines.append(Line(kind, word + parts[0]))
        lines += [Line(kind, " " * width(word) + part) for part in parts[1:]]
    if shown[2]:
        lines.append(Line("caret", " " * width(want_word) + shown[2]))
    return lines


def _bytes_of(side: Mapping[str, Json]) -> Octets | None:
    data = side.get("bytes")
    if data is not None:
        return Octets(bytes.fromhex(data)) if isinstance(data, str) else octets(data)
    value = side.get("value")
    return Octets(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else None


def _plain(side: Mapping[str, Json], lang: str, room: int) -> list[str]:
    if side.get("bytes") is not None:
        data = _bytes_of(side)
        return [part for row in show(data, lang).split("\n") for part in wrap(row, room)] if data else []
    if side.get("raised"):
        return wrap(squeeze(raised_text(side["raised"]), lang), room)
    # A sentence says it all where there is one; null beside it is no value.
    if "value" in side and (side["value"] is not None or not side.get("text")):
        return wrap(printable(squeeze(value_text(side["value"]), lang)), room)
    return []
