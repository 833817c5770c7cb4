"""Raises when it is imported."""

raise RuntimeError("今天不行")
