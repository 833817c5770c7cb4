"""Replay scripts: a failed check's conversation, repeated without the grader."""
