"""Checks that a failed request gives None, shared by the HTTP clients. Each sees the request come first."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.http_client.talk import SHORT, UNITS, HttpClient, expect_none, talk
from graders.core.models.http_answer import GARBAGE, Answer, cut, of_text
from graders.core.models.http_message import Framing
from graders.core.rubric import CheckFunction, given
from graders.core.text import Text
from graders.core.traffic.http_calls import UNUSABLE_URLS
from graders.core.wire.origin import Reply, Then
from graders.core.wire.ports import refusing_port
from graders.core.wire.program import Program

#: Every kind of refusal that a program might single out.
ERRORS = (400, 401, 402, 403, 404, 405, 409, 410, 418, 422, 429, 451, 500, 501, 502, 503, 504, 599)

#: A time-out, and an answer that comes well within it: half of it is the machine's to spend.
PATIENT, LATER = 1.5, 0.75

_FRAMINGS = (Framing.LENGTH, Framing.CHUNKED)
_BODY = "0123456789abcdefghij"

#: The pages that come with a refusal: whoever reads them meets what they may be.
_PAGES = ("ok", "", "not UTF-8", "cut", "JSON")


def gives_none_for_an_error_status(client: HttpClient) -> CheckFunction:
    """4xx and 5xx."""

    @given(status=st.sampled_from(ERRORS), page=st.sampled_from(_PAGES))
    def gives_none_for_an_error_status(program: Program, status: int, page: str) -> None:
        """状态码是 4xx 或 5xx 时返回 None。 Returns None for 4xx and 5xx."""
        with talk(client, program) as conversation:
            returned = conversation.call("/", answer=_refusal(status, page))
            conversation.expect_none(returned, "http_client.error_status_returned")

    return gives_none_for_an_error_status


def _refusal(status: int, page: str) -> Answer | Reply:
    match page:
        case "not UTF-8":
            return Answer(status, content_type="text/html", body=b"<p>\xff\xfe\x80 caf\xe9</p>")
        case "cut":
            return Reply(cut(of_text(_BODY, status), 7))
        case "JSON":
            return Answer(status, content_type="application/json", body=b'["no"]')
        case _:
            return of_text(page, status)


def gives_none_without_a_server(client: HttpClient) -> CheckFunction:
    """Nobody listens on the port."""

    def gives_none_without_a_server(program: Program) -> None:
        """连接被拒绝时返回 None。 Returns None when the connection is refused."""
        with refusing_port() as port:
            call = client.begin(program, f"http://127.0.0.1:{port}/")
            expect_none(program, call.result(units=UNITS))

    return gives_none_without_a_server


def gives_none_when_time_is_up(client: HttpClient) -> CheckFunction:
    """A server that never answers; one that answers in time is waited for."""

    @given(server=st.sampled_from(["silent", "slow"]))
    def gives_none_when_time_is_up(program: Program, server: str) -> None:
        """超过 timeout 没有回答就返回 None，在那之前耐心等待。 Waits for timeout seconds, then returns None."""
        with talk(client, program) as conversation:
            if server == "silent":
                answer = Reply(b"", Then.HOLD)
                returned = conversation.call("/", answer=answer, timeout=SHORT, late="http_client.ignores_timeout")
                conversation.expect_none_in_time(returned, SHORT)
            else:
                answer = Reply(Answer().encode(), pause=LATER)
                returned = conversation.call("/", answer=answer, timeout=PATIENT)
                if returned.value is None:
                    wanted = Text(f"等到 {LATER} 秒后的回答", f"waiting for the answer after {LATER} s")
                    got = Text(f"{returned.seconds:.1f} 秒后返回 None", f"None after {returned.seconds:.1f} s")
                    early = "http_client.gives_up_early"
                    conversation.too_late_or_early(returned, wanted, got, early, "got is not None")

    return gives_none_when_time_is_up


def gives_none_for_an_unusable_url(client: HttpClient) -> CheckFunction:
    """Malformed URLs, unknown schemes, over-long host labels."""

    @given(url=st.sampled_from(sorted(UNUSABLE_URLS)))
    def gives_none_for_an_unusable_url(program: Program, url: str) -> None:
        """网址不能用时返回 None，不抛出异常。 Returns None for a URL that cannot be used, and raises nothing."""
        expect_none(program, client.begin(program, url).result(units=UNITS))

    return gives_none_for_an_unusable_url


def gives_none_for_a_cut_body(client: HttpClient) -> CheckFunction:
    """The connection ends before the body does."""

    @given(framing=st.sampled_from(_FRAMINGS), kept=st.sampled_from([0, 1, 7, 12, 15]))
    def gives_none_for_a_cut_body(program: Program, framing: Framing, kept: int) -> None:
        """正文没有收完连接就断了，返回 None。 Returns None when the connection ends before the body does."""
        with talk(client, program) as conversation:
            returned = conversation.call("/", answer=Reply(cut(of_text(_BODY, framing=framing), kept)))
            conversation.expect_none(returned, "http_client.cut_body_returned")

    return gives_none_for_a_cut_body


def gives_none_for_garbage(client: HttpClient) -> CheckFunction:
    """What takes the place of an HTTP answer, and no answer at all."""

    @given(garbage=st.sampled_from(sorted(GARBAGE)), then=st.sampled_from([Then.CLOSE, Then.RESET]))
    def gives_none_for_garbage(program: Program, garbage: str, then: Then) -> None:
        """服务器的回答不是 HTTP 时返回 None。 Returns None when what the server answers is not HTTP."""
        with talk(client, program) as conversation:
            returned = conversation.call("/", answer=Reply(GARBAGE[garbage], then))
            conversation.expect_none(returned)

    return gives_none_for_garbage


def gives_none_for_silence_inside_the_body(client: HttpClient) -> CheckFunction:
    """Headers come, some of the body comes, and then nothing."""

    @given(framing=st.sampled_from(_FRAMINGS), kept=st.sampled_from([0, 7]))
    def gives_none_for_silence_inside_the_body(program: Program, framing: Framing, kept: int) -> None:
        """正文发到一半没有了动静，到 timeout 返回 None。 Returns None when the server goes silent inside the body."""
        answer = Reply(cut(of_text(_BODY, framing=framing), kept), Then.HOLD)
        with talk(client, program) as conversation:
            returned = conversation.call("/", answer=answer, timeout=SHORT, late="http_client.ignores_timeout")
            conversation.expect_none_in_time(returned, SHORT, "http_client.silent_body_returned")

    return gives_none_for_silence_inside_the_body
