"""The fixtures of this folder."""

from tests.sandbox.small_submissions import bubblewrap, level, opened, plain

__all__ = ["bubblewrap", "level", "opened", "plain"]
