"""HTTP/HTTPS 代理：转发、隧道、缓存、过滤器、日志。 HTTP/HTTPS proxy: forwarding, tunnels, cache, filters, log.

Lesson 21.7, task 1; RFC 9110, 9111, 9112. A client of the grader stands before the proxy, an origin of the grader
behind it (wire/proxy.py). One module for each part of the contract, in the rubric's order.
"""

# Checks are registered in the rubric's order.
# isort: off
from graders.challenges.proxy_server.unit import unit
from graders.challenges.proxy_server import forwarding
from graders.challenges.proxy_server import tunnels
from graders.challenges.proxy_server import errors
from graders.challenges.proxy_server import caching
from graders.challenges.proxy_server import filtering
from graders.challenges.proxy_server import log
from graders.challenges.proxy_server import server
from graders.challenges.proxy_server import robust
from graders.challenges.proxy_server import caching_robust
from graders.challenges.proxy_server import access
# isort: on

__all__ = [
    "access",
    "caching",
    "caching_robust",
    "errors",
    "filtering",
    "forwarding",
    "log",
    "robust",
    "server",
    "tunnels",
    "unit",
]
