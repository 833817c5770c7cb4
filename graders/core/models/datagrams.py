"""Oracles of UDP (lesson 21.2.2): what a peer receives are datagrams, whole and apart from each other.

The echo server answers each with one, prefix and text, to its sender; the client sends each text as one.

Answers may come in any order, and UDP may deliver what was sent before: an oracle looks for the wanted datagrams among
those that came. Whether anything else came is asked where nothing else may come (``alone``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from graders.core.models.echo import PREFIX, PREFIX_BYTES
from graders.core.models.finding import Mismatch, Side, first_difference
from graders.core.text import Text

#: What may come too many, or late after something that was not wanted. No right program sends either, so that this
#: can be short without being unfair.
LINGER_UNITS = 0.1


#: An empty datagram has come, for the replay script.
EMPTY = "ending == 'complete' and not got"


@dataclass(frozen=True)
class Found:
    """A finding against one of the datagrams."""

    index: int
    mismatch: Mismatch


@dataclass(frozen=True)
class Quiet:
    """Something has not come."""

    wanted: Side
    diagnosis: str
    got: Side | None = None

    @property
    def python(self) -> str | None:
        """For the replay script: silence has no bytes either, and must not be taken for the empty datagram."""
        return EMPTY if self.wanted.data == b"" else None


class DatagramsOracle(Protocol):
    """Judges the datagrams that one peer received."""

    def complete(self, got: Sequence[bytes]) -> bool:
        """True when nothing that may still arrive can change the judgement."""

    def units(self, got: Sequence[bytes]) -> float:
        """The patience, in units, that the next datagram is worth."""

    def judge(self, got: Sequence[bytes]) -> Found | Quiet | None:
        """The finding for everything that arrived, None when it is right."""


def answer_to(text: bytes) -> bytes:
    return PREFIX_BYTES + text


@dataclass(frozen=True)
class Answers:
    """The answers to ``sent``, all of them.

    ``before`` was sent and answered earlier by the same sender; what ``late`` asked may still be answered.
    """

    sent: tuple[bytes, ...]
    before: tuple[bytes, ...] = ()
    late: tuple[bytes, ...] = ()
    others: tuple[bytes, ...] = ()  # what other senders sent: answers to that must not come here
    alone: bool = False  # nothing but these answers may come
    silence: str = "udp.no_answer"  # the diagnosis when nothing comes

    @cached_property
    def _wanted(self) -> Counter[bytes]:
        return Counter(map(answer_to, self.sent))

    def _strange(self, data: bytes) -> bool:
        return data not in self._wanted and data not in map(answer_to, self.late)

    def complete(self, got: Sequence[bytes]) -> bool:
        return not self.alone and not self.others and not self._missing(got)

    def units(self, got: Sequence[bytes]) -> float:
        if not self._missing(got):
            return LINGER_UNITS if self.alone else 0.0
        return LINGER_UNITS if any(map(self._strange, got)) else 1.0

    def _missing(self, got: Sequence[bytes]) -> Counter[bytes]:
        return self._wanted - Counter(got)

    def judge(self, got: Sequence[bytes]) -> Found | Quiet | None:
        foreign = {answer_to(text) for text in self.others} - set(self._wanted)
        for index, data in enumerate(got):
            if data in foreign:
                return self._found(index, got, "udp.foreign_answer")
        missing = self._missing(got)
        strange = next((index for index, data in enumerate(got) if self._strange(data)), None)
        if missing and strange is not None:
            return self._found(strange, got, None)
        if missing:
            return self._quiet(missing, got)
        if self.alone and len(got) > len(self.sent):
            counts: Counter[bytes] = Counter()
            for index, data in enumerate(got):
                counts[data] += 1
                if counts[data] > self._wanted[data]:
                    repeated = data in self._wanted or data in map(answer_to, self.before)
                    return self._surplus(index, data, "udp.duplicate_answer" if repeated else "udp.extra_datagram")
        return None

    def _quiet(self, missing: Counter[bytes], got: Sequence[bytes]) -> Quiet:
        wanted = Side(data=next(iter(missing)))
        if len(self.sent) == 1:
            return Quiet(wanted, self.silence)
        count = len(self.sent) - missing.total()
        total = len(self.sent)
        words = Text(f"{total} 个回答只来了 {count} 个", f"{count} of {total} answers came")
        return Quiet(wanted, self.silence, Side(words))

    def _found(self, index: int, got: Sequence[bytes], diagnosis: str | None) -> Found:
        wanted = next(iter(self._missing(got)), None)
        if wanted is None:
            return self._surplus(index, got[index], diagnosis or "udp.extra_datagram")
        text = wanted[len(PREFIX_BYTES) :]
        code = diagnosis or explain(text, got[index], got[index:], self.before)
        difference = first_difference(wanted, got[index])
        return Found(index, Mismatch(Side(data=wanted), Side(data=got[index]), code, difference))

    def _surplus(self, index: int, data: bytes, diagnosis: str) -> Found:
        wanted = Side(Text("不再有数据报", "no further datagram"))
        return Found(index, Mismatch(wanted, Side(data=data), diagnosis, event="silence"))


@dataclass(frozen=True)
class AnyAnswer:
    """Something comes back, whatever it is."""

    silence: str = "udp.no_answer"

    def complete(self, got: Sequence[bytes]) -> bool:
        return bool(got)

    def units(self, got: Sequence[bytes]) -> float:
        return 1.0

    def judge(self, got: Sequence[bytes]) -> Quiet | None:
        return None if got else Quiet(Side(Text("一个数据报", "a datagram")), self.silence)


@dataclass(frozen=True)
class Sent:
    """A client sent ``text`` as one datagram; ``before`` is what it sent earlier.

    ``strict``: it is the first to arrive; else it only has to be among those that come.
    """

    text: bytes
    before: tuple[bytes, ...] = ()
    strict: bool = True
    silence: str = "udp.nothing_sent"

    def complete(self, got: Sequence[bytes]) -> bool:
        return self.text in got

    def units(self, got: Sequence[bytes]) -> float:
        return LINGER_UNITS if got and self.strict else 1.0

    def judge(self, got: Sequence[bytes]) -> Found | Quiet | None:
        if not got or (not self.strict and self.text not in got):
            return Quiet(Side(data=self.text), self.silence)
        if got[0] == self.text or not self.strict:
            return None
        difference = first_difference(self.text, got[0])
        python = None if self.text else EMPTY
        return Found(
            0, Mismatch(Side(data=self.text), Side(data=got[0]), self._explain(got), difference, python=python)
        )

    def _explain(self, got: Sequence[bytes]) -> str:
        first = got[0]
        text = self.text.decode("utf-8", "replace")
        near_misses = (
            (first in self.before, "udp.sent_twice"),
            (self.text in got, "udp.extra_datagram"),
            (bool(first) and _in_pieces(self.text, got), "udp.split"),
            (len(self.text) >= 64 and self.text.startswith(first), "udp.sent_truncated"),
            (
                any(first == text.encode(name, "replace") for name in ("gb18030", "utf-16", "utf-16-be")),
                "text.not_utf8",
            ),
        )
        return next((code for fits, code in near_misses if fits), "udp.sent_altered")


@dataclass(frozen=True)
class NothingMore:
    """By now everything has been sent, and has been seen; ``before`` is what was."""

    before: tuple[bytes, ...] = ()
    surplus: str = "udp.extra_datagram"  # the diagnosis for anything else

    def complete(self, got: Sequence[bytes]) -> bool:
        return bool(got)

    def units(self, got: Sequence[bytes]) -> float:
        return 0.0

    def judge(self, got: Sequence[bytes]) -> Found | None:
        if not got:
            return None
        code = "udp.sent_twice" if got[0] in self.before else self.surplus
        wanted = Side(Text("不再有数据报", "no further datagram"))
        return Found(0, Mismatch(wanted, Side(data=got[0]), code, event="silence"))


def explain(text: bytes, datagram: bytes, following: Sequence[bytes], before: Sequence[bytes] = ()) -> str:
    """The diagnosis code that names the likeliest mistake behind a wrong answer to ``text``."""
    answer = answer_to(text)
    wanted = answer.decode("utf-8", "replace")
    words = datagram.decode("utf-8", "replace")
    body = words.removeprefix(PREFIX)
    plain = text.decode("utf-8", "replace")
    other_encodings = [PREFIX.encode(name) for name in ("gb18030", "utf-16", "utf-16-be")]
    shortened = words.rstrip("\ufffd")
    near_misses = (
        (any(datagram.startswith(prefix) for prefix in other_encodings), "text.not_utf8"),
        (len(following) > 1 and _in_pieces(answer, following), "udp.split"),
        (datagram == text, "echo.no_prefix"),
        (bool(text) and not words.startswith(PREFIX) and words.endswith(plain), "echo.other_prefix"),
        (len(text) >= 64 and len(shortened) < len(wanted) and wanted.startswith(shortened), "udp.truncated"),
        (body != plain and body in (plain.strip(), plain.lstrip(), plain.rstrip()), "echo.stripped"),
        (body != plain and body in ("\n".join(plain.splitlines()), plain.rstrip("\r\n")), "echo.stripped"),
        (bool(before) and body != plain and body.endswith(plain), "udp.stale_text"),
        (not words.startswith(PREFIX), "echo.other_prefix"),
    )
    return next((code for fits, code in near_misses if fits), "udp.altered")


def _in_pieces(answer: bytes, following: Sequence[bytes]) -> bool:
    """Whether the answer came as several datagrams, one behind the other."""
    together = b"".join(following)
    return together.startswith(answer) and not following[0].startswith(answer)


def explain_received(wanted: str, got: object) -> str:
    """The diagnosis code for what a client's receive() returned in place of the answer ``wanted``."""
    if got is None:
        return "udp.answer_not_received"
    if not isinstance(got, str):
        return "udp.answer_is_no_text"
    if len(got) < len(wanted) and len(wanted) >= 100 and wanted.startswith(got.rstrip("\ufffd")):
        return "udp.answer_truncated"
    return "udp.answer_altered"
