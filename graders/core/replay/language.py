"""The language that a person is spoken to in. Standard library only: part of every replay script."""

from __future__ import annotations

import locale
import os


def language() -> str:
    """Chinese, unless the environment names another language."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if not named and os.name == "nt":
        named = locale.getlocale()[0] or ""
    return "zh" if named.split(".")[0] in ("", "C", "POSIX") or named.lower().startswith(("zh", "chinese")) else "en"
