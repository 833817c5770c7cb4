"""How steps and stories are told to a person: one wording for the terminal and for the replay scripts.

Standard library only, no I/O: part of every replay script.
"""

from __future__ import annotations

from collections.abc import Mapping

from graders.core.replay.characters import printable, width, wrap
from graders.core.replay.comparing import Line, compare
from graders.core.replay.frames import frames_text
from graders.core.replay.octets import octets, show
from graders.core.replay.values import (
    Json,
    call_text,
    pick,
    raised_text,
    seconds_text,
    sources_of,
    squeeze,
    start_text,
    value_text,
    variable,
)

# A story of 200 clients is told by its beginning and by what led to the failure; the report has every step.
MOST_STEPS = 26
FIRST_STEPS = 8

# The actor of the steps that the program takes by itself.
PROGRAM = "P"

# What a receiving that brought nothing is told as, by its ending.
ENDINGS = {"end": "end", "reset": "end reset", "silence": "silence"}

# {a} the grader's peer, {p} the program under test, {at} host:port, {v} the step's value.
SENTENCES: dict[str, tuple[str, str]] = {
    "connect": ("客户端 {a} 连接", "client {a} connects"),
    "refused": ("客户端 {a} 的连接被拒绝", "client {a} is refused"),
    "send": ("{a} → {p}", "{a} → {p}"),
    "receive": ("{p} → {a}", "{p} → {a}"),
    "offers": ("{a} 会回答", "{a} will answer"),
    "wrote": ("{p} 写进了文件", "{p} has written into the file"),
    "half_close": ("{a} 说完了，还在听 (half-close)", "{a} has finished sending and still listens (half-close)"),
    "close": ("{a} 关闭连接", "{a} closes"),
    "reset": ("{a} 强行断开 (RST)", "{a} resets the connection (RST)"),
    "end": ("{p} 关闭了与 {a} 的连接", "{p} closes the connection to {a}"),
    "end reset": ("{p} 强行断开了与 {a} 的连接 (RST)", "{p} resets the connection to {a} (RST)"),
    "silence": ("{a} 等不到回答", "{a} waits in vain"),
    "silence P": ("{p} 没有反应", "{p} does not react"),
    "file": ("先放好一个空文件 {v}", "an empty file {v} is there already"),
    "pause": ("{p} 停在原地，像在忙碌的机器上", "{p} stands still, as on a busy machine"),
    "resume": ("{p} 继续", "{p} goes on"),
    "open": ("{a} 打开一个 UDP socket", "{a} opens a UDP socket"),
    "holds": ("{a} 占用着端口 {v}", "{a} holds port {v}"),
    "import": ("导入 {p}", "{p} is imported"),
    "run": ("运行脚本 {p}.py", "the script {p}.py is run"),
    "listen": ("服务器 {a} 在 {at} 等候", "server {a} listens on {at}"),
    "accept": ("{p} 连上了 {a}", "{p} connects to {a}"),
    "start": ("{p} 启动", "{p} starts"),
    "listening": ("{p} 在 {at} 上等候", "{p} listens on {at}"),
    "stopped": ("{p} 结束了", "{p} has ended"),
    "running": ("{p} 还在运行", "{p} still runs"),
    "call": ("调用", "call"),
    "get": ("读取", "read"),
    "return": ("返回", "returns"),
    "raised": ("抛出", "raises"),
    "waiting": ("还在等，没有返回", "waits and has not returned"),
    "interrupt": ("按下 Ctrl+C", "Ctrl+C is pressed"),
    "kill": ("{p} 被强行结束 (kill)", "{p} is killed"),
    "stdin": ("键盘 → {p}", "keyboard → {p}"),
    "stdin_end": ("键盘输入结束", "the input ends"),
    "printed": ("{p} 打印", "{p} prints"),
    "window": ("{p} 的窗口出现", "{p}'s window comes up"),
    "page": ("{a} 在浏览器里打开 http://{at}{v}", "{a} opens http://{at}{v} in a browser"),
    "fill": ("{a} 在 {s} 里写", "{a} writes into {s}"),
    "click": ("{a} 点击 {s}", "{a} clicks on {s}"),
    "look": ("{a} 在 {s} 里读到", "{a} reads in {s}"),
    "keys": ("在窗口里打字，按回车", "typed into the window, with Return"),
    "shut": ("点窗口角上的叉", "the cross in the window's corner is clicked"),
}


# What a server does behind the answer that it offers.
THEN = {
    "close": ("(然后关闭连接)", "(and close the connection)"),
    "hold": ("(然后让连接开着)", "(and leave the connection open)"),
    "reset": ("(然后强行断开)", "(and reset the connection)"),
}


def sentence(step: Mapping[str, Json], program: str, lang: str) -> str:
    """Who does what in this step, without the bytes or values."""
    kind = str(step["kind"])
    if kind == "return" and step.get("raised"):
        kind = "raised"
    elif kind in ("receive", "end") and not _size(step.get("data")) and step.get("ending") in ENDINGS:
        kind = ENDINGS[step["ending"]]
    elif kind == "silence" and step.get("actor") == PROGRAM:
        kind = "silence P"
    said = SENTENCES.get(kind, ("{a}: " + kind, "{a}: " + kind))[0 if lang == "zh" else 1]
    at = f"{step.get('host') or '127.0.0.1'}:{step.get('port') or '?'}"
    return said.format(a=step.get("actor", ""), p=program, at=at, v=step.get("value"), s=step.get("selector"))


def _size(data: Json) -> int:
    return 0 if data is None else octets(data).total


def ending_note(step: Mapping[str, Json], lang: str) -> str:
    """How a stretch of receiving ended, where it was not by having all; how a sending failed; how one got to type."""
    if step["kind"] == "send" and step.get("failed"):
        return "(没发完，连接已断)" if lang == "zh" else "(not all of it: the connection is gone)"
    if step["kind"] == "keys" and step.get("way"):
        way = int(step["way"])
        if way < 0:
            return f"(先按 {-way} 次 Tab)" if lang == "zh" else f"(after Tab, {-way} times)"
        return (
            f"(先点一下像输入框的地方，第 {way} 个)"
            if lang == "zh"
            else f"(after a click on what may be an entry, no. {way})"
        )
    if step["kind"] == "offers":
        zh, en = THEN[step["then"]]
        if step.get("unchanged"):
            known = step["unchanged"]["etag"] or step["unchanged"]["last_modified"]
            zh, en = f"(已有 {known} 的得到 304) {zh}", f"(who has {known} already gets a 304) {en}"
        return zh if lang == "zh" else en
    if step["kind"] != "receive" or not _size(step.get("data")):
        return ""
    zh, en = {
        "end": ("(然后连接关闭)", "(then it closes)"),
        "reset": ("(然后强行断开)", "(then it resets the connection)"),
        "silence": ("(然后没有下文)", "(and nothing more)"),
    }.get(str(step.get("ending")), ("", ""))
    return zh if lang == "zh" else en


def content(step: Mapping[str, Json], lang: str) -> str:
    """The bytes, the call or the value of a step, or ''."""
    kind = step["kind"]
    if kind == "call":
        return printable(squeeze(call_text(step), lang))
    if kind == "start":
        return "\n".join([printable(squeeze(start_text(step), lang)), *sources_of(step.get("kwargs") or {})])
    if kind == "get":
        owner = f"{variable(step['target'])}." if step.get("target") else ""
        return printable(squeeze(f"{owner}{step['name']}: {value_text(step.get('value'))}", lang))
    if kind == "run":
        return printable(squeeze(" ".join(value_text(word).strip("'") for word in step.get("arguments") or []), lang))
    if kind == "import" and step.get("value") is not None:
        return printable(squeeze(value_text(step["value"]), lang))
    if kind in ("return", "import", "stopped"):
        if step.get("raised"):
            return squeeze(raised_text(step["raised"]), lang)
        return printable(squeeze(value_text(step.get("value")), lang)) if kind == "return" else ""
    if kind == "keys":
        return show(octets(step["data"]), lang) if step.get("data") else ""
    data = step.get("data")
    if step.get("framed") and data is not None and _size(data):
        return frames_text(octets(data), lang, masked=kind == "send")
    if data is None or (kind == "receive" and not _size(data) and step.get("ending") in ENDINGS):
        return ""
    return show(octets(data), lang)


def step_lines(step: Mapping[str, Json], program: str, lang: str, columns: int, *, failed: bool = False) -> list[Line]:
    """A step as numbered lines; the failing one carries a mark that needs no colour."""
    mark = "▶" if failed else " "
    number = f"{mark} {step['n']:>2}  "
    said = sentence(step, program, lang)
    notes = []
    pause = step.get("pause_before")
    if pause:
        length = seconds_text(float(pause), lang)
        notes.append(f"停顿 {length}之后" if lang == "zh" else f"after a pause of {length}")
    notes += [ending_note(step, lang)] if ending_note(step, lang) else []
    if step.get("label"):
        notes.append(printable(pick(step["label"], lang)))
    if failed:
        notes.append("← 这里不对" if lang == "zh" else "← wrong here")
    shown = content(step, lang)
    kind = "failed" if failed else "step"
    head = f"{number}{said}" + (f"  {shown}" if shown else "")
    note = "  ".join(notes)
    if note and "\n" not in shown and width(head) + 3 + width(note) <= columns:
        return [Line(kind, f"{head}   {note}")]
    if width(head) <= columns and "\n" not in shown:
        lines = [Line(kind, head)]
    else:
        lines = [Line(kind, f"{number}{said}")]
        indent = " " * width(number)
        for row in shown.split("\n"):
            lines += [Line(kind, f"{indent}  {part}") for part in wrap(row, columns - width(number) - 2)]
    if note:
        lines += [Line("note", " " * (width(number) + 2) + part) for part in wrap(note, columns - width(number) - 2)]
    return lines


def program_of(story: Mapping[str, Json], unit: str) -> str:
    """The name of the module that a story is about: the unit's own, or one beside it."""
    return next((step["module"] for step in story.get("steps") or [] if step.get("module")), unit)


def story_lines(story: Mapping[str, Json], program: str, lang: str, columns: int) -> list[Line]:
    """The numbered steps up to the failing one, then wanted and got; long stories lose their middle and say so."""
    program = program_of(story, program)
    steps = list(story.get("steps") or [])
    failed = story.get("failed_step")
    if failed is not None:
        steps = [step for step in steps if step["n"] <= failed]
    lines: list[Line] = []
    if len(steps) > MOST_STEPS:
        left_out = len(steps) - MOST_STEPS
        first, last = steps[:FIRST_STEPS], steps[FIRST_STEPS + left_out :]
        said = f"… 省略 {left_out} 步 …" if lang == "zh" else f"… {left_out} steps omitted …"
    else:
        first, last, said = steps, [], ""
    for step in first:
        lines += step_lines(step, program, lang, columns, failed=step["n"] == failed)
    if said:
        lines.append(Line("note", "      " + said))
    for step in last:
        lines += step_lines(step, program, lang, columns, failed=step["n"] == failed)
    lines += [
        Line(kind, "      " + text) for kind, text in compare(story.get("wanted"), story.get("got"), lang, columns - 6)
    ]
    note = pick(story.get("note"), lang)
    if note:
        lines += [Line("note", "      " + part) for part in wrap(printable(note), columns - 6)]
    return lines
