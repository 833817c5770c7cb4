"""Holds a recorded conversation again, with the program of the learner and without the grader.

A replay script is this module, `telling`, and one story as a Python literal. It starts the program (or imports it),
plays the recorded steps in their order, tells each of them, and at the step that failed compares what comes now with
what was wanted. Exit status: 0 the program now answers as wanted, 1 it fails as recorded, 2 it could not be tried.

Standard library only, and nothing here knows an exercise: what a right answer is comes with the story.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from graders.core.replay.calls import Call, Prints, decoded, is_json, same
from graders.core.replay.characters import printable
from graders.core.replay.language import language
from graders.core.replay.messages import HttpMessage
from graders.core.replay.octets import Octets
from graders.core.replay.peers import QUIET, Connection, Datagrams, Listener, WentWrongEarlier, free_port, port_is_free
from graders.core.replay.program import CannotReplay, Program, run_program
from graders.core.replay.telling import Json, compare, step_lines

RIGHT, WRONG, UNTRIED = 0, 1, 2

# How long an answer may take before it counts as silence. Generous: a replay is run once, by hand.
PATIENCE = 5.0
# What a peer sends in one go without reading beside it; more could block both sides.
READ_WHILE_SENDING = 64 * 1024


def two(lang: str, zh: str, en: str) -> str:
    return zh if lang == "zh" else en


class Player:
    """Plays one story. `play` gives the exit status."""

    def __init__(self, story: Json, submission: Path, lang: str, patience: float) -> None:
        self.story = story
        self.setup = story["setup"]
        self.steps: list[Json] = story["steps"]
        self.wanted: Json = story.get("wanted") or {}
        self.lang = lang
        self.patience = patience
        self.path = submission / self.setup["file"]
        self.unit: str = self.setup["unit"]
        self.program: Program | None = None
        self.module: Any = None
        self.peers: dict[str, Any] = {}
        self.listeners: dict[str, Listener] = {}
        self.objects: dict[str, Any] = {}
        self.calls: dict[int, Call] = {}
        self.ports: dict[int, int] = {}
        self.prints = Prints()
        self.observed: Json = {}
        self.right = False

    def play(self) -> int:
        if not self.path.is_file():
            raise CannotReplay(
                two(
                    self.lang,
                    f"找不到 {self.path}：用 --submission 指出你的文件夹",
                    f"{self.path} is not there: name your folder with --submission",
                )
            )
        try:
            self.prepare()
            for step in self.steps:
                failing = step["n"] == self.story.get("failed_step")
                if step.get("pause_before"):
                    time.sleep(step["pause_before"])
                now = self.step(step, failing)
                for line in step_lines({**step, **now}, self.unit, self.lang, 100, failed=failing and not self.right):
                    print(line.text)
                if failing:
                    return self.verdict()
        except WentWrongEarlier as error:
            print(
                two(self.lang, f"对话进行不到出错的那一步: {error}", f"the conversation ends before that step: {error}")
            )
            self.tell_output()
            return WRONG
        finally:
            if self.program:
                self.program.kill()
        print(two(self.lang, "对话已重复，请看程序的输出。", "The conversation was repeated; look at the output."))
        self.tell_output()
        return WRONG

    def verdict(self) -> int:
        print()
        if self.right:
            print(two(self.lang, "现在回答正确。", "The program now answers as wanted."))
            return RIGHT
        for line in compare(self.wanted, self.observed, self.lang, 94):
            print("      " + line.text)
        self.tell_output()
        if self.story.get("reproduces") == "conversation":
            print(
                two(self.lang, "(这个错误看运气，可能要多试几次)", "(this failure depends on chance: try a few times)")
            )
        return WRONG

    def tell_output(self) -> None:
        printed = self.output()
        if printed.strip():
            print(two(self.lang, "程序打印了:", "the program printed:"))
            for line in printed.rstrip("\n").split("\n")[-12:]:
                print("  │ " + printable(line))

    def output(self) -> str:
        if self.program:
            return self.program.printed.decode("utf-8", "replace")
        return self.prints.text

    # --- having the program there ---

    def prepare(self) -> None:
        kind = self.setup["kind"]
        for port in self.setup.get("ports") or []:
            if not port_is_free(port):
                raise CannotReplay(self.in_use(port))
        if kind in ("functions", "client"):
            for step in self.steps:
                if step["kind"] == "listen":
                    self.listen(step)
            sys.path.insert(0, str(self.path.parent))
            sys.stdout = sys.stderr = self.prints
            with self.prints.keeping_all():
                self.module = importlib.import_module(self.path.stem)
            return
        if not any(step["kind"] == "start" for step in self.steps):
            self.start(wait=kind != "script")

    def in_use(self, port: int) -> str:
        return two(
            self.lang, f"端口 {port} 被占用：先停掉占用它的程序", f"port {port} is in use: stop what uses it first"
        )

    def start(self, *, wait: bool) -> None:
        start = dict(self.setup.get("start") or {})
        kwargs = dict(start.get("kwargs") or {})
        port = kwargs.get("port") or start.get("port")
        taken_on_purpose = port in [listener.port for listener in self.listeners.values()]
        if port and port not in self.ports and not taken_on_purpose:
            self.ports[port] = port if port_is_free(port, self.setup.get("transport")) else free_port()
        start |= {"kind": self.setup["kind"], "argv": self.setup.get("argv") or []}
        self.program = Program({**self.here(start), "path": str(self.path.resolve())})
        if wait:
            self.wait_until_it_listens(PATIENCE * 2)

    def wait_until_it_listens(self, seconds: float) -> None:
        assert self.program is not None
        if not self.program.wait_until_it_listens(None, seconds):
            raise WentWrongEarlier(two(self.lang, f"{self.unit} 没有开始监听", f"{self.unit} does not listen"))

    def address(self) -> tuple[str, int]:
        start = self.setup.get("start") or {}
        port = (start.get("kwargs") or {}).get("port") or start.get("port") or (self.setup.get("ports") or [0])[0]
        return "127.0.0.1", self.ports.get(port, port)

    def here(self, value: Any) -> Any:
        """The value with every recorded port replaced by the one used now."""
        moved = {old: new for old, new in self.ports.items() if old != new}
        if not moved:
            return value
        if isinstance(value, bool):
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
            return {key: self.here(item) for key, item in value.items()}
        return [self.here(item) for item in value] if isinstance(value, list | tuple) else value

    # --- steps ---

    def step(self, step: Json, failing: bool) -> Json:
        """Do what the step says; give what of it is different now (the bytes that came, the value returned)."""
        kind = step["kind"]
        if kind in ("receive", "silence", "end"):
            return self.receive(step, failing)
        play: Callable[[Json, bool], Json | None] = getattr(self, kind + "_step")
        return play(step, failing) or {}

    def connect_step(self, step: Json, failing: bool) -> Json | None:
        actor = step["actor"]
        if step.get("to"):
            host, _, port = step["to"].rpartition(":")
            address = host, self.ports.get(int(port), int(port))
        else:
            address = self.address()
        if (step.get("transport") or self.setup.get("transport")) == "udp":
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind(("127.0.0.1", 0))
            self.peers[actor] = Datagrams(sock, address)
            return None
        try:
            self.peers[actor] = Connection(socket.create_connection(address, timeout=self.patience))
        except OSError as error:
            if not failing:
                raise WentWrongEarlier(f"{actor}: {error}") from None
            self.observed = {"text": {"zh": f"连接失败: {error}", "en": f"no connection: {error}"}}
            return {"kind": "refused"}
        self.right = failing and self.wanted.get("event") in ("connect", None)
        return {"kind": "connect"}

    refused_step = connect_step

    def send_step(self, step: Json, failing: bool) -> None:
        peer = self.peer(step)
        data = self.here(step["data"])
        later = [other["kind"] for other in self.steps if other["n"] > step["n"] and other["actor"] == step["actor"]]
        reads = any(kind in ("receive", "end", "silence") for kind in later)
        peer.send(data, read_too=reads and len(data) > READ_WHILE_SENDING)

    def half_close_step(self, step: Json, failing: bool) -> None:
        self.peer(step).half_close()

    def close_step(self, step: Json, failing: bool) -> None:
        name = step["actor"]
        if name in self.peers:
            self.peers[name].close()
        elif name in self.listeners:
            self.listeners[name].sock.close()

    def reset_step(self, step: Json, failing: bool) -> None:
        self.peer(step).reset()

    def peer(self, step: Json) -> Any:
        name = step["actor"]
        if name not in self.peers:
            listener = self.listeners.get(name)
            if listener is None or not listener.datagrams:
                raise WentWrongEarlier(two(self.lang, f"没有 {name} 的连接", f"{name} has no connection"))
            self.peers[name] = Datagrams(listener.sock, None)
        return self.peers[name]

    def receive(self, step: Json, failing: bool) -> Json:
        peer = self.peer(step)
        recorded = step.get("data")
        seconds = max(self.patience, float(step.get("seconds") or 0)) if failing else self.patience
        if failing:
            data, how = peer.receive(self.enough(step), seconds, self.quiet_after(recorded))
            self.judge(data, how, step)
        elif step["kind"] == "silence":
            # Recorded before the failing step: the program was rightly quiet here.
            data, how = peer.receive(lambda data: False, float(step.get("seconds") or QUIET), None)
        elif step["kind"] == "end":
            data, how = peer.receive(lambda data: False, seconds, None)
        else:
            data, how = peer.receive(self.until(step), seconds, len(recorded) if recorded else None)
        if data:
            return {"kind": "receive", "data": Octets(data)}
        kind = {"end": "end", "reset": "end", "silence": "silence"}.get(how, "receive")
        return {"kind": kind, "how": how, "data": Octets(data) if kind == "receive" else None, "seconds": seconds}

    def until(self, step: Json) -> Callable[[bytes], bool]:
        until = str(step.get("until") or "")
        if until.startswith("bytes:"):
            return lambda data: len(data) >= int(until[6:])
        if until.startswith("python:"):
            return lambda data: self.holds(until[7:], {"got": data})
        if until == "http":
            method = self.method_of(step["actor"])
            return lambda data: HttpMessage(data, request_method=method).complete
        if until == "end":
            return lambda data: False
        recorded = step.get("data") or b""
        return lambda data: len(data) >= len(recorded) > 0

    def method_of(self, actor: str) -> str:
        """The method of the last request that the actor sent: an answer to HEAD has no body."""
        sent = b"".join(s["data"] or b"" for s in self.steps if s["kind"] == "send" and s["actor"] == actor)
        found = re.findall(rb"(?:^|\n)([A-Z]+) \S+ HTTP/1", sent)
        return found[-1].decode() if found else "GET"

    def enough(self, step: Json) -> Callable[[bytes], bool]:
        """At the failing step: whether what came can be judged already."""
        expression, wanted = self.wanted.get("python"), self.wanted_bytes()
        if step.get("until") == "end" or self.wanted.get("event") in ("end", "silence"):
            return lambda data: False
        if expression:
            if step.get("until") in ("http", "datagram"):
                return self.until(step)
            return lambda data: self.holds(expression, {"got": data, "how": "enough"})
        if wanted is not None:
            # One byte more than wanted is enough to see that there is too much.
            return lambda data: len(data) > len(wanted) or not wanted.startswith(data)
        return self.until(step)

    def quiet_after(self, recorded: bytes | None) -> int | None:
        wanted = self.wanted_bytes()
        if self.wanted.get("event") in ("end", "silence") or (wanted is None and not recorded):
            return None
        if wanted is None:
            return len(recorded or b"")
        return min(len(wanted), len(recorded)) if recorded else len(wanted)

    def wanted_bytes(self) -> bytes | None:
        data = self.wanted.get("bytes")
        # Where bytes are left out they cannot be compared.
        return self.here(data) if isinstance(data, bytes) else None

    def judge(self, data: bytes, how: str, step: Json) -> None:
        expression, wanted, event = self.wanted.get("python"), self.wanted_bytes(), self.wanted.get("event")
        if expression:
            names: Json = {"got": data, "how": how}
            if step.get("until") == "http":
                message = HttpMessage(data, request_method=self.method_of(step["actor"]))
                names |= {"status": message.status, "headers": message.headers, "body": message.body}
                names |= {"first_line": message.first_line}
            self.right = self.holds(expression, names)
        elif event == "end":
            self.right = how in ("end", "reset") and data == (wanted or b"")
        elif event == "silence":
            self.right = how == "silence" and not data
        elif wanted is not None:
            self.right = data == wanted
        else:
            self.right = bool(data)
        if data or how == "enough":
            self.observed = {"bytes": {"hex": data.hex(), "bytes": len(data)}}
            if not isinstance(self.wanted.get("bytes"), bytes):
                self.wanted = {**self.wanted, "bytes": None}
        else:
            told = {
                "end": ("连接被关闭，什么也没有来", "the connection was closed, nothing came"),
                "reset": ("连接被强行断开 (RST)", "the connection was reset"),
                "silence": (f"{self.patience:g} 秒内什么也没有来", f"nothing came within {self.patience:g} s"),
            }[how]
            self.observed = {"text": {"zh": told[0], "en": told[1]}}
        if isinstance(self.wanted.get("bytes"), bytes):
            self.wanted = {**self.wanted, "bytes": (wanted or b"").hex()}

    def holds(self, expression: str, names: Json) -> bool:
        """Whether the story's own expression finds this answer right; one that raises does not."""
        names = {**names, "output": self.output(), "json": json, "re": re}
        try:
            return bool(eval(self.here(expression), names))  # the expression came with this script
        except Exception:
            return False

    def listen(self, step: Json) -> None:
        if step["actor"] in self.listeners:
            return
        port = step.get("port") or 0
        listener = Listener(
            step.get("host") or "127.0.0.1", port, step.get("transport") or self.setup.get("transport") or "tcp"
        )
        if listener.port != port:
            if port in (self.setup.get("ports") or []):
                raise CannotReplay(self.in_use(port))
            self.ports[port] = listener.port
        self.listeners[step["actor"]] = listener

    def listen_step(self, step: Json, failing: bool) -> Json:
        self.listen(step)
        return {"port": self.listeners[step["actor"]].port}

    def accept_step(self, step: Json, failing: bool) -> Json | None:
        connection = self.listeners[step["actor"]].accept(self.patience)
        if connection is None:
            if not failing:
                raise WentWrongEarlier(
                    two(
                        self.lang,
                        f"{self.unit} 没有连接 {step['actor']}",
                        f"{self.unit} does not connect to {step['actor']}",
                    )
                )
            self.observed = {"text": {"zh": "没有连接", "en": "no connection came"}}
            return {"kind": "silence", "seconds": self.patience}
        self.peers[step.get("as") or step["actor"]] = connection
        self.right = failing and self.wanted.get("event") == "accept"
        return None

    def start_step(self, step: Json, failing: bool) -> None:
        if self.program and not self.program.ended():
            self.program.kill()
        self.program = None
        self.start(wait=False)

    def listening_step(self, step: Json, failing: bool) -> Json | None:
        assert self.program is not None
        if self.program.wait_until_it_listens(None, PATIENCE * 2):
            self.right = failing and self.wanted.get("event") == "listening"
            return {"kind": "listening", "port": self.address()[1]}
        if not failing:
            raise WentWrongEarlier(two(self.lang, f"{self.unit} 没有开始监听", f"{self.unit} does not listen"))
        self.observed = {"text": {"zh": "没有开始监听", "en": "it does not listen"}}
        return {"kind": "stopped"} if self.program.ended() else {"kind": "start"}

    def stopped_step(self, step: Json, failing: bool) -> Json | None:
        assert self.program is not None
        program = self.program
        if failing and self.wanted.get("event") == "listening":
            return self.listening_step(step, failing)
        stopped = program.wait(program.ended, float(step.get("seconds") or self.patience))
        self.observed = {
            "text": {"zh": "结束了", "en": "it ended"} if stopped else {"zh": "还在运行", "en": "it still runs"}
        }
        expression = self.wanted.get("python")
        if expression:
            program.reader.join(1)
            self.right = self.holds(expression, {"got": program.process.returncode, "stopped": stopped})
        else:
            self.right = stopped and self.wanted.get("event") == "stopped"
        return (
            None
            if stopped
            else {"kind": "silence", "actor": self.unit, "seconds": step.get("seconds") or self.patience}
        )

    def interrupt_step(self, step: Json, failing: bool) -> None:
        assert self.program is not None
        self.program.interrupt()

    def kill_step(self, step: Json, failing: bool) -> None:
        assert self.program is not None
        self.program.kill()

    def stdin_step(self, step: Json, failing: bool) -> None:
        assert self.program is not None
        self.program.type(step.get("data"))

    def printed_step(self, step: Json, failing: bool) -> Json:
        expression = self.wanted.get("python") if failing else None
        if self.program and expression:
            self.program.wait(lambda: self.holds(expression, {"got": self.output()}), self.patience)
        if expression:
            self.right = self.holds(expression, {"got": self.output()})
        data = self.output().encode()
        self.observed = {"bytes": {"hex": data.hex(), "bytes": len(data)}}
        return {"data": Octets(data)}

    def call_step(self, step: Json, failing: bool) -> None:
        owner = self.objects[step["target"]] if step.get("target") else self.module
        try:
            function = getattr(owner, step["name"])
        except AttributeError as error:
            raise WentWrongEarlier(str(error)) from None
        args, kwargs = self.here(decoded(step.get("args") or [])), self.here(decoded(step.get("kwargs") or {}))
        self.calls[step["n"]] = Call(function, args, kwargs)

    def return_step(self, step: Json, failing: bool) -> Json:
        number = step.get("call") or max(self.calls, default=0)
        call = self.calls.get(number)
        if call is None:
            raise CannotReplay("the story has a return without its call")
        recorded: Json = next((other for other in self.steps if other["n"] == number), {})
        if not call.wait(max(self.patience, float(step.get("seconds") or 0))):
            if not failing:
                raise WentWrongEarlier(two(self.lang, "调用没有返回", "the call does not return"))
            self.observed = {"text": {"zh": "调用没有返回", "en": "the call does not return"}}
            return {"kind": "silence", "seconds": self.patience}
        if recorded.get("as"):
            self.objects[recorded["as"]] = call.value
        if call.raised is not None:
            raised = {"type": type(call.raised).__name__, "message": str(call.raised)}
            self.observed = {"raised": raised}
            now: Json = {"raised": raised}
        else:
            shown = call.value if is_json(call.value) else {"$": "object", "type": "", "repr": repr(call.value)[:2000]}
            self.observed = {"value": shown}
            now = {"value": shown, "raised": None}
        if failing:
            raised_name = type(call.raised).__name__ if call.raised is not None else None
            expression = self.wanted.get("python")
            if expression:
                names = {"got": call.value, "raised": raised_name, "seconds": call.seconds}
                self.right = self.holds(expression, {**names, "args": call.args, "kwargs": call.kwargs})
            elif self.wanted.get("event") == "return":
                self.right = raised_name is None
            else:
                self.right = raised_name is None and same(call.value, self.here(decoded(self.wanted.get("value"))))
        elif call.raised is not None and not step.get("raised"):
            raise WentWrongEarlier(f"{type(call.raised).__name__}: {call.raised}")
        return now

    def get_step(self, step: Json, failing: bool) -> Json:
        owner = self.objects[step["target"]] if step.get("target") else self.module
        value = getattr(owner, step["name"], None)
        shown = value if is_json(value) else {"$": "object", "type": "", "repr": repr(value)[:2000]}
        self.observed = {"value": shown}
        if failing:
            expression = self.wanted.get("python")
            self.right = self.holds(expression, {"got": value}) if expression else same(value, self.wanted.get("value"))
        return {"value": shown}


def main(story: Json, submission: str, argv: list[str] | None = None) -> int:
    """The replay script's main: plays the story against the program in the folder."""
    parser = argparse.ArgumentParser(description="Hold the recorded conversation again, without the grader.")
    parser.add_argument(
        "--submission", default=submission, help=f"the folder with your programs (default {submission})"
    )
    parser.add_argument("--lang", choices=("zh", "en"), default=language())
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds until silence counts (default 5)")
    parser.add_argument("--program", help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.program:
        run_program(json.loads(options.program))
        return 0
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if story["setup"]["kind"] in ("functions", "client") and not options.inside:
        # The functions run in a second process: if they end it, this one can still say so.
        arguments = argv if argv is not None else sys.argv[1:]
        status = subprocess.call([sys.executable, "-B", os.path.abspath(sys.argv[0]), *arguments, "--inside"])
        if status in INSIDE:
            return INSIDE[status]
        print(
            two(options.lang, f"程序结束了整个进程 (状态 {status})", f"the program ended the process (status {status})")
        )
        return WRONG
    try:
        status = Player(story, Path(options.submission), options.lang, options.patience).play()
    except CannotReplay as error:
        print(error, file=sys.stderr)
        status = UNTRIED
    except Exception:
        # Python's own status for this would be 1, and that means "reproduced".
        traceback.print_exc()
        status = UNTRIED
    if options.inside:
        sys.stdout.flush()
        # Threads of the program may still wait for something: do not wait for them.
        os._exit(status + FIRST_INSIDE)
    return status


FIRST_INSIDE = 70
INSIDE = {FIRST_INSIDE + status: status for status in (RIGHT, WRONG, UNTRIED)}
