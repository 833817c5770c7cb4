"""Arguments for HTTP clients: URLs, parameters, headers, forms and JSON values, as strategies without I/O.

What is undefined between two correct clients is left out on purpose: raw spaces, dot segments (`/a/../b` may be
resolved or not), empty segments, characters that only some libraries take for part of a host name.
"""

from __future__ import annotations

import string
from typing import Any
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

from graders.core.traffic.texts import CHARACTERS

#: Letters of several alphabets, of one to four bytes in UTF-8. No spaces, nothing that a URL gives a meaning to.
FOREIGN = "äéßñλжשगा你好网络编程한かナ中文😀🐍𝔘"
#: Raw in a path (RFC 3986: unreserved, sub-delims, ":" and "@").
IN_PATH = string.ascii_letters + string.digits + "-._~!$&'()*+,;=:@"
#: Raw in a name or a value of a query; "+" is a space there, "&" and "=" divide.
IN_QUERY = string.ascii_letters + string.digits + "-._~!$'()*+,;:@/?"

#: URLs that no client can ask for, each with the reason. No name that would have to be looked up.
UNUSABLE_URLS: dict[str, str] = {
    "": "empty",
    "foo:": "an unknown scheme",
    "foo://127.0.0.1/": "an unknown scheme",
    "mailto:someone@example.org": "an unknown scheme",
    "not-a-url": "no scheme",
    "/only/a/path": "no scheme",
    "http//127.0.0.1/": "no colon",
    "://127.0.0.1/": "an empty scheme",
    "http://": "no host",
    "http:///path": "no host",
    "http://[bad": "a bracket that is never closed",
    "http://[::1": "a bracket that is never closed",
    "http://127.0.0.1:port/": "a port that is no number",
    f"http://{'a' * 64}/": "a host label over 63 characters",
    f"http://{'b' * 64}.example/path": "a host label over 63 characters",
}

#: Values of Location that lead nowhere, each with the reason; byte values above 127 are Latin-1.
BAD_LOCATIONS: dict[str, str] = {
    "http://[bad": "a bracket that is never closed",
    "//[": "a bracket that is never closed",
    "foo://127.0.0.1/": "an unknown scheme",
    "mailto:someone@example.org": "an unknown scheme",
    "http://127.0.0.1:port/": "a port that is no number",
    f"http://{'c' * 64}.example/": "a host label over 63 characters",
}


def texts(max_size: int = 12) -> st.SearchStrategy[str]:
    """Characters that break naive code, and those that forms, queries and URLs give a meaning to; "" included."""
    return st.lists(st.sampled_from([*CHARACTERS, *"&=+?#/;"]), max_size=max_size).map("".join)


def names() -> st.SearchStrategy[str]:
    """Names of parameters and fields: as texts, but never empty."""
    return st.builds("{}{}".format, st.sampled_from(["a", "名", "x&y", "+", "list[]"]), texts(4))


def numbers() -> st.SearchStrategy[int | float]:
    """Integers and floats that have a plain spelling; 0 often, which is no absent value."""
    floats = st.floats(allow_nan=False, allow_infinity=False, width=32)
    return st.one_of(st.sampled_from([0, 42]), st.integers(-(2**63), 2**63), floats)


def paths() -> st.SearchStrategy[str]:
    """Paths of ASCII, percent-escapes (of anything, in both letter cases) included; "" is the root, too."""
    raw = st.text(IN_PATH, max_size=8)
    escapes = st.builds(
        _escaped, st.text(st.sampled_from(FOREIGN + '/%?#&+ "<>'), min_size=1, max_size=3), st.booleans()
    )
    # A letter first: no segment is "", "." or "..", in any spelling.
    segment = st.builds("{}{}{}".format, st.sampled_from(string.ascii_letters), raw, escapes | st.just(""))
    return st.one_of(
        st.just(""),
        st.builds(lambda inner, end: "/" + "/".join(inner) + end, st.lists(segment, min_size=1, max_size=3),
                  st.sampled_from(["", "/"])),
    )  # fmt: skip


def queries() -> st.SearchStrategy[str]:
    """ "" or a query with its "?": names and values raw, percent-escaped and with "+" for a space; repeated names."""
    escaped = st.builds(lambda text, plus: (quote_plus if plus else quote)(text, safe=""), texts(6), st.booleans())
    part = st.one_of(st.text(IN_QUERY, max_size=6), escaped)
    pair = st.builds(lambda name, value: f"n{name}={value}", part, part)
    return st.one_of(st.just(""), st.lists(pair, min_size=1, max_size=4).map(lambda pairs: "?" + "&".join(pairs)))


def targets() -> st.SearchStrategy[str]:
    """A path and a query, all ASCII: what follows the authority in a URL."""
    return st.builds("{}{}".format, paths(), queries())


def foreign_targets() -> st.SearchStrategy[str]:
    """A path, a query or both with characters beyond ASCII; sometimes a fragment, which is not to be sent."""
    word = st.builds(
        "{}{}".format, st.sampled_from(["", "a", "x1"]), st.text(st.sampled_from(FOREIGN), min_size=1, max_size=4)
    )
    foreign_path = word.map("/{}".format)
    foreign_query = st.builds("?q={}&r={}".format, word, st.sampled_from(["1", "%E4%BD%A0", "a+b"]))
    return st.one_of(
        foreign_path,
        st.builds("{}{}".format, st.sampled_from(["/a", "/a/b", ""]), foreign_query),
        st.builds("{}{}{}".format, foreign_path, foreign_query, st.sampled_from(["", "#top", "#顶"])),
    )


def headers(min_size: int = 1) -> st.SearchStrategy[dict[str, str]]:
    """Headers that a caller may set: X-…, Accept, User-Agent; values of printable Latin-1 without outer spaces.

    Only an X-… may be empty: an empty Accept or User-Agent is as good as none.
    """
    standard = st.sampled_from(["Accept", "User-Agent"])
    own = st.one_of(
        st.text(string.ascii_letters + string.digits, min_size=1, max_size=8).map("X-{}".format),
        st.sampled_from(["X-Request-ID", "x-lower", "X-Api-Key"]),
    )
    edge = st.characters(codec="latin-1", exclude_categories=["Cc", "Cf", "Zs"])
    inner = st.text(st.characters(codec="latin-1", exclude_categories=["Cc", "Cf"]), max_size=16)
    value = st.one_of(edge, st.builds("{}{}{}".format, edge, inner, edge))
    pair = st.one_of(st.tuples(own, value), st.tuples(standard, value), st.tuples(own, value | st.just("")))
    pairs = st.lists(pair, min_size=min_size, max_size=4, unique_by=lambda pair: pair[0].lower())
    return pairs.map(dict)


#: Simple values first: what fails even for these has nothing to do with empty ones or odd characters.
PLAIN = ("1", "你好", "a b")


def own_headers(owner: str, min_size: int = 1) -> st.SearchStrategy[dict[str, str]]:
    """Headers that nobody else can have asked for: X-<owner>-…."""
    names = st.sampled_from([f"X-{owner}-A", f"X-{owner}-B", f"X-{owner}-C"])
    return st.dictionaries(names, st.sampled_from(["1", "two"]), min_size=min_size, max_size=2)


def params() -> st.SearchStrategy[dict[str, Any]]:
    """Query parameters: strings, numbers, and lists of them (an empty one is no parameter), some with a value twice."""
    value = st.one_of(st.sampled_from(PLAIN), texts(), numbers())
    again = st.builds(lambda first, between: [first, *between, first], value, st.lists(value, max_size=1))
    return st.dictionaries(names(), st.one_of(value, st.lists(value, max_size=3), again), min_size=1, max_size=4)


def forms() -> st.SearchStrategy[dict[str, Any]]:
    """Form fields: strings (sometimes longer than any buffer) and numbers."""
    # A few characters to escape in many that are not: undoing millions of escapes would take longer than the call.
    long = st.sampled_from([1024, 8192, 65_537]).map(lambda size: ("你&=+ % abcdefghijklmnopqrstuvwxyz" * size)[:size])
    return st.dictionaries(names(), st.one_of(st.sampled_from(PLAIN), texts(), numbers(), long), min_size=1, max_size=4)


#: What everybody sends, and what `if json:` takes for nothing.
PLAIN_JSON: tuple[Any, ...] = (
    {"name": "你好"},
    {"a": None, "b": 0},
    [1, "é", None],
    "text",
    7,
    True,
    1.5,
    {"long": "你&=+" * 20_000},
)
FALSY_JSON: tuple[Any, ...] = (0, False, "", [], {}, 0.0)


def json_values() -> st.SearchStrategy[Any]:
    """Any JSON value but null at the top; null inside."""
    leaf = st.one_of(st.none(), st.booleans(), numbers(), texts())
    value = st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(), inner, max_size=4), max_leaves=8
    )
    some = value.filter(lambda value: value is not None)
    return st.one_of(st.sampled_from(PLAIN_JSON), st.sampled_from(FALSY_JSON), some, some)


def _escaped(text: str, lower: bool) -> str:
    escaped = quote(text, safe="")
    return escaped.lower() if lower else escaped
