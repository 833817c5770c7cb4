"""Writes replay scripts: the sources of the player, and one story as a literal that one can read.

A pure function from a story to a text. The story must be whole where the script has to send it (nothing omitted).
"""

from __future__ import annotations

import ast
import base64
import functools
import inspect
import shlex
import zlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from graders.core.models import websocket_frames
from graders.core.replay import (
    acting,
    calls,
    characters,
    comparing,
    frames,
    judging,
    language,
    looking,
    messages,
    octets,
    offers,
    pages,
    peers,
    player,
    program,
    scene,
    telling,
    values,
    windows,
)
from graders.core.replay.values import pick
from graders.core.wire import x11
from graders.sandbox import browser, display, system_files, tk
from graders.sandbox.syntax import parse

Json = Any

MARK = "# netgrade replay 1"
# What a script is made of, in an order in which nothing is used before it is there.
GROUND = (
    language,
    characters,
    octets,
    values,
    websocket_frames,
    frames,
    comparing,
    telling,
    messages,
    judging,
    peers,
    calls,
    program,
)
# … then of these where the program has a window,
WINDOWS = (x11, system_files, display, tk, windows)
# … of these where somebody uses its page,
PAGES = (system_files, browser, pages)
# … and of those that play the story.
PLAYER = (offers, scene, acting, looking, player)
# Longer data is packed: nobody reads it, and the script stays a file that an editor opens.
READABLE = 2000


def script_name(unit: str, check: str) -> str:
    return f"{unit}-{check}.py"


def picture_name(unit: str, check: str) -> str:
    """Of the file beside the scripts that shows the program's window."""
    return f"{unit}-{check}.png"


def render_script(unit: str, check: str, title: Mapping[str, str], story: Json, submission: str = "student") -> str:
    """The replay script of a failed check, in full."""
    name = script_name(unit, check)
    curl = curl_line(story)
    header = [
        pick(title, "zh"),
        pick(title, "en"),
        "",
        "重演这段对话，不需要评分程序。 Holds this conversation again, without the grader:",
        "",
        f"    python {name} [--submission DIR] [--lang zh|en]",
        *([f"    {curl}"] if curl else []),
        "",
        "退出状态 exit status: 0 回答正确 right, 1 错误重现 reproduced, 2 没法运行 could not be tried",
    ]
    shown = WINDOWS if any(step.get("module") for step in story["steps"]) else ()
    used = PAGES if any(step["kind"] == "page" for step in story["steps"]) else ()
    imports, sources = _joined(*GROUND, *shown, *used, *PLAYER)
    return "\n".join(
        [
            "#!/usr/bin/env python3",
            _docstring(header),
            MARK,
            "",
            "from __future__ import annotations",
            "",
            *imports,
            "",
            f"SUBMISSION = {submission!r}",
            "",
            *_story_lines(_literal(_story(story))),
            "",
            "",
            "# " + "-" * 98,
            "# From here on: the player, the same in every replay script.",
            "",
            *sources,
            "",
            'if __name__ == "__main__":',
            "    raise SystemExit(main(STORY() if callable(STORY) else STORY, SUBMISSION))",
            "",
        ]
    )


def _story_lines(literal: str) -> list[str]:
    """The story; what was left out of long data has a class of the player's, which is only there further down."""
    made_later = "Octets(" in literal
    return [f"STORY = {'lambda: ' if made_later else ''}{literal}"]


def curl_line(story: Json) -> str | None:
    """The one curl command that tells an HTTP story, or None: one client, one whole request, a printable body."""
    setup, steps = story["setup"], story["steps"]
    if setup["kind"] not in ("server", "wsgi") or sum(step["kind"] == "connect" for step in steps) != 1:
        return None
    sent = b"".join(bytes.fromhex(step["data"]["hex"]) for step in steps if step["kind"] == "send")
    if any(step["kind"] == "send" and step["data"].get("omitted") for step in steps):
        return None
    message = messages.HttpMessage(sent)
    head, _, rest = sent.partition(b"\r\n\r\n")
    words = message.first_line.split(" ")
    if not message.complete or len(words) != 3 or not words[2].startswith("HTTP/1.") or rest != message.body:
        return None
    try:
        body = message.body.decode("utf-8")
        lines = head.decode("utf-8").split("\r\n")[1:]
    except UnicodeDecodeError:
        return None
    if not all(text.isprintable() for text in [body, *words, *lines]) or body.startswith("@"):
        return None
    port = next((step["port"] for step in steps if step["kind"] == "connect"), None)
    method, target = words[0], words[1]
    method_options = {"GET": [], "HEAD": ["--head"]}.get(method, ["-X", method])
    options = ["curl", "-i", *method_options]
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() not in ("host", "content-length", "connection"):
            options += ["-H", f"{name}: {value.strip()}" if value.strip() else f"{name};"]
    if body:
        options += ["--data-raw", body]
    return shlex.join([*options, f"http://127.0.0.1:{port}{target}"])


def _story(story: Json) -> Json:
    """The story as the player takes it: bytes as bytes, keys that say nothing left out."""
    wanted = story.get("wanted") or {}
    return {
        "setup": _slim(story["setup"]),
        "steps": [_with_bytes(_slim(step), "data") for step in story["steps"]],
        "failed_step": story["failed_step"],
        "wanted": _with_bytes(_slim(wanted, keep=("value",)), "bytes"),
        "reproduces": story["reproduces"],
    }


#: What a step says only when it is otherwise.
USUAL = {"narrow": False, "pause_before": 0.0, "reading": "meanwhile", "new": False, "factory": False}


def _slim(value: Json, keep: tuple[str, ...] = ()) -> Json:
    said = {key: item for key, item in value.items() if item not in (None, {}, []) or key in keep}
    return {key: item for key, item in said.items() if key not in USUAL or item != USUAL[key]}


def _with_bytes(value: Json, key: str) -> Json:
    data = value.get(key)
    if data is None:
        return value
    kept = octets.octets(data if isinstance(data, Mapping) else {"hex": data})
    return {**value, key: kept.head if not kept.omitted else kept}


def _literal(value: Json, indent: int = 0) -> str:
    """The value as Python source: a line for each item of what does not fit on one line."""
    short = _short(value)
    if len(short) + indent <= 110:
        return short
    inner = " " * (indent + 4)
    if isinstance(value, dict):
        rows = [f"{inner}{_short(key)}: {_literal(item, indent + 4)}," for key, item in value.items()]
        return "{\n" + "\n".join(rows) + "\n" + " " * indent + "}"
    if isinstance(value, list):
        rows = [f"{inner}{_literal(item, indent + 4)}," for item in value]
        return "[\n" + "\n".join(rows) + "\n" + " " * indent + "]"
    if isinstance(value, bytes) and len(value) <= READABLE and b"\n" in value[:-1] and " * " not in short:
        rows = [f"{inner}{_bytes_literal(line)}" for line in value.splitlines(keepends=True)]
        return "(\n" + "\n".join(rows) + "\n" + " " * indent + ")" if _joins(rows) else short
    return short


def _joins(rows: list[str]) -> bool:
    """Whether the literals stand for one when they stand one behind the other."""
    return all(row.strip()[:2] in ("b'", 'b"') for row in rows)


def _short(value: Json) -> str:
    if isinstance(value, octets.Octets):
        return f"({_short(value.head)}, {value.omitted}, {_short(value.tail)})"
    if isinstance(value, bytes):
        return _bytes_literal(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_short(key)}: {_short(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_short(item) for item in value) + "]"
    return repr(value)


def _bytes_literal(data: bytes) -> str:
    """Text where it is text, a repetition where it repeats, packed where it is long."""
    period = (data + data).find(data, 1) if 64 < len(data) <= 1 << 21 else len(data)
    if 0 < period < len(data) and period <= READABLE:
        return f"{_bytes_literal(data[:period])} * {len(data) // period}"
    if len(data) > READABLE:
        packed = base64.b85encode(zlib.compress(data, 9)).decode("ascii")
        return f"zlib.decompress(base64.b85decode({packed!r}))"
    if not data.isascii():
        try:
            return f"{data.decode('utf-8')!r}.encode()"
        except UnicodeDecodeError:
            pass
    return repr(data)


@functools.cache
def _joined(*modules: ModuleType) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(import lines, source lines) of the modules as one: their own imports merged, their docstrings as comments."""
    imports = {"import base64", "import zlib"}
    names: dict[str, set[str]] = {}
    sources: list[str] = []
    for module in modules:
        source = inspect.getsource(module)
        tree = parse(source)
        lines = source.split("\n")
        dropped: set[int] = set()
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                dropped.update(range(node.lineno - 1, node.end_lineno or node.lineno))
                origin = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
                if isinstance(node, ast.Import):
                    imports |= {f"import {alias.name}" for alias in node.names}
                elif not origin.startswith(("graders", "__future__")):
                    names.setdefault(origin, set()).update(alias.name for alias in node.names)
        documentation = tree.body[0]
        end = documentation.end_lineno or 0
        comment = [f"# {line}".rstrip() for line in (ast.get_docstring(tree) or "").split("\n")]
        body = "\n".join(line for number, line in enumerate(lines) if number >= end and number not in dropped)
        sources += [*comment, "", "", *body.strip("\n").split("\n"), "", ""]
    froms = [f"from {origin} import {', '.join(sorted(found))}" for origin, found in sorted(names.items())]
    return (*sorted(imports), *froms), tuple(sources)


def _docstring(lines: list[str]) -> str:
    """The lines as a docstring that nothing in them can end; not one of them becomes an encoding declaration."""
    text = "\n".join(line if line.isprintable() else repr(line)[1:-1] for line in lines)
    return '"""' + text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').replace("coding:", "coding :") + '\n"""'
