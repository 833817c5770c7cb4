"""WebSocket 服务器：回声、聊天室、聊天网页。 WebSocket server: an echo, a chat room and a page to chat in.

Lesson 21.7, task 2; RFC 6455. A client of the grader speaks frame by frame (wire/websocket.py). Every check ends with
an exchange whose answer is known. One module for each part of the contract, in the rubric's order.
"""

# Checks are registered in the rubric's order.
# isort: off
from graders.challenges.websocket_server.unit import unit
from graders.challenges.websocket_server import echo
from graders.challenges.websocket_server import chat
from graders.challenges.websocket_server import page
from graders.challenges.websocket_server import server
from graders.challenges.websocket_server import robust
# isort: on

__all__ = [
    "chat",
    "echo",
    "page",
    "robust",
    "server",
    "unit",
]
