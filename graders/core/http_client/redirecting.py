"""Checks of redirects, shared by the HTTP clients: followed as the libraries do, given up when they lead nowhere."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.http_client.talk import HttpClient, replying, talk
from graders.core.models.http_answer import of_text, redirect
from graders.core.models.http_message import Request
from graders.core.rubric import CheckFunction, given
from graders.core.text import Text
from graders.core.traffic.http_calls import BAD_LOCATIONS
from graders.core.wire.origin import Reply
from graders.core.wire.program import Program

#: After these a GET follows, whatever came before (both libraries; RFC 9110 §15.4 allows it for 301 and 302).
_THEN_GET = (301, 302, 303)
#: These repeat the request: for a GET both libraries do, for a POST it is not counted.
_THEN_SAME = (307, 308)


def follows_redirects(client: HttpClient) -> CheckFunction:
    """One or several, relative or absolute."""
    statuses = _THEN_GET if client.method == "POST" else _THEN_GET + _THEN_SAME

    @given(status=st.sampled_from(statuses), hops=st.sampled_from([1, 2, 4]), absolute=st.booleans())
    def follows_redirects(program: Program, status: int, hops: int, absolute: bool) -> None:
        """跟随重定向，返回最后的响应。 Follows redirects and returns the last response."""
        with talk(client, program) as conversation:
            # Where a request goes next depends on its path alone: one that is sent twice does not lead astray.
            def respond(came: int, request: Request) -> Reply:
                path = request.target.partition("?")[0]
                hop = int(path.removeprefix("/hop")) if path.startswith("/hop") else 0
                if hop >= hops:
                    return Reply(of_text("there").encode())
                location = f"/hop{hop + 1}?from={hop}"
                where = conversation.url(location) if absolute else location
                return Reply(redirect(where, status).encode(), more=True)

            returned = conversation.call("/start", answer=respond)
            last = conversation.origin.requests[-1]
            if last.target != f"/hop{hops}?from={hops - 1}":
                wanted = Text(f"最后请求 /hop{hops}", f"/hop{hops} is asked for in the end")
                got = Text(f"最后请求的是 {last.target}", f"the last request is for {last.target}")
                conversation.wrong(returned, wanted, got, "http_client.redirect_not_followed")
            if last.method != "GET" or last.body:
                wanted = Text("没有正文的 GET", "a GET without a body")
                got = Text(
                    f"{last.method}，正文 {len(last.body)} 字节", f"{last.method}, {len(last.body)} bytes of body"
                )
                conversation.wrong(returned, wanted, got, "http_client.redirect_changes_method")
            conversation.expect_response(returned)

    return follows_redirects


def gives_none_for_a_redirect_to_nowhere(client: HttpClient) -> CheckFunction:
    """A Location that is garbage, and redirects that never end."""

    @given(where=st.sampled_from(["loop", "loop of two", *sorted(BAD_LOCATIONS)]))
    def gives_none_for_a_redirect_to_nowhere(program: Program, where: str) -> None:
        """重定向转圈，或 Location 是乱码时，返回 None。 Returns None for endless redirects and a bad Location."""
        with talk(client, program) as conversation:
            if where == "loop":
                answer = replying(Reply(redirect("/").encode(), more=True))
            elif where == "loop of two":
                turns = [Reply(redirect(path).encode(), more=True) for path in ("/b", "/a")]
                answer = lambda came, request: turns[came % 2]  # noqa: E731
            else:
                answer = replying(redirect(where), of_text("nobody should come here"))
            returned = conversation.call("/", answer=answer)
            conversation.expect_none(returned, "http_client.lost_redirect_returned")

    return gives_none_for_a_redirect_to_nowhere
