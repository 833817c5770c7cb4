"""What clients of the users API send: drafts of users, histories, and every edge of every field. No I/O."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from graders.core.models.users import Fields, Kind
from graders.core.traffic.texts import CHARACTERS
from graders.core.traffic.web_requests import Ask

JSON_TYPE = ("Content-Type", "application/json")

#: What nobody's id is; larger than any that a program has given so far, and small enough for every data base.
NOBODY = 987_654


@dataclass(frozen=True)
class Draft:
    """A user as a client writes it. ``absent``: names no age; ``more``: other members, before and behind its own."""

    name: str = "a"
    email: str = "a@b.org"
    age: int | None = None
    absent: bool = False
    more: tuple[tuple[str, Any], ...] = ()
    escaped: bool = False  # \\uXXXX in place of what is not ASCII

    @property
    def fields(self) -> Fields:
        """What is kept of it."""
        return Fields(self.name.strip(), self.email, self.age)

    def body(self) -> bytes:
        members: dict[str, Any] = dict(self.more[:1])
        members |= {"name": self.name, "email": self.email} | ({} if self.absent else {"age": self.age})
        return encoded(members | dict(self.more), escaped=self.escaped)


def encoded(value: Any, *, escaped: bool = False) -> bytes:
    return json.dumps(value, ensure_ascii=escaped).encode()


def write(method: str, target: str, body: bytes, content_type: str | None = JSON_TYPE[1]) -> Ask:
    """A request with a body."""
    headers = (("Content-Type", content_type),) if content_type is not None else ()
    return Ask(method, target, headers, body, length=True)


def request(kind: Kind, user: int | None, draft: Draft | None) -> Ask:
    """The request of an operation."""
    target = "/users" if user is None else f"/users/{user}"
    method = {Kind.CREATE: "POST", Kind.REPLACE: "PUT", Kind.DELETE: "DELETE"}.get(kind, "GET")
    return write(method, target, draft.body()) if draft is not None else Ask(method, target)


# -- drafts -----------------------------------------------------------------------------------------------------------

#: What str.strip() takes away and nobody doubts.
SPACES = (" ", "\t", "\n", "\r\n", "\u3000", "\u00a0", "  ")

_NAMES = ("a", "Ann", "小明", "O'Brien", "Robert'); DROP TABLE users;--", "<b>x</b>", "{{ 7*7 }}", "a  b", "😀", "null")

#: Texts all the same, though converters and some data bases make numbers of them.
_LIKE_NUMBERS = ("007", "1e5", "12.0", "0x1F", "+7", "1_000", "Infinity", "-0")

#: Of every kind of character that an e-mail may have. Without white space, @ and NUL.
_IN_EMAILS = tuple(c for c in CHARACTERS if not c.isspace() and c not in "@\0")
_IN_NAMES = tuple(c for c in CHARACTERS if c != "\0")
_AT_ENDS = tuple(c for c in _IN_NAMES if not c.isspace() and c.isprintable())

AGES = (None, 1, 42, 99)


def drafts() -> st.SearchStrategy[Draft]:
    """Ordinary users; shrinks to Draft()."""
    return st.builds(
        Draft,
        name=st.sampled_from(_NAMES),
        email=st.sampled_from(("a@b.org", "ann@example.com", "小明@例子.中国", "o'brien+x@mail.example")),
        age=st.sampled_from(AGES),
        absent=st.just(False),
        escaped=st.booleans(),
    )


@st.composite
def drafts_of_any_text(draw: st.DrawFn) -> Draft:
    """Any Unicode text as the name, numbers too, white space around it, and any that an e-mail may have."""
    name = draw(st.sampled_from(_AT_ENDS)) + "".join(draw(st.lists(st.sampled_from(_IN_NAMES), max_size=8)))
    name += draw(st.sampled_from(_AT_ENDS))
    name = draw(st.sampled_from(("", "", *_LIKE_NUMBERS, *[""] * len(_LIKE_NUMBERS)))) or name
    local, domain = (
        "".join(draw(st.lists(st.sampled_from(_IN_EMAILS), min_size=1, max_size=6))) for _ in ("local", "domain")
    )
    before, behind = draw(st.sampled_from(("", *SPACES))), draw(st.sampled_from(("", *SPACES)))
    letters = draw(st.sampled_from(("", "Ann", "ÄÖÜ", "ЖУК")))
    return Draft(before + name + behind, f"{letters}{local}@{domain}", None, escaped=draw(st.booleans()))


def numbered(count: int, *, long: bool = False) -> list[Draft]:
    """Different users; ``long``: whoever writes them down has something to do."""
    padding = " x" * 45 if long else ""
    return [Draft(f"user {n}{padding}", f"{n}@b.org", 1 + n % 99) for n in range(count)]


#: Names with everything that tells lines, fields and texts apart in a file.
HARD_TO_KEEP = (
    Draft("a\nb\rc\r\nd\u2028e\u2029f\u0085g\x0bh\x0ci\x1cj", "lines@kept.org", 30),
    Draft('"a", \'b\';\tc|d=e\\n\\ \u00a0{"f": [1]} #\ufeffg\u00a0h', "Quotes@kept.org"),
)


# -- e-mails that are the same, or only look so -----------------------------------------------------------------------

#: The same in another letter case. Only letters whose lower() and casefold() agree. No two pairs are alike.
SAME_EMAILS = (
    ("a@b.org", "a@b.org"), ("b@c.org", "B@c.org"), ("ann@example.com", "Ann@example.com"), ("eve@d.org", "eve@D.ORG"),
    ("BOB@E.ORG", "bob@e.org"), ("ä@f.org", "Ä@f.org"), ("a@ÖST.org", "a@öst.org"), ("жук@почта.рф", "ЖУК@ПОЧТА.РФ"),
    ("Ñandú@g.org", "ñANDÚ@g.org"), ("a.b+c@h.org", "A.B+C@H.org"), ("小A@i.org", "小a@i.org"), ("Ω@j.org", "ω@j.org"),
)  # fmt: skip

#: Two that are not the same, though a wildcard, a prefix or a clever rule takes them for it. All are different.
OTHER_EMAILS = (
    ("ann@example.com", "anne@example.com"), ("acb@x.org", "a_b@x.org"), ("abc@y.org", "%@y.org"), ("a@b.c", "a@b.c.d"),
    ("a.b@x.org", "ab@x.org"), ("a+1@x.org", "a@x.org"), ("a@b.org", "b@a.org"), ("e@b.org", "é@b.org"),
    ("a*c@z.org", "abc@z.org"), ("x@a.org", "y@a.org"), ("ann@x.org", "xann@x.org"),
)  # fmt: skip


# -- histories --------------------------------------------------------------------------------------------------------


class Race(StrEnum):
    """What simultaneous requests are about."""

    CREATE = "create different users"
    SAME_EMAIL = "create users with one e-mail"
    PUT_EMAIL = "give several users one e-mail"
    BOTH_EMAIL = "create and change users to one e-mail"
    REPLACE = "change one user"
    REPLACE_MANY = "change several users"
    DELETE = "delete one user"
    REPLACE_AND_DELETE = "change and delete one user"


#: (kind, index into the users that the race is about, draft): one request of a race.
Move = tuple[Kind, int, Draft | None]


def race(kind: Race, number: int) -> tuple[list[Draft], list[Move]]:
    """The ``number``-th race of its kind: users to create before, and requests to send at the same time."""
    email = f"race{number}@x.org"
    cases = (email, email.upper(), email.capitalize())

    def users(count: int) -> list[Draft]:
        return [Draft(f"before {n}", f"{number}.{n}@before.org", 1 + n) for n in range(count)]

    def different(n: int) -> Draft:
        return Draft(f"after {n}", f"{number}.{n}@after.org", 100 + n)

    def same(n: int) -> Draft:
        return Draft(f"after {n}", cases[n % 3], 1 + n)

    match kind:
        case Race.CREATE:
            return [], [(Kind.CREATE, 0, different(n)) for n in range(6)]
        case Race.SAME_EMAIL:
            return [], [(Kind.CREATE, 0, same(n)) for n in range(6)]
        case Race.PUT_EMAIL:
            return users(5), [(Kind.REPLACE, n, same(n)) for n in range(5)]
        case Race.BOTH_EMAIL:
            moves: list[Move] = [(Kind.REPLACE, n, same(n)) for n in range(3)]
            return users(3), [*moves, *((Kind.CREATE, 0, same(n)) for n in range(3, 6))]
        case Race.REPLACE:
            return users(1), [*((Kind.REPLACE, 0, different(n)) for n in range(5)), (Kind.GET, 0, None)]
        case Race.REPLACE_MANY:
            return users(5), [(Kind.REPLACE, n, different(n)) for n in range(5)]
        case Race.DELETE:
            return users(1), [(Kind.DELETE, 0, None)] * 5
    moves = [(Kind.REPLACE, 0, different(n)) for n in range(4)]
    return users(1), [moves[0], (Kind.DELETE, 0, None), *moves[1:], (Kind.CREATE, 0, different(5))]


@dataclass(frozen=True)
class Act:
    """One step of a history; ``who``: which of the users so far, by their order of creation (modulo their number)."""

    kind: Kind
    who: int = 0
    draft: Draft | None = None


_HISTORY_EMAILS = ("a@b.org", "A@b.org", "c@d.org", "ä@b.org", "Ä@B.org", "e@f.org")


@st.composite
def acts(draw: st.DrawFn) -> Act:
    kind = draw(st.sampled_from((Kind.CREATE, Kind.CREATE, Kind.CREATE, Kind.REPLACE, Kind.REPLACE, Kind.DELETE,
                                 Kind.GET, Kind.LIST)))  # fmt: skip
    who = draw(st.integers(0, 3))
    if kind not in (Kind.CREATE, Kind.REPLACE):
        return Act(kind, who)
    age = draw(st.sampled_from((7, None)))
    draft = Draft(draw(st.sampled_from("abc")), draw(st.sampled_from(_HISTORY_EMAILS)), age)
    return Act(kind, who, replace(draft, absent=age is None and draw(st.booleans())))


def histories(longest: int = 14) -> st.SearchStrategy[list[Act]]:
    """Some acts, at least one of which creates; shrinks to few."""
    first = st.builds(lambda email: Act(Kind.CREATE, 0, Draft(email=email)), st.sampled_from(_HISTORY_EMAILS[:3]))
    return st.builds(lambda act, others: [act, *others], first, st.lists(acts(), min_size=1, max_size=longest))


# -- edges ------------------------------------------------------------------------------------------------------------

_GOOD = {"name": "Ann", "email": "ann@example.com", "age": 30}
_ABSENT = object()


def _with(field: str, *values: Any) -> list[dict[str, Any]]:
    return [{key: value for key, value in {**_GOOD, field: value}.items() if value is not _ABSENT} for value in values]


def _with_own_email(body: dict[str, Any], number: int) -> dict[str, Any]:
    return {**body, "email": f"{number}.{body['email']}"} if body.get("email") == _GOOD["email"] else body


#: Valid, though only just. No two have the same e-mail.
VALID: tuple[Draft, ...] = tuple(
    Draft(body["name"], body["email"], body.get("age"), absent="age" not in body)
    for body in map(
        _with_own_email,
        _with(
            "name",
            "x",
            "x" * 100,
            "好" * 100,
            "😀" * 100,
            " " + "x" * 100 + "\n",
            "\u3000小明\t",
            "a b",
            "0",
            "null",
            "@",
        )
        + _with("email", "a@b", "a" * 252 + "@b", "b@" + "好" * 252, "用户@例子", "a..b@-x", ".@.")
        + _with("email", "!#$%&'*+/=?^_`{|}~-@x", '"a"@[::1]', "a@b,c", "1@2", "😀@😀", "a;b@c")
        + _with("age", 0, 1, 149, 150, None, _ABSENT),
        itertools.count(),
    )
)

#: Bodies that are not, by the mistake of accepting them.
INVALID: dict[str, list[dict[str, Any]]] = {
    "users.accepts_no_name": _with("name", _ABSENT, None),
    "users.accepts_blank_name": _with("name", "", " ", "\t\n", "\u3000", "\u00a0 "),
    "users.accepts_long_name": _with("name", "x" * 101, "好" * 101, " " + "x" * 101 + " ", "x" * 5000),
    "users.accepts_other_name": _with("name", 5, True, ["Ann"], {"first": "Ann"}),
    "users.accepts_no_email": _with("email", _ABSENT, None),
    "users.accepts_other_email": _with("email", 5, False, ["a@b"], {"a@b": "a@b"}, ["@"]),
    "users.accepts_bad_email": _with("email", "", "a", "a@", "@b", "@", "a@b@c", "a@@b", "@a@b", "a@b@"),
    "users.accepts_space_in_email": _with(
        "email", " a@b", "a@b ", "a b@c", "a@b c", "a@\tb", "a\n@b", "a@b\n", "a@b\u3000", "a\u00a0@b", "a@ ", " @b"
    ),
    "users.accepts_long_email": _with("email", "a" * 253 + "@b", "b@" + "好" * 253, "a" * 2000 + "@b"),
    "users.accepts_age_outside": _with("age", -1, 151, 1000, 10**30, -(10**30)),
    "users.accepts_bool_age": _with("age", True, False),
    "users.accepts_float_age": _with("age", 1.0, 1.5, 0.0),
    "users.accepts_other_age": _with("age", "5", "", "0x10", [5], {}, []),
}
#: One after the other, each with an e-mail of its own where that is not the mistake.
INVALID_BODIES: tuple[tuple[str, dict[str, Any]], ...] = tuple(
    (mistake, _with_own_email(body, number))
    for number, (mistake, body) in enumerate((mistake, body) for mistake in INVALID for body in INVALID[mistake])
)

_TEXT = '{"name": "é", "email": "a@b", "age": 1}'

#: No JSON, or no object.
NOT_AN_OBJECT: tuple[bytes, ...] = (
    b"", b"{", b"}", b"name=Ann&email=a@b", b'{"name": "Ann", "email": "a@b"', b"{'name': 'Ann', 'email': 'a@b'}",
    b'{"name": "Ann", "email": "a@b",}', b'{"name": "Ann", "email": "a@b"} x', b'{"name": "a\nb", "email": "a@b"}',
    b"[]", b'[{"name": "Ann", "email": "a@b"}]', b"null", b"true", b"5", b'"name"', b'["name", "email"]',
    _TEXT.encode("latin-1"), '{"name": "小明", "email": "a@b"}'.encode("gb18030"), b'{"name": "\xff", "email": "a@b"}',
    b'"name email age"',
)  # fmt: skip

OTHER_TYPES: tuple[str | None, ...] = (
    None, "text/plain", "text/plain; charset=utf-8", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "application/jsonx",
)  # fmt: skip

#: Thousands of levels deep, with and without an end, alone and inside a member.
DEEP: dict[str, bytes] = {
    "arrays": b"[" * 20_000 + b"]" * 20_000,
    "open arrays": b"[" * 20_000,
    "objects": b'{"a":' * 8_000 + b"1" + b"}" * 8_000,
    "a name": b'{"email": "a@b", "name": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "an age": b'{"name": "a", "email": "a@b", "age": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "an unknown member": b'{"name": "a", "email": "deep@b", "x": ' + b"[" * 3_000 + b"]" * 3_000 + b"}",
}

#: What makes converters and data bases raise.
ODD_BODIES: dict[str, bytes] = {
    **{f"nested: {name}": body for name, body in DEEP.items()},
    "an age of 5,000 digits": b'{"name": "a", "email": "a@b", "age": ' + b"9" * 5000 + b"}",
    "an age beyond 64 bits": b'{"name": "a", "email": "a@b", "age": 99999999999999999999}',
    "an infinite age": b'{"name": "a", "email": "a@b", "age": 1e999}',
    "a name that is no hashable": b'{"name": [["a"]], "email": {"a": []}, "age": {}}',
    "64 KiB of members": b"{" + b",".join(b'"%d": 1' % n for n in range(5000)) + b"}",
    "an object in an e-mail": b'{"name": "a", "email": {"@": "a@b"}}',
    "bytes": bytes(range(256)),
}
ODD_TARGETS = (
    "/users/99999999999999999999999999", "/users/-1", "/users/1.5", "/users/abc", "/users/%FF", "/users/%00",
    "/users/1%2F2", "/users/%E4%BD%A0", "/users/1e5", "/users/None", "/users/%25s",
    "/users/';%20DROP%20TABLE%20users;--",
    "/users/9223372036854775808", "/%FF%FE", "/users?id=%FF", "/users/" + "9" * 5000, "/users/0x1", "/users/true",
)  # fmt: skip


def padded(draft: Draft, size: int) -> Draft:
    """The draft in a body of exactly so many bytes, an unknown member taking up the rest."""
    bare = len(replace(draft, more=(("x", ""),)).body())
    return replace(draft, more=(("x", "x" * (size - bare)),))


def writes(number: int) -> list[Move]:
    """Six changes to send at the same time: new users, and the first four of those who are there."""
    moves: list[Move] = [(Kind.CREATE, 0, Draft(f"new {n}", f"{number}.{n}@new.org", 1 + n)) for n in range(3)]
    moves += [(Kind.REPLACE, n, Draft(f"changed {number}", f"{number}.{n}@changed.org", 100 + n)) for n in range(2)]
    return [*moves, (Kind.DELETE, 2, None)]


def many_writes(number: int) -> list[Move]:
    """Ten changes to send at the same time: those of ``writes``, and four more new users."""
    more = [Draft(f"new {n}", f"{number}.{n}@more.org", 50 + n) for n in range(4)]
    return [*writes(number), *((Kind.CREATE, 0, draft) for draft in more)]
