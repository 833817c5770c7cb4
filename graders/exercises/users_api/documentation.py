"""Documentation (bonus): an OpenAPI document that the program keeps, and a page about itself."""

from __future__ import annotations

from graders.core.models.json_text import json_value
from graders.core.models.openapi import describes_the_api, keeps_document
from graders.core.models.users_answer import error, led_to
from graders.core.models.web_answer import html
from graders.core.traffic.users import Draft, write
from graders.core.traffic.web_requests import get
from graders.core.wire.server import Server
from graders.core.wire.users import Users
from graders.exercises.users_api.unit import CHANGES, CREATES, DELETES, READS, unit

#: A page may stand elsewhere on the same server; nobody follows for ever.
MOST_REDIRECTS = 5


@unit.check(points=6, tier="bonus", needs=[*READS, *CHANGES, *DELETES, "refuses_an_email_in_use"], fresh=True)
def keeps_its_openapi_document(server: Server) -> None:
    """GET /openapi.json 是与程序相符的 OpenAPI 3。 GET /openapi.json is valid OpenAPI 3 that the program keeps."""
    users = Users(server)
    document = json_value(users.ask(get("/openapi.json"), describes_the_api).body)
    users.also = lambda sent, answer: keeps_document(document, sent, answer)
    user = users.create(Draft("小明", "ann@example.com", 42))
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
    users = Users(server)
    target = "/docs"
    for _ in range(MOST_REDIRECTS):
        onward = _page_or_onward(users, target)
        if onward is None:
            return
        target = onward
    users.ask(get(target), PAGE)


PAGE = html(200, suspect="users.no_docs")


def _page_or_onward(users: Users, target: str) -> str | None:
    """Where a redirect on the same server leads to, or None: it was the page."""
    answer = users.ask(get(target), lambda got: None if led_to(got, users.host, target) else PAGE(got))
    return led_to(answer, users.host, target)
