"""Text on a terminal: what may be printed, how wide it is, where a line may break.

Everything that came over a wire or out of a submission is hostile: `printable` leaves nothing that could move a cursor,
change a colour or turn the reading direction. Standard library only, no I/O: part of every replay script.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def escape(character: str) -> str:
    """One character as it may be printed: itself, or a visible \\-escape when it is not a harmless printable one."""
    if character == "\u3000" or character.isprintable():
        return character
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}.get(character)
    if named:
        return named
    point = ord(character)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def printable(text: str) -> str:
    """The text on one line without anything that a terminal would obey; stacks of accents are cut down to two."""
    shown: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        shown.append(f"\\u{ord(character):04x}" if marks > 2 else escape(character))
    return "".join(shown)


def width(text: str) -> int:
    """The columns that the text takes on a terminal: two for a wide East Asian character, none for an accent."""
    if text.isascii():
        return len(text)
    columns = 0
    for character in text:
        if not unicodedata.combining(character):
            columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def pad(text: str, columns: int) -> str:
    """The text with spaces behind it up to that many columns."""
    return text + " " * (columns - width(text))


def fit(text: str, columns: int) -> str:
    """The text cut to that many columns, with … where something is missing."""
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > columns - 1:
            break
        kept += character
    return kept.rstrip() + "…"


# Where a line may not begin (Chinese typesetting): a closing mark goes with what it closes.
NOT_FIRST = frozenset("，。、；：！？）」』】》…—,.;:!?)]}”’'\"")
NOT_LAST = frozenset("（「『【《([{“‘'\"")


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most that many columns: broken at spaces, between Chinese characters, or anywhere in a long word."""
    lines = [""]
    for word in _words(text):
        if width(lines[-1]) + width(word.rstrip()) <= columns:
            lines[-1] += word
            continue
        if lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        for character in word.lstrip():
            if width(lines[-1] + character) > columns:
                lines.append("")
            lines[-1] += character
    lines[-1] = lines[-1].rstrip()
    return lines


def _words(text: str) -> Iterable[str]:
    """The pieces between which a line may break; spaces belong to the piece before them."""
    word = ""
    for character in text:
        breakable = word and (
            (word[-1] == " " and character != " ")
            or (width(character) == 2 and character not in NOT_FIRST and word[-1] not in NOT_LAST)
            or (width(word[-1]) == 2 and word[-1] not in NOT_LAST and character not in NOT_FIRST and character != " ")
        )
        if breakable:
            yield word
            word = ""
        word += character
    if word:
        yield word
