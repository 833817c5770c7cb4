"""A unit: its marks, a line for each check, and the stories of what failed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graders.core.replay.characters import fit, pad, printable, width, wrap
from graders.core.replay.values import seconds_text
from graders.sinks.console.page import MARKS, Json, Page, bar, score_style
from graders.sinks.console.stories import print_output, print_stories
from graders.sinks.console.words import plain, points_text, say, score_text, tier_name


def print_unit(page: Page, unit: Json, *, briefly: bool = False) -> None:
    """``briefly``: that it is a stub, and nothing else."""
    page.rule()
    _print_heading(page, unit)
    if briefly:
        waiting = sum(check["verdict"] in ("fail", "skipped") for check in unit["checks"])
        page.line((f"  {MARKS['fail']} ", "fail"), (say(page.lang, "untouched", n=waiting), ""))
        page.line()
        return
    facts = [say(page.lang, "conversations", n=unit["conversations"]), seconds_text(unit["seconds"], page.lang)]
    page.line((", ".join(facts), "dim"))
    if unit["problem"]:
        _print_problem(page, unit["problem"])
    _print_table(page, unit["checks"])
    # A unit that cannot be graded has said why; its checks could only repeat it.
    if page.verbose or not unit["problem"]:
        print_stories(page, unit)
    page.line()


def _print_heading(page: Page, unit: Json) -> None:
    """Name, title, and the marks at the right."""
    score = score_text(unit)
    if unit["bonus"]:
        score += f" +{points_text(unit['bonus'])}"
    name = printable(unit["unit"])
    # A rubric's heading goes on behind its colon; a line has room for the name alone.
    title = re.split("：|: ", plain(unit["title"], page.lang))[0] + f" ({printable(unit['section'])})"
    left = f"{name}  {title}"
    right = f"{bar(unit['score'], unit['max_score'], 16)} {score:>7}"
    gap = page.columns - width(left) - width(right)
    if gap < 2:
        left = fit(left, page.columns - width(right) - 2)
        gap = page.columns - width(left) - width(right)
    tail = left[len(name) :]
    page.line((name, "title"), (tail + " " * gap, ""), (right, score_style(unit)))


def _print_problem(page: Page, problem: Json) -> None:
    page.line()
    page.wrapped(f"✗ {say(page.lang, 'problem')}", printable(problem.get(page.lang) or ""), "fail", indent=2)
    print_output(page, problem.get("output"), everything=True)


def _print_table(page: Page, checks: Sequence[Json]) -> None:
    """A line for each check; those that were not tried for the same reason share one."""
    if not checks:
        return
    page.line()
    together: dict[str, list[Json]] = {}
    for check in checks:
        if check["verdict"] == "skipped" and not page.verbose:
            together.setdefault(plain(check["reason"], page.lang) or say(page.lang, "no_reason"), []).append(check)
            continue
        _print_check(page, check)
    if len(together) > 1:
        # They need each other; what to mend is above them.
        members = [check for group in together.values() for check in group]
        together = {say(page.lang, "needs_above"): members}
    for reason, members in together.items():
        text = say(page.lang, "skipped", n=len(members), reason=reason)
        points = f"0/{points_text(sum(check['max_points'] for check in members))}"
        room = page.columns - 4 - width(points) - 1
        lines = wrap(text, room)
        page.line((f"  {MARKS['skipped']} {pad(lines[0], room)} {points}", "skipped"))
        for part in lines[1:]:
            page.line(("    " + part, "skipped"))


def _print_check(page: Page, check: Json) -> None:
    verdict = check["verdict"]
    tier = tier_name(check["tier"], page.lang)
    points = f"{points_text(check['points'])}/{points_text(check['max_points'])}"
    right = f"{pad(tier, 6)} {points:>5}"
    room = page.columns - 4 - 1 - width(right)
    lines = wrap(plain(check["title"], page.lang), room)
    style = verdict if verdict != "pass" else ""
    mark = (f"  {MARKS[verdict]} ", verdict)
    page.line(mark, (pad(lines[0], room), style), (" " + right, style if verdict != "fail" else "fail"))
    for part in lines[1:]:
        page.line(("    ", ""), (part, style))
    if verdict in ("skipped", "unavailable", "inconclusive"):
        for part in wrap(plain(check["reason"], page.lang), room):
            page.line(("    ", ""), (part, "dim"))
