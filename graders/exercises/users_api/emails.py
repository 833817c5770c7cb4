"""E-mails: each belongs to one user, in any letter case, until it is freed."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.rubric import given
from graders.core.traffic.pools import part_of
from graders.core.traffic.users import OTHER_EMAILS, SAME_EMAILS, Draft
from graders.core.wire.server import Server
from graders.core.wire.users import Users
from graders.exercises.users_api.unit import CHANGES, CREATES, DELETES, unit


@unit.check(points=4, cases=3, needs=CREATES, fresh=True)
@given(pairs=part_of(SAME_EMAILS))
def refuses_an_email_in_use(server: Server, pairs: list[tuple[str, str]]) -> None:
    """邮箱已被别人使用（不分大小写）得到 409。 An e-mail that another user has, in any letter case, is 409."""
    users = Users(server)
    other = users.create(Draft("c", "other@user.org"))
    for first, second in pairs:
        users.create(Draft("a", first))
        users.create(Draft("b", second))
        users.replace(other, Draft("d", second, 9))
    users.still("users.refused_but_changed")


@unit.check(points=3, cases=3, needs=CREATES, fresh=True)
@given(pairs=part_of(OTHER_EMAILS))
def tells_emails_apart(server: Server, pairs: list[tuple[str, str]]) -> None:
    """相似但不同的邮箱互不冲突。 E-mails that are only alike do not conflict."""
    users = Users(server)
    users.create(Draft("c", "other@user.org"))
    for first, second in pairs:
        users.create(Draft("a", first), suspect="users.other_email_in_use")
        users.create(Draft("b", second), suspect="users.other_email_in_use")
    users.list()


@unit.check(points=3, cases=6, needs=[*CHANGES, *DELETES], fresh=True)
@given(pairs=part_of(SAME_EMAILS), by=st.sampled_from(("delete", "put", "own")))
def frees_an_email(server: Server, pairs: list[tuple[str, str]], by: str) -> None:
    """邮箱随删除和修改空出来，自己的可以改大小写。 Deleting and changing free an e-mail; one's own may change case."""
    users = Users(server)
    for number, (first, second) in enumerate(pairs):
        user = users.create(Draft("a", first))
        if by == "own":
            users.replace(user, Draft("b", second))
            continue
        if by == "delete":
            users.delete(user)
        else:
            users.replace(user, Draft("a", f"new{number}@email.org"))
        users.create(Draft("b", second))
    users.list()
