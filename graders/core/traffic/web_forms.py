"""Forms as browsers and programs send them: fields, and the ways to encode them (application/x-www-form-urlencoded)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

from graders.core.traffic.texts import PHRASES, filled, short_texts
from graders.core.traffic.web_requests import Pairs


def _curl(text: str, special: str) -> str:
    """As `curl -d` sends it: UTF-8 as it is, only what would change the meaning is escaped."""
    return "".join(quote(character, safe="") if character in special else character for character in text)


def _everything(text: str) -> str:
    """Every byte escaped, in lower-case hexadecimal."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


#: The ways to write one name or value; all of them decode to the same text.
ENCODINGS: dict[str, Callable[[str], str]] = {
    "browser": lambda text: quote_plus(text, safe="*-._"),
    "percent": lambda text: quote(text, safe=""),
    "everything": _everything,
}


def encode(pairs: Pairs, encoding: str = "browser") -> str:
    """The body of a form, ASCII only."""
    write = ENCODINGS[encoding]
    return "&".join(f"{write(name)}={write(value)}" for name, value in pairs)


def encode_raw(pairs: Pairs) -> bytes:
    """The body of a form with its characters as plain UTF-8, as `curl -d name=…` sends it."""
    # Behind the first equals sign another one is part of the value.
    return "&".join(f"{_curl(name, '%&+=')}={_curl(value, '%&+')}" for name, value in pairs).encode()


#: Values that naive decoders get wrong, beside what texts.py has.
VALUES = (
    "x", "a b", "a+b", "a&b=c", "100%", "%41", "+", "=", "a=b=c", "&", ";", "#", "?", "/", "e\u0301é",
    "張三", "O'Neil", '"', "\\", "\\u4f60",
    "<b>粗</b>", "&lt;", "\r\n", "\0", " 两边有空格 ", "null", "None", "True", "0", "[]", "\u2028", "👩\u200d🚀",
)  # fmt: skip


#: Where the name to greet is not simply the value of the only field.
ODD_NAMES: tuple[Pairs, ...] = (
    (),
    (("name", ""),),
    (("name", "a"), ("name", "b")),
    (("x", "1"), ("name", "n"), ("y", "2")),
    (("Name", "N"), ("name2", "2")),
)

#: Around what one read of a naive server brings.
_LONG = (200, 1024, 4095, 4096, 4097, 9000)


def forms_with_a_name(values: tuple[str, ...] = VALUES) -> st.SearchStrategy[tuple[Pairs, str]]:
    """A form that greets somebody, and an encoding; simplest first.

    All of ``values``, as a browser writes them, come up within twice as many cases: they are dealt (traffic/frozen.py)
    in every second one.
    """
    known = st.tuples(st.sampled_from(values).map(_named), st.just("browser"))
    text = st.one_of(short_texts(), st.sampled_from(PHRASES), st.builds(filled, st.sampled_from(_LONG)))
    others = (
        st.tuples(text.map(_named), encodings()),
        st.tuples(st.sampled_from(values).map(_named), st.sampled_from(["percent", "everything"])),
        st.tuples(st.sampled_from(ODD_NAMES), encodings()),
    )
    return st.one_of(known, known, known, *others)


def _named(value: str) -> Pairs:
    return (("name", value),)


def encodings() -> st.SearchStrategy[str]:
    return st.sampled_from(list(ENCODINGS))


#: Names of other fields; one is like `name`, one needs escaping.
OTHERS = ("age", "名字", "Name", "name2", "a b", "x&y=z")


def fields_beside_the_name() -> st.SearchStrategy[Pairs]:
    """Up to four fields, some of them repeated, some empty, in any order; `name` may be missing or come twice."""
    some_value = st.one_of(st.sampled_from(("1", "", "值", "a b")), short_texts(0, 5))
    pair = st.tuples(st.sampled_from(("name", *OTHERS)), some_value)
    return st.lists(pair, max_size=4).map(tuple)
