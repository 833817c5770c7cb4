"""The model of a shared cache, and the judgement of where an answer came from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graders.core.models.http_headers import Headers
from graders.core.models.http_message import Framing, Response
from graders.core.models.proxy_cache import CacheModel, Storing, directives, storing_of
from graders.core.models.proxy_exchange import Exchange, right_answer, right_x_cache, why_not
from graders.core.models.proxy_messages import Pairs, Unchanged
from graders.core.traffic.proxy_cache import AGES, FROM_MEMORY, NEVER, told
from graders.core.traffic.proxy_cache_robust import INVALIDATIONS, VARIANTS

GET = Exchange()
LOGIN: Pairs = (("authorization", "Basic YTpi"),)


def answer(body: bytes, status: int = 200, headers: Pairs = ()) -> Response:
    return Response("HTTP/1.1", status, "", Headers(headers), body, Framing.LENGTH, Headers(), ())


@pytest.mark.parametrize(
    ("answered", "asked", "status", "storing"),
    [
        (told("max-age=1"), (), 200, Storing.MUST),
        (told("S-MaxAge=1", "max-age=0"), (), 200, Storing.MUST),
        (told("max-age=1"), (), 404, Storing.MAY),
        (told("public", "max-age=1"), LOGIN, 200, Storing.MAY),
        (told("max-age=1"), LOGIN, 200, Storing.NEVER),
        (told("max-age=1", "No-Store"), (), 200, Storing.NEVER),
        (told("max-age=1, private"), (), 200, Storing.NEVER),
        (told("max-age=1, no-cache"), (), 200, Storing.NEVER),
        (told("max-age=0"), (), 200, Storing.NEVER),
        ((*told("max-age=9"), ("Age", "9")), (), 200, Storing.NEVER),
        ((*told("max-age=9"), ("Vary", "a, *")), (), 200, Storing.NEVER),
        (told("max-age=1"), told("no-store"), 200, Storing.NEVER),
        ((), (), 200, Storing.NEVER),
    ],
)
def test_what_may_be_stored(answered: Pairs, asked: Pairs, status: int, storing: Storing) -> None:
    assert storing_of(replace(GET, answered=answered, asked=asked, status=status)) is storing


def test_the_first_of_several_directives_counts() -> None:
    assert directives(told("Max-Age=5,max-age=6", ", x")) == {"max-age": "5", "x": ""}


def follow(*exchanges: tuple[Exchange, int]) -> list[tuple[int, ...]]:
    """What is allowed in each exchange, when these answers came."""
    model, allowed = CacheModel(), []
    for number, (exchange, came) in enumerate(exchanges, 1):
        allowed.append(model.allowed(exchange, number))
        model.saw(exchange, number, came)
    return allowed


def test_what_is_fresh_comes_from_memory() -> None:
    assert follow((GET, 1), (GET, 1), (replace(GET, path="/b"), 3), (GET, 1)) == [(1,), (1,), (3,), (1,)]


def test_a_variant_is_for_who_asks_for_it() -> None:
    varying = replace(GET, answered=(*told("max-age=9"), ("Vary", "X-A")))
    other = replace(varying, asked=(("x-a", "1"),))
    assert follow((varying, 1), (other, 2), (varying, 1), (other, 2)) == [(1,), (2,), (1,), (2,)]


@pytest.mark.parametrize(("status", "allowed"), [(200, (3,)), (204, (3,)), (404, (1,)), (500, (1,))])
def test_a_change_that_succeeds_makes_it_void(status: int, allowed: tuple[int, ...]) -> None:
    change = replace(GET, method="PATCH", status=status)
    assert follow((GET, 1), (change, 2), (GET, allowed[0])) == [(1,), (2,), allowed]


def test_a_request_may_ask_for_a_new_one_and_whether_that_is_stored_is_open() -> None:
    reload = replace(GET, asked=told("no-cache"))
    assert follow((GET, 1), (reload, 2), (GET, 3)) == [(1,), (2,), (1, 2, 3)]


def test_who_is_authorised_may_be_served_from_memory_and_leaves_nothing_there() -> None:
    assert follow((GET, 1), (replace(GET, asked=LOGIN), 2), (GET, 3)) == [(1,), (1, 2), (1, 3)]


def test_what_came_from_memory_is_there() -> None:
    missing = replace(GET, status=404)
    assert follow((missing, 1), (missing, 1), (missing, 1)) == [(1,), (1, 2), (1,)]


@pytest.mark.parametrize(
    "history", [*FROM_MEMORY, *VARIANTS, *INVALIDATIONS, *AGES[:5], *NEVER[:12]], ids=lambda history: str(len(history))
)
def test_the_model_agrees_with_what_is_written_down(history: tuple[Exchange, ...]) -> None:
    """Each conversation of the checks that the model knows all about, when the program does what it must."""
    if any("x=" in dict(each.answered).get("Cache-Control", "") for each in history):
        pytest.skip("quoted strings are not generated")
    model = CacheModel()
    for number, exchange in enumerate(history, 1):
        allowed = set(model.allowed(exchange, number))
        wanted = set(exchange.allowed(number))
        assert allowed <= wanted, f"exchange {number}"
        model.saw(exchange, number, min(allowed))


# -- the judgement


def test_another_answer_than_the_one_in_memory() -> None:
    history = [GET, replace(GET, wants=(1,))]
    assert right_answer(history)(answer(b"answer 1\n")) is None
    found = right_answer(history)(answer(b"answer 2\n"))
    assert found is not None
    assert found.diagnosis == "proxy.not_from_memory"
    assert found.wanted.text is not None
    assert found.wanted.text.en == "answer 1, out of the cache"
    assert found.got.text is not None
    assert found.got.text.en == "answer 2: the origin was asked anew"
    assert found.python == r"status in (200,) and (body == b'answer 1\n')"


def test_a_304_for_nobody_and_one_for_who_asked() -> None:
    history = [GET, replace(GET, wants=(1, 2))]
    found = right_answer(history)(answer(b"", 304))
    assert found is not None
    assert found.diagnosis == "proxy.not_modified_for_nobody"
    assert right_answer([GET, replace(history[1], statuses=(200, 304))])(answer(b"", 304)) is None


@pytest.mark.parametrize(
    ("ages", "diagnosis"),
    [
        (["50"], None),
        (["60"], None),
        ([], "proxy.no_age"),
        (["49"], "proxy.wrong_age"),
        (["61"], "proxy.wrong_age"),
        (["fifty"], "proxy.wrong_age"),
        (["50", "50"], "proxy.two_ages"),
    ],
)
def test_the_age_of_what_is_in_memory(ages: list[str], diagnosis: str | None) -> None:
    history = [GET, replace(GET, wants=(1,), ages=(50, 60))]
    headers = tuple(("age", value) for value in ages)
    found = right_answer(history)(answer(b"answer 1\n", headers=headers))
    assert (found and found.diagnosis) == diagnosis


@pytest.mark.parametrize(
    ("body", "said", "right"),
    [
        (b"answer 1\n", "HIT", True),
        (b"answer 1\n", "MISS", False),
        (b"answer 2\n", "MISS", True),
        (b"answer 2\n", "HIT", False),
        (b"answer 2\n", "HIT, MISS", True),
        (b"answer 2\n", "", False),
    ],
)
def test_x_cache_says_where_it_came_from(body: bytes, said: str, right: bool) -> None:
    headers = (("X-Cache", said),) if said else ()
    assert (right_x_cache([GET, GET])(answer(body, headers=headers)) is None) is right


def test_x_cache_is_either_where_it_was_validated() -> None:
    history = [GET, replace(GET, unchanged=Unchanged('"a"'))]
    assert right_x_cache(history)(answer(b"answer 1\n", headers=(("X-Cache", "MISS"),))) is None


@pytest.mark.parametrize(
    ("then", "now", "diagnosis"),
    [
        (GET, replace(GET, path="/b"), "proxy.another_entry"),
        (replace(GET, answered=told("private")), GET, "proxy.remembers_the_forbidden"),
        (replace(GET, asked=LOGIN), GET, "proxy.remembers_for_one"),
        (replace(GET, method="POST"), GET, "proxy.remembers_other_methods"),
        (replace(GET, answered=(("Vary", "*"),)), GET, "proxy.vary_star"),
        (replace(GET, answered=(("Vary", "x"),)), replace(GET, asked=(("X", "1"),)), "proxy.vary_ignored"),
        (GET, replace(GET, asked=told("no-cache")), "proxy.request_directive_ignored"),
        (replace(GET, asked=told("no-store")), GET, "proxy.request_directive_ignored"),
        (replace(GET, answered=told("no-cache")), GET, "proxy.no_cache_ignored"),
        (GET, GET, "proxy.served_stale"),
    ],
)
def test_what_an_answer_from_memory_points_to(then: Exchange, now: Exchange, diagnosis: str) -> None:
    assert why_not([then, now], 1) == diagnosis


def test_what_was_changed_between() -> None:
    assert why_not([GET, replace(GET, method="PUT"), GET], 1) == "proxy.not_invalidated"
