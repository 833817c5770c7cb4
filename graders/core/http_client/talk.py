"""One call of an HTTP client and the origin that it leads to: the conversation that every check here is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from graders.core.models.finding import Mismatch, Side
from graders.core.models.http_answer import Answer
from graders.core.models.http_asked import NOTHING, Asked, Aspect, RequestFor
from graders.core.text import Text
from graders.core.wire.blame import Silence, Wrong
from graders.core.wire.origin import Origin, Reply, Responder
from graders.core.wire.program import Call, Program, Returned
from graders.sandbox import Foreign

#: What a plain call sends, so that no other check hangs on headers=None.
PLAIN_HEADERS = {"X-Test": "1"}

#: Patience for a whole call. Its own time-out comes on top where a check gives one.
UNITS = 2.0

#: A time-out that a check waits out: short enough to be waited for often, and longer than what a replay script waits
#: for the rest of a request before it goes on.
SHORT = 0.5

#: So many seconds behind its time-out a call ignores it. Not scaled with patience, which on a slow machine would be as
#: long as a time-out of a program's own; a program that was starved of the processor is asked again.
LATE = 2.0


#: What urllib calls a response: what urlopen() returns for http:, and what its handlers make by themselves.
URLLIB_RESPONSES = ("http.client.HTTPResponse", "urllib.response.addinfourl")


class _Omit:
    """As an argument: this one is not passed at all."""


OMIT = _Omit()


@dataclass(frozen=True)
class HttpClient:
    """What distinguishes one client from the others."""

    function: str
    method: str
    returns: tuple[str, ...]  # the types of the library's responses, as the sandbox names them
    status: str  # where that response has its status code
    text: str | None = None  # and its text, where the library decodes it
    params: bool = False  # whether it takes params
    body: Mapping[str, Any] = field(default_factory=dict)  # what a plain call sends as its body

    @property
    def contents(self) -> Mapping[str, Mapping[str, Any]]:
        """Arguments that make the client send every kind of body that it can, by name."""
        if self.method != "POST":
            return {"nothing": {}}
        return {
            "a form": {"data": {"a": "b", "n": 1, "x": 1.5, "": ""}},
            "JSON": {"data": OMIT, "json": {"a": [1, "你好"]}},
            "nothing": {"data": OMIT},
        }

    def begin(self, program: Program, url: str, *, read: tuple[str, ...] = (), **arguments: Any) -> Call:
        """Begin a plain call, with these arguments in place of its own (OMIT takes one away)."""
        merged = {"headers": dict(PLAIN_HEADERS), **self.body, **arguments}
        given = {name: value for name, value in merged.items() if value is not OMIT}
        return program.begin(self.function, url, read=read, **given)

    def asked(self, url: str, **arguments: Any) -> Asked:
        """The request that a call with these arguments asks for."""
        merged = {"headers": PLAIN_HEADERS, **self.body, **arguments}
        given = {name: value for name, value in merged.items() if value is not OMIT}
        return Asked(
            self.method,
            url,
            params=given.get("params") or {},
            headers=given.get("headers") or {},
            form=given.get("data"),
            json=NOTHING if given.get("json") is None else given["json"],
        )


@dataclass
class Talk:
    """Calls of one client in one conversation, with one origin."""

    client: HttpClient
    program: Program
    origin: Origin

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, *_: object) -> None:
        self.origin.close()

    def url(self, target: str = "/") -> str:
        """The URL of a target at the origin."""
        return self.origin.base + target

    def call(
        self,
        target: str = "/",
        *aspects: Aspect,
        answer: Answer | Reply | Responder | None = None,
        read: tuple[str, ...] = (),
        units: float = UNITS,
        late: str = "program.hangs",
        unsent: str = "http_client.no_request",
        later: RequestFor | None = None,
        **arguments: Any,
    ) -> Returned:
        """Call for `target`; what the origin sees first is right in these aspects. Gives what the call returned.

        `late` and `unsent` name what it means when the call does not end, or no request comes; `later` is the oracle
        for what follows the first request.
        """
        url = self.url(target)
        call = self.client.begin(self.program, url, read=read, **arguments)
        first = RequestFor(self.client.asked(url, **arguments), aspects)
        respond = _responder(Answer() if answer is None else answer)
        before = len(self.origin.requests)
        self.origin.serve(call, respond, lambda came: (later or _ANY) if came else first, units=units)
        # The time for the call has been spent while serving; what is left is for its answer to arrive.
        returned = call.result(units=0.1, hangs=late)
        if len(self.origin.requests) == before:
            wanted = Text("服务器收到请求", "the server receives a request")
            self.returned_too_early(returned, wanted, Text("没有请求", "no request"), unsent)
        return returned

    def call_before(self, target: str, answer: Answer, **arguments: Any) -> None:
        """Call for `target`, for what it may leave behind. How the call ends is not judged."""
        call = self.client.begin(self.program, self.url(target), **arguments)
        self.origin.serve(call, replying(answer), lambda came: _ANY, units=UNITS)
        call.end()

    def call_once(self, target: str, answer: Reply, **arguments: Any) -> None:
        """Call for `target`; exactly one request comes. How the call ends is not looked at."""
        call = self.client.begin(self.program, self.url(target), **arguments)
        self.origin.serve(call, replying(answer), lambda came: _ANY, units=UNITS, at_most=1)
        self.origin.close()  # a call that waits for ever has nothing to wait for any more
        call.forget()

    # -- what is wanted of what came back

    def expect_response(self, returned: Returned, diagnosis: str = "http_client.none_for_success") -> None:
        """It is the library's response object."""
        if returned.value is None:
            self.wrong(
                returned, Text("响应对象", "a response object"), Text("None", "None"), diagnosis, "got is not None"
            )

    def expect_library_response(self, returned: Returned) -> None:
        """It is the library's own response object, not something made of it."""
        self.expect_response(returned)
        value = returned.value
        right = self.client.returns
        if not (isinstance(value, Foreign) and {value.type, *value.bases} & set(right)):
            wanted = Text(f"{' 或 '.join(right)} 的实例", f"an instance of {' or '.join(right)}")
            names = "{f'{one.__module__}.{one.__qualname__}' for one in type(got).__mro__}"
            python = f"{names}.intersection({list(right)!r})"
            self.wrong(returned, wanted, None, "http_client.not_the_librarys", python)

    def expect_none(self, returned: Returned, diagnosis: str = "http_client.not_none") -> None:
        """The request failed: the call says None."""
        expect_none(self.program, returned, diagnosis)

    def expect_none_in_time(self, returned: Returned, seconds: float, diagnosis: str = "http_client.not_none") -> None:
        """The request failed, because nothing had come for so many seconds."""
        self.expect_none(returned, diagnosis)
        if returned.seconds > seconds + LATE:
            wanted = Text(f"约 {seconds} 秒后返回", f"return after about {seconds} s")
            got = Text(f"{returned.seconds:.1f} 秒后才返回", f"return after {returned.seconds:.1f} s")
            self.too_late_or_early(returned, wanted, got, "http_client.ignores_timeout", f"seconds < {seconds + LATE}")

    def too_late_or_early(self, returned: Returned, wanted: Text, got: Text, diagnosis: str, python: str) -> NoReturn:
        """The clock is against the program; a starved program gets another chance."""
        mismatch = Mismatch(Side(wanted), Side(got), diagnosis=diagnosis, python=python)
        self.program.story.fail(mismatch, returned.step)
        raise Silence(mismatch)

    def wrong(
        self, returned: Returned, wanted: Text, got: Text | None, diagnosis: str, python: str | None = None
    ) -> NoReturn:
        """The call's end is not what was wanted; `got` where the value does not say it."""
        shown = Side(got) if got else None
        self.program.wrong(returned, Side(wanted), got=shown, diagnosis=diagnosis, python=python)
        raise AssertionError("Program.wrong returned")

    def returned_too_early(self, returned: Returned, wanted: Text, got: Text, diagnosis: str) -> NoReturn:
        """One more request should have come before the call returned."""
        mismatch = Mismatch(Side(wanted), Side(got), diagnosis=diagnosis, event="accept")
        self.program.story.fail(mismatch, returned.step)
        raise Wrong(mismatch)


#: A request behind the first: whether it may come at all is another question than what it says.
_ANY = RequestFor(Asked("", "http://any/"))


def talk(client: HttpClient, program: Program) -> Talk:
    """A conversation with a fresh origin, for a with statement."""
    return Talk(client, program, Origin(program))


def expect_none(program: Program, returned: Returned, diagnosis: str = "http_client.not_none") -> None:
    """The request failed: the call says None."""
    if returned.value is not None:
        program.wrong(returned, Side(value=None), diagnosis=diagnosis, python="got is None")


def replying(*replies: Reply | Answer) -> Responder:
    """These replies in their order, the last one again and again."""
    made = [reply if isinstance(reply, Reply) else Reply(reply.encode()) for reply in replies]
    return lambda came, request: made[min(came, len(made) - 1)]


def _responder(answer: Answer | Reply | Responder) -> Responder:
    return replying(answer) if isinstance(answer, Answer | Reply) else answer
