"""Servers that `bench` measures: one program of a unit in a sandbox, listening."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graders.core.rubric import Unit
from graders.core.session.stage import Stage
from graders.core.wire.patience import Patience
from graders.core.wire.server import Server
from graders.core.wire.story import Story
from graders.sandbox import Limits, choose_level, open_sandbox, private_copy


@contextmanager
def served(unit: Unit, file: Path, limits: Limits, **options: Any) -> Iterator[tuple[str, int]]:
    """The address of the program while it serves. Raises Wrong when it does not start, OSError."""
    assert unit.starts is not None
    with (
        private_copy({unit.path: file}) as copy,
        open_sandbox(choose_level("auto"), unit.path, copy, limits) as sandbox,
    ):
        stage = Stage(unit, sandbox)
        server = Server(stage.subject, unit.starts, stage.address(), options)
        server.tell(Story(), Patience())
        server.start()
        yield server.address
