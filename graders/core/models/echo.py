"""Oracles of the lesson's echo servers (21.2.1.1, 21.2.2.1): every piece of text comes back behind a prefix."""

from __future__ import annotations

import codecs
import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from graders.core.models.finding import Ending, Mismatch, Side

PREFIX = "已收到您的消息: "
PREFIX_BYTES = PREFIX.encode()

#: The byte order mark, which is a character like any other where text passes unchanged.
BOM = "\ufeff"

#: Beyond this a stream is only counted while it arrives, and read closely once it has ended.
_CLOSE_READING = 64 * 1024

#: Beyond this a replay script's expression holds a digest of the text instead of the text.
_SHOWN = 4096


@dataclass(frozen=True)
class Alignment:
    """How far an answer is a right one."""

    right: int  # bytes of `got` that some right answer begins with
    whole: bool  # got is a whole right answer
    hopeless: bool  # no right answer begins with got


def align(sent: bytes, got: bytes | bytearray) -> Alignment:
    """Compare ``got`` with every right answer: prefix+piece₁+prefix+piece₂…, no piece empty, together ``sent``."""
    if PREFIX_BYTES in sent:
        return _align_ambiguous(sent, got)
    # The prefix has no border (no proper beginning that is also its end), so where it does not occur in the text,
    # its occurrences in the answer are exactly the prefixes, and the answer can be read from left to right.
    at = done = 0
    while True:
        head = got[at : at + len(PREFIX_BYTES)]
        if head != PREFIX_BYTES[: len(head)]:
            return Alignment(at + _common(head, PREFIX_BYTES), False, True)
        if len(head) < len(PREFIX_BYTES):
            return Alignment(len(got), False, False)
        at += len(head)
        following = got.find(PREFIX_BYTES, at)
        piece = got[at:] if following < 0 else got[at:following]
        same = _common(piece, sent[done:])
        if following < 0 and same < len(piece):
            # The end of what came may be the beginning of the next prefix.
            for begun in range(len(piece) - same, min(len(PREFIX_BYTES), len(piece))):
                end = done + len(piece) - begun
                if piece.endswith(PREFIX_BYTES[:begun]) and end < len(sent) and _between_characters(sent, end):
                    return Alignment(len(got), False, False)
            return Alignment(at + same, False, True)
        if same < len(piece) or (not piece and following >= 0):
            return Alignment(at + same, False, True)
        done += len(piece)
        if following >= 0 and not _between_characters(sent, done):
            return Alignment(following, False, True)
        if following < 0:
            return Alignment(len(got), bool(piece) and done == len(sent), False)
        if done == len(sent):
            return Alignment(following, False, True)
        at = following


def _between_characters(data: bytes, at: int) -> bool:
    """False when ``at`` lies inside a character: half a character is no piece of text."""
    return at >= len(data) or data[at] & 0xC0 != 0x80


def _common(one: bytes | bytearray, other: bytes) -> int:
    """Length of the longest common beginning."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    low = 0
    while one[low] == other[low]:
        low += 1
    return low


def _align_ambiguous(sent: bytes, got: bytes | bytearray) -> Alignment:
    """The text contains the prefix itself: follow all readings at once, as a nondeterministic automaton does."""
    pieces: set[int] = set()  # inside a piece: bytes of `sent` that are answered
    prefixes: set[tuple[int, int]] = {(0, 0)}  # inside a prefix: bytes answered, bytes of the prefix seen
    for index, byte in enumerate(got):
        next_pieces: set[int] = set()
        next_prefixes: set[tuple[int, int]] = set()
        for offset, seen in prefixes:
            if seen < len(PREFIX_BYTES):
                if PREFIX_BYTES[seen] == byte:
                    next_prefixes.add((offset, seen + 1))
            elif offset < len(sent) and sent[offset] == byte:
                next_pieces.add(offset + 1)
        for offset in pieces:
            if offset < len(sent) and sent[offset] == byte:
                next_pieces.add(offset + 1)
            if byte == PREFIX_BYTES[0] and offset < len(sent) and _between_characters(sent, offset):
                next_prefixes.add((offset, 1))
        pieces, prefixes = next_pieces, next_prefixes
        if not pieces and not prefixes:
            return Alignment(index, False, True)
    return Alignment(len(got), len(sent) in pieces, False)


@dataclass(frozen=True)
class EchoOf:
    """The stream oracle of tcp_server: ``sent`` must come back, in one piece or several."""

    sent: bytes
    suspect: str | None = None  # the diagnosis when (the rest of) the answer does not come
    others: tuple[str, ...] = ()  # what other clients have sent, not to be seen here

    def complete(self, data: bytes | bytearray) -> bool:
        if len(data) > _CLOSE_READING and PREFIX_BYTES not in self.sent:
            return len(data) - data.count(PREFIX_BYTES) * len(PREFIX_BYTES) >= len(self.sent)
        found = align(self.sent, data)
        return found.whole or found.hopeless

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        found = align(self.sent, data)
        if found.whole:
            return None
        wanted = PREFIX_BYTES + self.sent
        return Mismatch(
            wanted=Side(data=wanted),
            got=Side(data=data),
            first_difference=found.right,
            diagnosis=self._foreign(data)
            or (self.suspect if found.right == len(data) else None)
            or explain(self.sent, data, ending),
            python=self._in_python(),
        )

    def _in_python(self) -> str:
        """An expression over ``got`` for the replay script: the prefix, and behind every character perhaps another."""
        if len(self.sent) > _SHOWN:
            digest = hashlib.sha256(self.sent.replace(PREFIX_BYTES, b"")).hexdigest()
            plain = f"got.replace({PREFIX_BYTES!r}, b'')"
            return (
                f"got.startswith({PREFIX_BYTES!r}) and __import__('hashlib').sha256({plain}).hexdigest() == {digest!r}"
            )
        again = b"(?:" + PREFIX_BYTES + b")?"
        characters = self.sent.decode("utf-8", "replace")
        pattern = f"{PREFIX_BYTES!r} + {again!r}.join(re.escape(each.encode()) for each in {characters!r})"
        return f"re.fullmatch({pattern}, got) is not None"

    def _foreign(self, data: bytes) -> str | None:
        text = self.sent.decode("utf-8", "replace")
        got = data.decode("utf-8", "replace")
        return "echo.foreign_text" if any(other in got and other not in text for other in self.others) else None


def echo_of(text: str | bytes, *, suspect: str | None = None, others: Iterable[str] = ()) -> EchoOf:
    """The oracle for the answer to ``text``; ``suspect`` is the mistake that silence or a close points to here."""
    return EchoOf(text.encode() if isinstance(text, str) else text, suspect, tuple(others))


def explain(sent: bytes, got: bytes, ending: Ending) -> str | None:
    """The diagnosis code that names the likeliest mistake behind a wrong answer, None when nothing fits."""
    text = sent.decode("utf-8", "replace")
    if not got:
        return {
            Ending.SILENCE: "echo.no_answer",
            Ending.RESET: "wire.reset",
            Ending.END: "echo.closed_without_answer",
        }.get(ending)
    words = got.decode("utf-8", "replace")
    body = words.replace(PREFIX, "")
    near_misses = (
        (got.startswith((PREFIX.encode("gb18030"), PREFIX.encode("utf-16"))), "text.not_utf8"),
        (got in (sent, text.encode("gb18030", "replace")), "echo.no_prefix"),
        (not words.startswith(PREFIX) and body.endswith(text), "echo.other_prefix"),
        (body != text and body.removeprefix(BOM) == text.removeprefix(BOM), "text.byte_order_mark"),
        ("\ufffd" in words and "\ufffd" not in text, "echo.split_character"),
        (_drops_cut_characters(sent, body), "echo.split_character"),
        (words.startswith(PREFIX * 2) or words.endswith(PREFIX), "echo.empty_piece"),
        (body != text and body in (text.strip(), text.rstrip(), text.rstrip("\n")), "echo.stripped"),
        (align(sent, got).right == len(got), "echo.truncated"),
        (words.startswith(PREFIX) and body.startswith(text), "echo.too_much"),
        (words.startswith(PREFIX) and len(body) < len(text) and _folded(body) != _folded(text), "echo.truncated"),
        (words.startswith(PREFIX), "echo.altered"),
    )
    return next((code for fits, code in near_misses if fits), None)


def _folded(text: str) -> str:
    """What is left of a text when case, line ends and the composition of accents do not count."""
    return unicodedata.normalize("NFKC", "".join(text.splitlines())).casefold()


def _drops_cut_characters(sent: bytes, body: str) -> bool:
    """True when the answer is the text less some characters beyond ASCII, as decode(errors='ignore') makes it."""
    text = codecs.decode(sent, "utf-8", "replace")
    if len(body) >= len(text) or not body or text.startswith(body):
        return False
    rest = iter(text)
    missing = []
    for wanted in body:
        for have in rest:
            if have == wanted:
                break
            missing.append(have)
        else:
            return False
    missing.extend(rest)
    # What nobody sees (a BOM, a joiner) is dropped on purpose rather than lost.
    return (
        any(character.isprintable() for character in missing)
        and all(ord(character) > 127 for character in missing)
        and body[-1] == text[-1]
    )
