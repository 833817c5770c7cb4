"""Drains what a subject prints, without end: a full pipe would stop an honest program in the middle of a print()."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable

KEPT = 2 * 2**20  # bytes kept; of what came before only the number is known
_READ = 65536


class Output:
    """The printed bytes of one subject, read by a thread of its own.

    The driver writes a line `\\x1e nonce:id \\x1e` behind the output of every command; these are cut out and tell how
    far the output has come.
    """

    def __init__(self, descriptor: int, nonce: str, limit: int, too_much: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._marker = re.compile(rb"\x1e" + nonce.encode() + rb":(\d{1,9})\x1e")
        self._limit = limit
        self._too_much = too_much
        self._changed = threading.Condition()
        self._data = bytearray()
        self._dropped = 0  # bytes before the first of _data
        self._scanned = 0  # position in _data before which no marker begins
        self._reached = 0  # the last command whose output is complete
        self._ended = False
        self._lost = False
        self._told = False
        threading.Thread(target=self._drain, name="output of a subject", daemon=True).start()

    @property
    def total(self) -> int:
        """Number of bytes printed so far."""
        with self._changed:
            return self._dropped + len(self._data)

    def since(self, mark: int) -> str:
        """What was printed behind `mark` (a former total), as far as it is kept; invalid UTF-8 becomes U+FFFD."""
        with self._changed:
            return bytes(self._data[max(0, mark - self._dropped) :]).decode("utf-8", "replace")

    def tail(self, characters: int) -> str:
        with self._changed:
            return bytes(self._data[-4 * characters :]).decode("utf-8", "replace")[-characters:] if characters else ""

    def wait_for(self, command: int, timeout: float) -> bool:
        """Until everything printed before the answer to `command` is here; False when it does not come in time."""
        with self._changed:
            if self._lost:  # it has closed its standard error: no need to wait that long every time
                timeout = min(timeout, 0.05)
            self._lost = not self._changed.wait_for(lambda: self._reached >= command or self._ended, timeout)
            return not self._lost

    def wait_for_end(self, timeout: float) -> bool:
        """Until all writers have closed it."""
        with self._changed:
            return self._changed.wait_for(lambda: self._ended, timeout)

    def wait_for_more(self, mark: int, timeout: float) -> bool:
        """Until more than `mark` bytes have been printed; False when nothing more came in time or will ever come."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._dropped + len(self._data) <= mark and not self._ended:
                if not self._changed.wait(deadline - time.monotonic()):
                    break
            return self._dropped + len(self._data) > mark

    def _drain(self) -> None:
        try:
            while data := os.read(self._descriptor, _READ):
                self._take(data)
        except OSError:
            pass
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()
            os.close(self._descriptor)

    def _take(self, data: bytes) -> None:
        with self._changed:
            self._data += data
            self._cut_markers()
            if len(self._data) > 2 * KEPT:
                gone = len(self._data) - KEPT
                del self._data[:gone]
                self._dropped += gone
                self._scanned = max(0, self._scanned - gone)
            too_much = self._dropped + len(self._data) > self._limit and not self._told
            self._told = self._told or too_much
            self._changed.notify_all()
        if too_much:
            self._too_much()

    def _cut_markers(self) -> None:
        while match := self._marker.search(self._data, self._scanned):
            self._reached = max(self._reached, int(match[1]))
            self._scanned = match.start()
            del self._data[match.start() : match.end()]
        # A marker may come in pieces: it is shorter than 100 bytes.
        self._scanned = max(self._scanned, len(self._data) - 100)
