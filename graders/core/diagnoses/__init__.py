"""Stable codes for what programs get wrong, each with a title and one hint in both languages.

One TOML file a family (``tcp.toml`` holds ``tcp.*``); the files list themselves. A hint teaches and does not give the
code away.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from graders.core.text import Text


@dataclass(frozen=True)
class Diagnosis:
    code: str
    title: Text
    hint: Text

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "title": self.title.to_json(), "hint": self.hint.to_json()}


@cache
def all_diagnoses() -> dict[str, Diagnosis]:
    """Every diagnosis by code."""
    found: dict[str, Diagnosis] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        family = file.name.removesuffix(".toml")
        for name, texts in tomllib.loads(file.read_text("utf-8")).items():
            code = f"{family}.{name}"
            found[code] = Diagnosis(code, Text(**texts["title"]), Text(**texts["hint"]))
    return found


def diagnosis(code: str) -> Diagnosis:
    """The diagnosis called ``code``. Raises KeyError for a code without a text, which is the grader's fault."""
    return all_diagnoses()[code]
