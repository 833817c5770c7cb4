"""Sends SIGKILL to everything that it may, process 1 first."""

import os
import signal

for target in (1, os.getppid(), -1):
    try:
        os.kill(target, signal.SIGKILL)
    except OSError:
        pass
