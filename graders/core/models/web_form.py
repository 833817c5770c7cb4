"""What a web server must make of a form, and which mistake a wrong answer looks like.

Two shapes of ``received_data``: *lists* (http_server: what urllib.parse.parse_qs gives, empty values left out) and
*flat* (flask_app: the first value of every field, empty ones included).
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

from graders.core.traffic.web_requests import Pairs


@dataclass(frozen=True)
class FormAnswer:
    """The right answer to a form with these fields (decoded, in order)."""

    pairs: Pairs
    flat: bool = False

    @property
    def name(self) -> str:
        """The name to greet: the first value of `name`, '' when there is none."""
        values = [value for key, value in self.pairs if key == "name" and (value or self.flat)]
        return values[0] if values else ""

    @property
    def message(self) -> str:
        return f"Hello, {self.name}!"

    @property
    def received_data(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in self.pairs:
            if self.flat:
                found.setdefault(key, value)
            elif value:
                found.setdefault(key, []).append(value)
        return found

    def explain_message(self, got: object) -> str:
        """The mistake behind a wrong ``message``."""
        if not isinstance(got, str) or not (got.startswith("Hello, ") and got.endswith("!")):
            return "form.other_greeting"
        greeted = got[len("Hello, ") : -1]
        name = self.name
        others = [value for key, value in self.pairs if key == "name"][1:]
        if not name and greeted in ("None", "null", "undefined"):
            return "form.missing_name"
        if greeted in others or greeted.startswith("["):
            return "form.first_value"
        if code := _explain_text(name, greeted):
            return code
        if greeted == self._decoded_before().name:
            return "form.decoded_twice"
        return "form.missing_name" if not greeted or not name else "form.other_greeting"

    def _decoded_before(self) -> FormAnswer:
        """What becomes of the form when its body is decoded before it is parsed: a `%26` has become a `&`."""
        body = "&".join(f"{key}={value}" for key, value in self.pairs)
        return FormAnswer(tuple(parse_qsl(body, keep_blank_values=True)), self.flat)

    def explain_received_data(self, got: object) -> str:
        """The mistake behind a wrong ``received_data``."""
        if not isinstance(got, dict):
            return "form.other_fields"
        wanted = self.received_data
        lists = {key: [value for other, value in self.pairs if other == key] for key, _ in self.pairs}
        near_misses: Iterable[tuple[bool, str]] = (
            (bool(got) and not self.flat and all(isinstance(value, str) for value in got.values()), "form.flat_values"),
            (bool(got) and self.flat and all(isinstance(value, list) for value in got.values()), "form.list_values"),
            (not self.flat and got == lists, "form.empty_field"),
            (self.flat and got == {key: value for key, value in wanted.items() if value}, "form.empty_field"),
            (not self.flat and got == {key: values[:1] for key, values in wanted.items()}, "form.repeated_field"),
            (not self.flat and got == {key: values[-1:] for key, values in wanted.items()}, "form.repeated_field"),
            (self.flat and got == {key: values[-1] for key, values in lists.items()}, "form.repeated_field"),
            (bool(got) and got == self._decoded_before().received_data, "form.decoded_twice"),
        )
        for fits, code in near_misses:
            if fits:
                return code
        return _explain_texts(wanted, got) or "form.other_fields"


#: What a mistake makes of a text.
_MISTAKES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("form.stripped", str.strip),
    ("form.plus_is_space", lambda text: text.replace(" ", "+")),
    ("form.wrong_charset", lambda text: text.encode().decode("latin-1")),
    ("form.wrong_charset", lambda text: text.encode().decode("cp1252", "replace")),
    ("form.wrong_charset", lambda text: text.encode().decode("gb18030", "replace")),
    ("form.wrong_charset", lambda text: text.encode().decode("ascii", "replace")),
    ("form.wrong_charset", lambda text: text.encode().decode("ascii", "ignore")),
    ("form.decoded_twice", unquote),
    ("form.decoded_twice", unquote_plus),
    ("form.escaped", html.escape),
    ("form.escaped", lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")),
)


def _explain_text(wanted: str, got: str) -> str | None:
    for code, mistake in _MISTAKES:
        if mistake(wanted) == got != wanted:
            return code
    if len(wanted) > 1000 and got and wanted.startswith(got.rstrip("\ufffd%0123456789ABCDEFabcdef")):
        return "form.cut_short"
    if "%" in got and unquote_plus(got) == wanted:
        return "form.not_decoded"
    if "\ufffd" in got and "\ufffd" not in wanted:
        return "form.wrong_charset"
    return None


def _explain_texts(wanted: dict[str, Any], got: dict[str, Any]) -> str | None:
    """The mistake that was made with every text, names and values alike."""
    return _explain_text(_texts_of(wanted), _texts_of(got))


def _texts_of(fields: dict[str, Any]) -> str:
    parts: list[str] = []
    for key, value in fields.items():
        parts += [key, *([str(item) for item in value] if isinstance(value, list) else [str(value)])]
    return "|".join(parts)
