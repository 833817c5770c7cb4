"""The unit: what it is called, offers, and how it is started; and what its checks ask of answers."""

from __future__ import annotations

from graders.core.models.http_message import Response
from graders.core.models.web_answer import (
    Question,
    each,
    json_that,
    member,
    member_is_text,
    status,
)
from graders.core.models.web_form import FormAnswer
from graders.core.rubric import Serve, Unit
from graders.core.traffic.web_requests import Pairs, get
from graders.core.wire.server import Server
from graders.core.wire.tcp import TcpPeer
from graders.core.wire.web import exchange, still_running

unit = Unit(
    "HTTP 服务器（http.server）：首页、JSON 数据和表单。 HTTP server (http.server): a page, JSON data and a form.",
    "http_server",
    section="21.4.1",
    offers={"SimpleHTTPRequestHandler": [], "SimpleHTTPServer": ["start"]},
    starts=Serve("SimpleHTTPServer", default_port=8000),
)

# Where all of a list are to come up, ``cases`` is one more than its length: the first case is the simplest one again.

MIB = 2**20

PUBLIC = ["offers_the_public_names"]
ALIVE = ["answers_its_pages"]
FORMS = ["answers_a_form"]

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


def fields(form: FormAnswer) -> Question:
    """The answer to a form has every field."""
    return json_that(member("received_data", form.received_data, form.explain_received_data))


def name_of(pairs: Pairs, suspect: str | None = None) -> Question:
    """The answer to a form, judged by its greeting only; ``suspect``: the mistake that a wrong one points to here."""
    form = FormAnswer(pairs)
    return json_that(member("message", form.message, lambda got: suspect or form.explain_message(got)))


def alive(server: Server, *, name: str = "Z", suspect: str | None = None) -> None:
    """Prove that the server still serves: the page that every other check builds on."""
    with still_running(server):
        exchange(server, get("/api/data"), status(200), name=name, suspect=suspect)


def connected(server: Server, name: str) -> TcpPeer:
    """Leave a client connected that is in the middle of a request; the first one proves before that the server serves.

    Only the first: that a client in the middle of a request holds up nobody is another check's matter.
    """
    if name in "AD":
        alive(server, name=f"{name}'")
    client = server.connect(name)
    client.send(b"GET /api/data HTTP/1.1\r\nHost: ")
    return client


def any_status(answer: Response) -> None:
    """Whatever it says: that it comes is what matters."""
