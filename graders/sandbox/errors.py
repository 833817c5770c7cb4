"""What can go wrong around a subject, sorted by whose fault it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graders.sandbox.ended import Ended


class SandboxError(Exception):
    """The sandbox itself cannot do its work: the grader's or the machine's fault, never the program's.

    The text is one line and names the remedy where there is one.
    """


class SandboxUnsupported(SandboxError):
    """This level or this operating system cannot do what was asked: the check is unavailable here."""


class SubmissionRefused(Exception):
    """A submission that is too large or cannot be read: its author's fault, told in one line."""


class SubjectTimeout(Exception):
    """The subject did not answer in time. It may hang, or the machine may have starved it: see Subject.cpu()."""

    def __init__(self, waited_for: str, seconds: float) -> None:
        super().__init__(waited_for, seconds)
        self.waited_for = waited_for
        self.seconds = seconds

    def __str__(self) -> str:
        return f"no {self.waited_for} within {self.seconds:g} s"


class SubjectEnded(Exception):
    """The subject's process ended before it answered."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(ended)
        self.ended = ended

    def __str__(self) -> str:
        return self.ended.describe("en")


class SubjectSpokeNonsense(Exception):
    """The driver's channel carries what the driver never says: the submission has tampered with it, or closed it."""
