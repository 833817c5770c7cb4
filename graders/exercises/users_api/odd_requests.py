"""Odd requests: whatever a client sends, it is not the server that fails, and nobody else has to wait for it."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.models.finding import Mismatch
from graders.core.models.http_message import Response
from graders.core.models.users import Kind
from graders.core.models.web_answer import status
from graders.core.rubric import given
from graders.core.traffic.users import ODD_BODIES, ODD_TARGETS, Draft, numbered, write
from graders.core.traffic.web_requests import Ask, get
from graders.core.wire.server import Server
from graders.core.wire.users import Users, half_a_request
from graders.exercises.users_api.unit import CHANGES, DELETES, READS, unit

#: (method, a target or the name of a body)
ODD = (
    *((method, target) for target in ODD_TARGETS for method in ("GET", "DELETE") if not target.startswith("/users?")),
    *(("PUT", target) for target in ODD_TARGETS[:3]),
    *(("POST", name) for name in ODD_BODIES),
)


@unit.check(points=3, tier="robust", cases=len(ODD) + 1, needs=READS)
@given(odd=st.sampled_from(ODD))
def never_fails_itself(server: Server, odd: tuple[str, str]) -> None:
    """客户端发来什么都不引起 5xx。 Nothing that a client sends causes a 5xx."""
    method, what = odd
    users = Users(server)
    if what in ODD_BODIES:
        sent = write(method, "/users", ODD_BODIES[what])
    else:
        sent = write(method, what, Draft().body()) if method == "PUT" else Ask(method, what)
    users.ask(sent, no_5xx, units=3)
    users.ask(get("/users"), status(200))


@unit.check(points=2, tier="robust", cases=3, needs=[*CHANGES, *DELETES, "gives_no_id_twice"], fresh=True)
@given(kind=st.sampled_from((Kind.CREATE, Kind.REPLACE)))
def serves_others_during_half_a_request(server: Server, kind: Kind) -> None:
    """一个请求只发了一半，别的客户端照样得到回答。 While one client has sent half a request, the others are served."""
    users = Users(server)
    ids = [users.create(draft) for draft in numbered(2)]
    user = ids[0] if kind is Kind.REPLACE else None
    with half_a_request(users, kind, user, Draft("half", "half@b.org")):
        users.unanswered = "users.half_blocks"
        users.list()
        users.create(Draft("b", "b@b.org"))
        users.replace(ids[1], Draft("c", "c@b.org"))
        users.delete(ids[1])
        users.unanswered = None
    users.list()


def no_5xx(answer: Response) -> Mismatch | None:
    """Anything that blames the client, or nobody."""
    return status(*range(200, 500))(answer)
