"""Holds a recorded conversation again, with the program of the learner and without the grader.

A replay script is this module with those that it uses, and one story as a Python literal. It starts the program (or
imports it), plays the recorded steps in their order, tells each of them, and at the step that failed compares what
comes now with what was wanted. Exit status: 0 the program now answers as wanted, 1 it fails as recorded, 2 it could
not be tried.

Standard library only, and nothing here knows an exercise: what a right answer is comes with the story.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from graders.core.replay.calls import Call, Prints, decoded, is_json
from graders.core.replay.characters import printable
from graders.core.replay.judging import Wanted, expected
from graders.core.replay.language import language
from graders.core.replay.messages import HttpMessage
from graders.core.replay.octets import Octets
from graders.core.replay.peers import (
    QUIET,
    Connection,
    Datagrams,
    Listener,
    WentWrongEarlier,
    connected,
    free_port,
    port_is_free,
)
from graders.core.replay.program import CannotReplay, Program, run_program
from graders.core.replay.telling import Json, compare, step_lines

RIGHT, WRONG, UNTRIED = 0, 1, 2

# How long an answer may take before it counts as silence. Generous: a replay is run once, by hand.
PATIENCE = 5.0
# "It and the process end within about 2 s."
STOP_PATIENCE = 3.0
START_PATIENCE = 10.0

MISSING = object()
SILENT = {"zh": "什么也没有来", "en": "nothing came"}


class Learned(dict[Any, Any]):
    """Recorded values and those of now; what was never learned is the same."""

    def __missing__(self, value: Any) -> Any:
        return value


class NothingToSay(Exception):
    """The program does not do any more what was wrong."""


class Player:
    """Plays one story. `play` gives the exit status."""

    def __init__(self, story: Json, submission: Path, lang: str, patience: float, *, other_ports: bool = False) -> None:
        self.story = story = whole(story)
        self.other_ports = other_ports
        self.steps: list[Json] = story["steps"]
        self.failed: int | None = story.get("failed_step")
        self.lang = lang
        self.patience = patience
        self.unit: str = story["setup"]["unit"]
        self.udp = story["setup"].get("transport") == "udp"
        self.path = submission / story["setup"]["file"]
        self.mode = mode_of(story)
        self.ports: dict[int, int] = {}  # recorded: used now
        self.program: Program | None = None
        self.module: Any = None
        self.prints = Prints()
        self.peers: dict[str, Any] = {}
        self.all_peers: list[Any] = []  # a name may be used again while its older connection stays open
        self.listeners: dict[str, Listener] = {}
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
        self.observed: Json = {}
        self.mark = self.next_mark = 0
        self.right = False

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def play(self) -> int:
        if not self.path.is_file():
            raise CannotReplay(
                self.say(
                    f"找不到 {self.path}：用 --submission 指出你的文件夹",
                    f"{self.path} is not there: name your folder with --submission",
                )
            )
        try:
            if self.mode == "functions":
                self.import_module()
            for step in self.steps:
                if step.get("pause_before"):
                    time.sleep(step["pause_before"])
                failing = step["n"] == self.failed
                now = self.fail_step(step) if failing else self.step(step)
                for line in step_lines(
                    self.here({**step, **now}), self.unit, self.lang, 100, failed=failing and not self.right
                ):
                    print(line.text, flush=True)
                if failing:
                    return self.verdict()
        except NothingToSay:
            self.right = True
            return self.verdict()
        except WentWrongEarlier as error:
            print(self.say(f"对话进行不到出错的那一步: {error}", f"the conversation ends before that step: {error}"))
            self.tell_output()
            return WRONG
        finally:
            if self.program:
                self.program.kill()
            if self.folder:
                shutil.rmtree(self.folder, ignore_errors=True)
        print(self.say("对话已重复，请看程序的输出。", "The conversation was repeated; look at the output."))
        self.tell_output()
        return WRONG

    def verdict(self) -> int:
        print()
        if self.right:
            print(self.say("现在回答正确。", "The program now answers as wanted."))
            return RIGHT
        wanted = {key: value for key, value in (self.story.get("wanted") or {}).items() if value is not None}
        if "bytes" in wanted:
            wanted["bytes"] = self.here(wanted["bytes"])
        if "value" in wanted:
            wanted["value"] = self.here(wanted["value"])
        elif not {"text", "bytes", "python"} & set(wanted):
            wanted["value"] = None
        for line in compare(wanted, self.observed, self.lang, 94):
            print("      " + line.text)
        self.tell_output()
        if self.story.get("reproduces") == "conversation":
            print(self.say("(这个错误看运气，可能要多试几次)", "(this failure depends on chance: try a few times)"))
        return WRONG

    def tell_output(self) -> None:
        printed = self.output()
        if printed.strip():
            print(self.say("程序打印了:", "the program printed:"))
            for line in printed.rstrip("\n").split("\n")[-12:]:
                print("  │ " + printable(line))

    def output(self) -> str:
        return self.program.output() if self.program else self.prints.text

    def printed_since(self) -> str:
        """What was printed since the server listened or was looked at the time before, or since the last call."""
        return self.output()[self.mark :]

    # --- ports --------------------------------------------------------------------------------------------------------

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

    # --- steps before the failing one ---------------------------------------------------------------------------------

    def step(self, step: Json) -> Json:
        """Do what the step says; give what of it is different now (the bytes that came, the value returned)."""
        play: Callable[[Json], Json | None] = getattr(self, f"{step['kind']}_step")
        return play(step) or {}

    def import_module(self) -> None:
        sys.path.insert(0, str(self.path.parent))
        sys.stdout = sys.stderr = self.prints
        sockets: list[object] = []
        if self.wanted.event == "quiet":
            # urllib3 makes a socket when it is imported, to see whether there is IPv6: not the learner's doing.
            for library in ("flask", "requests", "websockets"):
                with contextlib.suppress(ImportError):
                    importlib.import_module(library)
        sys.addaudithook(lambda event, args: sockets.append(1) if event == "socket.__new__" else None)
        threads = threading.active_count()
        try:
            with self.prints.keeping_all():
                self.module = importlib.import_module(self.path.stem)
        except BaseException as error:
            self.observed = {"raised": {"type": type(error).__name__, "message": str(error)}}
            if self.wanted.event not in ("import", "quiet"):
                raise WentWrongEarlier(f"{type(error).__name__}: {error}") from None
            return
        self.right = self.wanted.event == "import"
        if self.wanted.event == "quiet":
            effects = {
                "threads": threading.active_count() - threads,
                "sockets": len(sockets),
                "printed": self.prints.text,
            }
            self.right = not any(effects.values())
            self.observed = {"value": effects}

    def start_step(self, step: Json) -> None:
        kwargs = dict(step.get("kwargs") or {})
        held = [holder.port for holder in self.holders]
        if kwargs.get("port") and self.ports.get(kwargs["port"]) not in held:
            self.port(kwargs["port"])
        start = {"path": str(self.path.resolve()), "class": step.get("class"), "method": step.get("method")}
        if step.get("app"):
            start |= {"kind": "wsgi", "app": step["app"], "factory": step.get("factory")}
            start |= {"host": kwargs.pop("host", "127.0.0.1"), "port": self.here(kwargs.pop("port"))}
        else:
            start["kind"] = "server"
        if step.get("second"):
            start["second"] = self.port(step["second"])
        if self.program and not self.program.ended():
            self.program.kill()
        self.program = Program({**start, "kwargs": {key: self.file(value) for key, value in self.here(kwargs).items()}})
        following = next((other for other in self.steps if other["n"] == step["n"] + 1), None)
        # Where the story goes on with its end, there is nothing to wait for.
        if following and following["n"] != self.failed and following["kind"] not in ("stopped", "return", "silence"):
            self.await_listening()

    def await_listening(self) -> None:
        assert self.program is not None
        if not self.program.wait_until_it_listens(None, START_PATIENCE):
            raise WentWrongEarlier(self.say(f"{self.unit} 没有开始监听", f"{self.unit} does not listen"))
        time.sleep(QUIET)  # it may say so
        self.mark = self.next_mark = len(self.output())

    def run_step(self, step: Json) -> None:
        for other in self.steps:
            if other["actor"] != "X" and other.get("port") and other["kind"] not in ("listen", "open"):
                self.port(other["port"])  # a script's ports are fixed: find out now that one is in use
        argv = [str(self.here(decoded(self.file(word)))) for word in step.get("arguments") or []]
        if self.program and not self.program.ended():
            self.program.kill()
        start = {"kind": "script", "path": str(self.path.resolve()), "argv": argv}
        self.program = Program(start)

    def file(self, value: Json) -> Json:
        """The argument; the name of a file of the program's own is one in a folder that goes with this replay."""
        if not isinstance(value, Mapping) or value.get("$") != "file":
            return value
        self.folder = self.folder or tempfile.mkdtemp(prefix="replay-")
        name = os.path.join(self.folder, value["name"])
        if not value.get("path"):
            return name
        return {"$": "python", "source": f"import pathlib\nfile = pathlib.Path({name!r})", "name": "file"}

    def file_step(self, step: Json) -> None:
        Path(self.file({"$": "file", "name": step["value"]})).write_bytes(step.get("data") or b"")

    def pause_step(self, step: Json) -> None:
        assert self.program is not None
        self.program.stop(True)

    def resume_step(self, step: Json) -> None:
        assert self.program is not None
        self.program.stop(False)

    def holds_step(self, step: Json) -> None:
        """A port that the program is to find in use."""
        holder = Listener("127.0.0.1", self.port(step["value"]), udp=self.udp)
        self.holders.append(holder)

    def listen_step(self, step: Json) -> Json:
        udp = step.get("transport") == "udp"
        listener = Listener(
            step.get("host") or "127.0.0.1", self.port(step.get("port") or 0), udp=udp, narrow=bool(step.get("narrow"))
        )
        self.listeners[step["actor"]] = listener
        if udp:
            self.peers[step["actor"]] = Datagrams(listener.sock, None)
        return {"port": listener.port}

    def open_step(self, step: Json) -> None:
        listener = Listener("127.0.0.1", self.port(step.get("port") or 0), udp=True)
        to = step.get("to")
        self.peers[step["actor"]] = Datagrams(listener.sock, ("127.0.0.1", self.here(to)) if to else None)

    def connect_step(self, step: Json) -> Json | None:
        port = self.here(step["port"])
        if self.mode == "script" and self.program:
            self.program.wait_until_it_listens(port, START_PATIENCE)
        if step.get("transport") == "udp":
            listener = Listener(step.get("host") or "127.0.0.1", step.get("own") or 0, udp=True)
            self.keep(step["actor"], Datagrams(listener.sock, (step.get("at") or "127.0.0.1", port)))
            return None
        try:
            connection = connected(("127.0.0.1", port), self.patience, narrow=bool(step.get("narrow")))
        except OSError as error:
            raise WentWrongEarlier(f"{step['actor']}: {error}") from None
        self.keep(step["actor"], connection)
        return None

    def keep(self, actor: str, peer: Any) -> None:
        self.peers[actor] = peer
        self.all_peers.append(peer)

    def accept_step(self, step: Json) -> Json | None:
        listener = self.listeners[step.get("listener") or step["actor"]]
        connection = self.accepted(listener)
        if connection is not None:
            self.keep(step["actor"], connection)
            return None
        failing = next((other for other in self.steps if other["n"] == self.failed), None)
        if failing and failing["actor"] == step["actor"] and self.wanted.right_bytes(b"", "silence"):
            # What went wrong was said on a connection that a right program does not make.
            raise NothingToSay
        raise WentWrongEarlier(
            self.say(f"{self.unit} 没有连接 {listener.port}", f"{self.unit} does not connect to {listener.port}")
        )

    def accepted(self, listener: Listener) -> Connection | None:
        """The next connection; once every call has returned none is waited for."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            connection = listener.accept(QUIET)
            if connection is not None or (self.calls and not any(call.thread.is_alive() for call in self.calls)):
                return connection
        return None

    def peer(self, step: Json) -> Any:
        if step["actor"] not in self.peers:
            raise WentWrongEarlier(self.say(f"没有 {step['actor']} 的连接", f"{step['actor']} has no connection"))
        return self.peers[step["actor"]]

    def send_step(self, step: Json) -> None:
        data = self.here(step.get("data") or b"")
        if isinstance(data, Octets):
            raise CannotReplay("what was sent is not all in the story")
        data = re.sub(rb"\A([A-Z]+ /[^ ?]*?)(\d+)(?=[ /?])", self.as_learned, data)
        self.peer(step).send(data, step.get("reading") or "meanwhile", more=bool(step.get("more")))

    def as_learned(self, found: re.Match[bytes]) -> bytes:
        """The path of an HTTP request with the number that the program chose now."""
        return found[1] + str(self.learned[int(found[2])]).encode()

    def learn(self, step: Json, data: bytes) -> None:
        """Note an answer, and the value in it that the program was free to choose."""
        message = HttpMessage(data, request_method=self.method_before(step["n"], step["actor"]))
        self.answers.append(message)
        recorded = step.get("data")
        if step.get("learn") and isinstance(recorded, bytes):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                name = step["learn"]
                self.learned[json.loads(HttpMessage(recorded).body)[name]] = json.loads(message.body)[name]

    def receive_step(self, step: Json) -> Json:
        recorded = step.get("data")
        recorded = recorded.head if isinstance(recorded, Octets) else recorded
        ending = step.get("ending") or {"end": "end", "silence": "silence"}.get(step["kind"])
        seconds = self.patience
        if ending == "silence" and not recorded:
            seconds = float(step.get("seconds") or QUIET)
        if step["kind"] == "silence":  # the program is given this long, or something happens only then
            seconds = float(step.get("seconds") or seconds)
        again = expected(recorded, ending, self.method_before(step["n"], step["actor"]))
        data, how = self.peer(step).receive(again, seconds)
        self.learn(step, data)
        return {"kind": "receive", "data": Octets(data), "ending": "complete" if again(data) else how}

    def method_before(self, number: int, actor: str) -> str:
        """The method of the actor's last HTTP request before that step: an answer to HEAD has no body."""
        sent = [step.get("data") for step in self.steps if step["kind"] == "send" and step["actor"] == actor]
        before = [step["n"] for step in self.steps if step["kind"] == "send" and step["actor"] == actor]
        whole = b"".join(data for data, n in zip(sent, before, strict=True) if n < number and isinstance(data, bytes))
        methods = re.findall(rb"(?:^|\n)([A-Z]+) \S+ HTTP/1", whole)
        return methods[-1].decode() if methods else "GET"

    silence_step = end_step = receive_step

    def half_close_step(self, step: Json) -> None:
        self.peer(step).half_close()

    def close_step(self, step: Json) -> None:
        if step["actor"] in self.peers:
            self.peers[step["actor"]].close()
        elif step["actor"] in self.listeners:
            self.listeners[step["actor"]].sock.close()

    def reset_step(self, step: Json) -> None:
        self.peer(step).reset()

    def kill_step(self, step: Json) -> None:
        assert self.program is not None
        self.program.kill()

    def interrupt_step(self, step: Json) -> None:
        assert self.program is not None
        time.sleep(QUIET)
        self.program.interrupt()

    def stopped_step(self, step: Json) -> None:
        assert self.program is not None
        if not self.program.wait(self.program.ended, STOP_PATIENCE):
            raise WentWrongEarlier(self.say(f"{self.unit} 还在运行", f"{self.unit} still runs"))

    def stdin_step(self, step: Json) -> None:
        assert self.program is not None
        self.program.type(step["data"])

    def stdin_end_step(self, step: Json) -> None:
        assert self.program is not None
        self.program.type(None)

    def printed_step(self, step: Json) -> Json:
        if self.program:
            program, recorded = self.program, step.get("data") or b""
            program.wait(lambda: len(program.printed) >= len(recorded), self.patience)
        return {"data": Octets(self.output().encode("utf-8", "replace"))}

    def call_step(self, step: Json) -> None:
        owner = self.objects.get(step["target"]) if step.get("target") else self.module
        function = getattr(owner, step["name"], None)
        if function is None:
            raise WentWrongEarlier(self.say(f"没有 {step['name']}", f"there is no {step['name']}"))
        # Ports are replaced before (a socket to connect) and after (an address inside bytes).
        args, kwargs = (
            self.here(decoded(self.here(step.get(key) or none))) for key, none in (("args", []), ("kwargs", {}))
        )
        self.mark = self.next_mark = len(self.output())
        call = Call(step["name"], function, args, kwargs)
        self.calls.append(call)
        if step.get("new"):
            call.wait(self.patience)
            self.objects[step.get("as") or step["name"]] = call.value
            call.done = call.raised is None and step["n"] + 1 != self.failed
            if call.raised is not None and (step["n"] + 1 != self.failed):
                raise WentWrongEarlier(f"{type(call.raised).__name__}: {call.raised}")

    def return_step(self, step: Json) -> Json:
        call = self.call_of(step)
        if not call.wait(self.patience):
            raise WentWrongEarlier(self.say("调用没有返回", "the call does not return"))
        if call.raised is not None and not step.get("raised"):
            raise WentWrongEarlier(f"{type(call.raised).__name__}: {call.raised}")
        return call.told()

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

    def get_step(self, step: Json) -> Json:
        value = self.attribute(step)
        # Graders look at something to have all output in front of it: what was printed since the look before counts.
        self.mark, self.next_mark = self.next_mark, len(self.output())
        return {"value": value if is_json(value) else {"$": "object", "repr": repr(value)[:2000]}}

    def attribute(self, step: Json) -> Any:
        """The value, or MISSING; what a server in another process has cannot be looked at."""
        if self.program:
            return step.get("value")
        value: Any = self.objects.get(step["target"]) if step.get("target") else self.module
        for name in step["name"].split("."):
            value = getattr(value, name, MISSING)
        return value

    def import_step(self, step: Json) -> None:
        pass  # done before the first step

    # --- the failing step ---------------------------------------------------------------------------------------------

    def fail_step(self, step: Json) -> Json:
        """Do the failing step, note what came in `observed`, and decide whether it is `right` now."""
        if self.wanted.event in EVENTS:
            look: Callable[[Json], Json] = getattr(self, f"look_for_{self.wanted.event}")
            return look(step)
        if step["kind"] in ("receive", "silence", "end"):
            return self.judge_bytes(step)
        if step["kind"] == "return":
            return self.judge_return(step)
        if step["kind"] == "printed":
            return self.judge_printed(step)
        now = self.step(step)
        if step["kind"] == "get":
            self.observed = {"value": now["value"]}
            self.right = self.wanted.right_value(self.attribute(step))
        return now

    def judge_bytes(self, step: Json) -> Json:
        # Where nothing is to come, waiting for it as long as the grader did is enough.
        seconds = max(QUIET if self.wanted.event == "silence" else self.patience, float(step.get("seconds") or 0))
        data, how = self.peer(step).receive(self.wanted.settled, seconds)
        if data and how == "silence" and self.wanted.event is None and self.wanted.whole(data):
            how = "complete"
        self.right = self.wanted.right_bytes(data, how)
        told = {
            "end": {"zh": "连接被关闭，什么也没有来", "en": "the connection was closed, nothing came"},
            "reset": {"zh": "连接被强行断开 (RST)", "en": "the connection was reset"},
        }
        if data:
            self.observed = {"bytes": {"hex": data.hex(), "bytes": len(data)}}
        else:
            self.observed = {"text": told.get(how, SILENT)}
        return {"kind": "receive", "data": Octets(data), "ending": how, "seconds": seconds}

    look_for_end = look_for_silence = judge_bytes

    def judge_return(self, step: Json) -> Json:
        call = self.call_of(step)
        if not call.wait(max(self.patience, float(step.get("seconds") or 0))):
            self.observed = {"text": {"zh": "调用没有返回", "en": "the call does not return"}}
            return {"kind": "silence", "seconds": self.patience}
        told = call.told()
        self.observed = {"raised": told["raised"]} if told["raised"] else {"value": told["value"]}
        if call.raised is None:
            names = {"args": call.args, "kwargs": call.kwargs, "seconds": call.seconds, "output": self.output()}
            self.right = self.wanted.right_value(call.value, **names)
        return told

    look_for_return = judge_return

    def judge_printed(self, step: Json) -> Json:
        def right() -> bool:
            return self.wanted.holds(got=self.printed_since(), output=self.output())

        if self.program:
            self.program.wait(right, self.patience)
            time.sleep(QUIET)  # where nothing is to be printed, something might be yet
        self.right = right()
        data = self.printed_since().encode("utf-8", "replace")
        self.observed = {"bytes": {"hex": data.hex(), "bytes": len(data)}} if data else {"text": SILENT}
        return {"data": Octets(data)}

    def look_for_listening(self, step: Json) -> Json:
        assert self.program is not None
        since = [other["kind"] for other in self.steps if other["n"] < step["n"]]
        since = since[len(since) - since[::-1].index("start") :] if "start" in since else since
        if "connect" in since:
            return self.still_running(step)
        if self.program.wait_until_it_listens(step.get("port"), START_PATIENCE):
            self.right = True
            port = self.program.listening[-1][1]
            return {"kind": "listening", "port": port, "raised": None, "label": None}
        self.observed = {"text": {"zh": "没有开始监听", "en": "it does not listen"}}
        return {"kind": "stopped"} if self.program.ended() else {"kind": "silence", "seconds": START_PATIENCE}

    def still_running(self, step: Json) -> Json:
        """It served already: now it goes on."""
        assert self.program is not None
        self.right = not self.program.wait(self.program.ended, 2 * QUIET)
        self.observed = {"text": {"zh": "程序结束了", "en": "the program ended"}}
        told = {"zh": "还在运行", "en": "still runs"} if self.right else None
        return {"kind": "stopped" if not self.right else "running", "label": told}

    def look_for_stopped(self, step: Json) -> Json:
        assert self.program is not None
        self.right = self.program.wait(self.program.ended, STOP_PATIENCE)
        self.observed = {"text": {"zh": "它还在运行", "en": "it still runs"}}
        return {"kind": "stopped"} if self.right else {"kind": "silence", "seconds": STOP_PATIENCE}

    def look_for_start_returns(self, step: Json) -> Json:
        """start() comes back, of itself and with a reason printed."""
        assert self.program is not None
        program = self.program
        program.wait(lambda: program.returned is not None or program.ended(), STOP_PATIENCE)
        program.settle()
        self.right = program.returned is True and bool(self.output().strip())
        if program.returned is None and not program.ended():
            self.observed = {"text": {"zh": "start() 没有返回", "en": "start() does not return"}}
            return {"kind": "silence", "seconds": STOP_PATIENCE}
        words = {
            None: {"zh": "整个进程结束了", "en": "the whole process ended"},
            False: {"zh": "start() 抛出了异常", "en": "start() raised"},
            True: {"zh": "什么也没有打印", "en": "nothing was printed"},
        }
        self.observed = {"text": words[program.returned]}
        return {"kind": "stopped"}

    def look_for_connect(self, step: Json) -> Json:
        try:
            self.connect_step(step)
        except WentWrongEarlier as error:
            self.observed = {"text": {"zh": str(error), "en": str(error)}}
            return {"kind": "refused"}
        self.right = True
        return {"kind": "connect"}

    def look_for_accept(self, step: Json) -> Json:
        """A connection to the listener that the step is of, or to the only one, when the program did something else."""
        name = step["actor"] if step["actor"] in self.listeners else next(iter(self.listeners))
        if self.accepted(self.listeners[name]) is None:
            self.observed = {"text": {"zh": "没有连接", "en": "no connection"}}
            return {"kind": "silence", "seconds": self.patience}
        self.right = True
        return {"kind": "accept", "actor": name}

    def look_for_read(self, step: Json) -> Json:
        sent = self.peer(step).send(self.here(step.get("data") or b""), seconds=self.patience)
        self.right = bool(sent)
        self.observed = {"text": {"zh": "没有人读", "en": "nobody reads"}}
        return {}

    def look_for_import(self, step: Json) -> Json:
        return {"raised": None} if self.right else {"raised": self.observed.get("raised")}

    def look_for_quiet(self, step: Json) -> Json:
        return {"value": None if self.right else self.observed.get("value")}

    def look_for_name(self, step: Json) -> Json:
        now = self.get_step(step)
        self.right = self.attribute(step) is not MISSING
        self.observed = {"text": {"zh": f"没有 {step['name']}", "en": f"there is no {step['name']}"}}
        return now


EVENTS = {name.removeprefix("look_for_") for name in vars(Player) if name.startswith("look_for_")}


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


def main(story: Json, submission: str, argv: list[str] | None = None) -> int:
    """The replay script's main: plays the story against the program in the folder."""
    parser = argparse.ArgumentParser(description="Hold the recorded conversation again, without the grader.")
    parser.add_argument("--submission", default=submission, help=f"your folder (default {submission})")
    parser.add_argument("--lang", choices=("zh", "en"), default=language())
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds until silence counts (default 5)")
    parser.add_argument("--other-ports", action="store_true", help="free ports, though the recorded ones are free")
    parser.add_argument("--program", help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.program:
        run_program(json.loads(options.program))
        return 0
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if mode_of(story) == "functions" and not options.inside:
        # The functions run in a second process: if they end it, this one can still say so.
        arguments = argv if argv is not None else sys.argv[1:]
        status = subprocess.call([sys.executable, "-B", os.path.abspath(sys.argv[0]), *arguments, "--inside"])
        if status in INSIDE:
            return INSIDE[status]
        words = (f"程序结束了整个进程 (状态 {status})", f"the program ended the whole process (status {status})")
        print(words[0] if options.lang == "zh" else words[1])
        return WRONG
    try:
        player = Player(
            story, Path(options.submission), options.lang, options.patience, other_ports=options.other_ports
        )
        status = player.play()
    except CannotReplay as error:
        print(error, file=sys.stderr)
        status = UNTRIED
    except Exception:
        # Python's own status for this would be 1, and that means "reproduced".
        traceback.print_exc()
        status = UNTRIED
    if options.inside:
        sys.stdout.flush()
        sys.stderr.flush()
        # Threads of the program may still wait for something: do not wait for them.
        os._exit(status + FIRST_INSIDE)
    return status


FIRST_INSIDE = 70
INSIDE = {FIRST_INSIDE + status: status for status in (RIGHT, WRONG, UNTRIED)}
