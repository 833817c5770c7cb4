"""Core: the pages, the form and what comes back of it, the life of the server."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from graders.core import common
from graders.core.models.finding import Mismatch, Side
from graders.core.models.web_answer import WhateverComes, has_form, html, missing_page, status
from graders.core.models.web_form import FormAnswer
from graders.core.rubric import given
from graders.core.text import Text
from graders.core.traffic.web_forms import encode, encodings, fields_beside_the_name, forms_with_a_name
from graders.core.traffic.web_requests import SIMILAR, UNKNOWN, Ask, Pairs, clients, get, post_form
from graders.core.wire.blame import Wrong
from graders.core.wire.program import Program
from graders.core.wire.script import Script
from graders.core.wire.server import Server
from graders.core.wire.web import converse, exchange, host_of
from graders.examples.http_server.unit import (
    ALIVE,
    DATA,
    FORMS,
    PUBLIC,
    alive,
    any_status,
    connected,
    fields,
    greeting,
    name_of,
    unit,
)

unit.check(points=0, actor="program")(common.offers(unit.offers))


@unit.check(points=3, cases=3, needs=PUBLIC)
@given(target=st.sampled_from(["/api/data", "/"]))
def answers_its_pages(server: Server, target: str) -> None:
    """GET / 和 GET /api/data 得到 200。 GET / and GET /api/data are answered 200."""
    exchange(server, get(target), status(200))


@unit.check(points=6, cases=6, needs=ALIVE)
@given(client=clients())
def serves_the_data_as_json(server: Server, client: Pairs) -> None:
    """GET /api/data 得到约定的 JSON。 GET /api/data gives the agreed JSON."""
    exchange(server, get("/api/data", client), DATA)


@unit.check(points=8, cases=6, needs=ALIVE)
@given(client=clients())
def serves_a_page_with_a_form(server: Server, client: Pairs) -> None:
    """首页是 HTML，表单把 name 提交给 /api/submit。 The home page has a form that POSTs name to /api/submit."""
    exchange(server, get("/", client), html(200))
    exchange(server, get("/", client), has_form(path="/api/submit", field="name"))


@unit.check(points=4, cases=4, needs=PUBLIC)
@given(name=st.sampled_from(["x", "Tom", "abc123"]))
def answers_a_form(server: Server, name: str) -> None:
    """提交一张简单的表单，得到 JSON 的问候。 A simple form is answered with a greeting in JSON."""
    exchange(server, post_form("/api/submit", f"name={name}"), name_of((("name", name),)))


@unit.check(points=7, cases=72, needs=FORMS)
@given(form=forms_with_a_name(), client=clients())
def greets_the_name_of_a_form(server: Server, form: tuple[Pairs, str], client: Pairs) -> None:
    """提交表单，回答里问候其中的名字（任意文字）。 A form is answered with a greeting of its name, whatever it is."""
    pairs, encoding = form
    exchange(server, post_form("/api/submit", encode(pairs, encoding), client), greeting(FormAnswer(pairs)))


@unit.check(points=8, cases=32, needs=FORMS)
@given(pairs=fields_beside_the_name(), encoding=encodings())
def returns_the_fields_of_a_form(server: Server, pairs: Pairs, encoding: str) -> None:
    """received_data 有全部非空字段，各是一个列表。 received_data has every field that is not empty, as a list."""
    exchange(server, post_form("/api/submit", encode(pairs, encoding)), fields(FormAnswer(pairs)))


#: Known paths, asked for with the wrong one of GET and POST.
WRONG_METHOD = (post_form("/", "name=x"), post_form("/api/data", "name=x"), get("/api/submit"))

ELSEWHERE = (
    *(get(path) for path in UNKNOWN),
    *(post_form(path, "name=x") for path in UNKNOWN),
    *WRONG_METHOD,
)


@unit.check(points=8, cases=len(ELSEWHERE) + 1, needs=ALIVE)
@given(request=st.sampled_from(ELSEWHERE))
def answers_404_elsewhere(server: Server, request: Ask) -> None:
    """其他地址是 404 的 HTML 页面，方法不对是 404 或 405。 Other paths are a 404 page; a wrong method is 404 or 405."""
    if request in WRONG_METHOD:
        exchange(server, request, status(404, 405, accepted="web.wrong_method_accepted"))
        return
    similar = request.target in SIMILAR
    if similar:  # to whoever takes any path it is not the likeness that matters
        exchange(server, replace(request, target="/nothing"), html(404))
    exchange(server, request, missing_page(similar=similar))


#: Requests of every fate. http.server refuses a method that it does not know by send_error(), which logs by itself.
LOGGED = (
    *(get(target) for target in ("/api/data", "/", "/nothing")),
    *(Ask("HEAD", target) for target in ("/api/data", "/nothing")),
    *(Ask("BREW", target) for target in ("/api/data", "/nothing")),
)


@unit.check(points=3, cases=len(LOGGED) + 1, needs=ALIVE)
@given(request=st.sampled_from(LOGGED))
def writes_no_log(server: Server, request: Ask) -> None:
    """请求不在控制台上留下日志。 Requests leave no log on the console."""
    alive(server)
    mark = server.printed()
    with server.connect("A") as client:
        client.send(request.bytes(host_of(server)))
        client.expect(WhateverComes(request.method))
    exchange(server, post_form("/api/submit", "name=x"), any_status)
    server.expect_quiet(mark, diagnosis="web.logs")


@unit.check(points=3, actor="program", needs=ALIVE)
def has_the_agreed_classes(program: Program) -> None:
    """处理器类的父类对，server 启动前是 None。 The handler has the agreed base, and server is None before start()."""
    base = "http.server.BaseHTTPRequestHandler"
    if base not in getattr(program.get("SimpleHTTPRequestHandler"), "bases", ()):
        wanted, got = Text(f"{base} 的子类", f"a subclass of {base}"), Text("不是", "it is none")
        python = "'BaseHTTPRequestHandler' in [cls.__name__ for cls in getattr(got, '__mro__', ())]"
        mismatch = Mismatch(Side(wanted), Side(got), "web.handler_base", python=python)
        program.story.fail(mismatch)
        raise Wrong(mismatch)
    program.new("SimpleHTTPServer").expect("server", None, diagnosis="web.server_attribute")


unit.check(points=3, actor="program", needs=ALIVE)(common.imports_without_side_effects)
unit.check(points=4, cases=3, needs=ALIVE)(common.starts_again_after_a_kill(connected))
unit.check(points=3, cases=4, needs=ALIVE)(common.stops_on_interrupt(connected))
unit.check(points=3, cases=4, needs=ALIVE, actor="stopped")(common.reports_an_address_that_cannot_be_bound(connected))


@unit.check(points=2, actor="bare", needs=ALIVE, ports=["8000/tcp"])
def runs_as_a_script(script: Script) -> None:
    """作为脚本运行时在 8000 端口服务。 Run as a script it serves on port 8000."""
    script.run()
    script.await_listening(8000)
    with script.connect(port=8000) as client:
        converse(client, "127.0.0.1:8000", get("/api/data"), status(200))
