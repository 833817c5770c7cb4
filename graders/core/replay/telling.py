"""How bytes, values and steps are told to a person: one wording for the terminal, the other sinks and the replay scripts.

Everything that came over a wire or out of a submission is hostile here: `printable` leaves nothing that could move a
cursor, change a colour or turn the reading direction. Nothing is cut without saying how much was left out, and a
comparison always keeps the first difference in view.

Standard library only, no I/O: the source of this module is part of every replay script.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Json = Any
Text = Mapping[str, str]

# A story of 200 clients is told by its beginning and by what led to the failure; the report has every step.
MOST_STEPS = 26
FIRST_STEPS = 8


class Line(NamedTuple):
    """One line for a person, and what it is (`step`, `failed`, `wanted`, `got`, `caret`, `note`): sinks colour by it."""

    kind: str
    text: str


class Octets(NamedTuple):
    """Bytes as a result keeps them: whole, or with `omitted` bytes left out between `head` and `tail`."""

    head: bytes
    omitted: int = 0
    tail: bytes = b""

    @property
    def total(self) -> int:
        return len(self.head) + self.omitted + len(self.tail)


def octets(data: Mapping[str, Json]) -> Octets:
    """The bytes of a step in a result document: {"hex", "bytes", "omitted", "omitted_at"}."""
    kept = bytes.fromhex(data["hex"])
    omitted = int(data.get("omitted") or 0)
    if not omitted:
        return Octets(kept)
    at = data.get("omitted_at")
    at = len(kept) if at is None else int(at)
    return Octets(kept[:at], omitted, kept[at:])


def pick(text: Text | None, lang: str) -> str:
    """The one language of a text in two; the other one where this one is missing."""
    if not text:
        return ""
    return text.get(lang) or text.get("en") or text.get("zh") or ""


# --- characters -------------------------------------------------------------------------------------------------------


def escape(character: str) -> str:
    """One character as it may be printed: itself, or a visible \\-escape when it is not a harmless printable one."""
    if character == "\u3000" or character.isprintable():
        return character
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}.get(character)
    if named:
        return named
    point = ord(character)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def printable(text: str) -> str:
    """The text on one line without anything that a terminal would obey; stacks of accents are cut down to two."""
    shown: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        shown.append(f"\\u{ord(character):04x}" if marks > 2 else escape(character))
    return "".join(shown)


def width(text: str) -> int:
    """The columns that the text takes on a terminal: two for a wide East Asian character, none for an accent."""
    if text.isascii():
        return len(text)
    columns = 0
    for character in text:
        if not unicodedata.combining(character):
            columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def pad(text: str, columns: int) -> str:
    """The text with spaces behind it up to that many columns."""
    return text + " " * (columns - width(text))


def fit(text: str, columns: int) -> str:
    """The text cut to that many columns, with … where something is missing."""
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > columns - 1:
            break
        kept += character
    return kept.rstrip() + "…"


# Where a line may not begin (Chinese typesetting): a closing mark goes with what it closes.
NOT_FIRST = frozenset("，。、；：！？）」』】》…—,.;:!?)]}”’")
NOT_LAST = frozenset("（「『【《([{“‘")


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most that many columns: broken at spaces, between Chinese characters, or anywhere in a long word."""
    lines = [""]
    for word in _words(text):
        if width(lines[-1]) + width(word.rstrip()) <= columns:
            lines[-1] += word
            continue
        if lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        for character in word.lstrip():
            if width(lines[-1] + character) > columns:
                lines.append("")
            lines[-1] += character
    lines[-1] = lines[-1].rstrip()
    return lines


def _words(text: str) -> Iterable[str]:
    """The pieces between which a line may break; spaces belong to the piece before them."""
    word = ""
    for character in text:
        breakable = word and (
            (word[-1] == " " and character != " ")
            or (width(character) == 2 and character not in NOT_FIRST and word[-1] not in NOT_LAST)
            or (width(word[-1]) == 2 and word[-1] not in NOT_LAST and character not in NOT_FIRST and character != " ")
        )
        if breakable:
            yield word
            word = ""
        word += character
    if word:
        yield word


# --- bytes ------------------------------------------------------------------------------------------------------------


class Piece(NamedTuple):
    """A few bytes and how they are shown; `shown` is None where `size` bytes are not kept at all."""

    shown: str | None
    size: int


def as_text(data: bytes) -> list[Piece]:
    """Byte by byte what UTF-8 makes of it: characters, and \\xNN for every byte that belongs to none."""
    pieces = []
    for character in data.decode("utf-8", "surrogateescape"):
        point = ord(character)
        if 0xDC80 <= point <= 0xDCFF:
            pieces.append(Piece(f"\\x{point - 0xDC00:02x}", 1))
        else:
            shown = {"\\": "\\\\", '"': '\\"'}.get(character) or escape(character)
            pieces.append(Piece(shown, len(character.encode("utf-8"))))
    return pieces


def as_hex(data: bytes) -> list[Piece]:
    return [Piece(f"{byte:02x} ", 1) for byte in data]


def reads_as_text(data: bytes) -> bool:
    """Whether showing it as text is kinder than hex: at most a third of what is shown would be escapes."""
    if not data:
        return True
    sample = as_text(data[:4096])
    odd = sum(piece.size for piece in sample if piece.shown and piece.shown.startswith(("\\x", "\\u", "\\U", "\\0")))
    if len(data) <= 16:
        return odd == 0
    return odd * 3 <= min(len(data), 4096)


def omission(size: int, lang: str) -> str:
    return f" … 省略 {size:,} 字节 … " if lang == "zh" else f" … {size:,} bytes omitted … "


def show(data: Octets, lang: str, room: int = 180) -> str:
    """The bytes on one (long) line of about `room` columns: text in quotes, or hex; floods lose their middle."""
    if not data.total:
        return "(空)" if lang == "zh" else "(empty)"
    # A character cut by the omission is no sign of binary data.
    text = reads_as_text(data.head) and reads_as_text(data.tail)
    split = as_text if text else as_hex
    pieces = split(data.head)
    if data.omitted:
        pieces = [*pieces, Piece(None, data.omitted), *split(data.tail)]
    quote = '"' if text else ""
    head, left_out, tail = _keep_ends(pieces, room)
    head, tail = (head, tail) if text else (head.rstrip(), tail.rstrip())
    if left_out:
        return f"{quote}{head}{quote}{omission(left_out, lang).rstrip() if not tail else omission(left_out, lang)}" + (
            f"{quote}{tail}{quote}" if tail else ""
        )
    return f"{quote}{head}{quote}"


def _keep_ends(pieces: Sequence[Piece], room: int) -> tuple[str, int, str]:
    """(shown beginning, bytes left out, shown end): all of it when it fits and nothing is missing."""
    if all(piece.shown is not None for piece in pieces):
        whole = "".join(piece.shown or "" for piece in pieces)
        if width(whole) <= room:
            return whole, 0, ""
    head = _take(pieces, room * 2 // 3)
    rest = pieces[len(head) :]
    tail = _take(rest[::-1], room // 3)[::-1]
    left_out = sum(piece.size for piece in rest[: len(rest) - len(tail)])
    return "".join(p.shown or "" for p in head), left_out, "".join(p.shown or "" for p in tail)


def _take(pieces: Iterable[Piece], room: int) -> list[Piece]:
    taken = []
    for piece in pieces:
        if piece.shown is None:
            break
        room -= width(piece.shown)
        if room < 0:
            break
        taken.append(piece)
    return taken


# --- values -----------------------------------------------------------------------------------------------------------


def value_text(value: Json) -> str:
    """A recorded value (JSON, or {"$": kind, …} for what JSON has not) as Python would write it."""
    if isinstance(value, Mapping):
        kind = value.get("$")
        if kind == "bytes":
            return repr(bytes.fromhex(value["hex"]))
        if kind == "tuple":
            items = [value_text(item) for item in value["items"]]
            return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
        if kind == "object":
            return printable(str(value.get("repr") or f"<{value.get('type')}>"))
        if kind == "float":
            return str(value["repr"])
        if kind == "str":
            return repr(str(value.get("surrogates", "")))
        if kind == "dict":
            return "{" + ", ".join(f"{value_text(k)}: {value_text(v)}" for k, v in value["items"]) + "}"
        return "{" + ", ".join(f"{key!r}: {value_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(value_text(item) for item in value) + "]"
    return repr(value)


def squeeze(text: str, lang: str, room: int = 180) -> str:
    """The text within about `room` columns: a long one loses its middle, and says how much."""
    if width(text) <= room:
        return text
    head = "".join(p.shown or "" for p in _take([Piece(c, 1) for c in text[:room]], room * 2 // 3))
    tail = "".join(p.shown or "" for p in _take([Piece(c, 1) for c in text[: -room - 1 : -1]], room // 3))[::-1]
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
    owner = f"{step['target']}." if step.get("target") else ""
    result = f"{step['as']} = " if step.get("as") else ""
    return f"{result}{owner}{step.get('name')}({', '.join(arguments)})"


def seconds_text(seconds: float, lang: str) -> str:
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} 毫秒" if lang == "zh" else f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} 秒" if lang == "zh" else f"{seconds:.1f} s"


# --- steps ------------------------------------------------------------------------------------------------------------

# {a} the grader's peer, {p} the program under test, {at} host:port, {s} seconds.
SENTENCES: dict[str, tuple[str, str]] = {
    "connect": ("客户端 {a} 连接", "client {a} connects"),
    "refused": ("客户端 {a} 的连接被拒绝", "client {a} is refused"),
    "send": ("{a} → {p}", "{a} → {p}"),
    "receive": ("{p} → {a}", "{p} → {a}"),
    "half_close": ("{a} 说完了，还在听 (half-close)", "{a} has finished sending and still listens (half-close)"),
    "close": ("{a} 关闭连接", "{a} closes"),
    "reset": ("{a} 强行断开 (RST)", "{a} resets the connection (RST)"),
    "end": ("{p} 关闭了与 {a} 的连接", "{p} closes the connection to {a}"),
    "end reset": ("{p} 强行断开了与 {a} 的连接 (RST)", "{p} resets the connection to {a} (RST)"),
    "silence": ("{a} 等了 {s}，什么也没有来", "{a} waits {s}, nothing comes"),
    "listen": ("服务器 {a} 在 {at} 等候", "server {a} listens on {at}"),
    "accept": ("{p} 连上了 {a}", "{p} connects to {a}"),
    "start": ("{p} 启动", "{p} starts"),
    "listening": ("{p} 在 {at} 上等候", "{p} listens on {at}"),
    "stopped": ("{p} 结束了", "{p} has ended"),
    "call": ("调用", "call"),
    "get": ("读取", "read"),
    "return": ("返回", "returns"),
    "raised": ("抛出", "raises"),
    "interrupt": ("按下 Ctrl+C", "Ctrl+C is pressed"),
    "kill": ("{p} 被强行结束 (kill)", "{p} is killed"),
    "stdin": ("键盘 → {p}", "keyboard → {p}"),
    "stdin end": ("键盘输入结束", "the input ends"),
    "printed": ("{p} 打印", "{p} prints"),
}


def sentence(step: Mapping[str, Json], program: str, lang: str) -> str:
    """Who does what in this step, without the bytes or values."""
    kind = str(step["kind"])
    if kind == "return" and step.get("raised"):
        kind = "raised"
    elif kind == "end" and step.get("how") == "reset":
        kind = "end reset"
    elif kind == "stdin" and not step.get("data"):
        kind = "stdin end"
    said = SENTENCES.get(kind, ("{a}: " + kind, "{a}: " + kind))[0 if lang == "zh" else 1]
    at = f"{step.get('host') or '127.0.0.1'}:{step.get('port') or '?'}"
    seconds = seconds_text(float(step.get("seconds") or 0), lang)
    return said.format(a=step.get("actor", ""), p=program, at=at, s=seconds)


def content(step: Mapping[str, Json], lang: str) -> str:
    """The bytes, the call or the value of a step, or ''."""
    kind = step["kind"]
    if kind == "call":
        return squeeze(printable(call_text(step)), lang)
    if kind == "get":
        return squeeze(printable(f"{step['target']}.{step['name']}: {value_text(step.get('value'))}"), lang)
    if kind == "return":
        if step.get("raised"):
            return squeeze(raised_text(step["raised"]), lang)
        return squeeze(printable(value_text(step.get("value"))), lang)
    data = step.get("data")
    if data is None:
        return ""
    return show(data if isinstance(data, Octets) else octets(data), lang)


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
    if step.get("label"):
        notes.append(printable(pick(step["label"], lang)))
    if failed:
        notes.append("← 这里不对" if lang == "zh" else "← wrong here")
    shown = content(step, lang)
    kind = "failed" if failed else "step"
    head = f"{number}{said}" + (f"  {shown}" if shown else "")
    note = "  ".join(notes)
    if note and width(head) + 3 + width(note) <= columns:
        return [Line(kind, f"{head}   {note}")]
    if width(head) <= columns:
        lines = [Line(kind, head)]
    else:
        lines = [Line(kind, f"{number}{said}")]
        indent = " " * width(number)
        lines += [Line(kind, f"{indent}  {part}") for part in wrap(shown, columns - width(number) - 2)]
    if note:
        lines += [Line("note", " " * (width(number) + 2) + part) for part in wrap(note, columns - width(number) - 2)]
    return lines


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
        return octets(data) if isinstance(data, Mapping) else Octets(bytes.fromhex(data))
    value = side.get("value")
    return Octets(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else None


def _plain(side: Mapping[str, Json], lang: str, room: int) -> list[str]:
    if side.get("bytes") is not None:
        data = _bytes_of(side)
        return wrap(show(data, lang), room) if data else []
    if side.get("raised"):
        return wrap(squeeze(raised_text(side["raised"]), lang), room)
    # A sentence says it all where there is one; null beside it is no value.
    if "value" in side and (side["value"] is not None or not side.get("text")):
        return wrap(squeeze(printable(value_text(side["value"])), lang), room)
    return []


def difference(wanted: Octets, got: Octets, lang: str, room: int) -> tuple[str, str, str]:
    """Both sides around the first difference, one line each, and the line with the caret below them.

    As text where the text tells it; as hex with the text beside it where characters would mislead (broken UTF-8, �,
    look-alikes). Where one of the sides ends, the caret stands behind its last byte.
    """
    needs_hex = not (_is_clear(wanted) and _is_clear(got))
    left, right = _pieces(wanted, as_text), _pieces(got, as_text)
    if not needs_hex and _looks_the_same(left, right):
        needs_hex = True
    if needs_hex:
        left, right = _pieces(wanted, as_hex), _pieces(got, as_hex)
    at = _first_difference(left, right)
    offset = sum(piece.size for piece in left[:at])
    room_for_hex = min(room - 22, 48) if needs_hex else room - 4
    start = at
    budget = room_for_hex // 2
    while start and left[start - 1].shown is not None and budget >= width(left[start - 1].shown or ""):
        start -= 1
        budget -= width(left[start].shown or "")
    skipped = sum(piece.size for piece in left[:start])
    lines = []
    for pieces, data in ((left, wanted), (right, got)):
        shown, used = _window(pieces[start:], room_for_hex, lang)
        lead = "… " if start else ""
        if needs_hex:
            kept = _slice(data, skipped, used)
            beside = fit("".join(piece.shown or "" for piece in as_text(kept)), room - room_for_hex - 5)
            shown = f"{pad(lead + shown, room_for_hex + 3)}{beside}" if kept or shown else lead
        else:
            shown = f'{lead}"{shown}'
        if not pieces[start:] and not shown.strip("… \""):
            shown = lead + ("(到此为止)" if lang == "zh" else "(nothing more)")
        lines.append(shown.rstrip())
    column = (2 if start else 0) + (0 if needs_hex else 1)
    column += sum(width(piece.shown or "") for piece in left[start:at])
    mark = "^^" if needs_hex else "^"
    said = f"第 {offset + 1:,} 个字节起不同" if lang == "zh" else f"differs from byte {offset + 1:,} on"
    if at == len(right):
        said = f"少了从第 {offset + 1:,} 个字节起的部分" if lang == "zh" else f"missing from byte {offset + 1:,} on"
    elif at == len(left):
        said = f"第 {offset + 1:,} 个字节起是多余的" if lang == "zh" else f"too much from byte {offset + 1:,} on"
    if column + 3 + width(said) <= room:
        caret = " " * column + f"{mark} {said}"
    else:
        caret = " " * max(0, column - width(said) - 1) + f"{said} {mark}"
    return lines[0], lines[1], caret


def _pieces(data: Octets, split: Any) -> list[Piece]:
    pieces: list[Piece] = split(data.head)
    if data.omitted:
        pieces = [*pieces, Piece(None, data.omitted), *split(data.tail)]
    return pieces


def _is_clear(data: Octets) -> bool:
    text = (data.head + data.tail).decode("utf-8", "replace")
    return "\ufffd" not in text


def _looks_the_same(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    def folded(pieces: Sequence[Piece]) -> str:
        return unicodedata.normalize("NFKC", "".join(piece.shown or "" for piece in pieces[:4096]))

    return folded(left) == folded(right)


def _first_difference(left: Sequence[Piece], right: Sequence[Piece]) -> int:
    at = 0
    for mine, other in zip(left, right, strict=False):
        if mine != other:
            break
        at += 1
    return at


def _window(pieces: Sequence[Piece], room: int, lang: str) -> tuple[str, int]:
    """As many pieces as fit (said if there are more) and how many bytes they are."""
    taken = _take(pieces, room)
    shown = "".join(piece.shown or "" for piece in taken)
    left = sum(piece.size for piece in pieces[len(taken) :])
    closing = "" if not taken or (taken[0].shown or "").endswith(" ") else '"'
    return shown.rstrip() + closing + (" …" if left else ""), sum(piece.size for piece in taken)


def _slice(data: Octets, start: int, size: int) -> bytes:
    if start < len(data.head) or not data.omitted:
        return data.head[start : start + size]
    start -= len(data.head) + data.omitted
    return data.tail[max(0, start) : max(0, start) + size]


# --- stories ----------------------------------------------------------------------------------------------------------


def story_lines(story: Mapping[str, Json], program: str, lang: str, columns: int) -> list[Line]:
    """The numbered steps up to the failing one, then wanted and got; long stories lose their middle and say so."""
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
    lines += [Line(kind, "      " + text) for kind, text in compare(story.get("wanted"), story.get("got"), lang, columns - 6)]
    note = pick(story.get("note"), lang)
    if note:
        lines += [Line("note", "      " + part) for part in wrap(printable(note), columns - 6)]
    return lines
