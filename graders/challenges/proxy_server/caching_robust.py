"""The cache, as RFC 9111 has it beyond the first steps: which lifetime counts, variants, validation, its bound."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.challenges.proxy_server.caching import REMEMBERS
from graders.challenges.proxy_server.unit import unit
from graders.core.models.proxy_exchange import Exchange
from graders.core.rubric import given
from graders.core.traffic.proxy_cache import History
from graders.core.traffic.proxy_cache_robust import (
    BOUNDS,
    CACHE_BYTES,
    DIRECTIVES,
    INVALIDATIONS,
    LIFETIMES,
    VALIDATIONS,
    VARIANTS,
)
from graders.core.traffic.proxy_histories import histories
from graders.core.wire.proxy_cache import converse, follow
from graders.core.wire.server import Server


@unit.check(points=2, tier="robust", cases=len(LIFETIMES) + 1, needs=REMEMBERS)
@given(history=st.sampled_from(LIFETIMES))
def prefers_the_right_lifetime(server: Server, history: History) -> None:
    """s-maxage 先于 max-age，max-age 先于 Expires。 s-maxage goes before max-age, and that before Expires."""
    converse(server, history)


@unit.check(points=2, tier="robust", cases=len(VARIANTS) + 1, needs=REMEMBERS)
@given(history=st.sampled_from(VARIANTS))
def knows_vary(server: Server, history: History) -> None:
    """Vary 点名的首部不同，就是另一个回答。 Where the headers that Vary names differ, it is another answer."""
    converse(server, history)


@unit.check(points=2, tier="robust", cases=len(VALIDATIONS) + 1, needs=REMEMBERS)
@given(history=st.sampled_from(VALIDATIONS))
def revalidates(server: Server, history: History) -> None:
    """no-cache 的和过期的先问源服务器；304 让它重新新鲜。 no-cache and stale ones are asked about; 304 refreshes."""
    converse(server, history)


@unit.check(points=2, tier="robust", cases=len(DIRECTIVES) + 1, needs=REMEMBERS)
@given(history=st.sampled_from(DIRECTIVES))
def obeys_request_directives(server: Server, history: History) -> None:
    """请求里的 no-cache、no-store、max-age 也算数。 no-cache, no-store and max-age in a request count, too."""
    converse(server, history)


@unit.check(points=2, tier="robust", cases=len(INVALIDATIONS) + 1, needs=REMEMBERS)
@given(history=st.sampled_from(INVALIDATIONS))
def invalidates_what_has_changed(server: Server, history: History) -> None:
    """成功的 POST、PUT、DELETE 等使它的 URL 作废。 A successful POST, PUT, DELETE … makes its URL's answers void."""
    converse(server, history)


@unit.check(points=2, tier="robust", cases=len(BOUNDS) + 1, needs=REMEMBERS, options={"cache_bytes": CACHE_BYTES})
@given(history=st.sampled_from(BOUNDS))
def keeps_its_bound(server: Server, history: History) -> None:
    """缓存不超过 cache_bytes，最久没用的先走。 The cache keeps to cache_bytes; what was not used for longest goes."""
    converse(server, history)


@unit.check(points=1, tier="robust", cases=30, needs=REMEMBERS)
@given(exchanges=histories())
def follows_any_history(server: Server, exchanges: list[Exchange]) -> None:
    """所有这些按任何顺序混在一起，也都对。 All of these in any order, one after the other, are right, too."""
    follow(server, exchanges)
