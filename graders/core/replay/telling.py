"""How values, steps and stories are told to a person: one wording for the terminal and for the replay scripts.

Standard library only, no I/O: part of every replay script.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from graders.core.models.websocket_frames import CLOSE, begun_frame, items_of, message_lines, without_head
from graders.core.replay.characters import printable, width, wrap
from graders.core.replay.octets import Octets, Piece, difference, octets, show, take

Json = Any
Text = Mapping[str, str]

# A story of 200 clients is told by its beginning and by what led to the failure; the report has every step.
MOST_STEPS = 26
FIRST_STEPS = 8


class Line(NamedTuple):
    """One line for a person, and what it is (step, failed, wanted, got, caret, note): sinks colour by it."""

    kind: str
    text: str


def pick(text: Text | None, lang: str) -> str:
    """The one language of a text in two; the other one where this one is missing."""
    if not text:
        return ""
    return text.get(lang) or text.get("en") or text.get("zh") or ""


# --- values -----------------------------------------------------------------------------------------------------------


def value_text(value: Json) -> str:
    """A recorded value (JSON, or {"$": kind, …} for what JSON has not) as Python would write it."""
    if isinstance(value, Mapping):
        if "$" in value:
            with contextlib.suppress(
                KeyError, TypeError, ValueError
            ):  # a program may return what only looks like a tag
                return _tagged(value)
        return "{" + ", ".join(f"{key!r}: {value_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(value_text(item) for item in value) + "]"
    return repr(value)


def _tagged(value: Mapping[str, Json]) -> str:
    kind = value["$"]
    if kind == "bytes":
        return repr(bytes.fromhex(value["hex"]))
    if kind == "tuple":
        items = [value_text(item) for item in value["items"]]
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    if kind == "file":
        return f"Path({value['name']!r})" if value.get("path") else repr(value["name"])
    if kind in ("python", "class"):
        return printable(str(value["name"]))
    if kind == "object":
        return printable(str(value.get("repr") or f"<{value.get('type')}>"))
    if kind in ("float", "int"):
        return str(value["repr" if kind == "float" else "hex"])
    if kind == "str":
        return repr(bytes.fromhex(value["hex"]).decode("utf-8", "surrogatepass"))
    if kind == "dict":
        return "{" + ", ".join(f"{value_text(k)}: {value_text(v)}" for k, v in value["pairs"]) + "}"
    raise ValueError(kind)


def squeeze(text: str, lang: str, room: int = 180) -> str:
    """The text within about `room` columns: a long one loses its middle, and says how much."""
    if len(text) <= 4 * room and width(text) <= room:
        return text
    head = "".join(p.shown or "" for p in take([Piece(c, 1) for c in text[:room]], room * 2 // 3))
    tail = "".join(p.shown or "" for p in take([Piece(c, 1) for c in text[: -room - 1 : -1]], room // 3))[::-1]
    left_out = len(text) - len(head) - len(tail)
    note = f" … 省略 {left_out:,} 个字符 … " if lang == "zh" else f" … {left_out:,} characters omitted … "
    return head + note + tail


def raised_text(raised: Mapping[str, Json]) -> str:
    message = printable(str(raised.get("message") or ""))
    return f"{printable(str(raised.get('type')))}{': ' if message else ''}{message}"


def call_text(step: Mapping[str, Json]) -> str:
    """`client.receive(buffer_size=1)`, as one would type it."""
    arguments = [value_text(argument) for argument in step.get("args") or []]
    arguments += [f"{name}={value_text(value)}" for name, value in (step.get("kwargs") or {}).items()]
    owner = f"{variable(step['target'])}." if step.get("target") else ""
    result = f"{variable(step.get('as') or step['name'])} = " if step.get("new") else ""
    return f"{result}{owner}{step['name']}({', '.join(arguments)})"


def start_text(step: Mapping[str, Json]) -> str:
    """`TCPServer(host='127.0.0.1', port=8888).start()`; for a WSGI application its name and port."""
    arguments = dict(step.get("kwargs") or {})
    if step.get("app"):
        port = arguments.pop("port", "?")
        arguments.pop("host", None)
        made = call_text({"name": step["app"], "kwargs": arguments}) if step.get("factory") else step["app"]
        return f"{made} (:{port})"
    return f"{call_text({'name': step.get('class'), 'kwargs': arguments})}.{step.get('method')}()"


def sources_of(kwargs: Mapping[str, Json]) -> list[str]:
    """The code of the grader's own functions among the arguments, line by line."""
    tagged = [value for value in kwargs.values() if isinstance(value, Mapping) and value.get("$") == "python"]
    sources = dict.fromkeys(str(value["source"]) for value in tagged if str(value["source"]).startswith("def "))
    return [printable(row) for source in sources for row in source.strip().split("\n")]


def variable(cls: str) -> str:
    """A name for an instance of the class: `client` for TCPClient, `client2` for TCPClient 2."""
    cls, _, number = cls.partition(" ")
    for ending in ("Client", "Server"):
        if cls.endswith(ending):
            return ending.lower() + number
    return cls.lower() + number


def seconds_text(seconds: float, lang: str) -> str:
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} 毫秒" if lang == "zh" else f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} 秒" if lang == "zh" else f"{seconds:.1f} s"


# --- steps ------------------------------------------------------------------------------------------------------------

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
        return frames_text(octets(data), lang)
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


# --- frames of WebSocket (RFC 6455) ----------------------------------------------------------------------------------

OPCODES = {0: "CONTINUATION", 1: "TEXT", 2: "BINARY", 8: "CLOSE", 9: "PING", 10: "PONG"}

# So many frames of one step are told.
MOST_FRAMES = 8


def frames_text(data: Octets, lang: str) -> str:
    """A row for each frame: its kind, what is unusual about it, and its payload without the mask."""
    rows: list[str] = []
    head = data.head
    while head and len(rows) < MOST_FRAMES:
        frame, size, length = begun_frame(head)
        if frame is None:
            rows.append(show(Octets(head, data.omitted, data.tail), lang))
            return "\n".join(rows)
        said = [OPCODES.get(frame.opcode, f"opcode {frame.opcode}")]
        said += [f"RSV {frame.reserved:03b}"] if frame.reserved else []
        said += ["FIN 0"] if not frame.final else []
        payload, missing = frame.payload, length - len(frame.payload)
        if frame.opcode == CLOSE and len(payload) >= 2:
            said.append(str(int.from_bytes(payload[:2], "big")))
            payload = payload[2:]
        if payload or missing:
            said.append(show(Octets(payload, missing), lang))
        rows.append(" ".join(said))
        head = head[size + len(frame.payload) :] if not missing else b""
    if head:
        rows.append("…")
    return "\n".join(rows)


def heard_instead(data: bytes, as_lines: bool) -> Json:
    """What came in place of the messages that were wanted, as one side of a comparison."""
    items = [item for item in items_of(data) if item.opcode < CLOSE]
    if items:
        said = message_lines(data) if as_lines else b"".join(item.payload for item in items)
        return {"bytes": {"hex": said.hex(), "bytes": len(said)}}
    told = {lang: frames_text(Octets(without_head(data)), lang) for lang in ("zh", "en")}
    return {"text": told}


# --- wanted and got ---------------------------------------------------------------------------------------------------


def compare(wanted: Mapping[str, Json] | None, got: Mapping[str, Json] | None, lang: str, columns: int) -> list[Line]:
    """What was wanted, what came, and a caret under the first difference."""
    want_word, got_word = ("期望  ", "实际  ") if lang == "zh" else ("wanted  ", "got     ")
    wanted, got = wanted or {}, got or {}
    lines: list[Line] = []
    room = columns - width(want_word)
    wanted_bytes, got_bytes = _bytes_of(wanted), _bytes_of(got)
    if wanted_bytes is not None and got_bytes is not None and wanted_bytes != got_bytes:
        shown = difference(wanted_bytes, got_bytes, lang, room)
    else:
        shown = ("\n".join(_plain(wanted, lang, room)), "\n".join(_plain(got, lang, room)), "")
    for word, kind, text, side in ((want_word, "wanted", shown[0], wanted), (got_word, "got", shown[1], got)):
        told = pick(side.get("text"), lang)
        parts = [*(wrap(printable(told), room) if told else []), *(text.split("\n") if text else [])]
        if not parts:
            continue
        lines.append(Line(kind, word + parts[0]))
        lines += [Line(kind, " " * width(word) + part) for part in parts[1:]]
    if shown[2]:
        lines.append(Line("caret", " " * width(want_word) + shown[2]))
    return lines


def _bytes_of(side: Mapping[str, Json]) -> Octets | None:
    data = side.get("bytes")
    if data is not None:
        return Octets(bytes.fromhex(data)) if isinstance(data, str) else octets(data)
    value = side.get("value")
    return Octets(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else None


def _plain(side: Mapping[str, Json], lang: str, room: int) -> list[str]:
    if side.get("bytes") is not None:
        data = _bytes_of(side)
        return [part for row in show(data, lang).split("\n") for part in wrap(row, room)] if data else []
    if side.get("raised"):
        return wrap(squeeze(raised_text(side["raised"]), lang), room)
    # A sentence says it all where there is one; null beside it is no value.
    if "value" in side and (side["value"] is not None or not side.get("text")):
        return wrap(printable(squeeze(value_text(side["value"]), lang)), room)
    return []


def program_of(story: Mapping[str, Json], unit: str) -> str:
    """The name of the module that a story is about: the unit's own, or one beside it."""
    return next((step["module"] for step in story.get("steps") or [] if step.get("module")), unit)


# --- stories ----------------------------------------------------------------------------------------------------------


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
