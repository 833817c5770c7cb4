"""Forms in an HTML page, as a browser would send them: where to, how, and with which fields."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Container
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

#: Characters of a page that are read, scripts and the like aside, and how many tags may begin before one ends:
#: html.parser takes minutes for some kilobytes of "<a <a <a …".
LONGEST, MOST_OPEN = 512 * 1024, 20

#: The beginning or the end of a tag.
_MARK = re.compile("<[A-Za-z/!?]|>")

#: What begins text that has no tags in it: a comment, or the tag of such an element.
_RAW = re.compile("<!--|<(script|style|textarea|title)(?=[\\s/>])[^<>]*>")

#: ASCII letters in lower case; other characters as they are, so that the length stays the same.
_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}

#: Elements whose value a browser sends under their name.
_FIELDS = ("input", "textarea", "select", "button")

#: How a form is sent that does not say how, and the only other way in which its fields can be told apart.
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"

#: The address of the page, whatever it really is.
_PAGE = "http://host/"

#: Kinds of <input> in which nobody can enter a name.
_BUTTONS = ("submit", "button", "reset", "image")


@dataclass
class Form:
    """One <form>: its attributes, the names of its fields, and what a submit button of its own says instead."""

    attributes: dict[str, str]
    fields: set[str] = field(default_factory=set)
    buttons: list[dict[str, str]] = field(default_factory=list)
    base: str = _PAGE  # what its addresses are relative to

    def ways(self) -> list[tuple[str, str, str]]:
        """(method, path, enctype) of every way in which it can be sent from the page at /; a button may override.

        The path as the server means it: `%75` is a `u`.
        """
        found = []
        for button in [{}, *self.buttons]:
            own = {
                name: button.get(f"form{name}", self.attributes.get(name, ""))
                for name in ("method", "action", "enctype")
            }
            try:
                action = own["action"].strip()
                # Where it says nothing it goes to the page itself, whatever <base> says.
                path = unquote(urlsplit(urljoin(self.base if action else _PAGE, action)).path) or "/"
            except ValueError:  # no URL at all, such as http://[
                path = own["action"]
            enctype = own["enctype"].strip().lower() or URLENCODED
            found.append((own["method"].strip().lower() or "get", path, enctype))
        return found


class _Reader(HTMLParser):
    #: Whose text has no tags in it.
    CDATA_CONTENT_ELEMENTS = ("script", "style", "textarea", "title")  # type: ignore[misc]

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.elsewhere: list[tuple[str, str, dict[str, str]]] = []  # fields that name their form by its id
        self.base: str | None = None  # what the first <base> says
        self._open: Form | None = None
        self._around: list[Form | None] = []  # the form that is open around each <template>

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in reversed(attrs)}  # the first of several counts
        if tag == "template":
            self._around.append(self._open)
            self._open = None
        elif tag == "base" and "href" in attributes and self.base is None and not self._around:
            self.base = attributes["href"].strip()
        elif tag == "form" and self._open is None:
            self._open = Form(attributes)
            self.forms.append(self._open)
            if "id" in attributes:
                self.by_id.setdefault(attributes["id"], self._open)
        elif tag in _FIELDS and "disabled" not in attributes:
            if "form" in attributes:
                self.elsewhere.append((attributes["form"], tag, attributes))
            elif self._open is not None:
                _add(self._open, tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "template" and self._around:
            self._open = self._around.pop()

    def base_of_addresses(self) -> str:
        """What addresses in the page are relative to."""
        try:
            base = urljoin(_PAGE, self.base or "")
            return base if urlsplit(base).scheme in ("http", "https") else _PAGE
        except ValueError:  # no URL at all, such as http://[
            return _PAGE


def _add(form: Form, tag: str, attributes: dict[str, str]) -> None:
    kind = attributes.get("type", "").lower()
    sends = tag == "button" and kind not in ("button", "reset")
    if sends or (tag == "input" and kind in ("submit", "image")):
        form.buttons.append(attributes)
    elif tag != "button" and kind not in _BUTTONS:
        form.fields.add(attributes.get("name", ""))


def forms_of(html: str) -> list[Form]:
    """Every form of the page's beginning, in order; up to the first thing that the parser cannot take."""
    reader = _Reader()
    _read(html, reader)
    for identifier, tag, attributes in reader.elsewhere:
        if identifier in reader.by_id:
            _add(reader.by_id[identifier], tag, attributes)
    for form in reader.forms:
        form.base = reader.base_of_addresses()
    return reader.forms


class _Attributes(HTMLParser):
    CDATA_CONTENT_ELEMENTS = _Reader.CDATA_CONTENT_ELEMENTS  # type: ignore[misc]

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {name for name, _ in attrs}


def attributes_of(html: str) -> set[str]:
    """The names of the attributes of all elements in the page's beginning, in lower case."""
    reader = _Attributes()
    _read(html, reader)
    return reader.names


def _read(html: str, reader: HTMLParser) -> None:
    """Have the page's beginning read, up to the first thing that the parser cannot take."""
    with contextlib.suppress(AssertionError, ValueError):  # "<![x[" is too much for html.parser
        reader.feed(_readable(html))
        reader.close()


def _readable(html: str) -> str:
    """The page without what holds no tags, up to the first crowd of tags that do not end."""
    html = _without_raw_text(html)[:LONGEST]
    begun = 0
    for mark in _MARK.finditer(html):
        begun = 0 if mark[0] == ">" else begun + 1
        if begun > MOST_OPEN:
            return html[: mark.start()]
    return html


def _without_raw_text(html: str) -> str:
    """The page without comments and the text of scripts and the like; up to the first of them that does not end."""
    kept: list[str] = []
    at = 0
    folded = html.translate(_FOLD)
    while begin := _RAW.search(folded, at):
        comment = begin[0] == "<!--"
        end = folded.find("-->" if comment else f"</{begin[1]}", begin.start() + 2 if comment else begin.end())
        kept.append(html[at : begin.start() if comment else begin.end()])
        if end < 0:
            return "".join(kept)
        at = end + 3 if comment else end
    return "".join([*kept, html[at:]])


def fault_of_forms(html: str, *, path: str, name: str, encodings: Container[str] = (URLENCODED,)) -> str | None:
    """None when some form POSTs the field ``name`` to ``path`` in one of these encodings.

    Else the diagnosis of the form that comes closest.
    """
    faults = [_fault(form, path, name, encodings) for form in forms_of(html)]
    if not faults:
        return "page.no_form"
    # In the order of the questions: a form that goes wrong later is closer to right.
    return max(faults, key=_QUESTIONS.index)


_QUESTIONS = ("page.form_action", "page.form_method", "page.form_enctype", "page.form_field", None)


def _fault(form: Form, path: str, name: str, encodings: Container[str]) -> str | None:
    ways = form.ways()
    if not (ways := [way for way in ways if way[1] == path]):
        return "page.form_action"
    if not (ways := [way for way in ways if way[0] == "post"]):
        return "page.form_method"
    if not [way for way in ways if way[2] in encodings]:
        return "page.form_enctype"
    return None if name in form.fields else "page.form_field"
