"""The unit: what it is called, offers, and how it is started; and what its checks need of each other."""

from __future__ import annotations

from graders.core.rubric import Serve, Unit

unit = Unit(
    "HTTP/HTTPS 代理：转发、隧道、缓存、过滤器、日志。 HTTP/HTTPS proxy: forwarding, tunnels, cache, filters, log.",
    "proxy_server",
    section="21.7",
    offers={"Request": [], "Response": [], "ProxyServer": ["start"]},
    starts=Serve("ProxyServer", default_port=8080),
    clients=100,
)

PUBLIC = ["offers_the_public_names"]
PASSES = ["passes_a_request_on"]
TUNNELS = ["opens_a_tunnel"]
