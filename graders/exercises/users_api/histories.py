"""Histories: any operations one after the other."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.models.users import Kind
from graders.core.rubric import given
from graders.core.traffic.users import NOBODY, Act, histories, numbered
from graders.core.wire.server import Server
from graders.core.wire.users import Users
from graders.exercises.users_api.unit import CHANGES, DELETES, READS, unit

#: Users who are there already; once more than any page of a list might have. Drawn first, so that it is once.
CROWDS = (*[0] * 10, 101)


@unit.check(points=4, cases=12, needs=[*READS, *CHANGES, *DELETES], fresh=True)
@given(crowd=st.sampled_from(CROWDS), acts=histories())
def keeps_a_history(server: Server, crowd: int, acts: list[Act]) -> None:
    """任意的一串操作，每个回答都对。 Whatever is done one after the other, every answer is right."""
    users = Users(server)
    for draft in numbered(crowd):
        users.create(draft)
    ids = hold(users, acts)
    users.list()
    for user in ids:
        users.get(user)


def hold(users: Users, acts: list[Act]) -> list[int]:
    """Do what the acts say; the ids of everybody who was created."""
    ids: list[int] = []
    for act in acts:
        if act.draft is not None and act.kind is Kind.CREATE:
            given_before = users.state.given
            user = users.create(act.draft)
            ids += [user] if users.state.given != given_before else []
        elif act.kind is Kind.LIST:
            users.list()
        else:
            users.perform(act.kind, ids[act.who % len(ids)] if ids else NOBODY, act.draft)
    return ids
