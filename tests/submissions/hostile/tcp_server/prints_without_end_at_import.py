"""Prints without end when it is imported."""

while True:
    print("x" * 4096)
