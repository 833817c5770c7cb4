"""Oracles of what a chat client sees: the next lines of its stream against what it must have seen. No I/O.

A *course* (`chat_courses`) says which events may come next; ``Sees`` reads lines until the course is run, or cannot be
run any more, and takes no byte of what comes behind. Lines of a type that the chat does not know are skipped, except as
the very first line: the contract does not forbid them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from graders.core.models.chat_courses import KINDS, Course, InOrder, Kinds
from graders.core.models.chat_events import Event, counted, event_of, key_of, line, refused, same_event
from graders.core.models.finding import Ending, Mismatch, PartOracle, Side, first_difference
from graders.core.text import Text

#: Lines of other types beyond this are a flood.
MOST_SKIPPED = 1000

#: So many bytes of a line tell the beginning of an event: `{"type":`.
_BEGINNING = 8

#: The diagnosis when an event does not come, or comes though nothing led to it, by its type.
_MISSING = {kind: f"chat.no_{kind}" for kind in KINDS} | {
    "direct": "websocket.no_direct",
    "push": "websocket.no_push",
}
_UNWANTED = {kind: f"chat.unwanted_{kind}" for kind in KINDS} | {
    "direct": "websocket.direct_to_others",
    "push": "websocket.push_to_strangers",
}


#: What a join is refused for: when the error has come these have nothing more to say.
_REFUSALS = ("chat.bad_name_accepted", "chat.taken_name_accepted", "chat.join_not_required")


class Sees(PartOracle):
    """The stream oracle of one client.

    ``ends``: behind it the connection ends, which may take the last events with it (an error it may not). ``may_end``:
    it may end before all has come.
    ``kinds``: the types that count. ``before``: what it has seen already, to know a repetition. ``suspect``: what it
    points to here when an event does not come, or comes wrong, and nothing tells more. ``first``: its very first line
    is among these.
    """

    def __init__(
        self,
        course: Course,
        *,
        suspect: str | None = None,
        before: Sequence[Event] = (),
        first: bool = False,
        ends: bool = False,
        may_end: bool = False,
        kinds: Kinds = KINDS,
    ) -> None:
        self.course = course
        self.kinds = kinds
        self.suspect = suspect
        self.before = before
        self.first = first
        self.ends = ends
        self.may_end = may_end
        self.events: list[Event] = []  # those that were right
        self._end = 0  # of the last line that was looked at
        self._skipped = 0
        self._wrong: bytes | None = None  # the first line that was wrong

    def complete(self, data: bytes | bytearray) -> bool:
        self._follow(data)
        return self._wrong is not None or (self.course.done and not self.ends)

    def taken(self, data: bytes | bytearray) -> int:
        """How much of what arrived is judged here; the rest is the next oracle's."""
        return self._end if self.complete(data) else len(data)

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        self._follow(data)
        ended = ending in (Ending.END, Ending.RESET)
        if self._wrong is None and (self.ends or self.may_end) and ended and self.course.settled:
            return None
        if self._wrong is None and not self.ends and self.course.done:
            return None
        rest = b"" if self._wrong is not None else data[self._end :]
        wanted = _shown(self.course.all(), b"")
        got = _shown(self.events, self._wrong if self._wrong is not None else rest)
        code = self._diagnosis(rest, ending)
        python = self._python()
        if self.ends and self._wrong is None and self.course.settled:
            return Mismatch(
                Side(Text("连接结束", "the connection ends"), data=wanted or None),
                Side(Text("连接还开着", "the connection stays open"), data=got or None),
                diagnosis=code,
                python=python,
                chance=self.course.chance,
            )
        return Mismatch(
            Side(data=wanted) if wanted else Side(Text("没有更多的行", "no further line")),
            Side(data=got) if got else Side(_NOTHING[ending]),
            diagnosis=code,
            first_difference=first_difference(wanted, got) if wanted and got else None,
            python=python,
            chance=self.course.chance,
        )

    def _python(self) -> str:
        broken_off = f"{self.course.python(part=True, kinds=self.kinds)} and ending in ('end', 'reset')"
        if self.ends:
            return broken_off
        whole = self.course.python(part=False, kinds=self.kinds)
        return f"({whole}) or ({broken_off})" if self.may_end else whole

    def _follow(self, data: bytes | bytearray) -> None:
        while self._wrong is None and (self.ends or not self.course.done):
            end = data.find(b"\n", self._end)
            if end < 0:
                return
            found = bytes(data[self._end : end])
            self._end = end + 1
            try:
                event = event_of(found)
            except ValueError:
                self._wrong = found
                return
            kind = event.get("type")
            if isinstance(kind, str) and kind not in self.kinds and (self.events or not self.first):
                self._skipped += 1
                if self._skipped <= MOST_SKIPPED:
                    continue
            if not self.course.takes(event):
                self._wrong = found
                return
            self.events.append(counted(event))

    def _diagnosis(self, rest: bytes, ending: Ending) -> str | None:
        if self._wrong is not None:
            return self._of_wrong_line(self._wrong)
        if rest:
            try:
                event_of(rest)
            except ValueError:
                pass
            else:
                return "chat.no_line_end"
        if self.ends and self.course.settled:
            refused = self.suspect in _REFUSALS and any(event["type"] == "error" for event in self.events)
            return "chat.stays_open" if refused else self.suspect or "chat.stays_open"
        due = self.course.due()
        if self.ends and ending is Ending.END and due and due[0]["type"] == "error":
            return "chat.closes_without_error"
        if self.suspect:
            return self.suspect
        if ending in (Ending.END, Ending.RESET):
            return "chat.hangs_up"
        return _MISSING.get(due[0]["type"]) if due else None

    def _of_wrong_line(self, found: bytes) -> str | None:
        try:
            event = event_of(found)
        except ValueError:
            return self.suspect if self.suspect and _run_together(found) else "chat.not_json"
        kind = event.get("type")
        try:
            key = key_of(event)
        except ValueError:
            return "chat.error_without_reason" if kind == "error" else "chat.wrong_keys"
        due = self.course.due()
        if kind == "join" and any(key == ("join", name) for name in _outer_space(due, key[1])):
            return "chat.name_not_stripped"
        if kind == "message" and any(other["type"] == kind and _reshaped(other, key) for other in due):
            return "chat.wrong_text"
        if any(same_event(event, other) for other in self.events[-50:] + list(self.before)[-50:]) and kind != "error":
            return self.suspect or "chat.twice"
        if kind == "error" and self.suspect == "chat.error_ends":
            return "chat.unwanted_error"  # it is served, and has done nothing wrong
        if self.suspect:
            return self.suspect
        if kind == "direct" and any(other["type"] == "error" for other in due):
            return "websocket.direct_to_nobody_taken"
        if self.first and not self.events and kind != "error" and due and due[0]["type"] == "join":
            return "chat.join_not_first"
        if kind == "message":
            if any(other["type"] == "message" and other["text"] == key[2] for other in due):
                return "chat.wrong_name"
            if any(other["type"] == "message" and other["name"] == key[1] for other in due) and key not in _keys(
                self.course.all()
            ):
                return "chat.wrong_text"
        if kind in ("join", "leave") and any(other["type"] == kind for other in due):
            # Of several who act at the same time, that very one may be among those who do something else.
            others = self.course.all() if self.course.chance else due
            if key[1] not in [other.get("name") for other in others if other["type"] != kind]:
                return "chat.wrong_name"
        if any(other["type"] == kind for other in due) and kind in ("direct", "push"):
            return f"websocket.wrong_{kind}"
        if key in _keys(self.course.all()) and kind != "error":
            return "chat.out_of_order"
        return _UNWANTED.get(str(kind))


def in_order(wanted: Iterable[Event], **more: Any) -> Sees:
    """The oracle for exactly these events."""
    return Sees(InOrder(wanted), **more)


_NOTHING = {
    Ending.COMPLETE: Text("什么也没有来", "nothing came"),
    Ending.SILENCE: Text("什么也没有来", "nothing came"),
    Ending.END: Text("连接被关闭", "the connection was closed"),
    Ending.RESET: Text("连接被强行断开", "the connection was reset"),
}


def _run_together(found: bytes) -> bool:
    """Whether the beginning of an event comes once more in the middle of the line: what was between them is lost."""
    return found[:1] == b"{" and found.find(found[:_BEGINNING], _BEGINNING) > 0


def _outer_space(due: Iterable[Event], name: str) -> list[str]:
    """``name``, where it is one that is due but for its outer white space."""
    return [name for event in due if event["type"] == "join" and name != event["name"] == name.strip()]


def _plain(event: Event) -> dict[str, Any]:
    """What counts of an event; of an error, whose words are free, that it has some."""
    if event["type"] != "error":
        return counted(event)
    return refused() if same_event(refused(), event) else dict(event)


def _reshaped(wanted: Event, key: tuple[Any, ...]) -> bool:
    """Whether the message ``key`` is the wanted one but for the white space of its text."""
    _, name, text = key
    return bool(wanted["name"] == name and wanted["text"] != text and wanted["text"].split() == text.split())


def _keys(events: Iterable[Event]) -> set[tuple[Any, ...]]:
    return {key_of(event) for event in events}


def _shown(events: Iterable[Event], rest: bytes) -> bytes:
    """Events by the keys that count, in one way to write them: so that a first difference is one that matters."""
    lines = b"".join(line(_plain(event)) for event in events)
    if not rest:
        return lines
    try:
        return lines + line(_plain(event_of(rest)))
    except (ValueError, KeyError, TypeError):
        return lines + rest
