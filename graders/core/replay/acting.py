"""Does a story's steps once more, up to the one that failed. Part of every replay script."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graders.core.replay.calls import Call, decoded, is_json
from graders.core.replay.judging import end_of, expected
from graders.core.replay.messages import HttpMessage
from graders.core.replay.octets import Octets
from graders.core.replay.offers import Offering
from graders.core.replay.pages import Browsing
from graders.core.replay.peers import QUIET, Datagrams, Listener, WentWrongEarlier, connected
from graders.core.replay.program import CannotReplay, Program
from graders.core.replay.scene import START_PATIENCE, STOP_PATIENCE, Scene
from graders.core.replay.values import Json
from graders.core.replay.windows import Desk
from graders.sandbox.browser import Page


class NothingToSay(Exception):
    """The program does not do any more what was wrong."""


class Acting:
    """`step` does one of them; for each kind of step there is a method."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def step(self, step: Json) -> Json:
        """Do what the step says; give what of it is different now (the bytes that came, the value returned)."""
        play: Callable[[Json], Json | None] = getattr(self, f"{step['kind']}_step")
        return play(step) or {}

    def start_step(self, step: Json) -> None:
        kwargs = dict(step.get("kwargs") or {})
        held = [holder.port for holder in self.scene.holders]
        if kwargs.get("port") and self.scene.ports.get(kwargs["port"]) not in held:
            self.scene.port(kwargs["port"])
        start = {"path": str(self.scene.path.resolve()), "class": step.get("class"), "method": step.get("method")}
        if step.get("app"):
            start |= {"kind": "wsgi", "app": step["app"], "factory": step.get("factory")}
            start |= {"host": kwargs.pop("host", "127.0.0.1"), "port": self.scene.here(kwargs.pop("port"))}
        else:
            start["kind"] = "server"
        if step.get("second"):
            start["second"] = self.scene.port(step["second"])
        if self.scene.program and not self.scene.program.ended():
            self.scene.program.kill()
        kwargs = {key: self.scene.file(value) for key, value in self.scene.here(kwargs).items()}
        self.scene.program = Program({**start, "kwargs": kwargs})
        following = next((other for other in self.scene.steps if other["n"] == step["n"] + 1), None)
        # Where the story goes on with its end, there is nothing to wait for.
        if (
            following
            and following["n"] != self.scene.failed
            and following["kind"] not in ("stopped", "return", "silence")
        ):
            self.scene.await_listening()

    def run_step(self, step: Json) -> None:
        for other in self.scene.steps:
            if other["actor"] != "X" and other.get("port") and other["kind"] not in ("listen", "open"):
                self.scene.port(other["port"])  # a script's ports are fixed: find out now that one is in use
        scene = self.scene
        argv = [str(scene.here(decoded(scene.file(word)))) for word in step.get("arguments") or []]
        if scene.program and not scene.program.ended():
            scene.program.kill()
        start: Json = {"kind": "script", "path": str(scene.path.resolve()), "argv": argv}
        if step.get("module"):
            self.scene.desk = Desk()
            start |= {"environment": self.scene.desk.environment, "interpreter": self.scene.desk.interpreter}
        self.scene.program = Program(start)

    def file_step(self, step: Json) -> None:
        Path(self.scene.file({"$": "file", "name": step["value"]})).write_bytes(step.get("data") or b"")

    def pause_step(self, step: Json) -> None:
        assert self.scene.program is not None
        self.scene.program.stop(True)

    def resume_step(self, step: Json) -> None:
        assert self.scene.program is not None
        self.scene.program.stop(False)

    def window_step(self, step: Json) -> None:
        assert self.scene.desk is not None
        if self.scene.desk.await_window(START_PATIENCE) is None:
            raise WentWrongEarlier(self.scene.say("没有出现窗口", "no window comes up"))

    def keys_step(self, step: Json) -> None:
        assert self.scene.desk is not None
        self.scene.desk.write(step["data"].decode().removesuffix("\n"), step.get("way", 0))

    def shut_step(self, step: Json) -> None:
        assert self.scene.desk is not None
        self.scene.desk.ask_to_close()

    def page_step(self, step: Json) -> None:
        self.scene.browsing = self.scene.browsing or Browsing()
        self.scene.browsing.open(step["actor"], f"http://127.0.0.1:{self.scene.here(step['port'])}{step['value']}")

    def fill_step(self, step: Json) -> None:
        self.await_element(step).write(step["selector"], step["data"].decode() if step.get("data") else "")

    def click_step(self, step: Json) -> None:
        self.await_element(step).click(step["selector"])

    def await_element(self, step: Json) -> Page:
        assert self.scene.browsing is not None
        found = self.scene.browsing.await_text(
            step["actor"], step["selector"], lambda text: text is not None, self.scene.patience
        )
        if found is None:
            raise WentWrongEarlier(self.scene.say(f"没有 {step['selector']}", f"there is no {step['selector']}"))
        return self.scene.browsing.pages[step["actor"]]

    def look_step(self, step: Json) -> Json:
        assert self.scene.browsing is not None
        wanted = step.get("contains") or []
        text = self.scene.browsing.await_text(
            step["actor"],
            step["selector"],
            lambda text: all(each in (text or "") for each in wanted),
            self.scene.patience,
        )
        return {"data": Octets((text or "").encode())}

    def holds_step(self, step: Json) -> None:
        """A port that the program is to find in use."""
        holder = Listener("127.0.0.1", self.scene.port(step["value"]), udp=self.scene.udp)
        self.scene.holders.append(holder)

    def listen_step(self, step: Json) -> Json:
        udp = step.get("transport") == "udp"
        listener = Listener(
            step.get("host") or "127.0.0.1",
            self.scene.port(step.get("port") or 0),
            udp=udp,
            narrow=bool(step.get("narrow")),
        )
        self.scene.listeners[step["actor"]] = listener
        if udp:
            self.scene.peers[step["actor"]] = Datagrams(listener.sock, None)
        return {"port": listener.port}

    def open_step(self, step: Json) -> None:
        listener = Listener("127.0.0.1", self.scene.port(step.get("port") or 0), udp=True)
        to = step.get("to")
        self.scene.peers[step["actor"]] = Datagrams(listener.sock, ("127.0.0.1", self.scene.here(to)) if to else None)

    def connect_step(self, step: Json) -> Json | None:
        port = self.scene.here(step["port"])
        if self.scene.mode == "script" and self.scene.program:
            self.scene.program.wait_until_it_listens(port, START_PATIENCE)
        if step.get("transport") == "udp":
            listener = Listener(step.get("host") or "127.0.0.1", step.get("own") or 0, udp=True)
            self.scene.keep(step["actor"], Datagrams(listener.sock, (step.get("at") or "127.0.0.1", port)))
            return None
        try:
            connection = connected(("127.0.0.1", port), self.scene.patience, narrow=bool(step.get("narrow")))
        except OSError as error:
            raise WentWrongEarlier(f"{step['actor']}: {error}") from None
        self.scene.keep(step["actor"], connection)
        return None

    def refused_step(self, step: Json) -> Json:
        """Where it is not what failed: the program may accept it now."""
        try:
            self.connect_step(step)
        except WentWrongEarlier:
            return {}
        return {"kind": "connect"}

    def accept_step(self, step: Json) -> Json | None:
        listener = self.scene.listeners[step.get("listener") or step["actor"]]
        connection = self.scene.accepted(listener)
        if connection is not None:
            self.scene.keep(step["actor"], connection)
            return None
        failing = next((other for other in self.scene.steps if other["n"] == self.scene.failed), None)
        if failing and failing["actor"] == step["actor"] and self.scene.wanted.right_bytes(b"", "silence"):
            # What went wrong was said on a connection that a right program does not make.
            raise NothingToSay
        raise WentWrongEarlier(
            self.scene.say(
                f"{self.scene.unit} 没有连接 {listener.port}", f"{self.scene.unit} does not connect to {listener.port}"
            )
        )

    def send_step(self, step: Json) -> None:
        data = self.scene.here(step.get("data") or b"")
        if isinstance(data, Octets):
            raise CannotReplay("what was sent is not all in the story")
        data = re.sub(rb"\A([A-Z]+ /[^ ?]*?)(\d+)(?=[ /?])", self.as_learned, data)
        self.scene.peer(step).send(data, step.get("reading") or "meanwhile", more=bool(step.get("more")))

    def as_learned(self, found: re.Match[bytes]) -> bytes:
        """The path of an HTTP request with the number that the program chose now."""
        return found[1] + str(self.scene.learned[int(found[2])]).encode()

    def learn(self, step: Json, data: bytes) -> None:
        """Note an answer, and the value in it that the program was free to choose."""
        message = HttpMessage(data, request_method=self.scene.method_before(step["n"], step["actor"]))
        self.scene.answers.append(message)
        recorded = step.get("data")
        if step.get("learn") and isinstance(recorded, bytes):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                name = step["learn"]
                self.scene.learned[json.loads(HttpMessage(recorded).body)[name]] = json.loads(message.body)[name]

    def receive_step(self, step: Json) -> Json:
        recorded = step.get("data")
        recorded = recorded.head if isinstance(recorded, Octets) else recorded
        ending = step.get("ending") or {"end": "end", "silence": "silence"}.get(step["kind"])
        seconds = self.scene.patience
        if ending == "silence" and not recorded:
            seconds = float(step.get("seconds") or QUIET)
        if step["kind"] == "silence":  # the program is given this long, or something happens only then
            seconds = float(step.get("seconds") or seconds)
        method = self.scene.method_before(step["n"], step["actor"])
        again = expected(recorded, ending, method)
        data, how = self.scene.peer(step).receive(again, seconds, end_of=end_of(step, method))
        self.learn(step, data)
        seen = self.scene.wanted.seen
        seen[step["actor"]] = seen.get(step["actor"], b"") + data
        return {"kind": "receive", "data": Octets(data), "ending": "complete" if again(data) else how}

    silence_step = end_step = receive_step

    def offers_step(self, step: Json) -> None:
        name, data = step["actor"], self.scene.here(step.get("data") or b"")
        if isinstance(data, Octets):
            raise CannotReplay("what was offered is not all in the story")
        if name not in self.scene.offerings:
            self.scene.offerings[name] = Offering(self.scene.listeners[name])
        self.scene.offerings[name].change(data, step["then"], step.get("unchanged"))

    def wrote_step(self, step: Json) -> Json:
        lines = (step.get("data") or b"").count(b"\n")
        deadline = time.monotonic() + self.scene.patience
        while self.scene.written(step).count(b"\n") < lines and time.monotonic() < deadline:
            time.sleep(QUIET / 10)
        return {"data": Octets(self.scene.written(step))}

    def half_close_step(self, step: Json) -> None:
        self.scene.peer(step).half_close()

    def close_step(self, step: Json) -> None:
        if step["actor"] in self.scene.peers:
            self.scene.peers[step["actor"]].close()
        elif step["actor"] in self.scene.listeners:
            self.scene.listeners[step["actor"]].sock.close()

    def reset_step(self, step: Json) -> None:
        self.scene.peer(step).reset()

    def kill_step(self, step: Json) -> None:
        assert self.scene.program is not None
        self.scene.program.kill()

    def interrupt_step(self, step: Json) -> None:
        assert self.scene.program is not None
        time.sleep(QUIET)
        self.scene.program.interrupt()

    def stopped_step(self, step: Json) -> None:
        assert self.scene.program is not None
        if not self.scene.program.wait(self.scene.program.ended, STOP_PATIENCE):
            raise WentWrongEarlier(self.scene.say(f"{self.scene.unit} 还在运行", f"{self.scene.unit} still runs"))

    def running_step(self, step: Json) -> None:
        """It has had the time to end; whether it still serves shows in what follows."""

    def stdin_step(self, step: Json) -> None:
        assert self.scene.program is not None
        self.scene.program.type(step["data"])

    def stdin_end_step(self, step: Json) -> None:
        assert self.scene.program is not None
        self.scene.program.type(None)

    def printed_step(self, step: Json) -> Json:
        if self.scene.program:
            program, recorded = self.scene.program, step.get("data") or b""
            program.wait(lambda: len(program.printed) >= len(recorded), self.scene.patience)
        return {"data": Octets(self.scene.output().encode("utf-8", "replace"))}

    def call_step(self, step: Json) -> None:
        owner = self.scene.objects.get(step["target"]) if step.get("target") else self.scene.module
        function = self.method(step["name"]) if self.scene.program else getattr(owner, step["name"], None)
        if function is None:
            raise WentWrongEarlier(self.scene.say(f"没有 {step['name']}", f"there is no {step['name']}"))
        # Ports are replaced before (a socket to connect) and after (an address inside bytes).
        args, kwargs = (
            self.scene.here(decoded(self.scene.here(step.get(key) or none)))
            for key, none in (("args", []), ("kwargs", {}))
        )
        self.scene.mark = self.scene.next_mark = len(self.scene.output())
        call = Call(step["name"], function, args, kwargs)
        self.scene.calls.append(call)
        if step.get("new"):
            call.wait(self.scene.patience)
            self.scene.objects[step.get("as") or step["name"]] = call.value
            call.done = call.raised is None and step["n"] + 1 != self.scene.failed
            if call.raised is not None and (step["n"] + 1 != self.scene.failed):
                raise WentWrongEarlier(f"{type(call.raised).__name__}: {call.raised}")

    def method(self, name: str) -> Callable[..., Any]:
        """A method of the server in the other process."""
        program, number = self.scene.program, len(self.scene.calls)
        assert program is not None

        def call(*args: Any, **kwargs: Any) -> Any:
            said = program.call(number, name, args, kwargs)
            if "raised" in said:
                raise type(said["raised"][0], (Exception,), {})(said["raised"][1])
            return said["value"]

        return call

    def return_step(self, step: Json) -> Json:
        call = self.scene.call_of(step)
        if not call.wait(self.scene.patience):
            raise WentWrongEarlier(self.scene.say("调用没有返回", "the call does not return"))
        if call.raised is not None and not step.get("raised"):
            raise WentWrongEarlier(f"{type(call.raised).__name__}: {call.raised}")
        return call.told()

    def get_step(self, step: Json) -> Json:
        value = self.scene.attribute(step)
        # Graders look at something to have all output in front of it: what was printed since the look before counts.
        self.scene.mark, self.scene.next_mark = self.scene.next_mark, len(self.scene.output())
        return {"value": value if is_json(value) else {"$": "object", "repr": repr(value)[:2000]}}

    def import_step(self, step: Json) -> None:
        pass  # done before the first step
