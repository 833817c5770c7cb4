"""Uids for sandboxes that root opens: one each, also beside other graders on this machine.

RLIMIT_NPROC counts all processes of a uid. Two sandboxes with one uid would share the limit, and an honest server with
200 clients in each would fail in both. A lock on a file says which uids are in use; the system gives it back when the
grader ends, however it ends. Linux only.
"""

from __future__ import annotations

import itertools
import os

#: Not in use by convention (systemd's documentation "Users, Groups, UIDs and GIDs" calls 60706…61183 unused), and not
#: 65534, which owns the reserved blocks of some file systems.
UIDS = range(60706, 61184)

#: Only root can write here, so nobody can hold the locks to keep a grader from its work.
_LOCKS = "/run/netgrade"

_counter = itertools.count()


class OwnUid:
    """A ``number`` out of UIDS that is this sandbox's alone until ``close``."""

    def __init__(self, folder: str = _LOCKS) -> None:
        self.number, self._lock = _claim(folder)

    def close(self) -> None:
        """Give it back. Once more is harmless."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _claim(folder: str) -> tuple[int, int | None]:
    """A free uid and the descriptor whose lock holds it; where no locks can be had, one that is most likely free."""
    import fcntl  # not on Windows, where nobody comes here

    first = os.getpid() * 37 + next(_counter)
    guess = UIDS[first % len(UIDS)]
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError:
        return guess, None
    for offset in range(len(UIDS)):
        number = UIDS[(first + offset) % len(UIDS)]
        try:
            lock = os.open(f"{folder}/{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return guess, None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        return number, lock
    return guess, None
