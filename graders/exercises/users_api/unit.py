"""The unit: what it is called, offers, and how it is started; and what its checks need of each other."""

from __future__ import annotations

from graders.core.rubric import ServeWsgi, Unit

unit = Unit(
    "用户管理 API：带校验、持久化和并发的 REST 服务。 A users API: REST with validation, storage and concurrency.",
    "users_api",
    section="21.6",
    offers={"create_app": []},
    starts=ServeWsgi("create_app", factory=True),
)

# Where all of a list are to come up, ``cases`` is one more than its length: the first case is the simplest one again.

PUBLIC = ["offers_the_public_names"]
CREATES = ["creates_a_user"]
READS = ["lists_the_users_by_id"]
CHANGES = ["replaces_a_user"]
DELETES = ["deletes_a_user"]
