"""Durability: with storage_path a SIGKILL loses nothing, not even in the middle of a write."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.rubric import given
from graders.core.traffic.users import HARD_TO_KEEP, Act, Draft, histories, many_writes, numbered, writes
from graders.core.wire.server import Server
from graders.core.wire.users import Users, start_on
from graders.core.wire.users_race import all_kept, cut_off
from graders.exercises.users_api.histories import hold
from graders.exercises.users_api.unit import CHANGES, DELETES, READS, unit

#: (pathlib.Path or str, what is in the file at first, how many come first, who is deleted before the first kill);
#: of ten and more ids the order as texts is another one than that as numbers.
STORAGES = ((False, None, 0, "none"), (True, None, 9, "last"), (False, b"", 0, "all"), (True, b"", 0, "last"))


@unit.check(points=5, tier="robust", cases=5, actor="stopped", needs=[*READS, *CHANGES, *DELETES])
@given(storage=st.sampled_from(STORAGES), acts=histories(6))
def survives_a_restart(server: Server, storage: tuple[bool, bytes | None, int, str], acts: list[Act]) -> None:
    """有 storage_path 时，SIGKILL 之后重新启动，什么也不丢。 With storage_path a SIGKILL and a restart lose nothing."""
    as_path, data, crowd, gone = storage
    file = server.file(path=as_path, data=data)
    start_on(server, file, "users.storage_not_taken")
    users = Users(server)
    for draft in (*numbered(crowd), *HARD_TO_KEEP):
        users.create(draft)
    ids = hold(users, acts)
    for user in users.ids[{"none": slice(0), "last": slice(-1, None), "all": slice(None)}[gone]]:
        users.delete(user)
    folds = users.folds_emails()
    for number in range(2):
        server.kill()
        start_on(server, file, "users.storage_not_read")
        users.still_after_a_restart()
        users.still_in_use(folded=folds)
        users.create(Draft("after", f"after{number}@kill.org"), suspect="users.write_lost")
        for user in ids:
            users.get(user)


#: Seconds from the last byte of six requests to the kill: from before the first is read to behind the last answer.
MOMENTS = (0.0, 0.0003, 0.0006, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.006, 0.009)

#: How often several write at the same time, at most, before the kill that follows.
BATCHES = 4


@unit.check(points=5, tier="robust", cases=3, actor="stopped", needs=["survives_a_restart"])
@given(moments=st.lists(st.sampled_from(MOMENTS), min_size=2, max_size=2), number=st.integers(0, 9))
def survives_a_kill_while_writing(server: Server, moments: list[float], number: int) -> None:
    """写到一半被 SIGKILL，修改要么全有要么全无。 Killed while it writes, each change is there whole or not at all."""
    storage = server.file()
    start_on(server, storage, "users.storage_not_taken")
    users = Users(server)
    for draft in numbered(40, long=True):
        users.create(draft)
    for moment in moments:
        all_kept(users, (many_writes(number + each) for each in range(BATCHES)), storage=storage)
        cut_off(users, writes(number + BATCHES), after=moment, storage=storage)
        number += BATCHES + 1
    users.create(Draft("after", "after@kill.org"))
    users.list()
