"""The users API as a model: which answers an operation may get in a state, and the state after it. No I/O.

Ids are the server's choice: an answer tells which one it is, and the model only says that it must be new.
The state is a value, so that orders of simultaneous operations can be tried (linearizability.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from graders.core.models.json_text import identical_json


class Kind(StrEnum):
    CREATE = "create"
    GET = "get"
    LIST = "list"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True)
class Fields:
    """What a client says of a user, as it is kept: the name stripped, the e-mail as sent."""

    name: str
    email: str
    age: int | None = None

    @cached_property
    def key(self) -> str:
        return email_key(self.email)


def email_key(email: str) -> str:
    """What two e-mails have in common that are the same but for letter case."""
    return email.casefold()


def as_json(user_id: int, fields: Fields) -> dict[str, Any]:
    """The user in an answer."""
    return {"id": user_id, "name": fields.name, "email": fields.email, "age": fields.age}


@dataclass(frozen=True)
class Operation:
    """One request that is valid in itself; ``user``: the id in its URL."""

    kind: Kind
    user: int | None = None
    fields: Fields | None = None


@dataclass(frozen=True)
class Result:
    """An answer: its status, and the JSON value of its body where it has one."""

    status: int
    value: Any = None


@dataclass(frozen=True)
class State:
    """Who is there, by ascending id, and every id that was ever given."""

    users: tuple[tuple[int, Fields], ...] = ()
    given: frozenset[int] = frozenset()

    def find(self, user: int | None) -> Fields | None:
        return next((fields for other, fields in self.users if other == user), None)

    def owner(self, email: str) -> int | None:
        """The id of the user who has this e-mail, in any letter case."""
        key = email_key(email)
        return next((other for other, fields in self.users if fields.key == key), None)

    def put(self, user: int, fields: Fields) -> State:
        """With this user, new or replaced."""
        others = [pair for pair in self.users if pair[0] != user]
        return State(tuple(sorted([*others, (user, fields)], key=lambda pair: pair[0])), self.given | {user})

    def without(self, user: int | None) -> State:
        return State(tuple(pair for pair in self.users if pair[0] != user), self.given)

    def listed(self) -> list[dict[str, Any]]:
        """The answer to GET /users."""
        return [as_json(user, fields) for user, fields in self.users]


def statuses(state: State, operation: Operation) -> tuple[int, ...]:
    """The right statuses; several where several errors apply."""
    there = operation.user is not None and state.find(operation.user) is not None
    match operation.kind:
        case Kind.LIST:
            return (200,)
        case Kind.GET:
            return (200,) if there else (404,)
        case Kind.DELETE:
            return (204,) if there else (404,)
    assert operation.fields is not None
    taken = state.owner(operation.fields.email) not in (None, operation.user)
    if operation.kind is Kind.CREATE:
        return (409,) if taken else (201,)
    if not there:
        return (404, 409) if taken else (404,)
    return (409,) if taken else (200,)


def value(state: State, operation: Operation) -> Any:
    """The right JSON value of the answer where the operation succeeds, but for the id of a new user."""
    if operation.kind is Kind.LIST:
        return state.listed()
    if operation.kind is Kind.DELETE:
        return None
    fields = state.find(operation.user) if operation.kind is Kind.GET else operation.fields
    assert fields is not None
    return as_json(operation.user or 0, fields)


def after(state: State, operation: Operation, result: Result) -> State:
    """The state behind an operation that was answered rightly."""
    if result.status >= 400:
        return state
    if operation.kind is Kind.DELETE:
        return state.without(operation.user)
    if operation.kind in (Kind.CREATE, Kind.REPLACE):
        assert operation.fields is not None
        user = result.value["id"] if operation.kind is Kind.CREATE else operation.user
        assert user is not None
        return state.put(user, operation.fields)
    return state


def apply(state: State, operation: Operation, result: Result) -> State | None:
    """The state behind the operation when it may have this result in this state, else None."""
    if result.status not in statuses(state, operation):
        return None
    if result.status >= 400:
        return state
    wanted = value(state, operation)
    got = result.value
    if operation.kind is Kind.CREATE:
        if not is_user(got) or got["id"] in state.given:
            return None
        wanted["id"] = got["id"]
    return after(state, operation, result) if identical_json(wanted, got) else None


def is_user(value: Any) -> bool:
    """A user as an answer shows it: these four members, of these types, and no others."""
    if not isinstance(value, dict) or set(value) != {"id", "name", "email", "age"}:
        return False
    age = value["age"]
    return (
        type(value["id"]) is int
        and isinstance(value["name"], str)
        and isinstance(value["email"], str)
        and (age is None or type(age) is int)
    )
