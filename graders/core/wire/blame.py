"""Who is to blame: the one place where what happens on a wire becomes the program's fault, nobody's or the grader's.

A check raises none of these itself; peers and oracles do. Anything else that a check raises is the grader's fault
(verdict broken) and costs nobody marks.
"""

from __future__ import annotations

from graders.core.models.finding import Ending, Mismatch
from graders.core.text import Text


class Wrong(Exception):
    """The program contradicted the contract; the story says where."""

    def __init__(self, mismatch: Mismatch) -> None:
        super().__init__(mismatch)
        self.mismatch = mismatch

    def __str__(self) -> str:
        return f"{self.mismatch.diagnosis}: wanted {self.mismatch.wanted}, got {self.mismatch.got}"


class Silence(Wrong):
    """Something did not come within patience. Blamed only when it stays away in a fresh attempt with more patience."""


class Unavailable(Exception):
    """This check cannot be made on this machine (no display, no IPv6 …); costs nothing."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


#: What a socket raises when the other side is gone. Seen by a peer, these are endings, not errors.
GONE = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)


def ending_of(error: OSError) -> Ending:
    """The ending that an error of a socket stands for; re-raises what is the grader's own."""
    if isinstance(error, GONE):
        return Ending.RESET
    raise error
