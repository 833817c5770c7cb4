"""聊天室客户端：加入、发言，收到大家的发言和进出通知。 Chat client: joins, speaks, hears the room's events.

Lesson 21.6, exercise 1. The grader plays the server: one JSON object a line (models/chat_events.py). One
module for each part of the contract, in the rubric's order.
"""

# Checks are registered in the rubric's order.
# isort: off
from graders.exercises.chat_client.unit import unit
from graders.exercises.chat_client import joining
from graders.exercises.chat_client import sending
from graders.exercises.chat_client import receiving
from graders.exercises.chat_client import retrying
from graders.exercises.chat_client import timeouts
from graders.exercises.chat_client import closing
from graders.exercises.chat_client import script
from graders.exercises.chat_client import robust
from graders.exercises.chat_client import window
# isort: on

__all__ = [
    "closing",
    "joining",
    "receiving",
    "retrying",
    "robust",
    "script",
    "sending",
    "timeouts",
    "unit",
    "window",
]
