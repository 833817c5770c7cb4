"""Validation: which bodies are taken, kept as they are, and which are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graders.core.models.users_answer import error, id_of_its_own
from graders.core.rubric import given
from graders.core.traffic.pools import part_of
from graders.core.traffic.users import (
    INVALID_BODIES,
    NOT_AN_OBJECT,
    OTHER_TYPES,
    VALID,
    Draft,
    drafts_of_any_text,
    encoded,
    write,
)
from graders.core.wire.server import Server
from graders.core.wire.users import Users
from graders.exercises.users_api.unit import CHANGES, CREATES, DELETES, READS, unit

#: Members that a client sends along, and that mean nothing.
MORE: tuple[tuple[tuple[str, Any], ...], ...] = (
    (("id", 4321),), (("x", 1),), (("role", "admin"), ("id", 4321)), (("x", "y" * 2**15),), (("Name", "b"), ("Age", 3)),
    (("email_key", "x@x.org"),), (("id", "first"),), (("self", {"name": ["x"]}), ("", None), ("姓名", "小明")),
)  # fmt: skip


@unit.check(points=3, cases=32, needs=[*READS, *DELETES])
@given(draft=drafts_of_any_text())
def keeps_any_text(server: Server, draft: Draft) -> None:
    """任何文字都能存：name 去掉两端空白，email 原样。 Any text is kept: the name stripped, the e-mail as sent."""
    users = Users(server)
    user = users.create(draft)
    users.get(user)
    users.list()
    users.delete_all()


@unit.check(points=3, cases=3, needs=CHANGES, fresh=True)
@given(them=part_of(VALID))
def accepts_what_is_just_valid(server: Server, them: list[Draft]) -> None:
    """刚好有效的 name、email 和 age 都接受。 Names, e-mails and ages that are just valid are accepted."""
    users = Users(server)
    user = users.create(Draft("b", "other@user.org"))
    for draft in them:
        users.create(draft)
        other = draft.email + "2" if len(draft.email) < 254 else "2" + draft.email[1:]
        users.replace(user, replace(draft, email=other))


@unit.check(points=4, cases=4, needs=READS)
@given(invalid=part_of(INVALID_BODIES, 4))
def refuses_invalid_users(server: Server, invalid: list[tuple[str, dict[str, Any]]]) -> None:
    """POST 的字段无效时得到 400，什么也不创建。 POST with an invalid field is answered 400 and creates nobody."""
    users = Users(server)
    for mistake, body in invalid:
        users.ask(write("POST", "/users", encoded(body)), error(400, accepted=mistake))
    users.still("users.refused_but_changed")


@unit.check(points=3, cases=3, needs=CHANGES, fresh=True)
@given(invalid=part_of(INVALID_BODIES))
def refuses_invalid_changes(server: Server, invalid: list[tuple[str, dict[str, Any]]]) -> None:
    """PUT 的字段无效时得到 400，什么也不改变。 PUT with an invalid field is answered 400 and changes nothing."""
    users = Users(server)
    user = users.create(Draft("b", "b@user.org", 5))
    for mistake, body in invalid:
        users.ask(write("PUT", f"/users/{user}", encoded(body)), error(400, accepted=mistake))
    users.still("users.refused_but_changed")


@unit.check(points=3, cases=3, needs=READS)
@given(bodies=part_of(NOT_AN_OBJECT))
def refuses_what_is_no_json_object(server: Server, bodies: list[bytes]) -> None:
    """正文不是 JSON 对象时得到 400。 A body that is no JSON object is answered 400."""
    users = Users(server)
    for body in bodies:
        users.ask(write("POST", "/users", body), error(400, accepted="users.accepts_no_object"))
    users.still("users.refused_but_changed")


@unit.check(points=3, cases=3, needs=CREATES, fresh=True)
@given(types=part_of([(content_type, method) for content_type in OTHER_TYPES for method in ("POST", "PUT")]))
def asks_for_application_json(server: Server, types: list[tuple[str | None, str]]) -> None:
    """Content-Type 不是 application/json 时得到 415。 Another Content-Type than application/json is answered 415."""
    users = Users(server)
    user = users.create(Draft())
    for content_type, method in types:
        target = "/users" if method == "POST" else f"/users/{user}"
        sent = write(method, target, Draft("b", "b@b.org").body(), content_type)
        users.ask(sent, error(415, accepted="users.accepts_other_types"))
    users.still("users.refused_but_changed")


@unit.check(points=2, cases=3, needs=CHANGES, fresh=True)
@given(them=part_of(MORE))
def ignores_ids_and_unknown_fields(server: Server, them: list[tuple[tuple[str, Any], ...]]) -> None:
    """正文里的 id 和不认识的字段不理会。 Ids in a body and unknown fields are ignored."""
    users = Users(server)
    one = users.create(Draft("x", "x@x.org"))
    for number, more in enumerate(them):
        draft = Draft("a", f"{number}@b.org", more=more)
        two = users.create(draft, also=id_of_its_own(4321) if ("id", 4321) in more else None)
        users.replace(two, replace(draft, name="y", more=(("id", one),)))
    users.list()
