"""Courses of a chat: which events may come next in a client's stream, and the same for a replay script. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from graders.core.models.chat_events import Event, same_event

#: What may come over TCP; other types are none of the chat's. Over WebSocket two more may come.
KINDS: tuple[str, ...] = ("join", "message", "leave", "error")
SOCKET_KINDS: tuple[str, ...] = (*KINDS, "direct", "push")

Kinds = tuple[str, ...]

#: An expression longer than this carries a digest of what is wanted.
_SHOWN = 2000

#: The events of a stream as comparable lists, in Python for the replay script.
_EVENTS = (
    "[[e['type'], e.get('name'), [e.get('to'), e.get('text')] if e['type'] == 'direct' else"
    " e.get('text') if e['type'] in ('message', 'push') else None] for e in json_lines({data})"
    " if e.get('type') in {counted}]"
)
_ERRORS = "sum(e.get('type') == 'error' and isinstance(e.get('reason'), str) for e in json_lines(got))"


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


class OneOf:
    """Exactly one of these events, whichever."""

    chance = True

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = list(events)
        self.done = False

    @property
    def settled(self) -> bool:
        return self.done

    def takes(self, event: Event) -> bool:
        taken = not self.done and any(same_event(each, event) for each in self.events)
        self.done = self.done or taken
        return taken

    def due(self) -> list[Event]:
        return [] if self.done else self.events

    def all(self) -> list[Event]:
        return self.events

    def python(self, *, part: bool, kinds: Kinds = KINDS) -> str:
        mine = _events("got", kinds)
        wanted = [
            [[] if event["type"] == "error" else [_listed(event)], event["type"] == "error"] for event in self.events
        ]
        return f"[{mine}, {_ERRORS}] in {[*wanted, *([[[], 0]] if part else [])]!r}"


class Mixed:
    """What several clients caused at the same time: each one's events in its order, mixed in any way."""

    def __init__(self, causes: Mapping[str | None, Sequence[Event]] | Mapping[str, Sequence[Event]]) -> None:
        """By the name in the events; of pushes, which have none, None."""
        self.causes: dict[str | None, list[Event]] = {name: list(events) for name, events in causes.items()}
        self.at = dict.fromkeys(self.causes, 0)
        self._taken: list[Event] = []

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
        self._taken.append(events[at])
        return True

    def due(self) -> list[Event]:
        return [event for name, events in self.causes.items() for event in events[self.at[name] :][:1]]

    def all(self) -> list[Event]:
        """In the order in which they have come, as far as they have."""
        return [*self._taken, *(event for name, events in self.causes.items() for event in events[self.at[name] :])]

    def python(self, *, part: bool, kinds: Kinds = KINDS) -> str:
        data = _events("got", kinds)
        causes = sorted(self.causes.items(), key=lambda item: item[0] or "")
        parts = [_equal(f"[e for e in {data} if e[1] == {name!r}]", events) for name, events in causes]
        return " and ".join([*parts, f"{_ERRORS} == 0"])


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
