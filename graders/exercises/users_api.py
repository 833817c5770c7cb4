"""用户管理 API：带校验、持久化和并发的 REST 服务。 A users API: REST with validation, storage and concurrency.

Lesson 21.6, exercise 2. The sandbox serves what create_app gives with Werkzeug's threads.

Checks with ``fresh`` begin with an application that has never had a user; the others delete the users that they make.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from graders.core import common
from graders.core.models.finding import Mismatch
from graders.core.models.http_message import Response
from graders.core.models.json_text import json_value
from graders.core.models.openapi import describes_the_api, keeps_document
from graders.core.models.users import Kind
from graders.core.models.users_answer import error, id_of_its_own, location
from graders.core.models.web_answer import Question, html, status
from graders.core.rubric import ServeWsgi, Unit, given
from graders.core.traffic.pools import part_of
from graders.core.traffic.users import (
    INVALID_BODIES,
    NOBODY,
    NOT_AN_OBJECT,
    ODD_BODIES,
    ODD_TARGETS,
    OTHER_EMAILS,
    OTHER_TYPES,
    SAME_EMAILS,
    VALID,
    Act,
    Draft,
    Race,
    drafts,
    drafts_of_any_text,
    encoded,
    histories,
    numbered,
    padded,
    write,
    writes,
)
from graders.core.traffic.web_requests import Ask, get
from graders.core.wire.ports import free_port
from graders.core.wire.script import Script
from graders.core.wire.server import Server
from graders.core.wire.users import Users, start_on
from graders.core.wire.users_race import cut_off, run_race
from graders.core.wire.web import converse

unit = Unit(
    __doc__,
    "users_api",
    section="21.6",
    offers={"create_app": []},
    starts=ServeWsgi("create_app", factory=True),
)

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

#: Members that a client sends along, and that mean nothing.
MORE: tuple[tuple[tuple[str, Any], ...], ...] = (
    (("id", 4321),), (("x", 1),), (("role", "admin"), ("id", 4321)), (("x", "y" * 2**15),), (("Name", "b"), ("Age", 3)),
    (("email_key", "x@x.org"),), (("id", "first"),), (("self", {"name": ["x"]}), ("", None), ("姓名", "小明")),
)  # fmt: skip

#: (method, a target or the name of a body)
ODD = (
    *((method, target) for target in ODD_TARGETS for method in ("GET", "DELETE") if not target.startswith("/users?")),
    *(("PUT", target) for target in ODD_TARGETS[:3]),
    *(("POST", name) for name in ODD_BODIES),
)

# Where all of a list are to come up, ``cases`` is one more than its length: the first case is the simplest one again.

PUBLIC = ["offers_the_public_names"]
CREATES = ["creates_a_user"]
READS = ["lists_the_users_by_id"]
CHANGES = ["replaces_a_user"]
DELETES = ["deletes_a_user"]

#: Werkzeug's reloader, where a program has it, imports everything a second time before it answers.
SCRIPT_UNITS = 8.0

unit.check(points=0, actor="program")(common.offers(unit.offers))


# -- core: the five operations ----------------------------------------------------------------------------------------


@unit.check(points=3, cases=6, needs=PUBLIC, fresh=True)
@given(draft=drafts())
def creates_a_user(server: Server, draft: Draft) -> None:
    """POST /users 得到 201 和新用户。 POST /users is answered 201 with the new user."""
    Users(server).create(draft)


@unit.check(points=2, cases=3, needs=CREATES, fresh=True)
@given(count=st.integers(1, 3))
def points_to_the_new_user(server: Server, count: int) -> None:
    """201 的 Location 是新用户的地址。 The Location of a 201 is the address of the new user."""
    users = Users(server)
    for draft in numbered(count):
        users.create(draft, also=location(users.host))


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


@unit.check(points=4, cases=3, needs=CREATES, fresh=True)
@given(pairs=part_of(SAME_EMAILS))
def refuses_an_email_in_use(server: Server, pairs: list[tuple[str, str]]) -> None:
    """邮箱已被别人使用（不分大小写）得到 409。 An e-mail that another user has, in any letter case, is 409."""
    users = Users(server)
    other = users.create(Draft("c", "other@user.org"))
    for first, second in pairs:
        users.create(Draft("a", first))
        users.create(Draft("b", second))
        users.replace(other, Draft("c", second))
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


@unit.check(points=4, cases=12, needs=[*READS, *CHANGES, *DELETES], fresh=True)
@given(acts=histories())
def keeps_a_history(server: Server, acts: list[Act]) -> None:
    """任意的一串操作，每个回答都对。 Whatever is done one after the other, every answer is right."""
    users = Users(server)
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


# -- core: what is sent -----------------------------------------------------------------------------------------------


@unit.check(points=3, cases=32, needs=[*READS, *DELETES])
@given(draft=drafts_of_any_text())
def keeps_any_text(server: Server, draft: Draft) -> None:
    """任何文字都能存：name 去掉两端空白，email 原样。 Any text is kept: the name stripped, the e-mail as sent."""
    users = Users(server)
    user = users.create(draft)
    users.list()
    users.get(user)
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


@unit.check(points=3, actor="stopped", cases=2, needs=READS)
@given(count=st.integers(1, 2))
def keeps_apps_apart(server: Server, count: int) -> None:
    """两个应用互不相干，没有 storage_path 就什么也不留。 Two apps share nothing; without storage_path nothing stays."""
    server.second = free_port("tcp")
    server.start()
    one, two = Users(server), Users(server, port=server.second)
    for draft in numbered(count):
        one.create(draft)
    two.still("users.apps_share")
    for draft in numbered(count):
        two.create(draft, suspect="users.apps_share")
    two.delete(two.state.users[0][0])
    one.still("users.apps_share")
    server.kill()
    server.start()
    Users(server).still("users.not_empty")


@unit.check(points=2, actor="bare", needs=CREATES)
def runs_as_a_script(script: Script) -> None:
    """作为脚本运行：默认 5000 端口，--port、--storage。 Run as a script: port 5000, or --host, --port and --storage."""
    script.run()
    script.await_listening(5000)
    ask_script(script, 5000, get("/users"), status(200))
    script.kill()
    file = script.file()
    for question in (status(201), status(409, accepted="users.script_forgets")):
        script.run("--host", "127.0.0.1", "--port", "5077", "--storage", file)
        script.await_listening(5077)
        ask_script(script, 5077, write("POST", "/users", Draft().body()), question)
        script.kill()


def ask_script(script: Script, port: int, sent: Ask, question: Question) -> None:
    with script.connect(port=port) as client:
        converse(client, f"127.0.0.1:{port}", sent, question, units=SCRIPT_UNITS)


# -- robust -----------------------------------------------------------------------------------------------------------


@unit.check(points=5, tier="robust", cases=len(ODD) + 1, needs=READS)
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


def no_5xx(answer: Response) -> Mismatch | None:
    """Anything that blames the client, or nobody."""
    return status(*range(200, 500))(answer)


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


#: (pathlib.Path or str, what is in the file at first)
STORAGES = ((False, None), (True, None), (False, b""), (True, b""))


@unit.check(points=5, tier="robust", cases=5, actor="stopped", needs=[*READS, *CHANGES, *DELETES])
@given(storage=st.sampled_from(STORAGES), acts=histories(6), gone=st.sampled_from(("none", "last", "all")))
def survives_a_restart(server: Server, storage: tuple[bool, bytes | None], acts: list[Act], gone: str) -> None:
    """有 storage_path 时，SIGKILL 之后重新启动，什么也不丢。 With storage_path a SIGKILL and a restart lose nothing."""
    as_path, data = storage
    file = server.file(path=as_path, data=data)
    start_on(server, file, "users.storage_not_taken")
    users = Users(server)
    ids = hold(users, acts)
    for user in [user for user, _ in users.state.users][
        {"none": slice(0), "last": slice(-1, None), "all": slice(None)}[gone]
    ]:
        users.delete(user)
    for number in range(2):
        server.kill()
        start_on(server, file, "users.storage_not_read")
        users.still("users.write_lost")
        users.create(Draft("after", f"after{number}@kill.org"), suspect="users.write_lost")
        for user in ids:
            users.get(user)


#: Seconds from the last byte of six requests to the kill: from before the first is read to behind the last answer.
MOMENTS = (0.0, 0.0003, 0.0006, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.006, 0.009)


@unit.check(points=5, tier="robust", cases=3, actor="stopped", needs=["survives_a_restart"])
@given(moments=st.lists(st.sampled_from(MOMENTS), min_size=3, max_size=3), number=st.integers(0, 9))
def survives_a_kill_while_writing(server: Server, moments: list[float], number: int) -> None:
    """写到一半被 SIGKILL，修改要么全有要么全无。 Killed while it writes, each change is there whole or not at all."""
    storage = server.file()
    start_on(server, storage, "users.storage_not_taken")
    users = Users(server)
    for draft in numbered(40, long=True):
        users.create(draft)
    for moment in moments:
        about = [user for user, _ in users.state.users][:4]
        cut_off(users, writes(number), about, after=moment, storage=storage)
        number += 1
    users.create(Draft("after", "after@kill.org"))
    users.list()


# -- bonus ------------------------------------------------------------------------------------------------------------


@unit.check(points=6, tier="bonus", cases=3, needs=[*READS, *CHANGES, *DELETES, "refuses_an_email_in_use"], fresh=True)
@given(draft=drafts())
def keeps_its_openapi_document(server: Server, draft: Draft) -> None:
    """GET /openapi.json 是与程序相符的 OpenAPI 3。 GET /openapi.json is valid OpenAPI 3 that the program keeps."""
    users = Users(server)
    document = json_value(users.ask(get("/openapi.json"), describes_the_api).body)
    users.also = lambda sent, answer: keeps_document(document, sent, answer)
    user = users.create(draft)
    users.get(user)
    users.list()
    users.replace(user, Draft())
    users.create(Draft())
    users.delete(user)
    users.delete(user)
    users.ask(write("POST", "/users", b"{}"), error(400, accepted="users.accepts_no_name"))


@unit.check(points=4, tier="bonus", needs=CREATES)
def shows_a_page_about_itself(server: Server) -> None:
    """GET /docs 是 HTML 页面。 GET /docs is an HTML page."""
    Users(server).ask(get("/docs"), html(200, suspect="users.no_docs"))
