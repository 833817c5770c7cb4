"""Does the step that failed, and looks whether the program does now what was wanted. Part of every replay script."""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
import time
from collections.abc import Callable

from graders.core.replay.acting import Acting
from graders.core.replay.frames import heard_instead
from graders.core.replay.octets import Octets
from graders.core.replay.peers import QUIET, Datagrams, WentWrongEarlier
from graders.core.replay.scene import MISSING, START_PATIENCE, STOP_PATIENCE, Scene
from graders.core.replay.values import Json

SILENT = {"zh": "什么也没有来", "en": "nothing came"}


class Looking:
    """`fail_step` sets `right`, and `observed`: what came instead. For each event that is wanted there is a method."""

    def __init__(self, scene: Scene, acting: Acting) -> None:
        self.scene = scene
        self.acting = acting
        self.observed: Json = {}
        self.right = False

    def import_module(self) -> None:
        sys.path.insert(0, str(self.scene.path.parent))
        sys.stdout = sys.stderr = self.scene.prints
        sockets: list[object] = []
        if self.scene.wanted.event == "quiet":
            # urllib3 makes a socket when it is imported, to see whether there is IPv6: not the learner's doing.
            for library in ("flask", "requests", "websockets"):
                with contextlib.suppress(ImportError):
                    importlib.import_module(library)
        sys.addaudithook(lambda event, args: sockets.append(1) if event == "socket.__new__" else None)
        threads = threading.active_count()
        try:
            with self.scene.prints.keeping_all():
                self.scene.module = importlib.import_module(self.scene.path.stem)
        except BaseException as error:
            self.observed = {"raised": {"type": type(error).__name__, "message": str(error)}}
            if self.scene.wanted.event not in ("import", "quiet"):
                raise WentWrongEarlier(f"{type(error).__name__}: {error}") from None
            return
        self.right = self.scene.wanted.event == "import"
        if self.scene.wanted.event == "quiet":
            effects = {
                "threads": threading.active_count() - threads,
                "sockets": len(sockets),
                "printed": self.scene.prints.text,
            }
            self.right = not any(effects.values())
            self.observed = {"value": effects}

    def fail_step(self, step: Json) -> Json:
        """Do the failing step, note what came in `observed`, and decide whether it is `right` now."""
        # Only now is it known which ports are used.
        self.scene.wanted.python = self.scene.here(self.scene.wanted.python)
        if self.scene.wanted.event in EVENTS:
            look: Callable[[Json], Json] = getattr(self, f"look_for_{self.scene.wanted.event}")
            return look(step)
        if step["kind"] in ("receive", "silence", "end"):
            return self.judge_bytes(step)
        if step["kind"] == "return":
            return self.judge_return(step)
        if step["kind"] == "look":
            return self.judge_page(step)
        if step["kind"] == "printed":
            return self.judge_printed(step)
        if step["kind"] == "wrote":
            return self.judge_written(step)
        now = self.acting.step(step)
        if step["kind"] == "get":
            self.observed = {"value": now["value"]}
            self.right = self.scene.wanted.right_value(self.scene.attribute(step))
        return now

    def judge_bytes(self, step: Json) -> Json:
        # Where nothing is to come, waiting for it as long as the grader did is enough.
        seconds = max(
            QUIET if self.scene.wanted.event == "silence" else self.scene.patience, float(step.get("seconds") or 0)
        )
        peer, until = self.scene.peer(step), time.monotonic() + seconds
        data, how = peer.receive(self.scene.wanted.settled, seconds)
        if step["kind"] == "silence" and isinstance(peer, Datagrams):
            # Late answers to what was sent before may come before the one that is missing.
            while how == "complete" and self.scene.wanted.bytes not in (None, data):
                data, how = peer.receive(self.scene.wanted.settled, max(0.001, until - time.monotonic()))
        if data and how == "silence" and self.scene.wanted.event is None and self.scene.wanted.whole(data):
            how = "complete"
        self.right = self.scene.wanted.right_bytes(data, how)
        told = {
            "end": {"zh": "连接被关闭，什么也没有来", "en": "the connection was closed, nothing came"},
            "reset": {"zh": "连接被强行断开 (RST)", "en": "the connection was reset"},
        }
        if data and step.get("framed"):
            self.observed = heard_instead(data, step["framed"] == "lines")
        elif data:
            self.observed = {"bytes": {"hex": data.hex(), "bytes": len(data)}}
        else:
            self.observed = {"text": told.get(how, SILENT)}
        return {"kind": "receive", "data": Octets(data), "ending": how, "seconds": seconds}

    look_for_end = look_for_silence = judge_bytes

    def judge_return(self, step: Json) -> Json:
        call = self.scene.call_of(step)
        if not call.wait(max(self.scene.patience, float(step.get("seconds") or 0))):
            self.observed = {"text": {"zh": "调用没有返回", "en": "the call does not return"}}
            return {"kind": "silence", "seconds": self.scene.patience}
        told = call.told()
        self.observed = {"raised": told["raised"]} if told["raised"] else {"value": told["value"]}
        if call.raised is None:
            names = {"args": call.args, "kwargs": call.kwargs, "seconds": call.seconds, "output": self.scene.output()}
            self.right = self.scene.wanted.right_value(call.value, **names)
        return told

    look_for_return = judge_return

    def look_for_waits(self, step: Json) -> Json:
        """The call has not returned yet: it waits for what comes later."""
        call = self.scene.call_of(step)
        self.right = not call.wait(QUIET)
        if self.right:
            return {"kind": "waiting"}
        told = call.told()
        self.observed = {"raised": told["raised"]} if told["raised"] else {"value": told["value"]}
        return told

    def judge_page(self, step: Json) -> Json:
        assert self.scene.browsing is not None

        def right(text: str | None) -> bool:
            return self.scene.wanted.holds(got=text)

        seconds = self.scene.patience
        text = self.scene.browsing.await_text(step["actor"], step["selector"], right, seconds)
        self.right = right(text)
        data = (text or "").encode()
        self.observed = {"bytes": {"hex": data.hex(), "bytes": len(data)}} if data else {"text": SILENT}
        return {"data": Octets(data)}

    def judge_printed(self, step: Json) -> Json:
        def right() -> bool:
            return self.scene.wanted.holds(got=self.scene.printed_since(), output=self.scene.output())

        if self.scene.program:
            self.scene.program.wait(right, self.scene.patience)
            time.sleep(QUIET)  # where nothing is to be printed, something might be yet
        self.right = right()
        data = self.scene.printed_since().encode("utf-8", "replace")
        self.observed = {"bytes": {"hex": data.hex(), "bytes": len(data)}} if data else {"text": SILENT}
        return {"data": Octets(data)}

    def judge_written(self, step: Json) -> Json:
        deadline = time.monotonic() + self.scene.patience
        while not (right := self.scene.wanted.holds(got=self.scene.written(step))) and time.monotonic() < deadline:
            time.sleep(QUIET / 10)
        if right:
            time.sleep(QUIET)  # a line too many may still come
        data = self.scene.written(step)
        self.right = right and self.scene.wanted.holds(got=data)
        self.observed = {"bytes": {"hex": data.hex(), "bytes": len(data)}} if data else {"text": SILENT}
        return {"data": Octets(data)}

    def look_for_listening(self, step: Json) -> Json:
        assert self.scene.program is not None
        since = [other["kind"] for other in self.scene.steps if other["n"] < step["n"]]
        since = since[len(since) - since[::-1].index("start") :] if "start" in since else since
        if "connect" in since:
            return self.still_running(step)
        if self.scene.program.wait_until_it_listens(step.get("port"), START_PATIENCE):
            self.right = True
            port = self.scene.program.listening[-1][1]
            return {"kind": "listening", "port": port, "raised": None, "label": None}
        self.observed = {"text": {"zh": "没有开始监听", "en": "it does not listen"}}
        return {"kind": "stopped"} if self.scene.program.ended() else {"kind": "silence", "seconds": START_PATIENCE}

    def still_running(self, step: Json) -> Json:
        """It served already: now it goes on."""
        assert self.scene.program is not None
        program = self.scene.program
        self.right = not program.wait(lambda: program.ended() or program.returned is not None, 2 * QUIET)
        self.observed = {"text": {"zh": "程序结束了", "en": "the program ended"}}
        told = {"zh": "还在运行", "en": "still runs"} if self.right else None
        return {"kind": "stopped" if not self.right else "running", "label": told}

    def look_for_stopped(self, step: Json) -> Json:
        assert self.scene.program is not None
        self.right = self.scene.program.wait(self.scene.program.ended, STOP_PATIENCE)
        self.observed = {"text": {"zh": "它还在运行", "en": "it still runs"}}
        return {"kind": "stopped"} if self.right else {"kind": "silence", "seconds": STOP_PATIENCE}

    def look_for_start_returns(self, step: Json) -> Json:
        """start() comes back, of itself and with a reason printed."""
        assert self.scene.program is not None
        program = self.scene.program
        program.wait(lambda: program.returned is not None or program.ended(), STOP_PATIENCE)
        program.settle()
        self.right = program.returned is True and bool(self.scene.output().strip())
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
            self.acting.connect_step(step)
        except WentWrongEarlier as error:
            self.observed = {"text": {"zh": str(error), "en": str(error)}}
            return {"kind": "refused"}
        self.right = True
        return {"kind": "connect"}

    def look_for_accept(self, step: Json) -> Json:
        """A connection to the listener that the step is of, or to the only one, when the program did something else."""
        name = step["actor"] if step["actor"] in self.scene.listeners else next(iter(self.scene.listeners))
        if self.scene.accepted(self.scene.listeners[name]) is None:
            self.observed = {"text": {"zh": "没有连接", "en": "no connection"}}
            return {"kind": "silence", "seconds": self.scene.patience}
        self.right = True
        return {"kind": "accept", "actor": name}

    def look_for_window(self, step: Json) -> Json:
        assert self.scene.desk is not None
        self.right = self.scene.desk.await_window(START_PATIENCE) is not None
        self.observed = {"text": {"zh": "没有窗口", "en": "there is no window"}}
        return {"kind": "window", "label": None} if self.right else {"kind": "silence", "seconds": START_PATIENCE}

    def look_for_read(self, step: Json) -> Json:
        sent = self.scene.peer(step).send(self.scene.here(step.get("data") or b""), seconds=self.scene.patience)
        self.right = bool(sent)
        self.observed = {"text": {"zh": "没有人读", "en": "nobody reads"}}
        return {}

    def look_for_import(self, step: Json) -> Json:
        return {"raised": None} if self.right else {"raised": self.observed.get("raised")}

    def look_for_quiet(self, step: Json) -> Json:
        return {"value": None if self.right else self.observed.get("value")}

    def look_for_name(self, step: Json) -> Json:
        now = self.acting.get_step(step)
        self.right = self.scene.attribute(step) is not MISSING
        self.observed = {"text": {"zh": f"没有 {step['name']}", "en": f"there is no {step['name']}"}}
        return now


EVENTS = {name.removeprefix("look_for_") for name in vars(Looking) if name.startswith("look_for_")}
