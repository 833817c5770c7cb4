"""Which of a parametrized test's cases are to be run."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import pytest


def chosen(request: pytest.FixtureRequest, name: str) -> list[Any]:
    """The values of the parameter ``name`` of all tests of this session, each once, in their order.

    For fixtures that prepare them all at once.
    """
    params = (item.callspec.params for item in request.session.items if hasattr(item, "callspec"))
    return list(dict.fromkeys(each[name] for each in params if name in each))


def unhurried(values: Iterable[Any], rest: Container[Any]) -> list[Any]:
    """All values as parameters; those in ``rest``, more of the same, only with --exhaustive."""
    return [pytest.param(value, marks=pytest.mark.exhaustive) if value in rest else value for value in values]
