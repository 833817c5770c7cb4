"""The system's programs and data for bubblewrap, read only. Standard library only: replay scripts have it, too."""

from __future__ import annotations

import os


def system_files() -> list[str]:
    """Arguments of bwrap: /usr, and what stands beside it or leads into it."""
    args = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(name):
            args += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            args += ["--ro-bind", name, name]
    return args
