"""Flask 网站：首页、JSON 数据和表单。 A web site with Flask: a page, JSON data and a form.

Lesson 21.4.2. The sandbox serves `app` with Werkzeug's own server, so that what is on the wire is Werkzeug's matter;
what is judged are the answers.
"""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core import common
from graders.core.models.finding import Mismatch, Side
from graders.core.models.http_message import Response
from graders.core.models.web_answer import (
    Question,
    each,
    has_form,
    html,
    json_that,
    member,
    member_is_text,
    missing_page,
    status,
    text_of,
)
from graders.core.models.web_form import FormAnswer
from graders.core.models.web_page import MULTIPART, URLENCODED, attributes_of
from graders.core.rubric import ServeWsgi, Unit, given
from graders.core.text import Text
from graders.core.traffic.web_forms import encode, encodings, fields_beside_the_name, forms_with_a_name
from graders.core.traffic.web_requests import FORM_TYPE, SIMILAR, UNKNOWN, Ask, Pairs, clients, get, post_form
from graders.core.wire.blame import Wrong
from graders.core.wire.program import Program
from graders.core.wire.script import Script
from graders.core.wire.server import Server
from graders.core.wire.web import converse, exchange

unit = Unit(
    __doc__,
    "flask_app",
    section="21.4.2",
    offers={"app": []},
    starts=ServeWsgi("app", default_port=5000),
)

# Where all of a list are to come up, ``cases`` is one more than its length: the first case is the simplest one again.

PUBLIC = ["offers_the_public_names"]
ALIVE = ["answers_its_pages"]
FORMS = ["answers_a_form"]

#: What request.form understands.
FLASK_READS = (URLENCODED, MULTIPART)

#: GET /api/data
DATA = json_that(
    each(
        member("message", "Hello, World!", lambda _: "web.other_data"),
        member("status", "success", lambda _: "web.other_data"),
        member_is_text("timestamp"),
    )
)


def greeting(form: FormAnswer) -> Question:
    """The answer to a form greets its name."""
    return json_that(
        each(
            member("message", form.message, form.explain_message),
            member("status", "success", lambda _: "web.other_data"),
        )
    )


def name_of(form: FormAnswer) -> Question:
    """The answer to a form, judged by its greeting only."""
    return json_that(member("message", form.message, form.explain_message))


def fields(form: FormAnswer) -> Question:
    """The answer to a form has the first value of every field."""
    return json_that(member("received_data", form.received_data, form.explain_received_data))


unit.check(points=0, actor="program")(common.offers(unit.offers))


# -- core -------------------------------------------------------------------------------------------------------------


@unit.check(points=4, cases=3, needs=PUBLIC)
@given(target=st.sampled_from(["/api/data", "/"]))
def answers_its_pages(server: Server, target: str) -> None:
    """GET / 和 GET /api/data 得到 200。 GET / and GET /api/data are answered 200."""
    exchange(server, get(target), status(200))


@unit.check(points=8, cases=6, needs=ALIVE)
@given(client=clients())
def serves_the_data_as_json(server: Server, client: Pairs) -> None:
    """GET /api/data 得到约定的 JSON。 GET /api/data gives the agreed JSON."""
    exchange(server, get("/api/data", client), DATA)


@unit.check(points=8, cases=6, needs=ALIVE)
@given(client=clients())
def serves_a_page_with_a_form(server: Server, client: Pairs) -> None:
    """首页是 HTML，表单把 name 提交给 /api/submit。 The home page has a form that POSTs name to /api/submit."""
    exchange(server, get("/", client), html(200))
    exchange(server, get("/", client), has_form(path="/api/submit", field="name", encodings=FLASK_READS))


@unit.check(points=5, cases=4, needs=PUBLIC)
@given(name=st.sampled_from(["x", "Tom", "abc123"]))
def answers_a_form(server: Server, name: str) -> None:
    """提交一张简单的表单，得到 JSON 的问候。 A simple form is answered with a greeting in JSON."""
    exchange(server, post_form("/api/submit", f"name={name}"), name_of(FormAnswer((("name", name),), flat=True)))


@unit.check(points=9, cases=72, needs=FORMS)
@given(form=forms_with_a_name(), client=clients())
def greets_the_name_of_a_form(server: Server, form: tuple[Pairs, str], client: Pairs) -> None:
    """提交表单，回答里问候其中的名字（任意文字）。 A form is answered with a greeting of its name, whatever it is."""
    pairs, encoding = form
    exchange(server, post_form("/api/submit", encode(pairs, encoding), client), greeting(FormAnswer(pairs, flat=True)))


@unit.check(points=10, cases=32, needs=FORMS)
@given(pairs=fields_beside_the_name(), encoding=encodings())
def returns_the_fields_of_a_form(server: Server, pairs: Pairs, encoding: str) -> None:
    """received_data 有每个字段的第一个值。 received_data has the first value of every field."""
    exchange(server, post_form("/api/submit", encode(pairs, encoding)), fields(FormAnswer(pairs, flat=True)))


ELSEWHERE = (*UNKNOWN, "/nothing?name=x")


@unit.check(points=10, cases=len(ELSEWHERE) + 1, needs=ALIVE)
@given(path=st.sampled_from(ELSEWHERE))
def answers_404_elsewhere(server: Server, path: str) -> None:
    """其他地址是 404 的 HTML 页面。 Other paths are a 404 page in HTML."""
    similar = path in SIMILAR
    if similar:  # to whoever takes any path it is not the likeness that matters
        exchange(server, get("/nothing"), html(404))
    exchange(server, get(path), missing_page(similar=similar))


#: Bodies of up to 100 KB, by what fills them.
LARGE: dict[str, Pairs] = {
    "one field": (("name", "a" * (100_000 - 5)),),
    "escapes": (("name", "你" * 11_000),),
    "fields": (("name", "x"), *((f"field{number}", "1") for number in range(7000))),
    "20 KB": (("name", "b" * 20_000), ("x", "1")),
}


@unit.check(points=4, cases=len(LARGE) + 1, needs=FORMS)
@given(filling=st.sampled_from(list(LARGE)))
def accepts_a_form_of_100_kb(server: Server, filling: str) -> None:
    """100 KB 的表单也能收下。 A form of 100 KB is accepted."""
    form = FormAnswer(LARGE[filling], flat=True)
    exchange(server, post_form("/api/submit", encode(form.pairs)), status(200), units=3)
    exchange(server, post_form("/api/submit", encode(form.pairs)), name_of(form), units=3)


@unit.check(points=4, actor="program", needs=ALIVE)
def app_is_a_flask_application(program: Program) -> None:
    """app 是 flask.Flask 的对象。 app is an instance of flask.Flask."""
    app = program.get("app")
    if "flask.app.Flask" not in getattr(app, "bases", ()):
        wanted, got = Text("app 是 flask.Flask 的对象", "app is a flask.Flask"), Text("不是", "it is not")
        python = "'Flask' in [cls.__name__ for cls in type(got).__mro__]"
        mismatch = Mismatch(Side(wanted), Side(got), "flask.not_flask", python=python)
        program.story.fail(mismatch)
        raise Wrong(mismatch)


unit.check(points=4, actor="program", needs=ALIVE)(common.imports_without_side_effects)


@unit.check(points=4, actor="bare", needs=ALIVE, ports=["5000/tcp"])
def runs_as_a_script(script: Script) -> None:
    """作为脚本运行时在 5000 端口服务。 Run as a script it serves on port 5000."""
    script.run()
    script.await_listening(5000)
    with script.connect(port=5000) as client:
        # A debug mode starts a second process first; that is another check's matter.
        converse(client, "127.0.0.1:5000", get("/api/data"), status(200), units=SCRIPT_UNITS)


#: Werkzeug's reloader imports everything a second time before it answers.
SCRIPT_UNITS = 8.0


# -- robust -----------------------------------------------------------------------------------------------------------

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
KNOWN = {"/": "GET", "/api/data": "GET", "/api/submit": "POST"}
WRONG_METHOD = [(method, path) for path, right in KNOWN.items() for method in METHODS if method != right]


@unit.check(points=10, tier="robust", cases=len(WRONG_METHOD) + 1, needs=ALIVE)
@given(method_and_path=st.sampled_from(WRONG_METHOD))
def answers_405_to_other_methods(server: Server, method_and_path: tuple[str, str]) -> None:
    """已知的地址用了别的方法，得到 405。 Another method at a known path is answered 405."""
    method, path = method_and_path
    request = Ask(method, path, (FORM_TYPE,), b"name=x", length=True) if method != "GET" else get(path)
    exchange(server, request, status(405, accepted="web.wrong_method_accepted", suspect="flask.not_405"))


#: Template code whose result is not in it.
TEMPLATES = (
    "{{ 1171*1171-1002 }}",
    "{{1171*1171-1002}}",
    "{% set x = 1171*1171-1002 %}{{ x }}",
    "x{{ 1171*1171-1002 }}y",
)
RESULT = "1370239"

#: Where a client's text may come from: a field, a path, a query string, a header.
PLACES = ("name", "field", "path", "query", "missing query", "header", "missing header", "wrong method")

#: Names under which a page may look for something to show in a query string.
QUERIES = ("name", "q", "message", "error", "next")


def request_with(place: str, text: str) -> Ask:
    """A request that carries ``text`` at this place."""
    quoted = encode((("x", text),), "percent").removeprefix("x=")
    headers = (("User-Agent", text), ("Referer", text), ("Cookie", f"name={text}"))
    query = "&".join(f"{name}={quoted}" for name in QUERIES)
    return {
        "name": post_form("/api/submit", encode((("name", text),))),
        "field": post_form("/api/submit", encode((("x", text), (text, "x")))),
        "path": get(f"/nothing/{quoted}"),
        "query": get(f"/?{query}"),
        "missing query": get(f"/nothing?{query}"),
        "header": get("/", headers),
        "missing header": get("/nothing", headers),
        "wrong method": Ask("PUT", f"/api/data?{query}", (FORM_TYPE,), encode((("name", text),)).encode()),
    }[place]


@unit.check(points=8, tier="robust", cases=3 * len(PLACES) + 1, needs=ALIVE)
@given(place_and_text=st.sampled_from([(place, text) for text in TEMPLATES for place in PLACES]))
def runs_no_text_as_a_template(server: Server, place_and_text: tuple[str, str]) -> None:
    """用户的输入不会被当作模板执行。 What users send is never run as a template."""
    place, text = place_and_text
    exchange(server, request_with(place, text), without(RESULT, "flask.template_injection"))


#: Markup that a page must not contain as it stands.
MARKUP = ("<b>netgrade</b>", "<script>netgrade()</script>", '"><img src=x onerror=netgrade()>')

#: What leaves the quotes around an attribute's value, be they these or those, and becomes an attribute itself.
QUOTES = "x' netgrade=1 '\" netgrade=1 \""
INJECTED = "netgrade"

#: Such an attribute inside a tag, for the replay: quotes behind `=` belong together.
_INJECTED_BYTES = rb"""<[A-Za-z](?:=\s*"[^"]*"|=\s*'[^']*'|=(?!\s*["'])|[^=<>])*?[\s"'/]netgrade="""


@unit.check(points=6, tier="robust", cases=(len(MARKUP) + 1) * len(PLACES) + 1, needs=ALIVE)
@given(place_and_text=st.sampled_from([(place, text) for text in (*MARKUP, QUOTES) for place in PLACES]))
def escapes_text_in_html(server: Server, place_and_text: tuple[str, str]) -> None:
    """用户的输入不会不经转义就出现在 HTML 里。 What users send never gets into HTML unescaped."""
    place, text = place_and_text
    question = no_attribute if text == QUOTES else without(text, "flask.unescaped_html", only_html=True)
    exchange(server, request_with(place, text), question)


def no_attribute(answer: Response) -> Mismatch | None:
    """Where quotes were sent no element has got an attribute; quotes in a page's text do no harm."""
    if not is_html(answer) or INJECTED not in attributes_of(text_of(answer)):
        return None
    wanted = Side(Text(f"没有元素多出属性 {INJECTED}", f"no element has got an attribute {INJECTED}"))
    python = f"not re.search({_INJECTED_BYTES!r}, body)"
    return Mismatch(wanted, Side(data=answer.body), "flask.unescaped_attribute", python=python)


def is_html(answer: Response) -> bool:
    """JSON is no page: there a browser interprets nothing."""
    return "html" in (answer.headers.get("Content-Type") or "").lower()


def without(text: str, diagnosis: str, *, only_html: bool = False) -> Question:
    """The page does not contain ``text``."""

    def ask(answer: Response) -> Mismatch | None:
        if only_html and not is_html(answer):
            return None
        if text not in text_of(answer):
            return None
        wanted = Side(Text(f"正文里没有 {text}", f"no {text} in the body"))
        return Mismatch(wanted, Side(data=answer.body), diagnosis, python=f"{text.encode()!r} not in body")

    return ask


@unit.check(points=6, tier="robust", actor="bare", needs=["runs_as_a_script"], ports=["5000/tcp"])
def opens_no_debugger(script: Script) -> None:
    """作为脚本运行时不打开调试器。 Run as a script it does not open the debugger."""
    script.run()
    script.await_listening(5000)
    for target, question in ((CONSOLE, no_console), (DEBUGGER_SCRIPT, no_debugger_script)):
        with script.connect(port=5000) as client:
            converse(client, "127.0.0.1:5000", get(target), question, units=SCRIPT_UNITS)


# Where Werkzeug's debugger shows itself: its console, and the script that its pages load. A page of the program's own
# that shows the address asked for is neither.
CONSOLE = "/console"
DEBUGGER_SCRIPT = "/?__debugger__=yes&cmd=resource&f=debugger.js"


def no_console(answer: Response) -> Mismatch | None:
    """No page of the debugger's."""
    shown = answer.status == 200 and b"__debugger__" in answer.body
    return debugger(answer, "complete and b'__debugger__' not in body") if shown else None


def no_debugger_script(answer: Response) -> Mismatch | None:
    """No script of the debugger's."""
    shown = "javascript" in (answer.headers.get("Content-Type") or "")
    return debugger(answer, "'javascript' not in headers.get('content-type', '')") if shown else None


def debugger(answer: Response, python: str) -> Mismatch:
    return Mismatch(Side(Text("没有调试器", "no debugger")), Side(data=answer.body), "flask.debugger", python=python)
