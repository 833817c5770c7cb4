"""What went wrong: conversations, causes, hints, and what the program printed."""

from __future__ import annotations

from graders.core.replay.characters import fit, printable, width, wrap
from graders.core.replay.telling import story_lines
from graders.core.replay.values import pick
from graders.sinks.console.page import MARKS, Json, Page
from graders.sinks.console.words import plain, say

# Enough to see what is wrong; more than this hides the first thing to fix.
STORIES_PER_UNIT = 3
OUTPUT_LINES = 5


def print_stories(page: Page, unit: Json) -> None:
    """The first stories in full, one for each cause; a line each for the other failures; what is broken, loudly."""
    told: set[str] = set()
    full = 0
    rest: list[tuple[Json, str]] = []
    for check in unit["checks"]:
        if check["verdict"] == "broken":
            print_broken(page, check)
        if check["verdict"] not in ("fail", "inconclusive") or not (check["story"] or check["diagnosis"]):
            continue
        code = (check["diagnosis"] or {}).get("code")
        known = code is not None and code in told
        if not page.verbose and (known or full >= STORIES_PER_UNIT):
            rest.append((check, say(page.lang, "same_cause" if known else "see_report")))
            continue
        if code:
            told.add(code)
        full += 1
        print_story(page, check, unit["unit"])
    for index, (check, why) in enumerate(rest):
        if not index:
            page.line()
        mark = f"  {MARKS[check['verdict']]} "
        diagnosis = printable((check["diagnosis"] or {}).get("code") or "")
        text = fit(plain(check["title"], page.lang), page.columns - 8 - width(why) - width(diagnosis))
        page.line((mark, check["verdict"]), (text, ""), (f"  {why}", "dim"), (f"  {diagnosis}", "dim"))
        if check["replay"]:
            page.line((f"      python {printable(check['replay'])}", "dim"))


def print_story(page: Page, check: Json, unit: str) -> None:
    lang = page.lang
    page.line()
    title = wrap(plain(check["title"], lang), page.columns - 4)
    page.line((f"  {MARKS[check['verdict']]} ", check["verdict"]), (title[0], "title"))
    for part in title[1:]:
        page.line(("    ", ""), (part, "title"))
    diagnosis = check["diagnosis"]
    if diagnosis:
        code = f"[{printable(diagnosis['code'])}]"
        said = plain(diagnosis["title"], lang)
        page.wrapped(say(lang, "diagnosis"), f"{said}  {code}")
    if check["story"]:
        page.line()
        for line in story_lines(check["story"], unit, lang, page.columns - 4):
            page.line(("    ", ""), (line.text, line.kind))
        page.line()
    if diagnosis and pick(diagnosis["hint"], lang):
        page.wrapped(say(lang, "hint"), printable(pick(diagnosis["hint"], lang)), "hint")
    if check["replay"]:
        exact = not check["story"] or check["story"]["reproduces"] == "exactly"
        note = say(lang, "replay_note" if exact else "replay_may_differ")
        label = f"    {say(lang, 'replay')}  "
        command = f"python {printable(check['replay'])}"
        if width(label) + width(command) + 2 + width(note) > page.columns:
            page.line((label, "dim"), (command, ""))
            page.line((" " * width(label) + note, "dim"))
        else:
            page.line((label, "dim"), (command, ""), (f"  {note}", "dim"))
    if check.get("picture"):
        page.line((f"    {say(lang, 'picture')}  ", "dim"), (printable(check["picture"]), ""))
    print_output(page, check["output"])


def print_output(page: Page, output: str | None, *, everything: bool = False) -> None:
    """What the program printed, quoted: every line behind a bar, so that none passes for one of ours."""
    if not output or not output.strip():
        return
    lines = output.replace("\r\n", "\n").rstrip("\n").split("\n")
    left_out = 0 if everything or page.verbose else max(0, len(lines) - OUTPUT_LINES)
    page.line((f"    {say(page.lang, 'output')}", "dim"))
    for line in lines[left_out:]:
        page.line(("    │ ", "dim"), (fit(printable(line), page.columns - 6), ""))


def print_broken(page: Page, check: Json) -> None:
    page.line()
    page.line((f"  {MARKS['broken']} {plain(check['title'], page.lang)}  [{printable(check['id'])}]", "broken"))
    for part in wrap(say(page.lang, "broken"), page.columns - 4):
        page.line((f"    {part}", "broken"))
    for line in (check.get("traceback") or "").rstrip("\n").split("\n"):
        page.line(("    ! ", "broken"), (printable(line), ""))
