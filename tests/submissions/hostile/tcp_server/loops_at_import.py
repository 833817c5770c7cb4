"""Loops for ever when it is imported."""

while True:
    pass
