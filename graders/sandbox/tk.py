"""Which Python on this machine has tkinter: Debian packages it apart, and others are built without it."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

#: Besides the environment's own.
_OTHERS = ("/usr/bin/python3",)

_PROBE = "import sys, tkinter; raise SystemExit(sys.version_info < (3, 11))"


@cache
def python_with_tkinter() -> str | None:
    """'' for the environment's own, else the path of another one; None where there is none."""
    for path in ("", *_OTHERS):
        own = getattr(sys, "_base_executable", None) or sys.executable
        try:
            done = subprocess.run([path or own, "-I", "-S", "-c", _PROBE], capture_output=True, timeout=30, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return path
    return None
