"""The terminal: progress while units are graded, then for every unit its table and the stories of what failed.

Renders a result document (`graders/results.schema.json`) and decides nothing. Readable without colour and at 80
columns, east-asian widths counted; whatever came from a submission is escaped. The report file has everything; here
each unit tells its first few stories in full and gives one line to the rest.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.style import Style
from rich.text import Text

from graders.core.replay.characters import fit, pad, printable, width, wrap
from graders.core.replay.telling import Line, pick, seconds_text, story_lines

Json = Any

# Enough to see what is wrong; more than this hides the first thing to fix.
STORIES_PER_UNIT = 3
OUTPUT_LINES = 5
WIDEST = 100

MARKS = {"pass": "✓", "fail": "✗", "skipped": "·", "unavailable": "-", "inconclusive": "?", "broken": "!"}
STYLES = {
    "pass": "green",
    "fail": "bold red",
    "skipped": "dim",
    "unavailable": "dim",
    "inconclusive": "yellow",
    "broken": "bold magenta",
    "failed": "bold red",
    "step": "",
    "note": "dim",
    "wanted": "green",
    "got": "red",
    "caret": "bold red",
    "hint": "cyan",
    "title": "bold",
    "dim": "dim",
    "": "",
}

WORDS: dict[str, tuple[str, str]] = {
    "conversations": ("{n} 段对话", "{n} conversations"),
    "isolation": ("隔离: {level}", "isolation: {level}"),
    "seed": ("种子 {seed}", "seed {seed}"),
    "budget": ("例数 ×{budget}", "cases ×{budget}"),
    "not_isolated": (
        "没有隔离 (plain)：被评的程序能看到和改动你的文件。只评你信任的代码；Linux 上装 bubblewrap 即可隔离。",
        "NOT ISOLATED (plain): the graded program can see and change your files. Grade only code that you trust; "
        "on Linux, install bubblewrap.",
    ),
    "bonus": ("附加 +{n}", "bonus +{n}"),
    "core": ("核心", "core"),
    "robust": ("健壮", "robust"),
    "bonus_tier": ("附加", "bonus"),
    "diagnosis": ("诊断", "cause"),
    "hint": ("提示", "hint"),
    "replay": ("重现", "replay"),
    "picture": ("窗口的样子", "its window"),
    "replay_note": ("(不需要评分程序)", "(works without the grader)"),
    "replay_may_differ": ("(重复这段对话，结果可能不同)", "(repeats the conversation, may end either way)"),
    "output": ("程序最后的输出", "what the program printed last"),
    "problem": ("没法评分", "cannot be graded"),
    "skipped": ("{n} 项没有评: {reason}", "{n} not tried: {reason}"),
    "no_reason": ("前面的检查没有通过", "an earlier check did not pass"),
    "needs_above": ("先要通过上面的", "what is above comes first"),
    "untouched": ("还没有写：{n} 项都等着它", "not written yet: {n} checks wait for it"),
    "same_cause": ("原因同上", "same cause as above"),
    "see_report": ("详见报告", "see the report"),
    "broken": (
        "评分程序自己出错了 — 不是你的错，请把下面的内容报告给维护者：",
        "The grader itself is at fault — not you. Please report this to its maintainers:",
    ),
    "total": ("总分", "total"),
    "verdict_pass": ("{n} 项通过", "{n} passed"),
    "verdict_fail": ("{n} 项未通过", "{n} failed"),
    "verdict_skipped": ("{n} 项没有评", "{n} not tried"),
    "verdict_unavailable": ("{n} 项这里评不了", "{n} unavailable here"),
    "verdict_inconclusive": ("{n} 项没有结论", "{n} inconclusive"),
    "verdict_broken": ("{n} 项评分程序出错", "{n} broken (the grader's fault)"),
    "problem_count": ("{n} 个单元没法评分", "{n} could not be graded"),
    "next": ("先改这一处", "first thing to fix"),
    "again": ("改完再评这一个", "then grade it again"),
    "all_right": ("全部通过。", "Everything passes."),
    "report": ("报告", "report"),
    "scripts": ("重现脚本", "replay scripts"),
    "graded": ("已评", "graded"),
    "running": ("正在评分 {done}/{all}", "grading {done}/{all}"),
}


def say(lang: str, word: str, **values: object) -> str:
    return WORDS[word][0 if lang == "zh" else 1].format(**values)


def plain(text: Mapping[str, str] | None, lang: str) -> str:
    """A bilingual text on one harmless line, without the full stop that rubric lines end with."""
    return printable(pick(text, lang).strip()).removesuffix("。").removesuffix(".")


def points_text(points: float) -> str:
    return f"{points:g}" if points == int(points) else f"{points:.1f}"


def bar(score: float, out_of: float, columns: int) -> str:
    """Full only for full marks, empty only for none: rounding never hides a missing or an earned point."""
    share = score / out_of if out_of else 0
    filled = round(share * columns)
    if 0 < share < 1:
        filled = min(columns - 1, max(1, filled))
    return "█" * filled + "░" * (columns - filled)


class ConsoleReport:
    """Renders whole result documents on a rich console."""

    def __init__(
        self, lang: str, *, console: Console | None = None, verbose: bool = False, command: str = "nox -s grade --"
    ) -> None:
        # Nothing is left for rich to interpret: no markup, no highlighting, no emoji codes, no wrapping of its own.
        self.console = console or Console(highlight=False, markup=False, emoji=False)
        self.lang = lang
        self.verbose = verbose
        self.command = command
        self.columns = max(60, min(self.console.width, WIDEST))

    # --- output ---

    def line(self, *parts: tuple[str, str]) -> None:
        """One line of (text, style) parts; a file gets no trailing spaces."""
        text = Text()
        for index, (part, style) in enumerate(parts):
            last = index == len(parts) - 1
            text.append(part.rstrip() if last else part, style=Style.parse(STYLES.get(style, style)))
        self.console.print(text, soft_wrap=True)

    def wrapped(self, label: str, text: str, style: str = "", indent: int = 4) -> None:
        """A labelled paragraph with a hanging indent."""
        lead = " " * indent + pad(label, width(label)) + "  "
        lines = wrap(text, self.columns - width(lead)) if text else [""]
        self.line((lead, "dim"), (lines[0], style))
        for part in lines[1:]:
            self.line((" " * width(lead), ""), (part, style))

    def rule(self) -> None:
        self.line(("─" * self.columns, "dim"))

    # --- the report ---

    def render(self, document: Json, *, report: str | None = None, replays: str | None = None) -> None:
        self.header(document)
        known_untouched = False
        for unit in document["units"]:
            # The first one shows where to begin; the others would say the same.
            self.unit(unit, briefly=known_untouched and is_untouched(unit) and not self.verbose)
            known_untouched = known_untouched or is_untouched(unit)
        self.summary(document, report=report, replays=replays)

    def header(self, document: Json) -> None:
        grader = document["grader"]
        facts = [
            f"netgrade {printable(grader['version'])}",
            printable(document["submission"]),
            say(self.lang, "isolation", level=grader["isolation"]),
            say(self.lang, "seed", seed=grader["seed"]),
        ]
        if grader["budget"] != 1:
            facts.append(say(self.lang, "budget", budget=f"{grader['budget']:g}"))
        self.line((fit(" · ".join(facts), self.columns), "dim"))

    def unit(self, unit: Json, *, briefly: bool = False) -> None:
        lang = self.lang
        score = f"{points_text(unit['score'])}/{points_text(unit['max_score'])}"
        if unit["bonus"]:
            score += f" +{points_text(unit['bonus'])}"
        facts = [say(lang, "conversations", n=unit["conversations"]), seconds_text(unit["seconds"], lang)]
        name = printable(unit["unit"])
        # A rubric's heading goes on behind its colon; a line has room for the name alone.
        title = re.split("：|: ", plain(unit["title"], lang))[0] + f" ({printable(unit['section'])})"
        self.rule()
        left = f"{name}  {title}"
        right = f"{bar(unit['score'], unit['max_score'], 16)} {score:>7}"
        gap = self.columns - width(left) - width(right)
        if gap < 2:
            left = fit(left, self.columns - width(right) - 2)
            gap = self.columns - width(left) - width(right)
        tail = left[len(name) :]
        style = "green" if unit["score"] >= unit["max_score"] else "red" if not unit["score"] else "yellow"
        self.line((name, "title"), (tail + " " * gap, ""), (right, style))
        if briefly:
            waiting = sum(check["verdict"] in ("fail", "skipped") for check in unit["checks"])
            self.line((f"  {MARKS['fail']} ", "fail"), (say(lang, "untouched", n=waiting), ""))
            self.line()
            return
        self.line((", ".join(facts), "dim"))
        if unit["problem"]:
            self.problem(unit["problem"])
        self.table(unit["checks"])
        # A unit that cannot be graded has said why; its checks could only repeat it.
        if self.verbose or not unit["problem"]:
            self.stories(unit)
        self.line()

    def problem(self, problem: Json) -> None:
        self.line()
        self.wrapped(f"✗ {say(self.lang, 'problem')}", printable(problem.get(self.lang) or ""), "fail", indent=2)
        self.output(problem.get("output"), everything=True)

    def table(self, checks: Sequence[Json]) -> None:
        """A line for each check; those that were not tried for the same reason share one."""
        if not checks:
            return
        self.line()
        together: dict[str, list[Json]] = {}
        for check in checks:
            if check["verdict"] == "skipped" and not self.verbose:
                together.setdefault(plain(check["reason"], self.lang) or say(self.lang, "no_reason"), []).append(check)
                continue
            self.check_line(check)
        if len(together) > 1:
            # They need each other; what to mend is above them.
            members = [check for group in together.values() for check in group]
            together = {say(self.lang, "needs_above"): members}
        for reason, members in together.items():
            text = say(self.lang, "skipped", n=len(members), reason=reason)
            points = f"0/{points_text(sum(check['max_points'] for check in members))}"
            room = self.columns - 4 - width(points) - 1
            lines = wrap(text, room)
            self.line((f"  {MARKS['skipped']} {pad(lines[0], room)} {points}", "skipped"))
            for part in lines[1:]:
                self.line(("    " + part, "skipped"))

    def check_line(self, check: Json) -> None:
        verdict = check["verdict"]
        tier = say(self.lang, "bonus_tier" if check["tier"] == "bonus" else check["tier"])
        points = f"{points_text(check['points'])}/{points_text(check['max_points'])}"
        right = f"{pad(tier, 6)} {points:>5}"
        room = self.columns - 4 - 1 - width(right)
        lines = wrap(plain(check["title"], self.lang), room)
        style = verdict if verdict != "pass" else ""
        mark = (f"  {MARKS[verdict]} ", verdict)
        self.line(mark, (pad(lines[0], room), style), (" " + right, style if verdict != "fail" else "fail"))
        for part in lines[1:]:
            self.line(("    ", ""), (part, style))
        if verdict in ("skipped", "unavailable", "inconclusive"):
            for part in wrap(plain(check["reason"], self.lang), room):
                self.line(("    ", ""), (part, "dim"))

    def stories(self, unit: Json) -> None:
        """The first stories in full, one for each cause; a line each for the other failures; what is broken, loudly."""
        told: set[str] = set()
        full = 0
        rest: list[tuple[Json, str]] = []
        for check in unit["checks"]:
            if check["verdict"] == "broken":
                self.broken(check)
            if check["verdict"] not in ("fail", "inconclusive") or not (check["story"] or check["diagnosis"]):
                continue
            code = (check["diagnosis"] or {}).get("code")
            known = code is not None and code in told
            if not self.verbose and (known or full >= STORIES_PER_UNIT):
                rest.append((check, say(self.lang, "same_cause" if known else "see_report")))
                continue
            if code:
                told.add(code)
            full += 1
            self.story(check, unit["unit"])
        for index, (check, why) in enumerate(rest):
            if not index:
                self.line()
            mark = f"  {MARKS[check['verdict']]} "
            diagnosis = printable((check["diagnosis"] or {}).get("code") or "")
            text = fit(plain(check["title"], self.lang), self.columns - 8 - width(why) - width(diagnosis))
            self.line((mark, check["verdict"]), (text, ""), (f"  {why}", "dim"), (f"  {diagnosis}", "dim"))
            if check["replay"]:
                self.line((f"      python {printable(check['replay'])}", "dim"))

    def story(self, check: Json, unit: str) -> None:
        lang = self.lang
        self.line()
        title = wrap(plain(check["title"], lang), self.columns - 4)
        self.line((f"  {MARKS[check['verdict']]} ", check["verdict"]), (title[0], "title"))
        for part in title[1:]:
            self.line(("    ", ""), (part, "title"))
        diagnosis = check["diagnosis"]
        if diagnosis:
            code = f"[{printable(diagnosis['code'])}]"
            said = plain(diagnosis["title"], lang)
            self.wrapped(say(lang, "diagnosis"), f"{said}  {code}")
        if check["story"]:
            self.line()
            for line in story_lines(check["story"], unit, lang, self.columns - 4):
                self.story_line(line)
            self.line()
        if diagnosis and pick(diagnosis["hint"], lang):
            self.wrapped(say(lang, "hint"), printable(pick(diagnosis["hint"], lang)), "hint")
        if check["replay"]:
            exact = not check["story"] or check["story"]["reproduces"] == "exactly"
            note = say(lang, "replay_note" if exact else "replay_may_differ")
            label = f"    {say(lang, 'replay')}  "
            command = f"python {printable(check['replay'])}"
            if width(label) + width(command) + 2 + width(note) > self.columns:
                self.line((label, "dim"), (command, ""))
                self.line((" " * width(label) + note, "dim"))
            else:
                self.line((label, "dim"), (command, ""), (f"  {note}", "dim"))
        if check.get("picture"):
            self.line((f"    {say(lang, 'picture')}  ", "dim"), (printable(check["picture"]), ""))
        self.output(check["output"])

    def story_line(self, line: Line) -> None:
        self.line(("    ", ""), (line.text, line.kind))

    def output(self, output: str | None, *, everything: bool = False) -> None:
        """What the program printed, quoted: every line behind a bar, so that none passes for one of ours."""
        if not output or not output.strip():
            return
        lines = output.replace("\r\n", "\n").rstrip("\n").split("\n")
        left_out = 0 if everything or self.verbose else max(0, len(lines) - OUTPUT_LINES)
        self.line((f"    {say(self.lang, 'output')}", "dim"))
        for line in lines[left_out:]:
            self.line(("    │ ", "dim"), (fit(printable(line), self.columns - 6), ""))

    def broken(self, check: Json) -> None:
        self.line()
        self.line((f"  {MARKS['broken']} {plain(check['title'], self.lang)}  [{printable(check['id'])}]", "broken"))
        for part in wrap(say(self.lang, "broken"), self.columns - 4):
            self.line((f"    {part}", "broken"))
        for line in (check.get("traceback") or "").rstrip("\n").split("\n"):
            self.line(("    ! ", "broken"), (printable(line), ""))

    # --- the end ---

    def summary(self, document: Json, *, report: str | None, replays: str | None) -> None:
        lang = self.lang
        self.rule()
        names = [printable(unit["unit"]) for unit in document["units"]]
        widest = max((width(name) for name in names), default=0)
        for name, unit in zip(names, document["units"], strict=True):
            score, full = unit["score"], unit["max_score"]
            style = "green" if score >= full else "red" if not score else "yellow"
            bonus = f" +{points_text(unit['bonus'])}" if unit["bonus"] else ""
            note = "  " + say(lang, "problem") if unit["problem"] else ""
            self.line(
                (f"  {pad(name, widest)}  ", ""),
                (bar(score, full, 24 if self.columns >= 80 else 12), style),
                (f" {points_text(score):>5}/{points_text(full)}{bonus}", ""),
                (note, "fail"),
            )
        self.line()
        total = f"{points_text(document['score'])}/{points_text(document['max_score'])}"
        bonus = f"  {say(lang, 'bonus', n=points_text(document['bonus']))}" if document["bonus"] else ""
        self.line((f"  {say(lang, 'total')} {total}{bonus}", "title"))
        for part in wrap(", ".join(self.counts(document)), self.columns - 2):
            self.line((f"  {part}", "dim"))
        self.next_step(document)
        places = []
        if report:
            places.append(f"{say(lang, 'report')} {printable(report)}")
        if replays:
            places.append(f"{say(lang, 'scripts')} {printable(replays)}")
        if places:
            self.line(("  " + "   ".join(places), "dim"))
        if document["grader"]["isolation"] == "plain":
            for part in wrap(say(lang, "not_isolated"), self.columns - 4):
                self.line((f"  ! {part}" if part else "", "yellow"))

    def counts(self, document: Json) -> Iterator[str]:
        verdicts = [check["verdict"] for unit in document["units"] for check in unit["checks"]]
        for verdict in MARKS:
            if verdict in verdicts:
                yield say(self.lang, f"verdict_{verdict}", n=verdicts.count(verdict))
        problems = sum(1 for unit in document["units"] if unit["problem"])
        if problems:
            yield say(self.lang, "problem_count", n=problems)

    def next_step(self, document: Json) -> None:
        """Where to begin: the first core failure of the first unit that was begun, as the lesson goes; bonus last."""
        first = first_to_fix(document)
        if first is None:
            verdicts = {check["verdict"] for unit in document["units"] for check in unit["checks"]}
            if "pass" in verdicts <= {"pass", "unavailable"}:
                self.line((f"  {say(self.lang, 'all_right')}", "green"))
            return
        unit, check = first
        said = plain(check["title"], self.lang) if check else printable(unit["problem"].get(self.lang) or "")
        self.wrapped(say(self.lang, "next"), f"{printable(unit['unit'])}: {said}", "title", indent=2)
        self.line((f"  {say(self.lang, 'again')}  ", "dim"), (f"{self.command} {printable(unit['unit'])}", ""))


def is_untouched(unit: Json) -> bool:
    """A stub: everything that was tried, and is worth something, came upon a TODO."""
    failed = [check for check in unit["checks"] if check["verdict"] == "fail"]
    codes = {(check["diagnosis"] or {}).get("code") for check in failed}
    return unit["score"] == 0 and codes == {"program.todo"}


def first_to_fix(document: Json) -> tuple[Json, Json | None] | None:
    """(unit, check), or (unit, None) for a unit with a problem.

    A unit with marks comes before an untouched one, and one that lacks nothing but a bonus after all.
    """
    tiers = {"core": 0, "robust": 1, "bonus": 2}
    candidates = []
    for place, unit in enumerate(document["units"]):
        failed = [check for check in unit["checks"] if check["verdict"] == "fail"]
        if not failed and not unit["problem"]:
            continue
        check = min(failed, key=lambda check: tiers[check["tier"]]) if failed else None
        only_bonus = check is not None and check["tier"] == "bonus"
        candidates.append((only_bonus, unit["score"] == 0, place, unit, check))
    if not candidates:
        return None
    *_, unit, check = min(candidates, key=lambda candidate: candidate[:3])
    return unit, check


class Progress:
    """What is said while it runs, on stderr: a live table on a terminal, else one plain line for each finished unit."""

    def __init__(self, units: Sequence[str], lang: str, *, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False, markup=False, emoji=False)
        self.lang = lang
        self.units = list(units)
        self.marks: dict[str, list[str]] = {name: [] for name in self.units}
        self.done: dict[str, Json] = {}
        self.lock = threading.Lock()
        self.live: Live | None = None

    def __enter__(self) -> Progress:
        if self.console.is_terminal:
            self.live = Live(self._table(), console=self.console, transient=True, refresh_per_second=8)
            self.live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self.live:
            self.live.stop()

    def check(self, unit: str, check: Json) -> None:
        with self.lock:
            self.marks.setdefault(unit, []).append(check["verdict"])
            self._refresh()

    def unit(self, unit: Json, *, briefly: bool = False) -> None:
        with self.lock:
            self.done[unit["unit"]] = unit
            if self.live is None:
                place = f"[{len(self.done)}/{len(self.units)}]"
                score = f"{points_text(unit['score'])}/{points_text(unit['max_score'])}"
                took = seconds_text(unit["seconds"], self.lang)
                said = f"{place} {say(self.lang, 'graded')} {printable(unit['unit'])}: {score}, {took}"
                self.console.print(Text(said), soft_wrap=True)
            self._refresh()

    def _refresh(self) -> None:
        if self.live:
            self.live.update(self._table())

    def _table(self) -> Text:
        """A line for each unit: its marks so far, one for each check."""
        widest = max((len(name) for name in self.units), default=0)
        room = max(8, self.console.width - widest - 14)
        text = Text(say(self.lang, "running", done=len(self.done), all=len(self.units)) + "\n")
        for name in self.units:
            text.append(f"  {name:<{widest}}  ")
            for verdict in self.marks.get(name, [])[:room]:
                text.append(MARKS[verdict], style=STYLES[verdict])
            unit = self.done.get(name)
            if unit:
                text.append(f"  {points_text(unit['score'])}/{points_text(unit['max_score'])}")
            text.append("\n")
        text.rstrip()
        return text
