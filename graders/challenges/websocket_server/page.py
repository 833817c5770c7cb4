"""The page to chat in, as browsers show it."""

from __future__ import annotations

from graders.challenges.websocket_server.connecting import ask
from graders.challenges.websocket_server.unit import PUBLIC, TALKS, unit
from graders.core.models.web_answer import html
from graders.core.rubric import given
from graders.core.traffic.web_requests import Pairs, clients, get
from graders.core.wire.browser import visitors
from graders.core.wire.chat_scenes import everybody
from graders.core.wire.page_chat import PageChat
from graders.core.wire.server import Server

#: A class that no page has elements of, unless it takes for HTML what was written.
AS_HTML = "shown-as-html"


@unit.check(points=2, cases=3, needs=PUBLIC)
@given(headers=clients())
def serves_a_page(server: Server, headers: Pairs) -> None:
    """GET / 没有要求升级：200，HTML。 GET / without an upgrade: 200 and HTML."""
    ask(server, get("/", headers), html(200))


@unit.check(points=4, needs=["serves_a_page", *TALKS], fresh=True)
def works_in_a_browser(server: Server) -> None:
    """网页在浏览器里能用：加入，发送，看到别人说的话。 The page works in a browser: one joins, sends, reads others."""
    with visitors(server, "V", "W") as people, PageChat(server, people) as chat:
        chat.joins("B")
        chat.joins_by_page("V", "小明")
        chat.joins_by_page("W", "Ann")
        chat.says_by_page("V", "从网页说的")
        chat.says("B", "从别处说的")
        chat.says_by_page("W", "我也在")
        chat.says_by_page("V", "再说一句")
        everybody(chat)


@unit.check(points=2, needs=["works_in_a_browser"], fresh=True)
def interprets_nothing_that_is_written(server: Server) -> None:
    """写什么就发什么、显示什么，绝不当作 HTML。 What is written is sent and shown as it is, never taken for HTML."""
    taken = f".{AS_HTML}, [{AS_HTML}]"
    with visitors(server, "V") as people, PageChat(server, people) as chat:
        chat.joins_by_page("V", '"小明" \\')
        chat.joins("B", f"<u class={AS_HTML}>B</u>")
        chat.joins("C", f'C" {AS_HTML}=x ')  # out of an attribute
        chat.joins("D", f"D' {AS_HTML}=x ")
        for text in (
            f'<u class="{AS_HTML}">x</u>',
            f"<img class={AS_HTML} src=x>",
            "&lt;b&gt; &amp;",
            "</div></script>",
            f"""" {AS_HTML}=x ' {AS_HTML}=x y""",
        ):
            chat.says("B", text, suspect="websocket.page_interprets")
        for who in "CD":
            chat.says(who, f"{who} 在", suspect="websocket.page_interprets")
        people[0].has_none(taken, diagnosis="websocket.page_interprets")
        chat.leaves("B")
        chat.leaves("C")
        for text in ('"引号" 和 \\n', "/ 开头"):
            chat.says_by_page("V", text)
        people[0].has_none(taken, diagnosis="websocket.page_interprets")
