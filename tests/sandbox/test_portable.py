"""The plain level asks nothing of the system that Windows and macOS do not have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Blocks what Windows lacks for the code of the graders alone: subprocess itself needs fork and fcntl on POSIX.
CODE = """
import builtins, multiprocessing.util, os, psutil, signal, socket, subprocess, sys, tempfile
for name in ("AF_UNIX", "recv_fds", "send_fds"):
    delattr(socket, name)
names = "fork killpg setsid getpgid pidfd_open memfd_create geteuid getuid O_NOFOLLOW"
for name in names.split():
    if hasattr(os, name): delattr(os, name)
for name in ("SIGXCPU", "SIGALRM", "SIGHUP", "pthread_kill"): delattr(signal, name)
sys.platform = "win32"
original = builtins.__import__
def without_posix(name, globals=None, *rest):
    ours = (globals or {}).get("__name__", "").startswith("graders")
    if ours and name in ("resource", "fcntl", "pwd", "grp", "termios"):
        raise ImportError(name)
    return original(name, globals, *rest)
builtins.__import__ = without_posix

from pathlib import Path
from graders.sandbox import *
level = choose_level("plain")
assert choose_level("auto").name in ("plain", "bubblewrap")
unit = "examples/unit.py"
with private_copy({unit: Path(sys.argv[1])}) as copy, open_sandbox(level, unit, copy) as sandbox:
    subject = sandbox.start()
    assert subject.ask({"do": "import"}, 20)["names"]["f"] == "function"
    assert subject.ask({"do": "call", "name": "f", "args": [1]}, 20)["value"] == 2
    try: subject.interrupt()
    except SandboxUnsupported: print("no Ctrl+C here")
    script = sandbox.start_script([])
    script.write("x\\n"); script.close_stdin()
    assert script.wait(20).code == 0 and script.output_tail() == "x\\n"
    subject.kill()
    assert subject.ended is not None
    sandbox.write_file("a", b"1"); assert sandbox.read_file("a") == b"1"
    assert not private_loopback() or True
print("done")
"""


def test_the_plain_level_needs_nothing_of_posix(tmp_path: Path) -> None:
    unit = tmp_path / "unit.py"
    unit.write_text("def f(n): return n + 1\nif __name__ == '__main__': print(input())")
    command = [sys.executable, "-c", CODE, str(unit)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.endswith("done\n"), done.stderr
