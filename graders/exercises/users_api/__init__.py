"""用户管理 API：带校验、持久化和并发的 REST 服务。 A users API: REST with validation, storage and concurrency.

Lesson 21.6, exercise 2. The sandbox serves what create_app gives with Werkzeug's threads.

Checks with ``fresh`` begin with an application that has never had a user; the others delete the users that they make.

One module for each part of the contract, in the rubric's order.
"""

# Checks are registered in the rubric's order.
# isort: off
from graders.exercises.users_api.unit import unit
from graders.exercises.users_api import operations
from graders.exercises.users_api import emails
from graders.exercises.users_api import histories
from graders.exercises.users_api import validation
from graders.exercises.users_api import errors
from graders.exercises.users_api import server
from graders.exercises.users_api import odd_requests
from graders.exercises.users_api import concurrency
from graders.exercises.users_api import durability
from graders.exercises.users_api import documentation
# isort: on

__all__ = [
    "concurrency",
    "documentation",
    "durability",
    "emails",
    "errors",
    "histories",
    "odd_requests",
    "operations",
    "server",
    "unit",
    "validation",
]
