"""What a chat client's lines say, against what it was told to say (lesson 21.6). No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graders.core.models.chat_events import Event, event_of, line, split_lines
from graders.core.models.finding import Ending, Mismatch, Side
from graders.core.text import Text

#: The keys of what a client says, besides ``type``.
_KEYS = {"join": "name", "message": "text"}

#: A text that is longer is told in a replay script by its length, its beginning and its end.
_READABLE = 2000


@dataclass(frozen=True)
class Lines:
    """Exactly these lines, in this order: a stream oracle. Extra keys are allowed, spelling is free."""

    wanted: tuple[Event, ...]

    def complete(self, data: bytes | bytearray) -> bool:
        return data.count(b"\n") >= len(self.wanted)

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        lines, rest = split_lines(data)
        found = None
        for number, wanted in enumerate(self.wanted):
            if number == len(lines):
                found = _missing(wanted, rest)
                break
            if found := _judge_line(wanted, lines[number]):
                break
        if found is None and (len(lines) > len(self.wanted) or rest):
            found = "chat_client.says_too_much"
        if found is None:
            return None
        return Mismatch(
            Side(data=b"".join(line(event) for event in self.wanted)),
            Side(data=data) if data else Side(_ENDED.get(ending, _NOTHING)),
            diagnosis=found,
            note=Text("空格、键的顺序和转义可以不同", "spaces, the order of keys and escapes may differ"),
            python=self.python(),
        )

    def python(self) -> str:
        """The judgement as an expression over ``got``, for the replay script."""
        tests = " and ".join(_test(event, f"lines[{number}]") for number, event in enumerate(self.wanted))
        count = len(self.wanted) + 1
        split = "got.split(b'\\n')"
        return f"(lambda lines: len(lines) == {count} and not lines[-1] and {tests})({split})"


_NOTHING = Text("什么也没有来", "nothing came")
_ENDED = {Ending.END: Text("连接被关闭", "the connection was closed"), Ending.RESET: Text("连接被重置", "it was reset")}


def _missing(wanted: Event, rest: bytes) -> str:
    """Why there is no line: nothing came, or its end is missing."""
    if not rest:
        return "chat_client.says_nothing"
    return "chat_client.no_line_end" if not _judge_line(wanted, rest) else "chat_client.sends_in_part"


def _judge_line(wanted: Event, data: bytes) -> str | None:
    """The diagnosis of what is wrong with a line, None for nothing."""
    kind = wanted["type"]
    key = _KEYS.get(kind)
    try:
        said = event_of(data)
    except ValueError:
        text = str(wanted.get("text", ""))
        raw = "\n" in text and data.rstrip(b"\r").endswith(text.partition("\n")[0].encode())
        return "chat_client.newline_in_text" if raw else "chat_client.not_json"
    if said.get("type") != kind:
        return "chat_client.wrong_line"
    if key is None or said.get(key) == wanted[key]:
        return None
    return f"chat_client.{key}_altered" if isinstance(said.get(key), str) else "chat_client.wrong_line"


def _test(wanted: Event, name: str) -> str:
    tests = [f"json.loads({name})['type'] == {wanted['type']!r}"]
    key = _KEYS.get(wanted["type"])
    if key is not None:
        tests.append(_same(f"json.loads({name})[{key!r}]", wanted[key]))
    return " and ".join(tests)


def _same(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) <= _READABLE:
        return f"{name} == {value!r}"
    head, tail = value[:40], value[-40:]
    return f"len({name}) == {len(value)} and {name}.startswith({head!r}) and {name}.endswith({tail!r})"


#: In JSON these are escaped; of the other characters that str.splitlines() takes for line ends some are not.
_NO_LINE_ENDS = {ord("\n"): None, ord("\r"): None}


def judge_event(wanted: Event, keys: tuple[str, ...], got: Any) -> tuple[str, str] | None:
    """(diagnosis, right answer as Python) where what receive() returned is not the event, else None."""
    tests = [f"got.get('type') == {wanted['type']!r}", *(_same(f"got[{key!r}]", wanted[key]) for key in keys)]
    python = " and ".join(["isinstance(got, dict)", *tests])
    if got is None:
        told = f"{wanted.get('name', '')}{wanted.get('text', '')}"
        other_ends = len(told.translate(_NO_LINE_ENDS).splitlines()) > 1
        return "chat_client.other_line_ends" if other_ends else "chat_client.event_lost", python
    if not isinstance(got, dict):
        return "chat_client.no_dict", python
    if got.get("type") != wanted["type"]:
        return "chat_client.other_event", python
    for key in keys:
        if got.get(key) != wanted[key]:
            return "chat_client.event_altered", python
    return None


@dataclass(frozen=True)
class Leaves:
    """The client says leave, or just ends the connection; what it says before that does not matter."""

    def complete(self, data: bytes | bytearray) -> bool:
        return _says_leave(bytes(data))

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        if _says_leave(data) or ending in (Ending.END, Ending.RESET):
            return None
        words = Text("leave，或者连接关闭", "leave, or the connection ends")
        got = Side(data=data) if data else Side(Text("什么也没有发生", "nothing happens"))
        python = "ending in ('end', 'reset') or b'\"leave\"' in got"
        return Mismatch(Side(words), got, diagnosis="chat_client.stays", python=python)


def _says_leave(data: bytes) -> bool:
    return any(_type_of(each) == "leave" for each in split_lines(data)[0])


@dataclass(frozen=True)
class SaysText:
    """Among whatever the client says there is a message with one of these texts.

    ``apart``: what was typed in turn, and never belongs into one message.
    """

    texts: tuple[str, ...]
    apart: tuple[str, ...] = ()

    def complete(self, data: bytes | bytearray) -> bool:
        return any(text in self.texts for text in self._said(data))

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        if self.complete(data):
            return None
        wanted = Side(data=line({"type": "message", "text": self.texts[-1]}))
        got = Side(data=data) if data else Side(_ENDED.get(ending, _NOTHING))
        texts = "{json.loads(line).get('text') for line in got.split(b'\\n')[:-1]}"
        together = self.apart and any(all(part in said for part in self.apart) for said in self._said(data))
        diagnosis = "chat_gui.not_emptied" if together else "chat_gui.not_sent"
        return Mismatch(wanted, got, diagnosis=diagnosis, python=f"{texts} & {set(self.texts)!r}")

    @staticmethod
    def _said(data: bytes | bytearray) -> list[str]:
        return [text for each in split_lines(data)[0] if isinstance(text := _text_of(each), str)]


def _type_of(data: bytes) -> Any:
    try:
        return event_of(data).get("type")
    except ValueError:
        return None


def _text_of(data: bytes) -> Any:
    try:
        said = event_of(data)
    except ValueError:
        return None
    return said.get("text") if said.get("type") == "message" else None
