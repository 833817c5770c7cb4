"""An HTTP origin of the grader's: serves whatever one call of the program leads to, until that call returns.

The program connects once in most conversations, and many times when it follows redirects or tries again. How many
connections will come is the program's choice, so the origin waits for a connection and for the call's end at once.
A connection on which not one byte comes, as of a program that tries first whether anybody listens, is no request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from graders.core.models.finding import Mismatch, Side
from graders.core.models.http_asked import RequestFor, parsed
from graders.core.models.http_message import Request
from graders.core.text import Text
from graders.core.wire.blame import Wrong
from graders.core.wire.program import Call, Program
from graders.core.wire.tcp import TcpPeer

#: How long one wait lasts for what is not expected next (the end of the call before it has connected, one more
#: connection behind the last answer). Nothing depends on it but how soon an odd program is noticed.
_GLANCE: Final = 0.02

#: The longest honest chain is that of a redirect loop: 30 with requests, 10 with urllib. As many connections may come
#: to nothing.
_ENDLESS: Final = 60


class Then(Enum):
    """What becomes of the connection behind an answer."""

    CLOSE = "close"
    HOLD = "hold"  # stays open and silent until the call has returned
    RESET = "reset"


@dataclass(frozen=True)
class Reply:
    """What goes back to one request, `pause` seconds after it."""

    data: bytes
    then: Then = Then.CLOSE
    pause: float = 0.0
    more: bool = False  # the program is expected to come again: a redirect


#: Gives the reply to a request, knowing how many came before it.
Responder = Callable[[int, Request], Reply]
#: Gives the oracle for the request that comes behind so many others.
Judge = Callable[[int], RequestFor]


class Origin:
    """Listens on a port of its own; `requests` are all that came, in their order."""

    def __init__(self, program: Program, name: str = "S") -> None:
        self.program = program
        self.listener = program.listen(name)
        self.requests: list[Request] = []
        self.base = "http://{}:{}".format(*self.listener.address)
        self._held: list[TcpPeer] = []
        self._empty = 0  # connections that came to nothing

    def close(self) -> None:
        """End the connections that were held open, and listen no more; once more is harmless."""
        for peer in self._held:
            peer.close()
        self.listener.close()

    def serve(self, call: Call, respond: Responder, judge: Judge, *, units: float, at_most: int | None = None) -> None:
        """Answer until the call returns, or would have had to: then `call.result()` tells.

        `at_most`: one request more than that is wrong. Raises what the judge's oracles find.
        """
        deadline = self.program.patience.deadline(units)
        expecting = True
        came = 0
        while not deadline.over:
            if self.listener.awaits(_GLANCE if expecting else 0):
                deadline.extend()
                peer = self.listener.accept()
                if self._empty < _ENDLESS and peer.comes_to_nothing():
                    self._empty += 1
                    peer.expect_end()
                    peer.close()
                    continue
                expecting = self._serve_one(peer, came, respond, judge, at_most)
                came += 1
                deadline.extend()
            elif call.arrived(0 if expecting else _GLANCE):
                return

    def _serve_one(self, peer: TcpPeer, came: int, respond: Responder, judge: Judge, at_most: int | None) -> bool:
        """One connection; whether another one is expected."""
        data = peer.expect(judge(came))
        request = parsed(data).message
        assert request is not None
        if at_most is not None and came >= at_most:
            self._too_many(data, Text("不再有请求", "no further request"), "http_client.repeated_request")
        if came >= _ENDLESS:
            self._too_many(data, Text("不再跟随", "an end of following"), "http_client.follows_for_ever")
        self.requests.append(request)
        reply = respond(came, request)
        if reply.data:
            peer.send(reply.data, pause=reply.pause)
        match reply.then:
            case Then.CLOSE:
                peer.close()
            case Then.RESET:
                peer.reset()
            case Then.HOLD:
                self._held.append(peer)
        return reply.more

    def _too_many(self, data: bytes, wanted: Text, code: str) -> None:
        mismatch = Mismatch(Side(wanted), Side(data=data), diagnosis=code, event="return")
        # What should not have come begins where the program connects once more.
        step = next(step for step in reversed(self.program.story.steps) if step.kind == "accept")
        self.program.story.fail(mismatch, step)
        raise Wrong(mismatch)
