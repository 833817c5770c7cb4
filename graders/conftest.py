"""``pytest graders --submission DIR``: every check as a pytest item. All of it lives in graders/pytest_plugin.py."""

from graders.pytest_plugin import pytest_addoption, pytest_collect_file, pytest_configure

__all__ = ["pytest_addoption", "pytest_collect_file", "pytest_configure"]
