"""The application as a server: two of them share nothing, and the module runs as a script."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from graders.core.models.finding import Mismatch, Side
from graders.core.models.web_answer import Question, json_that, status
from graders.core.rubric import given
from graders.core.text import Text
from graders.core.traffic.users import Draft, numbered, write
from graders.core.traffic.web_requests import Ask, get
from graders.core.wire.ports import free_port
from graders.core.wire.script import Script
from graders.core.wire.server import Server
from graders.core.wire.users import Users
from graders.core.wire.web import converse
from graders.exercises.users_api.unit import CREATES, READS, unit

#: Werkzeug's reloader, where a program has it, imports everything a second time before it answers.
SCRIPT_UNITS = 8.0


def _one_user(value: Any) -> Mismatch | None:
    if isinstance(value, list) and len(value) == 1:
        return None
    wanted = Side(Text("一个用户", "one user"))
    return Mismatch(wanted, Side(value=value), "users.script_forgets", python="len(json.loads(body)) == 1")


#: GET /users of a script that was started again on the storage of one that had created a user.
REMEMBERS_ONE = json_that(_one_user)


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


@unit.check(points=2, actor="bare", needs=[*CREATES, *READS], ports=["5000/tcp", "5077/tcp"])
def runs_as_a_script(script: Script) -> None:
    """作为脚本运行：默认 5000 端口，--port、--storage。 Run as a script: port 5000, or --host, --port and --storage."""
    script.run()
    script.await_listening(5000)
    ask_script(script, 5000, get("/users"), status(200))
    script.kill()
    file = script.file()
    for sent, question in ((write("POST", "/users", Draft().body()), status(201)), (get("/users"), REMEMBERS_ONE)):
        script.run("--host", "127.0.0.1", "--port", "5077", "--storage", file)
        script.await_listening(5077)
        ask_script(script, 5077, sent, question)
        script.kill()


def ask_script(script: Script, port: int, sent: Ask, question: Question) -> None:
    with script.connect(port=port) as client:
        converse(client, f"127.0.0.1:{port}", sent, question, units=SCRIPT_UNITS)
