"""Everything that can be done here: grade a submission, validate the graders, test, lint, measure.

    nox -l                              these sessions
    nox -s grade                        grade student/, all units
    nox -s grade -- tcp_server          one unit
    nox -s grade -- DIR tcp_server      of another folder; all options: nox -s grade -- --help

All sessions share one environment, .nox/netgrade, made anew only when pyproject.toml or the interpreter has changed:
`nox -s grade` does not wait for pip.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import nox
from nox.command import CommandFailed

if sys.version_info < (3, 11):  # noqa: UP036  nox may run under any Python
    sys.exit(f"netgrade needs Python 3.11 or newer, this is {sys.version.split()[0]}: run nox with a newer Python")

import tomllib

ROOT = Path(__file__).parent
HOME = ROOT / ".nox" / "netgrade"
PYTHON = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = HOME / "made-from"

# A report, or pytest's closing line, is the last word; nox speaks up only where something fails.
logging.getLogger("nox").setLevel(logging.ERROR)

nox.options.sessions = ["grade"]
nox.options.default_venv_backend = "none"  # the sessions share HOME instead


def ready() -> str:
    """The interpreter of the shared environment, with everything that pyproject.toml asks for."""
    pyproject = (ROOT / "pyproject.toml").read_bytes()
    wanted = hashlib.sha256(pyproject + sys.version.encode() + os.fsencode(sys.executable)).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == wanted and PYTHON.exists():
        return str(PYTHON)
    print("netgrade: making the environment (once)", file=sys.stderr, flush=True)
    shutil.rmtree(HOME, ignore_errors=True)
    venv.create(HOME, with_pip=True)
    declared = tomllib.loads(pyproject.decode())
    requirements = list(declared["project"]["dependencies"])
    for name, group in declared["dependency-groups"].items():
        if name != "nox":
            requirements += group
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *requirements], check=True)
    STAMP.write_text(wanted)  # last: an interrupted install is done again
    return str(PYTHON)


@nox.session
def grade(session: nox.Session) -> None:
    """Grade a submission: nox -s grade [-- [SUBMISSION] UNIT… options]; student/ by default."""
    session.run(ready(), "-m", "graders", "grade", *session.posargs, external=True)


@nox.session(default=False)
def validate(session: nox.Session) -> None:
    """Grade the reference, the stubs and all samples; anything not as declared fails."""
    session.run(ready(), "-m", "graders", "validate", *session.posargs, external=True)


@nox.session(default=False)
def tests(session: nox.Session) -> None:
    """Run the project's own tests."""
    try:
        session.run(ready(), "-m", "pytest", *session.posargs, external=True)
    except CommandFailed:
        if "CI" not in os.environ:
            raise
        # Real processes and real sockets meet whatever else the machine does; who fails twice, alone, has failed.
        session.warn("what failed is tried once more, alone")
        again = ["--last-failed", "--last-failed-no-failures", "none"]
        session.run(ready(), "-m", "pytest", *again, *session.posargs, external=True)


@nox.session(default=False)
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff."""
    python = ready()
    session.run(python, "-m", "ruff", "check", *session.posargs, external=True)
    session.run(python, "-m", "ruff", "format", "--check", *session.posargs, external=True)


@nox.session(default=False)
def types(session: nox.Session) -> None:
    """Check the types of graders/ with mypy, strictly."""
    session.run(ready(), "-m", "mypy", *session.posargs, external=True)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure the grader itself: ratios within one run, no verdicts."""
    session.run(ready(), "-m", "graders", "bench", *session.posargs, external=True)
