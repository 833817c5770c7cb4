"""What the terminal says, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graders.core.replay.characters import printable
from graders.core.replay.values import pick

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


def tier_name(tier: str, lang: str) -> str:
    return say(lang, "bonus_tier" if tier == "bonus" else tier)


def plain(text: Mapping[str, str] | None, lang: str) -> str:
    """A bilingual text on one harmless line, without the full stop that rubric lines end with."""
    return printable(pick(text, lang).strip()).removesuffix("。").removesuffix(".")


def points_text(points: float) -> str:
    return f"{points:g}" if points == int(points) else f"{points:.1f}"


def score_text(scored: Mapping[str, Any]) -> str:
    """`85/100`, of a unit or of the whole."""
    return f"{points_text(scored['score'])}/{points_text(scored['max_score'])}"
