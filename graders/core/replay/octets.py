"""Bytes as a person reads them: text in quotes or hex, floods without their middle, two sides around a difference.

Nothing is cut without saying how much was left out, and a comparison keeps the first difference in view.
Standard library only, no I/O: part of every replay script.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from graders.core.replay.characters import escape, fit, pad, width


class Octets(NamedTuple):
    """Bytes as a result keeps them: whole, or with `omitted` bytes left out between `head` and `tail`."""

    head: bytes
    omitted: int = 0
    tail: bytes = b""

    @property
    def total(self) -> int:
        return len(self.head) + self.omitted + len(self.tail)


def octets(data: Mapping[str, Any] | Octets | bytes) -> Octets:
    """The bytes of a step: {"hex", "bytes", "omitted", "omitted_at"} in a result document, bytes in a replay."""
    if isinstance(data, Octets):
        return data
    if isinstance(data, bytes):
        return Octets(data)
    kept = bytes.fromhex(data["hex"])
    omitted = int(data.get("omitted") or 0)
    if not omitted:
        return Octets(kept)
    at = data.get("omitted_at")
    at = len(kept) if at is None else int(at)
    return Octets(kept[:at], omitted, kept[at:])


# How much of long data is looked at around a difference.
NEAR = 4096


class Piece(NamedTuple):
    """A few bytes and how they are shown; `shown` is None where `size` bytes are not kept at all."""

    shown: str | None
    size: int


def as_text(data: bytes) -> list[Piece]:
    """Byte by byte what UTF-8 makes of it: characters, and \\xNN for every byte that belongs to none."""
    pieces = []
    marks = 0
    for character in data.decode("utf-8", "surrogateescape"):
        point = ord(character)
        marks = marks + 1 if unicodedata.combining(character) else 0
        if 0xDC80 <= point <= 0xDCFF:
            pieces.append(Piece(f"\\x{point - 0xDC00:02x}", 1))
        elif marks > 2:
            pieces.append(Piece(f"\\u{point:04x}", len(character.encode("utf-8"))))
        else:
            shown = {"\\": "\\\\", '"': '\\"'}.get(character) or escape(character)
            pieces.append(Piece(shown, len(character.encode("utf-8"))))
    return pieces


def as_hex(data: bytes) -> list[Piece]:
    return [Piece(f"{byte:02x} ", 1) for byte in data]


def reads_as_text(data: bytes) -> bool:
    """Whether showing it as text is kinder than hex: at most a third of what is shown would be escapes."""
    if not data:
        return True
    sample = as_text(data[:4096])
    odd = sum(piece.size for piece in sample if piece.shown and piece.shown.startswith(("\\x", "\\u", "\\U", "\\0")))
    if len(data) <= 16:
        return odd == 0
    return odd * 3 <= min(len(data), 4096)


def omission(size: int, lang: str) -> str:
    return f" … 省略 {size:,} 字节 … " if lang == "zh" else f" … {size:,} bytes omitted … "


def show(data: Octets, lang: str, room: int = 240) -> str:
    """The bytes in about `room` columns: text in quotes, or hex; floods lose their middle.

    Text of several lines (an HTTP head, JSON Lines) comes as several quoted lines, as Python would take it.
    """
    if not data.total:
        return "(空)" if lang == "zh" else "(empty)"
    if len(data.head) > 8 * room * 3 and not data.omitted:
        keep = 4 * room * 3  # more than can be shown of either end
        data = Octets(data.head[:keep], len(data.head) - 2 * keep, data.head[-keep:])
    # A character cut by the omission is no sign of binary data.
    text = reads_as_text(data.head) and reads_as_text(data.tail)
    split = as_text if text else as_hex
    pieces = split(data.head)
    if text and b"\n" in data.head[:-1]:
        room = room * 3  # the lines of a head are short, and none of them can be guessed
    if data.omitted:
        pieces = [*pieces, Piece(None, data.omitted), *split(data.tail)]
    quote = '"' if text else ""
    head, left_out, tail = _keep_ends(pieces, room)
    ends = [f"{quote}{_in_lines(end) if text else end.rstrip()}{quote}" for end in (head, tail) if end]
    if not left_out:
        return ends[0]
    return omission(left_out, lang).join(ends) if tail else f"{''.join(ends)}{omission(left_out, lang).rstrip()}"


def _in_lines(shown: str) -> str:
    """Escaped text broken behind every line end that has something behind it."""
    for end in ("\\r\\n", "\\n"):
        if end in shown[: -len(end)]:
            return shown[: -len(end)].replace(end, f'{end}"\n"') + shown[-len(end) :]
    return shown


def _keep_ends(pieces: Sequence[Piece], room: int) -> tuple[str, int, str]:
    """(shown beginning, bytes left out, shown end): all of it when it fits and nothing is missing."""
    if all(piece.shown is not None for piece in pieces):
        whole = "".join(piece.shown or "" for piece in pieces)
        if width(whole) <= room:
            return whole, 0, ""
    head = take(pieces, room * 2 // 3)
    rest = pieces[len(head) :]
    tail = take(rest[::-1], room // 3)[::-1]
    left_out = sum(piece.size for piece in rest[: len(rest) - len(tail)])
    return "".join(p.shown or "" for p in head), left_out, "".join(p.shown or "" for p in tail)


def take(pieces: Iterable[Piece], room: int) -> list[Piece]:
    taken = []
    for piece in pieces:
        if piece.shown is None:
            break
        room -= width(piece.shown)
        if room < 0:
            break
        taken.append(piece)
    return taken


def difference(wanted: Octets, got: Octets, lang: str, room: int) -> tuple[str, str, str]:
    """Both sides around the first difference, one line each, and the line with the caret below them.

    As text where the text tells it; as hex with the text beside it where characters would mislead (broken UTF-8, �,
    look-alikes). Where one of the sides ends, the caret stands behind its last byte.
    """
    wanted, got, base = _around(wanted, got)
    needs_hex = not (_is_clear(wanted) and _is_clear(got))
    left, right = _pieces(wanted, as_text), _pieces(got, as_text)
    at = _first_difference(left, right)
    if needs_hex or _looks_the_same(left[at:], right[at:]):
        needs_hex = True
        left, right = _pieces(wanted, as_hex), _pieces(got, as_hex)
        at = _first_difference(left, right)
    offset = base + sum(piece.size for piece in left[:at])
    around = min(room * 3 // 5, 48) if needs_hex else room - 6
    start = at
    budget = around // 2
    while start and left[start - 1].shown is not None and budget >= width(left[start - 1].shown or ""):
        start -= 1
        budget -= width(left[start].shown or "")
    if needs_hex and (start or base):
        while start < at and (left[start].shown or "")[0] in "89ab":  # not in the middle of a character
            start += 1
    skipped = sum(piece.size for piece in left[:start])
    lead = "… " if start or base else ""
    windows = [_window(pieces[start:], around) for pieces in (left, right)]
    if needs_hex:
        column = max(width(shown) for shown, _ in windows) + 3
        sides = [_slice(data, skipped, used) for data, (_, used) in zip((wanted, got), windows, strict=True)]
        texts = ["".join(piece.shown or "" for piece in as_text(side)) for side in sides]
        lines = [
            f"{lead}{pad(shown, column)}{fit(text, room - width(lead) - column)}".rstrip()
            for (shown, _), text in zip(windows, texts, strict=True)
        ]
    else:
        lines = [f'{lead}"{shown}' for shown, _ in windows]
    if not right[at:] and at == start:
        lines[1] = lead + ("(没有了)" if lang == "zh" else "(nothing more)")
    column = width(lead) + (0 if needs_hex else 1) + sum(width(piece.shown or "") for piece in left[start:at])
    mark = "^^" if needs_hex else "^"
    if at == len(right):
        said = f"少了从第 {offset + 1:,} 个字节起的部分" if lang == "zh" else f"missing from byte {offset + 1:,} on"
    elif at == len(left):
        said = f"从第 {offset + 1:,} 个字节起是多余的" if lang == "zh" else f"too much from byte {offset + 1:,} on"
    else:
        said = f"从第 {offset + 1:,} 个字节起不同" if lang == "zh" else f"differs from byte {offset + 1:,} on"
    if column + width(mark) + 1 + width(said) <= room:
        caret = " " * column + f"{mark} {said}"
    else:
        caret = " " * max(0, column - width(said) - 1) + f"{said} {mark}"
    return lines[0], lines[1], caret


def _around(wanted: Octets, got: Octets) -> tuple[Octets, Octets, int]:
    """Of long data what lies around the first difference, and how many bytes lie before that."""
    base = 0
    same = _common(wanted.head, got.head)
    if same > NEAR // 2:
        base = same - NEAR // 2
        while base and wanted.head[base] & 0xC0 == 0x80:  # not in the middle of a character
            base -= 1
    return _from(wanted, base), _from(got, base), base


def _from(data: Octets, base: int) -> Octets:
    head = data.head[base : base + 2 * NEAR]
    left_out = len(data.head) - base - len(head)
    return Octets(head, left_out + data.omitted + len(data.tail)) if left_out else Octets(head, data.omitted, data.tail)


def _common(one: bytes, other: bytes) -> int:
    """The length of the longest common beginning, by halving: comparing slices is fast, comparing bytes is not."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _pieces(data: Octets, split: Callable[[bytes], list[Piece]]) -> list[Piece]:
    pieces = split(data.head)
    if data.omitted:
        pieces = [*pieces, Piece(None, data.omitted), *split(data.tail)]
    return pieces


def _is_clear(data: Octets) -> bool:
    text = (data.head + data.tail).decode("utf-8", "replace")
    return "\ufffd" not in text


def _looks_the_same(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Whether a reader would see no difference in what follows: the same characters composed otherwise."""

    def folded(pieces: Sequence[Piece]) -> str:
        return unicodedata.normalize("NFKC", "".join(piece.shown or "" for piece in pieces[:40]))

    mine, other = folded(left), folded(right)
    # The windows end at different places in the text: leave their ends out of it.
    size = min(len(mine), len(other)) - (8 if len(left) > 40 else 0)
    return bool(mine) and bool(other) and mine[:size] == other[:size]


def _first_difference(left: Sequence[Piece], right: Sequence[Piece]) -> int:
    at = 0
    for mine, other in zip(left, right, strict=False):
        if mine != other:
            break
        at += 1
    return at


def _window(pieces: Sequence[Piece], room: int) -> tuple[str, int]:
    """As many pieces as fit (said if there are more) and how many bytes they are."""
    taken = take(pieces, room)
    shown = "".join(piece.shown or "" for piece in taken)
    left = sum(piece.size for piece in pieces[len(taken) :])
    if any((piece.shown or "").endswith(" ") and len(piece.shown or "") == 3 for piece in taken[:1]):
        closing = ""
    else:
        closing = '"'
    return shown.rstrip() + closing + (" …" if left else ""), sum(piece.size for piece in taken)


def _slice(data: Octets, start: int, size: int) -> bytes:
    if start < len(data.head) or not data.omitted:
        return data.head[start : start + size]
    start -= len(data.head) + data.omitted
    return data.tail[max(0, start) : max(0, start) + size]
