"""Oracles of what a chat client sees: the next lines of its stream against what it must have seen. No I/O.

A *course* says which events may come next; ``Sees`` reads lines until the course is run, or cannot be run any more, and
takes no byte of what comes behind. Lines of a type that the chat does not know are skipped, except as the very first
line: the contract does not forbid them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from graders.core.models.chat_events import Event, counted, event_of, key_of, line, refused, same_event
from graders.core.models.finding import Ending, Mismatch, PartOracle, Side, first_difference
from graders.core.text import Text

#: What may come over TCP; other types are none of the chat's. Over WebSocket two more may come.
KINDS: tuple[str, ...] = ("join", "message", "leave", "error")
SOCKET_KINDS: tuple[str, ...] = (*KINDS, "direct", "push")

Kinds = tuple[str, ...]

#: Lines of other types beyond this are a flood.
MOST_SKIPPED = 1000

#: An expression longer than this carries a digest of what is wanted.
_SHOWN = 2000

#: The events of a stream as comparable lists, in Python for the replay script.
_EVENTS = (
    "[[e['type'], e.get('name'), [e.get('to'), e.get('text')] if e['type'] == 'direct' else"
    " e.get('text') if e['type'] in ('message', 'push') else None] for e in json_lines({data})"
    " if e.get('type') in {counted}]"
)
_ERRORS = "sum(e.get('type') == 'error' and isinstance(e.get('reason'), str) for e in json_lines(got))"

#: The diagnosis when an event does not come, or comes though nothing led to it, by its type.
_MISSING = {kind: f"chat.no_{kind}" for kind in KINDS} | {
    "direct": "websocket.no_direct",
    "push": "websocket.no_push",
}
_UNWANTED = {kind: f"chat.unwanted_{kind}" for kind in KINDS} | {
    "direct": "websocket.direct_to_others",
    "push": "websocket.push_to_strangers",
}


class Course(Protocol):
    """What may come, step by step."""

    @property
    def done(self) -> bool:
        """Whether all that must come has come."""

    def takes(self, event: Event) -> bool:
        """Go on by one event; False when it may not come now."""

    @property
    def settled(self) -> bool:
        """Whether an end of the connection is forgiven now."""

    @property
    def chance(self) -> bool:
        """Whether several clients act at the same time: going wrong once does not mean going wrong again."""

    def due(self) -> list[Event]:
        """Events one of which must come next, none when it is done."""

    def all(self) -> list[Event]:
        """Everything that must come, as evidence."""

    def python(self, *, part: bool, kinds: Kinds = KINDS) -> str:
        """An expression over ``got`` for the replay script; ``part``: the events may break off anywhere."""


class InOrder:
    """These events in this order; errors among them at any place, as nothing says where.

    ``perhaps``: what may come besides, at any place, and need not; what has come is taken out of the list.
    """

    chance = False

    def __init__(self, wanted: Iterable[Event], *, perhaps: list[Event] | None = None) -> None:
        self.wanted = list(wanted)
        self.events = [event for event in self.wanted if event["type"] != "error"]
        self.errors = len(self.wanted) - len(self.events)
        self.perhaps = perhaps if perhaps is not None else []
        self.optional = list(self.perhaps)
        self.at = 0
        self.erred = 0

    @property
    def done(self) -> bool:
        return self.at == len(self.events) and self.erred >= self.errors

    @property
    def settled(self) -> bool:
        return self.erred >= self.errors

    def takes(self, event: Event) -> bool:
        if event.get("type") == "error" and self.erred < self.errors:
            self.erred += 1
            return isinstance(event.get("reason"), str)
        if self.at < len(self.events) and same_event(self.events[self.at], event):
            self.at += 1
            return True
        for other in self.perhaps:
            if same_event(other, event):
                self.perhaps.remove(other)
                return True
        return False

    def due(self) -> list[Event]:
        error = [event for event in self.wanted if event["type"] == "error"][self.erred :]
        return self.events[self.at : self.at + 1] + error[:1]

    def all(self) -> list[Event]:
        return self.wanted

    def python(self, *, part: bool, kinds: Kinds = KINDS) -> str:
        mine = _events("got", kinds)
        errors = f"{self.errors} <= {_ERRORS} <= {self.errors + sum(e['type'] == 'error' for e in self.optional)}"
        if others := [event for event in self.optional if event["type"] != "error"]:
            left_out = [_listed(event) for event in others]
            mine = f"[e for e in {mine} if e not in {left_out!r}]"
        return f"{_equal(mine, self.events, part=part)} and {errors}"


class Alike(InOrder):
    """The order in which ``other`` saw the last ``count`` events; for ``newcomer`` from its own join on."""

    chance = True

    def __init__(self, wanted: Iterable[Event], other: str, count: int, newcomer: str | None = None) -> None:
        super().__init__(wanted)
        self.other = other
        self.count = count
        self.newcomer = newcomer

    def python(self, *, part: bool, kinds: Kinds = KINDS) -> str:
        """In the replay the order is another one: it is compared with what ``other`` has seen there."""
        mine = f"(mine := {_events('got', kinds)})"
        theirs = _events(f"seen[{self.other!r}]", kinds) + f"[-{self.count}:]"
        if part:
            return f"{theirs}[:len({mine})] == mine"
        if self.newcomer is not None:
            return f"{theirs}[-len({mine}):] == mine and mine[0] == {['join', self.newcomer, None]!r}"
        return f"{mine} == {theirs}"


class Mixed:
    """What several clients caused at the same time: each one's events in its order, mixed in any way."""

    def __init__(self, causes: Mapping[str | None, Sequence[Event]] | Mapping[str, Sequence[Event]]) -> None:
        """By the name in the events; of pushes, which have none, None."""
        self.causes: dict[str | None, list[Event]] = {name: list(events) for name, events in causes.items()}
        self.at = dict.fromkeys(self.causes, 0)

    @property
    def done(self) -> bool:
        return all(self.at[name] == len(events) for name, events in self.causes.items())

    settled = done

    @property
    def chance(self) -> bool:
        return len(self.causes) > 1

    def takes(self, event: Event) -> bool:
        name = event.get("name")
        if not isinstance(name, str | None) or name not in self.causes:
            return False
        at, events = self.at[name], self.causes[name]
        if at == len(events) or not same_event(events[at], event):
            return False
        self.at[name] += 1
        return True

    def due(self) -> list[Event]:
        return [event for name, events in self.causes.items() for event in events[self.at[name] :][:1]]

    def all(self) -> list[Event]:
        return [event for events in self.causes.values() for event in events]

    def python(self, *, part: bool, kinds: Kinds = KINDS) -> str:
        data = _events("got", kinds)
        causes = sorted(self.causes.items(), key=lambda item: item[0] or "")
        parts = [_equal(f"[e for e in {data} if e[1] == {name!r}]", events) for name, events in causes]
        return " and ".join([*parts, f"{_ERRORS} == 0"])


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
            return self.suspect or "chat.stays_open"
        if self.suspect:
            return self.suspect
        if ending in (Ending.END, Ending.RESET):
            return "chat.hangs_up"
        due = self.course.due()
        return _MISSING.get(due[0]["type"]) if due else None

    def _of_wrong_line(self, found: bytes) -> str | None:
        try:
            event = event_of(found)
        except ValueError:
            return "chat.not_json"
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
        if self.suspect:
            return self.suspect
        if self.first and not self.events and kind != "error" and due and due[0]["type"] == "join":
            return "chat.join_not_first"
        if kind == "message":
            if any(other["type"] == "message" and other["text"] == key[2] for other in due):
                return "chat.wrong_name"
            if any(other["type"] == "message" and other["name"] == key[1] for other in due) and key not in _keys(
                self.course.all()
            ):
                return "chat.wrong_text"
        if any(other["type"] == kind for other in due) and kind in ("join", "leave"):
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


def _events(data: str, kinds: Kinds) -> str:
    return _EVENTS.format(data=data, counted=tuple(kind for kind in kinds if kind != "error"))


def _listed(event: Event) -> list[Any]:
    """An event as the expressions have it."""
    text = event.get("text")
    return [event["type"], event.get("name"), [event["to"], text] if event["type"] == "direct" else text]


def _equal(expression: str, events: Iterable[Event], *, part: bool = False) -> str:
    """That the list which ``expression`` is says these events; long ones each as the beginning of a digest."""
    wanted: list[Any] = [_listed(event) for event in events]
    if len(repr(wanted)) > _SHOWN:
        wanted = [hashlib.sha256(json.dumps(each).encode()).hexdigest()[:16] for each in wanted]
        digest = "__import__('hashlib').sha256(json.dumps(e).encode()).hexdigest()[:16]"
        expression = f"[{digest} for e in {expression}]"
    return f"{wanted!r}[:len(mine := {expression})] == mine" if part else f"{expression} == {wanted!r}"
