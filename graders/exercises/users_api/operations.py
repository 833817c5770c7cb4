"""The five operations: create, list, read, replace and delete users, whose ids are given once."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from graders.core import common
from graders.core.models.users_answer import location
from graders.core.rubric import given
from graders.core.traffic.users import NOBODY, Draft, drafts, numbered
from graders.core.wire.server import Server
from graders.core.wire.users import Users
from graders.exercises.users_api.unit import CREATES, DELETES, PUBLIC, unit

unit.check(points=0, actor="program")(common.offers(unit.offers))


@unit.check(points=3, cases=6, needs=PUBLIC, fresh=True)
@given(draft=drafts())
def creates_a_user(server: Server, draft: Draft) -> None:
    """POST /users 得到 201 和新用户。 POST /users is answered 201 with the new user."""
    Users(server).create(draft)


@unit.check(points=4, cases=6, needs=CREATES, fresh=True)
@given(them=st.lists(drafts(), max_size=4, unique_by=lambda draft: draft.email))
def lists_the_users_by_id(server: Server, them: list[Draft]) -> None:
    """GET /users 按 id 列出全部用户，起初一个也没有。 GET /users has everybody by id, and nobody at first."""
    users = Users(server)
    users.list()
    for draft in them:
        users.create(draft)
        users.list()


@unit.check(points=2, cases=6, needs=CREATES, fresh=True)
@given(count=st.integers(1, 4))
def returns_one_user(server: Server, count: int) -> None:
    """GET /users/<id> 得到这个用户，没有时是 404。 GET /users/<id> gives that user, or 404 where there is none."""
    users = Users(server)
    for user in [users.create(draft) for draft in numbered(count)]:
        users.get(user)
    users.get(NOBODY)


@unit.check(points=5, cases=8, needs=CREATES, fresh=True)
@given(old=drafts(), new=drafts(), absent=st.booleans(), others=st.integers(0, 2))
def replaces_a_user(server: Server, old: Draft, new: Draft, absent: bool, others: int) -> None:
    """PUT 替换 name、email 和 age，没有 age 就成为 null。 PUT replaces name, email and age; an absent age is null."""
    users = Users(server)
    user = users.create(old)
    for draft in numbered(others):
        users.create(draft)
    users.list()
    users.replace(user, replace(new, age=None, absent=True) if absent else new)
    users.list(suspect="users.put_forgets")
    users.get(user)


@unit.check(points=2, cases=4, needs=CREATES, fresh=True)
@given(target=st.sampled_from(("nobody", "next", "deleted")))
def never_creates_by_put(server: Server, target: str) -> None:
    """PUT 不存在的用户得到 404，什么也不创建。 PUT of a user who is not there is answered 404 and creates nobody."""
    users = Users(server)
    user = users.create(Draft())
    if target == "deleted":
        users.delete(user)
    users.replace({"nobody": NOBODY, "next": user + 1, "deleted": user}[target], Draft("b", "b@b.org"))
    users.still("users.put_creates")


@unit.check(points=4, cases=6, needs=CREATES, fresh=True)
@given(count=st.integers(1, 4), who=st.integers(0, 3))
def deletes_a_user(server: Server, count: int, who: int) -> None:
    """DELETE 得到 204，没有正文，以后是 404。 DELETE is answered 204 without a body, and then the user is 404."""
    users = Users(server)
    ids = [users.create(draft) for draft in numbered(count)]
    user = ids[who % count]
    users.delete(user)
    users.get(user)
    users.delete(user)
    users.list()


@unit.check(points=4, cases=6, needs=DELETES, fresh=True)
@given(count=st.integers(1, 3), gone=st.sampled_from(("last", "first", "all")))
def gives_no_id_twice(server: Server, count: int, gone: str) -> None:
    """删除之后，id 也不再给别人。 An id is not given again, not even after its user was deleted."""
    users = Users(server)
    ids = [users.create(draft) for draft in numbered(count)]
    for user in {"last": ids[-1:], "first": ids[:1], "all": ids}[gone]:
        users.delete(user)
    for draft in (Draft(), Draft("b", "b@b.org")):
        users.create(draft)


@unit.check(points=2, cases=3, needs=[*DELETES, "gives_no_id_twice"], fresh=True)
@given(count=st.sampled_from((0, 2)))
def points_to_the_new_user(server: Server, count: int) -> None:
    """201 的 Location 是新用户的地址。 The Location of a 201 is the address of the new user."""
    users = Users(server)
    *before, draft = numbered(count + 1)
    ids = [users.create(other, also=location(users.host)) for other in before]
    for user in ids[:1]:
        users.delete(user)
    users.create(draft, also=location(users.host))
