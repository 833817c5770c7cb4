"""Errors, in JSON: unknown addresses, other methods, bodies too large."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.models.users_answer import error
from graders.core.rubric import given
from graders.core.traffic.users import NOBODY, Draft, padded, write
from graders.core.traffic.web_requests import Ask, get
from graders.core.wire.server import Server
from graders.core.wire.users import Users
from graders.exercises.users_api.unit import CHANGES, CREATES, unit

#: What stands where an id should: unknown, or malformed.
NOT_IDS = ("abc", "9" * 30, "-1", "1.5", "%E4%BD%A0", "1x")
UNKNOWN = (
    *((path, "GET") for path in ("/nothing", "/user", "/users/1/emails", "/users1", "/%E4%BD%A0", "/static/nothing")),
    *((f"/users/{NOBODY}", method) for method in ("GET", "PUT", "DELETE")),
    *((f"/users/{text}", "GET") for text in NOT_IDS),
    *((f"/users/{text}", method) for text in NOT_IDS[:2] for method in ("PUT", "DELETE")),
    ("/nothing", "POST"), ("/user", "DELETE"), ("/users/1/emails", "PUT"),
)  # fmt: skip

WRONG_METHODS = (
    ("PUT", "/users"), ("PATCH", "/users"), ("DELETE", "/users"), ("PATCH", "/users/{user}"), ("POST", "/users/{user}"),
)  # fmt: skip


@unit.check(points=2, cases=len(UNKNOWN) + 1, needs=CREATES)
@given(path_and_method=st.sampled_from(UNKNOWN))
def answers_404_in_json(server: Server, path_and_method: tuple[str, str]) -> None:
    """没有的地址是 JSON 的 404。 Unknown addresses are answered 404 in JSON."""
    path, method = path_and_method
    body = Draft().body() if method in ("POST", "PUT") else None
    sent = get(path) if method == "GET" else write(method, path, body) if body else Ask(method, path)
    either = (404, 400) if path.removeprefix("/users/") in NOT_IDS else (404,)
    Users(server).ask(sent, error(*either, accepted="users.finds_nobody", suspect="users.not_404"))


@unit.check(points=2, cases=len(WRONG_METHODS) + 1, needs=CREATES, fresh=True)
@given(method_and_path=st.sampled_from(WRONG_METHODS))
def answers_405_in_json(server: Server, method_and_path: tuple[str, str]) -> None:
    """地址对、方法不对是 JSON 的 405。 Another method at a known address is answered 405 in JSON."""
    method, path = method_and_path
    users = Users(server)
    user = users.create(Draft())
    target = path.format(user=user)
    sent = Ask(method, target) if method == "DELETE" else write(method, target, Draft("b", "b@b.org").body())
    users.ask(sent, error(405, accepted="web.wrong_method_accepted"))
    users.still("users.refused_but_changed")


@unit.check(points=2, cases=5, needs=CHANGES, fresh=True)
@given(size=st.sampled_from((2**16, 2**15, 2**20 + 1, 2**21)), method=st.sampled_from(("POST", "PUT")))
def limits_the_body(server: Server, size: int, method: str) -> None:
    """正文 64 KiB 以内都收，超过 1 MiB 得到 413 或 400。 A body of 64 KiB is taken, one over 1 MiB is 413 or 400."""
    users = Users(server)
    user = users.create(Draft())
    draft = Draft("b", "b@b.org")
    if size > 2**20:
        sent = write(method, "/users" if method == "POST" else f"/users/{user}", padded(draft, size).body())
        users.ask(sent, error(413, 400, accepted="users.no_body_limit"), units=3)
        users.still("users.refused_but_changed")
    elif method == "POST":
        users.create(padded(draft, size), suspect="users.limit_too_low")
    else:
        users.replace(user, padded(draft, size), suspect="users.limit_too_low")
