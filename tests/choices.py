"""Which of a parametrized test's cases are to be run, for fixtures that prepare them all at once."""

from __future__ import annotations

from typing import Any

import pytest


def chosen(request: pytest.FixtureRequest, name: str) -> list[Any]:
    """The values of the parameter ``name`` of all tests of this session, each once, in their order."""
    params = (item.callspec.params for item in request.session.items if hasattr(item, "callspec"))
    return list(dict.fromkeys(each[name] for each in params if name in each))
