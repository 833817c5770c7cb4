"""Text that learners read, in Chinese and English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Text:
    """One sentence in both languages; ``str()`` never chooses, the sinks do."""

    zh: str
    en: str

    @classmethod
    def parse(cls, docstring: str | None) -> Text:
        """Split ``中文。 English.`` at the first space behind a Chinese full stop.

        Raises ValueError when there is no such place: every rubric line has both languages.
        """
        line = " ".join((docstring or "").split())
        found = re.match(r"(.*?[。？！]) (?=[\x20-\x7e])(.+)$", line)
        if not found:
            raise ValueError(f"wanted 'Chinese。 English.', got {line!r}")
        return cls(found[1], found[2])

    def format(self, **values: Any) -> Text:
        """The same text with ``{name}`` fields filled in, in both languages."""
        return Text(self.zh.format(**values), self.en.format(**values))

    def to_json(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}
