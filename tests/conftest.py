"""Settings that all tests share."""

import signal

import pytest
from hypothesis import settings

# A loaded machine is slow now and then; that says nothing about an oracle.
settings.register_profile("netgrade", deadline=None)
settings.load_profile("netgrade")

# A shell's background job ignores SIGINT and hands that on to all that it starts, who could then not be interrupted.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "also more of the same that takes long: every replay, every hostile file"
    parser.addoption("--exhaustive", action="store_true", help=words)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "exhaustive: more of the same, run with --exhaustive only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--exhaustive"):
        return
    left_out = [item for item in items if item.get_closest_marker("exhaustive")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]
