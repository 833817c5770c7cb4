"""Holds a recorded conversation again, with the program of the learner and without the grader.

A replay script is this module with those that it uses, and one story as a Python literal. It starts the program (or
imports it), plays the recorded steps in their order, tells each of them, and at the step that failed compares what
comes now with what was wanted. Exit status: 0 the program now answers as wanted, 1 it fails as recorded, 2 it could
not be tried.

Standard library only, and nothing here knows an exercise: what a right answer is comes with the story.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path

from graders.core.replay.acting import Acting, NothingToSay
from graders.core.replay.characters import printable
from graders.core.replay.comparing import compare
from graders.core.replay.language import language
from graders.core.replay.looking import Looking
from graders.core.replay.peers import WentWrongEarlier
from graders.core.replay.program import CannotReplay, run_program
from graders.core.replay.scene import PATIENCE, Scene, mode_of
from graders.core.replay.telling import step_lines
from graders.core.replay.values import Json

RIGHT, WRONG, UNTRIED = 0, 1, 2

# Steps of clients that wait for nothing: several in a row are done at once.
TOGETHER = {"send", "close", "reset", "half_close"}


class Player:
    """Plays one story. `play` gives the exit status."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.acting = Acting(scene)
        self.looking = Looking(scene, self.acting)

    def play(self) -> int:
        scene, looking = self.scene, self.looking
        if not scene.path.is_file():
            raise CannotReplay(
                scene.say(
                    f"找不到 {scene.path}：用 --submission 指出你的文件夹",
                    f"{scene.path} is not there: name your folder with --submission",
                )
            )
        try:
            if scene.mode == "functions":
                looking.import_module()
            told: list[Json] = []
            for step, following in zip(scene.steps, [*scene.steps[1:], None], strict=True):
                if step.get("pause_before"):
                    time.sleep(step["pause_before"])
                    if step["kind"] == "receive":
                        scene.peer(step).widen()
                failing = step["n"] == scene.failed
                now = looking.fail_step(step) if failing else self.acting.step(step)
                told.append(scene.here({**step, **now}))
                if following and not failing and {step["kind"], following["kind"]} <= TOGETHER:
                    continue  # what clients do at the same time is told afterwards
                self.tell(told, wrong=failing and not looking.right)
                told.clear()
                if failing:
                    return self.verdict()
        except NothingToSay:
            looking.right = True
            return self.verdict()
        except WentWrongEarlier as error:
            print(scene.say(f"对话进行不到出错的那一步: {error}", f"the conversation ends before that step: {error}"))
            self.tell_output()
            return WRONG
        finally:
            if scene.program:
                scene.program.kill()
            if scene.desk:
                scene.desk.close()
            if scene.browsing:
                scene.browsing.close()
            if scene.folder:
                shutil.rmtree(scene.folder, ignore_errors=True)
        print(scene.say("对话已重复，请看程序的输出。", "The conversation was repeated; look at the output."))
        self.tell_output()
        return WRONG

    def verdict(self) -> int:
        scene = self.scene
        print()
        if self.looking.right:
            print(scene.say("现在回答正确。", "The program now answers as wanted."))
            return RIGHT
        wanted = {key: value for key, value in (scene.story.get("wanted") or {}).items() if value is not None}
        if "bytes" in wanted:
            wanted["bytes"] = scene.here(wanted["bytes"])
        if "value" in wanted:
            wanted["value"] = scene.here(wanted["value"])
        elif not {"text", "bytes", "python"} & set(wanted):
            wanted["value"] = None
        for line in compare(wanted, self.looking.observed, scene.lang, 94):
            print("      " + line.text)
        self.tell_output()
        if scene.story.get("reproduces") == "conversation":
            print(scene.say("(这个错误看运气，可能要多试几次)", "(this failure depends on chance: try a few times)"))
        return WRONG

    def tell(self, steps: list[Json], *, wrong: bool) -> None:
        """What was done; ``wrong``: the last of it."""
        for number, step in enumerate(steps, 1):
            failed = wrong and number == len(steps)
            for line in step_lines(step, self.scene.unit, self.scene.lang, 100, failed=failed):
                print(line.text, flush=True)

    def tell_output(self) -> None:
        printed = self.scene.output()
        if printed.strip():
            print(self.scene.say("程序打印了:", "the program printed:"))
            for line in printed.rstrip("\n").split("\n")[-12:]:
                print("  │ " + printable(line))


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
        folder = Path(options.submission)
        scene = Scene(story, folder, options.lang, options.patience, other_ports=options.other_ports)
        status = Player(scene).play()
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
