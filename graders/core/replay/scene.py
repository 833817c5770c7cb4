"""What a replayed story takes place in: the program, the peers, their ports. Part of every replay script.

A port is the recorded one where that is free; where it is not, another takes its place everywhere in the story.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graders.core.replay.calls import Call, Prints
from graders.core.replay.judging import Wanted
from graders.core.replay.messages import HttpMessage
from graders.core.replay.octets import Octets
from graders.core.replay.offers import Offering
from graders.core.replay.pages import Browsing
from graders.core.replay.peers import QUIET, Connection, Listener, WentWrongEarlier, free_port, port_is_free
from graders.core.replay.program import CannotReplay, Program
from graders.core.replay.telling import program_of
from graders.core.replay.values import Json
from graders.core.replay.windows import Desk

# How long an answer may take before it counts as silence. Generous: a replay is run once, by hand.
PATIENCE = 5.0
# "It and the process end within about 2 s."
STOP_PATIENCE = 3.0
START_PATIENCE = 10.0

MISSING = object()


class Learned(dict[Any, Any]):
    """Recorded values and those of now; what was never learned is the same."""

    def __missing__(self, value: Any) -> Any:
        return value


class Scene:
    """One story and everything that stands while it is played."""

    def __init__(self, story: Json, submission: Path, lang: str, patience: float, *, other_ports: bool = False) -> None:
        self.story = story = whole(story)
        self.other_ports = other_ports
        self.failed: int | None = story.get("failed_step")
        # What an offer led to is up to the program, and to the offer.
        self.steps: list[Json] = [
            step for step in story["steps"] if not step.get("offered") or step["n"] == self.failed
        ]
        self.lang = lang
        self.patience = patience
        self.unit: str = program_of(story, story["setup"]["unit"])
        self.udp = story["setup"].get("transport") == "udp"
        self.path = submission / story["setup"]["file"]
        if self.unit != story["setup"]["unit"]:  # a module beside it
            self.path = self.path.with_name(f"{self.unit}.py")
        self.mode = mode_of(story)
        self.ports: dict[int, int] = {}  # recorded: used now
        self.program: Program | None = None
        self.desk: Desk | None = None  # where the program has a window
        self.browsing: Browsing | None = None  # where it has a page that is used
        self.module: Any = None
        self.prints = Prints()
        self.peers: dict[str, Any] = {}
        self.all_peers: list[Any] = []  # a name may be used again while its older connection stays open
        self.listeners: dict[str, Listener] = {}
        self.offerings: dict[str, Offering] = {}
        self.holders: list[Listener] = []
        self.objects: dict[str, Any] = {}
        self.calls: list[Call] = []
        failing: Json = next((step for step in self.steps if step["n"] == self.failed), {})
        data = failing.get("data")
        method = self.method_before(failing["n"], failing["actor"]) if failing else "GET"
        self.wanted = Wanted(self.here(story.get("wanted") or {}), data if isinstance(data, bytes) else None, method)
        self.learned = Learned()  # recorded values that the program was free to choose: those that it chose now
        self.answers: list[HttpMessage] = []  # of all receiving so far
        self.wanted.names = {"learned": self.learned, "answers": self.answers}
        self.folder: str | None = None  # for the program's own files
        self.mark = self.next_mark = 0

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def output(self) -> str:
        return self.program.output() if self.program else self.prints.text

    def printed_since(self) -> str:
        """What was printed since the server listened or was looked at the time before, or since the last call."""
        return self.output()[self.mark :]

    def here(self, value: Any) -> Any:
        """The value with every recorded port replaced by the one used now."""
        moved = {old: new for old, new in self.ports.items() if old != new}
        if not moved or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return moved.get(value, value)
        if isinstance(value, str):
            for old, new in moved.items():
                value = re.sub(rf":{old}\b", f":{new}", value)
            return value
        if isinstance(value, bytes):
            for old, new in moved.items():
                value = re.sub(rb":%d\b" % old, b":%d" % new, value)
            return value
        if isinstance(value, Octets):
            return Octets(self.here(value.head), value.omitted, self.here(value.tail))
        if isinstance(value, Mapping):
            if value.get("$") == "python":
                source = value["source"]
                for old, new in moved.items():
                    source = re.sub(rf"\b{old}\b", str(new), source)
                value = {**value, "source": source}
            return {key: self.here(item) for key, item in value.items()}
        return type(value)(self.here(item) for item in value) if isinstance(value, list | tuple) else value

    def port(self, recorded: int) -> int:
        """The port to use for a recorded one: itself where it is free, else another (a script's are fixed)."""
        if recorded not in self.ports:
            free = 0 < recorded < 65536 and port_is_free(recorded, "udp" if self.udp else "tcp")
            if self.mode != "script" and self.other_ports:
                free = False
            if not free and self.mode == "script":
                raise CannotReplay(
                    self.say(
                        f"端口 {recorded} 被占用：先停掉占用它的程序",
                        f"port {recorded} is in use: stop what uses it first",
                    )
                )
            self.ports[recorded] = recorded if free or recorded >= 65536 else free_port()
        return self.ports[recorded]

    def await_listening(self) -> None:
        assert self.program is not None
        if not self.program.wait_until_it_listens(None, START_PATIENCE):
            raise WentWrongEarlier(self.say(f"{self.unit} 没有开始监听", f"{self.unit} does not listen"))
        time.sleep(QUIET)  # it may say so
        self.mark = self.next_mark = len(self.output())

    def keep(self, actor: str, peer: Any) -> None:
        self.peers[actor] = peer
        self.all_peers.append(peer)

    def accepted(self, listener: Listener) -> Connection | None:
        """The next connection; once every call has returned none is waited for."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            connection = listener.accept(QUIET)
            if connection is not None or (self.calls and not any(call.thread.is_alive() for call in self.calls)):
                return connection
        return None

    def file(self, value: Json) -> Json:
        """The argument; the name of a file of the program's own is one in a folder that goes with this replay."""
        if not isinstance(value, Mapping) or value.get("$") != "file":
            return value
        self.folder = self.folder or tempfile.mkdtemp(prefix="replay-")
        name = os.path.join(self.folder, value["name"])
        if not value.get("path"):
            return name
        return {"$": "python", "source": f"import pathlib\nfile = pathlib.Path({name!r})", "name": "file"}

    def written(self, step: Json) -> bytes:
        """What is in the program's file by now; nothing where it is not there."""
        try:
            return Path(self.file({**step["value"], "path": False})).read_bytes()
        except OSError:
            return b""

    def peer(self, step: Json) -> Any:
        if step.get("offered"):
            return self.offerings[step["offered"]]
        if step["actor"] not in self.peers:
            raise WentWrongEarlier(self.say(f"没有 {step['actor']} 的连接", f"{step['actor']} has no connection"))
        return self.peers[step["actor"]]

    def method_before(self, number: int, actor: str) -> str:
        """The method of the actor's last HTTP request before that step: an answer to HEAD has no body."""
        sent = [step.get("data") for step in self.steps if step["kind"] == "send" and step["actor"] == actor]
        before = [step["n"] for step in self.steps if step["kind"] == "send" and step["actor"] == actor]
        whole = b"".join(data for data, n in zip(sent, before, strict=True) if n < number and isinstance(data, bytes))
        methods = re.findall(rb"(?:^|\n)([A-Z]+) \S+ HTTP/1", whole)
        return methods[-1].decode() if methods else "GET"

    def call_of(self, step: Json) -> Call:
        """The call that this step is the return of: the first of its name that has not returned yet.

        A step that only says what was raised names no call: it is the last one's.
        """
        waiting = [call for call in self.calls if not call.done and step.get("name") in (None, call.name)]
        if not waiting:
            raise CannotReplay("the story has a return without its call")
        call = waiting[0 if step.get("name") else -1]
        call.done = True
        return call

    def attribute(self, step: Json) -> Any:
        """The value, or MISSING; what a server in another process has cannot be looked at."""
        if self.program:
            return step.get("value")
        value: Any = self.objects.get(step["target"]) if step.get("target") else self.module
        for name in step["name"].split("."):
            value = getattr(value, name, MISSING)
        return value


def whole(story: Json) -> Json:
    """The story with Octets where the literal has (head, how many bytes are left out, tail)."""

    def octets_in(value: Json, key: str) -> Json:
        return {**value, key: Octets(*value[key])} if value and isinstance(value.get(key), tuple) else value

    steps = [octets_in(step, "data") for step in story["steps"]]
    return {**story, "steps": steps, "wanted": octets_in(story.get("wanted"), "bytes")}


def mode_of(story: Json) -> str:
    """How the program is had: as a server or script in a process of its own, or imported."""
    kinds = {step["kind"] for step in story["steps"]}
    return "server" if "start" in kinds else "script" if "run" in kinds else "functions"
