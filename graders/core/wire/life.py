"""Signs of life of a process that does not answer: is it hung, is it busy, or does it still start?"""

from __future__ import annotations

from collections.abc import Iterator

from graders.core.wire.patience import Patience
from graders.sandbox import Subject

#: An honest Flask server's start took more than one patience unit in 17 of 20 starts beside ten busy loops.
START_UNITS = 8.0

#: A process that neither runs nor waits for a processor for this long will not come to anything any more.
IDLE_UNITS = 2

#: Nor will one that has had a processor for this long: an honest start needs less than 0.4 s of it.
BUSY_UNITS = 1.5

#: Seconds of processor time, had or wanted, from which on a process is active.
_ACTIVE = 0.01


def while_it_starts(subject: Subject, patience: Patience) -> Iterator[float]:
    """Seconds to wait, again and again, while there is hope that the process gets to where it is expected."""
    last = patience.deadline(START_UNITS)
    begun = before = subject.cpu()
    idle = 0
    while idle < IDLE_UNITS and not last.over:
        yield min(patience.seconds, max(0.02, last.left))
        after = subject.cpu()
        if before is not None and after is not None and begun is not None:
            idle += after.ran + after.waited - before.ran - before.waited < _ACTIVE
            if after.ran - begun.ran > BUSY_UNITS * patience.seconds:
                return
        before = after
