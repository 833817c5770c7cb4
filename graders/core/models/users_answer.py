"""Oracles for the answers of the users API, and the mistake that a wrong one looks like. No I/O.

Expressions for the replay name an id by ``learned[id]``: the program that is played with may number otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from graders.core.models.finding import Mismatch, Side
from graders.core.models.http_message import Response
from graders.core.models.json_text import identical_json, json_value
from graders.core.models.users import Fields, Kind, Operation, State, as_json, is_user, statuses
from graders.core.models.web_answer import Question, all_of, any_json_type, json_that, status
from graders.core.text import Text

#: The statuses of errors, and what another one in their place points to.
_ERRORS = {
    400: "users.not_400",
    404: "users.not_404",
    405: "users.not_405",
    409: "users.not_409",
    413: "users.not_413",
    415: "users.not_415",
}


_REDIRECTS = (301, 302, 303, 307, 308)

#: What a request target may have as it is.
_IN_TARGETS = "/?%:@!$&'()*+,;=~"


def error(*wanted: int, accepted: str, suspect: str | None = None) -> Question:
    """An error with one of these statuses, as JSON. ``accepted``: the mistake that a 2xx points to."""

    def ask(answer: Response) -> Mismatch | None:
        code = suspect or _ERRORS[min(wanted)]
        return status(*wanted, accepted=accepted, suspect=_redirected(answer) or code)(answer)

    return all_of(ask, _told_as_json(wanted))


def _redirected(answer: Response) -> str | None:
    return "users.redirects" if answer.status in (301, 302, 307, 308) else None


def _told_as_json(wanted: tuple[int, ...]) -> Question:
    def says_why(value: Any) -> Mismatch | None:
        if isinstance(value, dict) and isinstance(value.get("error"), str):
            return None
        return Mismatch(
            Side(Text('{"error": 文字}', '{"error": a string}')),
            Side(value=value),
            "users.error_shape",
            python="isinstance(json.loads(body)['error'], str)",
        )

    def ask(answer: Response) -> Mismatch | None:
        found = json_that(says_why, statuses=wanted, says_json=any_json_type)(answer)
        if found is not None and found.diagnosis in ("web.content_type", "web.not_json"):
            return Mismatch(found.wanted, found.got, "users.error_not_json", note=found.note, python=found.python)
        return found

    return ask


def answer_to(state: State, operation: Operation, *, suspect: str | None = None) -> Question:
    """The right answer to an operation in this state.

    ``suspect``: what an answer with another status points to, where the operation itself tells the mistake.
    """
    wanted = statuses(state, operation)
    if wanted[0] >= 400:
        return error(*wanted, accepted=_wrongly_done(state, operation))
    if operation.kind is Kind.DELETE:
        return all_of(status(204, suspect=suspect or "users.delete_status"))
    checks: dict[Kind, Callable[[Any], Mismatch | None]] = {
        Kind.CREATE: lambda value: _new_user(state, operation, value),
        Kind.LIST: lambda value: listed(state, value),
    }
    judge = checks.get(operation.kind, lambda value: _one_user(state, operation, value))

    def right_status(answer: Response) -> Mismatch | None:
        code = suspect or _redirected(answer) or _wrongly_refused(state, operation, answer.status)
        return status(*wanted, suspect=code)(answer)

    return all_of(right_status, json_that(judge, statuses=wanted))


def _wrongly_done(state: State, operation: Operation) -> str:
    """The mistake behind a success where there should be an error."""
    known = operation.user in state.given
    if operation.kind is Kind.DELETE:
        return "users.deletes_twice" if known else "users.deletes_nobody"
    if operation.kind is Kind.GET:
        return "users.deleted_still_there" if known else "users.finds_nobody"
    assert operation.fields is not None
    if operation.kind is Kind.REPLACE and state.find(operation.user) is None:
        return "users.put_creates"
    owner = state.find(state.owner(operation.fields.email))
    assert owner is not None
    mine, other = operation.fields.email, owner.email
    if mine == other:
        return "users.email_twice" if operation.kind is Kind.CREATE else "users.email_twice_by_put"
    if _ascii_lower(mine) == _ascii_lower(other):
        return "users.email_letter_case"
    return "users.email_other_letters"


def _ascii_lower(text: str) -> str:
    return "".join(character.lower() if character.isascii() else character for character in text)


def _wrongly_refused(state: State, operation: Operation, got: int) -> str | None:
    """The mistake behind an error where the operation should succeed."""
    if got == 404 and operation.kind in (Kind.GET, Kind.REPLACE):
        return "users.lost"
    if got == 409 and operation.kind is Kind.REPLACE:
        assert operation.fields is not None
        mine = state.owner(operation.fields.email) == operation.user
        return "users.own_email_in_use" if mine else "users.email_not_freed"
    if got == 409 and operation.kind is Kind.CREATE:
        return "users.email_not_freed" if state.given else "users.not_empty"
    if got == 400 and operation.kind in (Kind.CREATE, Kind.REPLACE):
        return "users.refuses_valid"
    return None


def _new_user(state: State, operation: Operation, value: Any) -> Mismatch | None:
    assert operation.fields is not None
    user = value.get("id") if isinstance(value, dict) else None
    if type(user) is not int:
        user = 0
    found = _compare(as_json(user, operation.fields), value, python=_fields_of(operation.fields))
    if found is None and user in state.given:
        words = Text(f"一个新的 id，不是 {user}", f"a new id, not {user}")
        python = f"json.loads(body)['id'] not in {_ids(state.given)}"
        return Mismatch(Side(words), Side(value=value), "users.id_again", python=python)
    return found


def _one_user(state: State, operation: Operation, value: Any) -> Mismatch | None:
    user = operation.user
    assert user is not None
    fields = operation.fields or state.find(user)
    assert fields is not None
    wanted = as_json(user, fields)
    python = f"json.dumps(json.loads(body), sort_keys=True) == json.dumps({_user(user, fields)}, sort_keys=True)"
    found = _compare(wanted, value, python=python, stored=operation.kind is Kind.GET)
    if found is not None and operation.kind is Kind.REPLACE and isinstance(value, dict):
        old = state.find(user)
        assert old is not None
        if found.diagnosis == "users.age_differs" and fields.age is None and identical_json(value.get("age"), old.age):
            return Mismatch(found.wanted, found.got, "users.put_keeps_age", python=python)
        if is_user(value) and identical_json(value, as_json(user, old)):
            return Mismatch(found.wanted, found.got, "users.put_answers_old", python=python)
    return found


def _compare(wanted: dict[str, Any], got: Any, *, python: str, stored: bool = False) -> Mismatch | None:
    """``stored``: it was given back rightly at first, and now is another."""
    if identical_json(wanted, got):
        return None
    return Mismatch(Side(value=wanted), Side(value=got), _difference(wanted, got), python=python)


def _difference(wanted: dict[str, Any], got: Any) -> str:
    if not isinstance(got, dict):
        return "users.not_a_user"
    if missing := wanted.keys() - got.keys():
        return "users.age_missing" if missing == {"age"} else "users.member_missing"
    if got.keys() - wanted.keys():
        return "users.member_too_many"
    if type(got["id"]) is not int:
        return "users.id_not_int"
    if got["id"] != wanted["id"]:
        return "users.id_differs"
    if not identical_json(wanted["name"], got["name"]):
        stripped = isinstance(got["name"], str) and got["name"].strip() == wanted["name"]
        return "users.name_not_stripped" if stripped else "users.name_differs"
    if not identical_json(wanted["email"], got["email"]):
        case = isinstance(got["email"], str) and got["email"].casefold() == wanted["email"].casefold()
        return "users.email_case_lost" if case else "users.email_differs"
    return "users.age_differs"


def id_of_its_own(sent: int) -> Question:
    """The new user's id is not the one that the client sent."""

    def ask(answer: Response) -> Mismatch | None:
        value = json_value(answer.body)
        if value["id"] != sent:
            return None
        words = Text(f"服务器自己的 id，不是 {sent}", f"an id of the server's own, not {sent}")
        return Mismatch(
            Side(words), Side(value=value), "users.id_from_body", python=f"json.loads(body)['id'] != {sent}"
        )

    return ask


def listed(state: State, value: Any) -> Mismatch | None:
    """GET /users: everybody, by ascending id."""
    wanted = state.listed()
    if identical_json(wanted, value):
        return None
    users = ", ".join(_user(user, fields) for user, fields in state.users)
    python = (
        "json.dumps(json.loads(body), sort_keys=True) == "
        f"json.dumps(sorted([{users}], key=lambda user: user['id']), sort_keys=True)"
    )
    return Mismatch(Side(value=wanted), Side(value=value), _list_difference(state, value), python=python)


def _list_difference(state: State, value: Any) -> str:
    if not isinstance(value, list):
        return "users.not_a_list"
    if not all(is_user(item) for item in value):
        return "users.not_a_user"
    ids = [item["id"] for item in value]
    there = {user for user, _ in state.users}
    if not state.given and value:
        return "users.not_empty"
    if there - set(ids):
        return "users.list_incomplete"
    if extra := set(ids) - there:
        return "users.deleted_still_there" if extra <= state.given else "users.list_has_strangers"
    if len(ids) > len(there):
        return "users.list_repeats"
    return _UNSORTED if ids != sorted(ids) else "users.list_is_old"


#: The right users in the wrong order: always that very mistake, whatever else may be looked for.
_UNSORTED = "users.list_unsorted"


def unchanged(state: State, diagnosis: str, *, chance: bool = False) -> Question:
    """GET /users gives what it gave before, such as after a refusal; ``chance``: the next time it may."""

    def judge(value: Any) -> Mismatch | None:
        found = listed(state, value)
        if found is None:
            return None
        code = found.diagnosis if found.diagnosis == _UNSORTED else diagnosis
        return Mismatch(found.wanted, found.got, code, python=found.python, chance=chance)

    return json_that(judge)


def survived(state: State) -> Question:
    """After a restart GET /users gives what it gave before."""

    def judge(value: Any) -> Mismatch | None:
        found = listed(state, value)
        return found and Mismatch(found.wanted, found.got, _what_a_restart_did(state, value), python=found.python)

    return json_that(judge)


def _what_a_restart_did(state: State, value: Any) -> str:
    if not isinstance(value, list) or not all(is_user(user) for user in value):
        return "users.write_lost"
    found = {user["id"]: user for user in value}
    if len(found) < len(value) or found.keys() != {user for user, _ in state.users}:
        return "users.write_lost"
    if list(found) != sorted(found):
        return _UNSORTED
    # A line end more or less, or a number: still the same text, as somebody wrote it down.
    same = all(_letters(found[user]["name"]) == _letters(fields.name) for user, fields in state.users)
    return "users.restart_changes_text" if same else "users.write_lost"


def _letters(text: str) -> list[str]:
    return [character for character in text if character.isalpha() and character.isascii()]


def location(host: str) -> Question:
    """``Location`` of a 201 leads to the new user: a path, or absolute."""

    def ask(answer: Response) -> Mismatch | None:
        user = json_value(answer.body)["id"]
        got = answer.headers.get("Location")
        python = (
            "parse.urljoin('http://h/users', headers.get('location', '')).endswith("
            "'/users/%d' % json.loads(body)['id'])"
        )
        wanted = Side(Text(f"Location: /users/{user}", f"Location: /users/{user}"))
        if got is None:
            words = Text("没有 Location", "no Location")
            return Mismatch(wanted, Side(words), "users.no_location", python=python)
        try:
            parts = urlsplit(urljoin(f"http://{host}/users", got))
            right = (parts.scheme, parts.netloc, parts.path) == ("http", host, f"/users/{user}")
            if parts.netloc != host:
                python += f" and parse.urlsplit(headers.get('location', '')).netloc != {parts.netloc!r}"
        except ValueError:
            right = False
        words = Text(f"Location: {got}", f"Location: {got}")
        return None if right else Mismatch(wanted, Side(words), "users.other_location", python=python)

    return ask


def led_to(answer: Response, host: str, target: str) -> str | None:
    """Where on the same server a redirect of ``target`` leads to; None: it is none, or leads elsewhere."""
    if answer.status not in _REDIRECTS or "Location" not in answer.headers:
        return None
    try:
        parts = urlsplit(urljoin(f"http://{host}{target}", answer.headers.get("Location") or ""))
    except ValueError:
        return None
    if (parts.scheme, parts.netloc) != ("http", host):
        return None
    return quote(parts.path or "/", safe=_IN_TARGETS) + (
        f"?{quote(parts.query, safe=_IN_TARGETS)}" if parts.query else ""
    )


def _ids(ids: Iterable[int]) -> str:
    return "[" + ", ".join(f"learned[{user}]" for user in sorted(ids)) + "]"


def _user(user: int, fields: Fields) -> str:
    return f"dict(id=learned[{user}], name={fields.name!r}, email={fields.email!r}, age={fields.age!r})"


def _fields_of(fields: Fields) -> str:
    wanted = {"name": fields.name, "email": fields.email, "age": fields.age}
    return (
        "type(json.loads(body)['id']) is int and json.dumps({key: value for key, value in json.loads(body).items() "
        f"if key != 'id'}}, sort_keys=True) == json.dumps({wanted!r}, sort_keys=True)"
    )
