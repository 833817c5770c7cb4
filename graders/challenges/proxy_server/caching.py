"""The cache: what is fresh comes out of memory, with its age; what must not be stored is not."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.challenges.proxy_server.errors import TIME_OUT_UNITS
from graders.challenges.proxy_server.unit import PASSES, unit
from graders.core.models.http_message import Framing
from graders.core.models.proxy_exchange import right_x_cache
from graders.core.models.proxy_messages import Reply, Sent
from graders.core.models.proxy_passing import Codes
from graders.core.rubric import given
from graders.core.traffic.proxy_cache import AGES, FROM_MEMORY, NEVER, SAID, History
from graders.core.wire.proxy import HOLD, Passage, ask_anything
from graders.core.wire.proxy_cache import converse
from graders.core.wire.server import Server

REMEMBERS = ["serves_a_fresh_answer_from_memory"]


@unit.check(points=4, cases=len(FROM_MEMORY) + 1, needs=PASSES, fresh=True)
@given(history=st.sampled_from(FROM_MEMORY))
def serves_a_fresh_answer_from_memory(server: Server, history: History) -> None:
    """新鲜的回答从缓存里来，不再问源服务器，也不给别的 URL。 A fresh answer comes from memory, for its URL alone."""
    converse(server, history)


@unit.check(points=2, cases=len(AGES) + 1, needs=REMEMBERS)
@given(history=st.sampled_from(AGES))
def counts_the_age(server: Server, history: History) -> None:
    """年龄从 Age、Date 和存了多久算起；到了 max-age 就不新鲜。 Age and Date count; what reaches max-age is stale."""
    converse(server, history)


@unit.check(points=2, cases=len(NEVER) + 1, needs=REMEMBERS)
@given(history=st.sampled_from(NEVER))
def never_stores_the_forbidden(server: Server, history: History) -> None:
    """no-store、private、带 Authorization 的、没收完的都不存。 Never stored: no-store, private, authorised, cut."""
    converse(server, history)


@unit.check(points=1, needs=[*REMEMBERS, "says_504"], options={"timeout": 1})
def never_stores_what_fell_silent(server: Server) -> None:
    """回答到一半，源服务器再也不说话：那一半不存。 An answer whose origin falls silent in its middle is not stored."""
    kept = (("Cache-Control", "max-age=1000"),)
    with Passage(server) as passage:
        half = Reply(headers=kept, body=bytes(5000), framing=Framing.CLOSE).bytes()[:-100]
        sent = Sent(path="/page")
        passage.origin.offer(half, [sent], then=HOLD)
        ask_anything(passage, "GET", sent.bytes(passage.origin.authority), units=TIME_OUT_UNITS)
        passage.ask(sent, Reply(headers=kept, body=b"whole"), codes=HALF)


#: What half an answer points to where a whole one should be.
HALF: Codes = {
    f"proxy.answer_{found}": "proxy.remembers_a_part"
    for found in ("body_missing", "body_cut", "body_changed", "header_missing")
}


@unit.check(points=1, cases=len(SAID) + 1, needs=REMEMBERS)
@given(history=st.sampled_from(SAID))
def says_hit_or_miss(server: Server, history: History) -> None:
    """每个回答都有 X-Cache：从缓存里来的是 HIT，别的是 MISS。 Every answer says X-Cache: HIT from memory, else MISS."""
    converse(server, history, question=right_x_cache)
