"""Conversations with a cache as they come: requests of all kinds, answers of all kinds, in any order. No I/O."""

from __future__ import annotations

from hypothesis import strategies as st

from graders.core.models.proxy_exchange import Exchange
from graders.core.models.proxy_messages import Pairs
from graders.core.traffic.proxy_cache import FRESH, told

#: What an origin says of its answer, with the status; those that are fresh come up more often.
_ANSWERS: tuple[tuple[int, Pairs], ...] = (
    (200, FRESH),
    (200, FRESH),
    (200, (*FRESH, ("ETag", '"a"'))),
    (200, (*FRESH, ("Age", "500"))),
    (200, told("public", "max-age=1000")),
    (200, told("max-age=0, s-maxage=1000")),
    (200, told("max-age=1000", "no-store")),
    (200, told("Private, max-age=1000")),
    (200, told("max-age=1000, no-cache")),
    (200, (*told("s-maxage=0, max-age=1000"), ("ETag", '"b"'))),
    (200, (*FRESH, ("Age", "1000"))),
    (404, FRESH),
    (404, FRESH),
    (500, told("no-store")),
)

#: What a client adds; most add nothing.
_ASKED: tuple[Pairs, ...] = (
    *((),) * 6,
    told("no-cache"),
    told("no-store"),
    told("max-age=100"),
    told("max-age=900"),
    (("Authorization", "Basic dGVzdDp0ZXN0"),),
)

#: The URLs of one conversation: few, so that much happens to each. What is at /v varies with the language.
_PATHS = (("/p",), ("/v",), ("/p", "/v"), ("/p", "/p?x=1"))
_LANGUAGES: tuple[Pairs, ...] = ((), (("Accept-Language", "zh"),), (("Accept-Language", "en"),))
_CHANGES = tuple((method, status) for method in ("POST", "PUT", "DELETE", "FROB") for status in (200, 200, 404))


#: Exchanges that a conversation may have; one in six is left out.
_MOST = 14


@st.composite
def _exchanges(draw: st.DrawFn, paths: tuple[str, ...]) -> Exchange | None:
    kind = draw(st.sampled_from(("none", "get", "get", "get", "get", "change")))
    if kind == "none":
        return None
    path = draw(st.sampled_from(paths))
    if kind == "change":
        method, status = draw(st.sampled_from(_CHANGES))
        return Exchange((), method=method, path=path, status=status)
    status, answered = draw(st.sampled_from(_ANSWERS))
    asked = draw(st.sampled_from(_ASKED))
    if path == "/v":
        answered += (("Vary", "Accept-Language"),)
        asked += draw(st.sampled_from(_LANGUAGES))
    return Exchange(answered, path=path, asked=asked, status=status, client=draw(st.sampled_from("AB")))


@st.composite
def histories(draw: st.DrawFn) -> list[Exchange]:
    """Exchanges whose right answers only a model of the cache can tell."""
    paths = draw(st.sampled_from(_PATHS))
    return [each for _ in range(_MOST) if (each := draw(_exchanges(paths)))]
