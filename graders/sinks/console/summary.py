"""The end: a line for each unit, the total, and where to go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graders.core.replay.characters import pad, printable, width, wrap
from graders.sinks.console.page import MARKS, Json, Page, bar, score_style
from graders.sinks.console.words import plain, points_text, say, score_text


def print_summary(page: Page, document: Json, command: str, *, report: str | None, replays: str | None) -> None:
    """``command``: what grades the submission again, but for the unit's name; the others: where the files are."""
    page.rule()
    _print_units(page, document["units"])
    page.line()
    total = score_text(document)
    bonus = f"  {say(page.lang, 'bonus', n=points_text(document['bonus']))}" if document["bonus"] else ""
    page.line((f"  {say(page.lang, 'total')} {total}{bonus}", "title"))
    for part in wrap(", ".join(_counts(page, document)), page.columns - 2):
        page.line((f"  {part}", "dim"))
    _print_next_step(page, document, command)
    places = [
        f"{say(page.lang, word)} {printable(place)}"
        for word, place in (("report", report), ("scripts", replays))
        if place
    ]
    if places:
        page.line(("  " + "   ".join(places), "dim"))
    if document["grader"]["isolation"] == "plain":
        for part in wrap(say(page.lang, "not_isolated"), page.columns - 4):
            page.line((f"  ! {part}" if part else "", "yellow"))


def _print_units(page: Page, units: Sequence[Json]) -> None:
    names = [printable(unit["unit"]) for unit in units]
    widest = max((width(name) for name in names), default=0)
    for name, unit in zip(names, units, strict=True):
        score, full = unit["score"], unit["max_score"]
        bonus = f" +{points_text(unit['bonus'])}" if unit["bonus"] else ""
        note = "  " + say(page.lang, "problem") if unit["problem"] else ""
        page.line(
            (f"  {pad(name, widest)}  ", ""),
            (bar(score, full, 24 if page.columns >= 80 else 12), score_style(unit)),
            (f" {points_text(score):>5}/{points_text(full)}{bonus}", ""),
            (note, "fail"),
        )


def _counts(page: Page, document: Json) -> Iterator[str]:
    verdicts = [check["verdict"] for unit in document["units"] for check in unit["checks"]]
    for verdict in MARKS:
        if verdict in verdicts:
            yield say(page.lang, f"verdict_{verdict}", n=verdicts.count(verdict))
    problems = sum(1 for unit in document["units"] if unit["problem"])
    if problems:
        yield say(page.lang, "problem_count", n=problems)


def _print_next_step(page: Page, document: Json, command: str) -> None:
    """Where to begin: the first core failure of the first unit that was begun, as the lesson goes; bonus last."""
    first = first_to_fix(document)
    if first is None:
        verdicts = {check["verdict"] for unit in document["units"] for check in unit["checks"]}
        if "pass" in verdicts <= {"pass", "unavailable"}:
            page.line((f"  {say(page.lang, 'all_right')}", "green"))
        return
    unit, check = first
    said = plain(check["title"], page.lang) if check else printable(unit["problem"].get(page.lang) or "")
    page.wrapped(say(page.lang, "next"), f"{printable(unit['unit'])}: {said}", "title", indent=2)
    page.line((f"  {say(page.lang, 'again')}  ", "dim"), (f"{command} {printable(unit['unit'])}", ""))


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
