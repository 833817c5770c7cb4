"""Checks of redirects, shared by the HTTP clients: followed as the libraries do, given up when they lead nowhere."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.http_client.talk import PLAIN_HEADERS, HttpClient, replying, talk
from graders.core.models.http_answer import of_text, redirect
from graders.core.models.http_asked import Asked, Difference, RequestFor, headers
from graders.core.models.http_message import Request
from graders.core.rubric import CheckFunction, given
from graders.core.text import Text
from graders.core.traffic.http_calls import BAD_LOCATIONS
from graders.core.wire.origin import Reply, Responder
from graders.core.wire.program import Program

#: After these a GET follows, whatever came before (both libraries do; RFC 9110 §15.4 allows it for 301 and 302).
_THEN_GET = (301, 302, 303)
#: These repeat the request: for a GET both libraries do, for a POST it is not counted.
_THEN_SAME = (307, 308)

#: Both libraries follow more often than this before they give up a loop.
_SOON = 5


def _is_get(asked: Asked, request: Request) -> Difference | None:
    """What is followed here ends in a GET without a body."""
    if request.method == "GET" and not request.body:
        return None
    right = "HttpMessage(got).complete and got.startswith(b'GET ') and not HttpMessage(got).body"
    return Difference("http_client.redirect_changes_method", "GET", request.method, right)


_ANYWHERE = Asked("GET", "http://any/", headers=PLAIN_HEADERS)


#: urllib follows 10 redirects, requests 30.
_HOPS = (1, 2, 4, 9)

#: What a Location leaves out of the URL: nothing, scheme and authority, all but the last segment, the scheme.
_WRITTEN = ("absolute", "path", "last segment", "authority")


def _location(url: str, written: str) -> str:
    """The URL of something at the root of the same origin, for the eyes of one who is there."""
    _, _, authority, rest = url.split("/", 3)
    return {"absolute": url, "path": f"/{rest}", "last segment": rest, "authority": f"//{authority}/{rest}"}[written]


def follows_redirects(client: HttpClient) -> CheckFunction:
    """One or several, absolute or relative in every way (RFC 9110 §10.2.2)."""
    statuses = _THEN_GET if client.method == "POST" else _THEN_GET + _THEN_SAME

    @given(status=st.sampled_from(statuses), hops=st.sampled_from(_HOPS), written=st.sampled_from(_WRITTEN))
    def follows_redirects(program: Program, status: int, hops: int, written: str) -> None:
        """跟随重定向，返回最后的响应。 Follows redirects and returns the last response."""
        with talk(client, program) as conversation:

            def respond(came: int, request: Request) -> Reply:
                """Where to go next depends on the path alone: a request that is sent twice does not lead astray."""
                path = request.target.partition("?")[0]
                digits = path.removeprefix("/hop")
                hop = int(digits) if path.startswith("/hop") and digits.isdecimal() else 0
                if hop >= hops:
                    return Reply(of_text("there").encode())
                url = conversation.url(f"/hop{hop + 1}?from={hop}")
                return Reply(redirect(_location(url, written), status).encode(), more=True)

            def keeps_the_headers(asked: Asked, request: Request) -> Difference | None:
                """Both libraries send the caller's headers along; those who never send them fail elsewhere."""
                sent = headers(asked, conversation.origin.requests[0]) is None
                return headers(asked, request) if sent else None

            following = RequestFor(_ANYWHERE, (_is_get, keeps_the_headers))
            returned = conversation.call("/start", answer=respond, later=following)
            targets = [request.target for request in conversation.origin.requests]
            if f"/hop{hops}?from={hops - 1}" not in targets:
                wanted = Text(f"最后请求 /hop{hops}", f"/hop{hops} is asked for in the end")
                got = Text(f"最后请求的是 {targets[-1]}", f"the last request is for {targets[-1]}")
                conversation.returned_too_early(returned, wanted, got, "http_client.redirect_not_followed")
            conversation.expect_response(returned)

    return follows_redirects


def gives_none_for_a_redirect_to_nowhere(client: HttpClient) -> CheckFunction:
    """A Location that is garbage, and redirects that never end."""
    turns = [Reply(redirect(path).encode(), more=True) for path in ("/b", "/a")]
    loops: dict[str, Responder] = {
        "loop": lambda came, request: Reply(redirect("/").encode(), more=True),
        "loop of two": lambda came, request: turns[came % 2],
    }

    @given(where=st.sampled_from([*loops, *sorted(BAD_LOCATIONS)]))
    def gives_none_for_a_redirect_to_nowhere(program: Program, where: str) -> None:
        """重定向转圈，或 Location 是乱码时，返回 None。 Returns None for endless redirects and a bad Location."""
        lost = "http_client.lost_redirect_returned"
        with talk(client, program) as conversation:
            if where not in loops:
                nobody = of_text("nobody should come here")
                conversation.expect_none(conversation.call("/", answer=replying(redirect(where), nobody)), lost)
                return
            returned = conversation.call("/", answer=loops[where])
            if returned.value is not None and len(conversation.origin.requests) < _SOON:
                wanted = Text("继续跟随，或者 None", "following further, or None")
                got = Text("返回了重定向的响应", "the response that redirects was returned")
                conversation.returned_too_early(returned, wanted, got, lost)
            conversation.expect_none(returned, lost)

    return gives_none_for_a_redirect_to_nowhere
