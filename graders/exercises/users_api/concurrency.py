"""Concurrency: requests at the same time end as if one came after the other."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.rubric import given
from graders.core.traffic.users import Race
from graders.core.wire.server import Server
from graders.core.wire.users import Users
from graders.core.wire.users_race import run_race
from graders.exercises.users_api.unit import CHANGES, DELETES, READS, unit

#: Races of one case, one after the other.
ROUNDS = 3


def races(*kinds: Race) -> st.SearchStrategy[tuple[Race, int]]:
    """What to race about, and the number of the first of ROUNDS races."""
    return st.tuples(st.sampled_from(kinds), st.integers(0, 30).map(lambda number: number * ROUNDS))


def run_races(server: Server, kind_and_number: tuple[Race, int]) -> None:
    kind, first = kind_and_number
    users = Users(server)
    for number in range(first, first + ROUNDS):
        run_race(users, kind, number)


@unit.check(points=4, tier="robust", cases=4, needs=[*READS, *DELETES], fresh=True)
@given(race=races(Race.CREATE))
def gives_each_id_once_in_a_rush(server: Server, race: tuple[Race, int]) -> None:
    """同时创建很多用户，id 不重复，谁也不丢。 Users created at the same time get ids of their own, and none is lost."""
    run_races(server, race)


@unit.check(points=5, tier="robust", cases=7, needs=["refuses_an_email_in_use", *CHANGES], fresh=True)
@given(race=races(Race.SAME_EMAIL, Race.PUT_EMAIL, Race.BOTH_EMAIL))
def keeps_emails_unique_in_a_rush(server: Server, race: tuple[Race, int]) -> None:
    """同时抢一个邮箱，只有一个得到。 Of those who want an e-mail at the same time one gets it."""
    run_races(server, race)


@unit.check(points=4, tier="robust", cases=9, needs=[*READS, *CHANGES, *DELETES], fresh=True)
@given(race=races(Race.REPLACE, Race.REPLACE_MANY, Race.DELETE, Race.REPLACE_AND_DELETE))
def loses_no_change_in_a_rush(server: Server, race: tuple[Race, int]) -> None:
    """同时修改和删除，结果像一个接一个。 Changes and deletions at the same time end as if one after the other."""
    run_races(server, race)
