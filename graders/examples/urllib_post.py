"""用 urllib 发送 POST 请求。 POST requests with urllib.

Lesson 21.3.1. The checks are shared with the other HTTP clients (graders/core/http_client); the points are this unit's.
"""

from __future__ import annotations

from graders.core import common
from graders.core.http_client import answering, failing, redirecting, requesting
from graders.core.http_client.talk import URLLIB_RESPONSES, HttpClient, talk
from graders.core.models.http_asked import method
from graders.core.rubric import Unit
from graders.core.wire.program import Program

unit = Unit(__doc__, "urllib_post", section="21.3.1", offers={"send_post_request": []})

client = HttpClient(
    "send_post_request",
    "POST",
    returns=URLLIB_RESPONSES,
    status="status",
    body={"data": {"a": "1"}},
)

PUBLIC = ["offers_the_public_names"]
ALIVE = ["sends_a_post_request"]

unit.check(points=0)(common.offers(unit.offers))  # the stub has them, too: worth nothing alone


@unit.check(points=4, needs=PUBLIC)
def sends_a_post_request(program: Program) -> None:
    """发送 POST 请求，成功时有返回值。 Sends a POST request, and returns something when it succeeds."""
    with talk(client, program) as conversation:
        conversation.expect_response(conversation.call("/", method))


# What the server sees
unit.check(points=4, needs=ALIVE, cases=30)(requesting.asks_for_path_and_query(client))
unit.check(points=8, needs=ALIVE, cases=40)(requesting.sends_a_form(client))
unit.check(points=8, needs=ALIVE, cases=40)(requesting.sends_json(client))
unit.check(points=2, needs=ALIVE, cases=4)(requesting.posts_without_a_body(client))
unit.check(points=6, needs=ALIVE, cases=20)(requesting.sends_the_headers(client))
unit.check(points=4, needs=ALIVE, cases=5)(requesting.works_without_headers(client))
unit.check(points=4, needs=ALIVE, cases=13)(requesting.sends_one_request(client))
unit.check(points=4, needs=ALIVE, cases=8)(requesting.keeps_nothing_between_calls(client))

# What the caller gets
unit.check(points=6, needs=ALIVE, cases=20)(answering.returns_the_response(client))
unit.check(points=6, needs=ALIVE, cases=20)(failing.gives_none_for_an_error_status(client))
unit.check(points=3, needs=ALIVE)(failing.gives_none_without_a_server(client))
unit.check(points=5, needs=ALIVE, cases=3)(failing.gives_none_when_time_is_up(client))
unit.check(points=4, needs=ALIVE, cases=17)(failing.gives_none_for_an_unusable_url(client))
unit.check(points=2, needs=["returns_the_response"], cases=6)(answering.prints_the_status(client))
unit.check(points=3, needs=ALIVE, cases=10)(answering.prints_the_body(client, first=None))
unit.check(points=1, needs=ALIVE)(common.imports_without_side_effects)

# What a careful engineer adds
unit.check(points=4, tier="robust", needs=ALIVE, cases=10)(answering.accepts_any_body(client))
unit.check(points=3, tier="robust", needs=ALIVE, cases=10)(failing.gives_none_for_a_cut_body(client))
unit.check(points=3, tier="robust", needs=ALIVE, cases=20)(failing.gives_none_for_garbage(client))
unit.check(points=3, tier="robust", needs=ALIVE, cases=3)(failing.gives_none_for_silence_inside_the_body(client))
unit.check(points=3, tier="robust", needs=ALIVE, cases=12)(redirecting.follows_redirects(client))
unit.check(points=4, tier="robust", needs=ALIVE, cases=10)(redirecting.gives_none_for_a_redirect_to_nowhere(client))
unit.check(points=4, tier="robust", needs=ALIVE, cases=8)(requesting.leaves_the_arguments_alone(client))
unit.check(points=2, tier="robust", needs=ALIVE, cases=20)(requesting.encodes_a_non_ascii_url(client))
