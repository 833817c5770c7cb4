"""The recorded steps of one conversation. Peers write it while they act; reports and replays are made from it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from graders.core.models.evidence import MOST, kept_bytes, kept_value
from graders.core.models.finding import Mismatch
from graders.core.text import Text

#: Who acts when it is the program itself and not one of the grader's peers.
PROGRAM = "P"

#: Bytes that the program sent which are kept of a whole story, whatever the number of its steps.
_MOST_OF_ALL = 2**20

#: Steps in which the grader says something to the program.
SENT = ("send", "stdin", "offers")


@dataclass
class Step:
    """One thing that one side did. ``kind``: see docs/architecture.md, "Stories"; ``more``: what that kind needs."""

    number: int
    actor: str
    kind: str
    label: Text | None = None
    data: bytes | None = None
    value: Any = None
    more: dict[str, Any] = field(default_factory=dict)

    def to_json(self, keep: int | None = None, most: int = MOST) -> dict[str, Any]:
        """As a JSON value; data beyond ``keep`` bytes is cut in the middle and the omission counted.

        None keeps whole what a replay script has to send; of what the program sent, which may be a flood, ``most``.
        """
        if self.kind not in SENT:
            keep = min(MOST if keep is None else keep, most)
        return {
            "n": self.number,
            "actor": self.actor,
            "kind": self.kind,
            "label": self.label.to_json() if self.label else None,
            "data": None if self.data is None else kept_bytes(self.data, keep),
            "value": kept_value(self.value),
            **self.more,
        }


class Story:
    """Steps in the order in which they happened; threads of one conversation may write to it together."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.mismatch: Mismatch | None = None
        self.failed_step: int | None = None
        self.picture: bytes | None = None  # of what is wrong, where it can be seen: a PNG file
        self.held = 0  # bytes that all peers together have received and not judged yet
        self._lock = threading.Lock()

    def add(
        self,
        actor: str,
        kind: str,
        *,
        data: bytes | None = None,
        value: Any = None,
        label: Text | None = None,
        **more: Any,
    ) -> Step:
        with self._lock:
            step = Step(len(self.steps) + 1, actor, kind, label, data, value, more)
            self.steps.append(step)
            return step

    def fail(self, mismatch: Mismatch, step: Step | None = None) -> None:
        """Mark the step (default: the last) at which the conversation goes wrong."""
        self.mismatch = mismatch
        self.failed_step = step.number if step else (self.steps[-1].number if self.steps else None)

    def to_json(self, setup: dict[str, Any], keep: int | None = 4096) -> dict[str, Any]:
        found = self.mismatch
        most = max(64, _MOST_OF_ALL // max(1, len(self.steps)))
        return {
            "setup": setup,
            "steps": [step.to_json(keep, most) for step in self.steps],
            "failed_step": self.failed_step,
            "wanted": found.wanted.to_json() | {"python": found.python, "event": found.event} if found else None,
            "got": _got(found) if found else None,
            "first_difference": found.first_difference if found else None,
            "note": found.note.to_json() if found and found.note else None,
        }


def _got(found: Mismatch) -> dict[str, Any]:
    """The program's side of a finding, without what is too much for any report."""
    side = found.got.to_json()
    if found.got.data is not None and len(found.got.data) > MOST:
        side["bytes"] = kept_bytes(found.got.data, at=found.first_difference)
    return side | {"value": kept_value(found.got.value)}
