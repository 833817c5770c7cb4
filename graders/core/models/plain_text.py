"""Oracles of text that passes as it is (lesson 21.2.1.2): what a client sends on the wire, what it hands out of it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graders.core.models.echo import BOM
from graders.core.models.finding import Ending, Mismatch, Side, first_difference
from graders.core.text import Text

#: Beyond this many bytes a finding names sizes instead of showing the text.
LONG = 256 * 1024


@dataclass(frozen=True)
class TextOf:
    """A stream oracle: exactly this text arrives as UTF-8; ``or_line``: with or without a line end behind it."""

    text: str
    or_line: bool = False
    suspect: str | None = None  # the diagnosis when (the rest of) it does not come
    sure: bool = False  # … and when something else comes

    @cached_property
    def wanted(self) -> bytes:
        return self.text.encode()

    def complete(self, data: bytes | bytearray) -> bool:
        if len(data) >= len(self.wanted):
            return True
        # Megabytes come in thousands of reads: they are only counted, and compared once at the end.
        return len(self.wanted) <= LONG and (bool(data) and not self.wanted.startswith(data))

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        if data == self.wanted or (self.or_line and data in (self.wanted + b"\n", self.wanted + b"\r\n")):
            return None
        missing = self.wanted.startswith(data)
        if len(self.wanted) > LONG:
            return self._in_short(data)
        return Mismatch(
            wanted=Side(data=self.wanted),
            got=Side(data=data),
            first_difference=first_difference(self.wanted, data),
            diagnosis=(self.suspect if missing or self.sure else None) or explain(self.text, data),
        )

    def _in_short(self, data: bytes) -> Mismatch:
        """For megabytes: the numbers tell more than the bytes, which the story has anyway."""
        at = first_difference(self.wanted, data)
        sizes = (len(self.wanted), len(data))
        wanted, got = (Text(f"{size:,} 字节", f"{size:,} bytes") for size in sizes)
        note = Text(f"从第 {at} 个字节起不同", f"different from byte {at} on")
        return Mismatch(
            wanted=Side(wanted),
            got=Side(got),
            diagnosis=self.suspect or ("text.truncated" if len(data) < len(self.wanted) else "text.altered"),
            note=note,
            python=f"len(got) == {len(self.wanted)}",
        )


def text_of(text: str, *, or_line: bool = False, suspect: str | None = None, sure: bool = False) -> TextOf:
    return TextOf(text, or_line, suspect, sure)


def explain(text: str, got: bytes) -> str:
    """The diagnosis code that names the likeliest mistake when ``got`` arrives in place of ``text``."""
    words = got.decode("utf-8", "replace")
    encodings = ("gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
    if text and any(got.startswith(text[:1].encode(name)) for name in encodings) and words[:1] != text[:1]:
        return "text.not_utf8"
    return explain_words(text, words)


def explain_words(text: str, words: str) -> str:
    """The same for decoded text; ``words`` may be all or only the beginning of what will come."""
    near_misses = (
        (words != text and words.removeprefix(BOM) == text.removeprefix(BOM), "text.byte_order_mark"),
        ("\ufffd" in words and "\ufffd" not in text, "text.split_character"),
        (words == "", "text.nothing"),
        (words != text and words in (text.strip(), text.lstrip(), text.rstrip()), "text.stripped"),
        (text.startswith(words), "text.truncated"),
        (words.startswith(text) or words.endswith(text), "text.too_much"),
        (len(words) < len(text) and _drops_beyond_ascii(text, words), "text.split_character"),
        (len(words) < len(text) and folded(words) != folded(text), "text.truncated"),
    )
    return next((code for fits, code in near_misses if fits), "text.altered")


def folded(text: str) -> str:
    """What is left of a text when case, line ends and the composition of accents do not count."""
    return unicodedata.normalize("NFKC", "".join(text.splitlines())).casefold()


def _drops_beyond_ascii(text: str, words: str) -> bool:
    """True when ``words`` is ``text`` less some characters beyond ASCII, as decode(errors='ignore') makes it."""
    rest = iter(text)
    for wanted in words:
        for have in rest:
            if have == wanted:
                break
            if have.isascii():
                return False
        else:
            return False
    return all(not have.isascii() for have in rest)


@dataclass(frozen=True)
class Finding:
    """What is wrong with a piece of text that a call returned."""

    diagnosis: str
    wanted: Any  # a value that would have been right
    python: str  # an expression over ``got`` that is true for every right value


def judge_piece(rest: str, piece: Any) -> Finding | None:
    """Judge what receive() returned while ``rest`` was to come: any beginning of it that is not empty is right."""
    if isinstance(piece, str) and piece and rest.startswith(piece):
        return None
    code = {
        piece is None: "client.none_for_text",
        isinstance(piece, bytes): "client.bytes_for_text",
        piece == "": "client.end_too_early",
        isinstance(piece, str) and piece != "": explain_words(rest, piece) if isinstance(piece, str) else "",
    }.get(True, "client.no_text")
    shown = rest if len(rest) <= 4096 else rest[:4096]
    return Finding(code, rest, f"isinstance(got, str) and got != '' and {shown!r}.startswith(got)")
