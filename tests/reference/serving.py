"""Scripts of the reference in processes of their own, and a browser's view of what they serve."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from graders.core.wire.ports import free_port

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here")

#: Without these it asks for hosts of its maker's, which are not to be had.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


@contextlib.contextmanager
def running(command: Sequence[str], port: int, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A Python program, given by its arguments, as soon as it listens on the port; it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONUTF8": "1"},
        **more,
    )
    try:
        await_listening(process, port)
        yield process
    finally:
        process.kill()
        process.communicate()


def await_listening(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert process.poll() is None, "the program has ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"the program does not listen on port {port} within 20 s")


@contextlib.contextmanager
def script(path: str, *arguments: str, **more: Any) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A script of the reference on a free port: its process and that port."""
    port = free_port("tcp")
    with running([str(ROOT / "reference" / path), "--port", str(port), *arguments], port, **more) as process:
        yield process, port


def dom(url: str, profile: Path, *flags: str) -> str:
    """The page's document as Chromium has it when its scripts have run."""
    assert CHROMIUM is not None
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", *QUIET, *flags]
    command += [f"--user-data-dir={profile}", "--virtual-time-budget=10000", "--dump-dom", url]
    return subprocess.run(command, capture_output=True, timeout=120, check=False).stdout.decode()
