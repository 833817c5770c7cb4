"""Signals as they are for whoever types Ctrl+C, however the tests are run."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heeded(number: int) -> Iterator[None]:
    """What is started here heeds the signal: nohup, or a shell's &, has whatever it starts ignore some."""
    before = signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(number, before)
