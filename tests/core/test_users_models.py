"""The users API as a model, and what its oracles say of answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graders.core.diagnoses import all_diagnoses
from graders.core.models.http_message import Response
from graders.core.models.http_parser import ResponseParser
from graders.core.models.users import Fields, Kind, Operation, State, as_json, is_user, statuses
from graders.core.models.users_answer import answer_to, error, location
from graders.core.traffic.users import INVALID, OTHER_EMAILS, SAME_EMAILS, VALID, Draft, encoded, padded

ANN, BOB = Fields("Ann", "ann@x", 1), Fields("Bob", "bob@x", 2)
TWO = State().put(1, ANN).put(2, BOB)


def answer(status: int, value: Any = None, *headers: str, kind: str = "application/json") -> Response:
    body = b"" if value is None else json.dumps(value).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", f"Content-Type: {kind}", *headers, "", ""]
    parser = ResponseParser("GET")
    parser.feed("\r\n".join(lines).encode() + body)
    assert parser.message is not None
    return parser.message


def test_statuses() -> None:
    other = Fields("C", "BOB@x")
    assert statuses(TWO, Operation(Kind.CREATE, None, other)) == (409,)
    assert statuses(TWO, Operation(Kind.REPLACE, 2, other)) == (200,)
    assert statuses(TWO, Operation(Kind.REPLACE, 1, other)) == (409,)
    assert statuses(TWO, Operation(Kind.REPLACE, 9, other)) == (404, 409)
    assert statuses(TWO.without(2), Operation(Kind.CREATE, None, other)) == (201,)
    assert statuses(TWO.without(2), Operation(Kind.DELETE, 2)) == (404,)


CREATE = Operation(Kind.CREATE, None, Fields("C", "C@x", None))
GOOD = as_json(3, Fields("C", "C@x", None))
ANSWERS: list[tuple[Operation, Response, str | None]] = [
    (CREATE, answer(201, GOOD), None),
    (CREATE, answer(201, {**GOOD, "id": 1}), "users.id_again"),
    (CREATE, answer(201, {**GOOD, "id": "3"}), "users.id_not_int"),
    (CREATE, answer(201, {**GOOD, "id": True}), "users.id_not_int"),
    (CREATE, answer(201, {**GOOD, "email": "c@x"}), "users.email_case_lost"),
    (CREATE, answer(201, {**GOOD, "name": " C"}), "users.name_not_stripped"),
    (CREATE, answer(201, {**GOOD, "age": 0}), "users.age_differs"),
    (CREATE, answer(201, {key: GOOD[key] for key in ("id", "name", "email")}), "users.age_missing"),
    (CREATE, answer(201, {**GOOD, "key": 1}), "users.member_too_many"),
    (CREATE, answer(201, [GOOD]), "users.not_a_user"),
    (CREATE, answer(200, GOOD), "web.wrong_status"),
    (CREATE, answer(308), "users.redirects"),
    (CREATE, answer(500, {}), "web.server_error"),
    (CREATE, answer(409, {"error": "x"}), "users.email_not_freed"),
    (Operation(Kind.LIST), answer(200, [as_json(1, ANN), as_json(2, BOB)]), None),
    (Operation(Kind.LIST), answer(200, [as_json(2, BOB), as_json(1, ANN)]), "users.list_unsorted"),
    (Operation(Kind.LIST), answer(200, [as_json(1, ANN)]), "users.list_incomplete"),
    (Operation(Kind.LIST), answer(200, {"users": []}), "users.not_a_list"),
    (Operation(Kind.LIST), answer(200, [as_json(1, BOB), as_json(2, BOB)]), "users.list_is_old"),
    (Operation(Kind.GET, 1), answer(200, as_json(1, ANN)), None),
    (Operation(Kind.GET, 1), answer(200, {**as_json(1, ANN), "age": 1.0}), "users.age_differs"),
    (Operation(Kind.GET, 9), answer(404, {"error": "no"}), None),
    (Operation(Kind.GET, 9), answer(404, {"message": "no"}), "users.error_shape"),
    (Operation(Kind.GET, 9), answer(404, "no", kind="text/html"), "users.error_not_json"),
    (Operation(Kind.GET, 9), answer(404, {"error": "no"}, kind="Application/Problem+JSON; charset=utf-8"), None),
    (Operation(Kind.GET, 9), answer(404, {"error": "no"}, kind="application/jsonx"), "users.error_not_json"),
    (Operation(Kind.GET, 1), answer(200, as_json(1, ANN), kind="application/hal+json"), "web.content_type"),
    (Operation(Kind.GET, 9), answer(200, {}), "users.finds_nobody"),
    (Operation(Kind.DELETE, 1), answer(204), None),
    (Operation(Kind.DELETE, 1), answer(200), "users.delete_status"),
    (Operation(Kind.REPLACE, 1, Fields("A", "a@x")), answer(200, {**as_json(1, Fields("A", "a@x")), "age": 1}),
     "users.put_keeps_age"),
    (Operation(Kind.REPLACE, 1, Fields("A", "bob@X")), answer(200, {}), "users.email_letter_case"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "got", "wanted"), ANSWERS)
def test_answers(operation: Operation, got: Response, wanted: str | None) -> None:
    found = answer_to(TWO, operation)(got)
    assert (found and found.diagnosis) == wanted
    assert wanted is None or wanted in all_diagnoses()


def test_several_errors_may_apply() -> None:
    question = error(404, 400, accepted="users.finds_nobody")
    assert question(answer(400, {"error": "x"})) is None
    assert question(answer(404, {"error": "", "more": 1})) is None


@pytest.mark.parametrize("text", ["/users/3", "http://h:1/users/3", "users/3", "//h:1/users/3"])
def test_locations(text: str) -> None:
    assert location("h:1")(answer(201, GOOD, f"Location: {text}")) is None


@pytest.mark.parametrize("text", ["/users", "/users/4", "http://h/users/3", "https://h:1/users/3", "http://[bad", "3/"])
def test_other_locations(text: str) -> None:
    found = location("h:1")(answer(201, GOOD, f"Location: {text}"))
    assert found is not None and found.diagnosis == "users.other_location"


def test_only_undoubted_letters_are_tried() -> None:
    for one, two in SAME_EMAILS:
        assert one.casefold() == two.casefold() == one.lower() == two.lower()
    for one, two in OTHER_EMAILS:
        assert one.casefold() != two.casefold() and one.lower() != two.lower()


def test_edges_are_what_they_say() -> None:
    def valid(body: dict[str, Any]) -> bool:
        name, email, age = body.get("name"), body.get("email"), body.get("age")
        if not isinstance(name, str) or not isinstance(email, str) or not 1 <= len(name.strip()) <= 100:
            return False
        sides = email.split("@")
        if len(email) > 254 or len(sides) != 2 or not all(sides) or any(c.isspace() for c in email):
            return False
        return age is None or (type(age) is int and 0 <= age <= 150)

    assert all(valid(json.loads(draft.body())) for draft in VALID)
    assert not any(valid(body) for bodies in INVALID.values() for body in bodies)
    assert all(json.loads(encoded(body)) == body for bodies in INVALID.values() for body in bodies)
    assert set(INVALID) <= set(all_diagnoses())
    assert [len(padded(Draft(), size).body()) for size in (2**16, 2**20 + 1)] == [2**16, 2**20 + 1]


def test_is_user() -> None:
    assert is_user(GOOD)
    assert not is_user({**GOOD, "id": True}) and not is_user({**GOOD, "age": 1.0}) and not is_user([])
