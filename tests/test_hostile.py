"""Submissions that mean harm: graded as the failures they are, the grader and the machine unharmed.

Every file in tests/submissions/hostile/<unit>/ is graded in a process of its own, so that a grader that crashes or
swells shows. What holds for all of them: no check is `broken` or `unavailable` (such a check leaves the maximum, so
that whoever can break one gains marks), the grading ends soon, the grader stays small, and nothing goes on running.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graders.core.rubric import Unit, all_units
from graders.core.wire.patience import machine_factor
from graders.sandbox import choose_level
from tests.choices import chosen, unhurried

ROOT = Path(__file__).resolve().parent.parent
HOSTILE = ROOT / "tests" / "submissions" / "hostile"
REFERENCE = ROOT / "reference"

#: How many times longer than two idle cores of the nominal machine everything takes here: beside other work, and on a
#: slower machine, which is also waited for longer.
LOAD = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)) if hasattr(os, "getloadavg") else 1.0
SLACK = LOAD * machine_factor()

#: What others do on this machine meanwhile is not known: the times are there to tell what hangs from what ends.
HANGS = 3

pytestmark = pytest.mark.skipif(
    not choose_level("auto").isolated, reason="hostile programs are run only where they are isolated"
)


@dataclass(frozen=True)
class Expected:
    """What must come of a file. ``score``: at most so much; ``code``: the diagnosis of the first failed check."""

    code: str | None = None
    score: float = 0.0
    seconds: float = 30.0
    megabytes: int = 300
    only: tuple[str, ...] = ()  # checks, where all would take minutes


#: What is not said here: score 0, within 30 s and 300 MiB.
EXPECTED: dict[str, Expected] = {
    "tcp_server/accepts_and_says_nothing": Expected("echo.no_answer"),
    "tcp_server/crashes_at_import": Expected("program.import_fails"),
    "tcp_server/drips_for_ever": Expected("wire.mismatch"),
    "tcp_server/eats_memory_at_import": Expected("program.ended"),
    "tcp_server/exits_at_import": Expected("program.ended"),
    "tcp_server/exits_in_start": Expected("program.ended"),
    "tcp_server/is_full_of_nul": Expected("program.import_fails"),
    "tcp_server/loops_at_import": Expected("program.hangs"),
    "tcp_server/prints_without_end": Expected(score=80.0),  # it is right until 64 MiB are printed
    "tcp_server/prints_without_end_at_import": Expected("program.ended"),
    "tcp_server/sleeps_at_import": Expected("program.hangs"),
    "tcp_server/sleeps_in_start": Expected("program.never_listens"),
    # Slow is not wrong: fewer conversations, in bounded time.
    "tcp_server/drips_a_right_answer": Expected(score=100.0, seconds=120.0, only=("answers_a_text",)),
    "tcp_server/waits_before_every_answer": Expected(score=100.0, seconds=60.0, only=("answers_a_text",)),
    "tcp_client/forges_the_drivers_answers": Expected("tcp.never_connects"),
    "udp_server/floods_with_datagrams": Expected("echo.other_prefix", score=20.0),
    "http_server/answers_in_a_charset_that_cannot_decode": Expected("web.content_type", score=40.0),
    "http_server/serves_a_page_that_no_parser_likes": Expected("web.content_type", score=40.0),
}

#: Hostile files that are graded side by side; each may then take as many times as long.
AT_A_TIME = 3

#: Files that take long, and do what others do in less time.
SLOW = {
    "http_server/sends_chunks_without_end", "tcp_client/prints_terminal_escapes",
    "tcp_client/raises_what_cannot_be_printed", "tcp_server/drips_a_right_answer",
    "tcp_server/leaves_every_port_in_time_wait", "tcp_server/loops_when_a_client_comes", "tcp_server/sleeps_at_import",
    "tcp_server/sleeps_in_start", "tcp_server/stops_itself", "udp_client/floods_the_graders_server",
}  # fmt: skip

SAMPLES = sorted(str(path.relative_to(HOSTILE).with_suffix("")) for path in HOSTILE.glob("*/*.py"))


def graded(*arguments: str, seconds: float = 400.0) -> dict[str, Any]:
    """What tests/hostile_grading.py says; the grader's own death is an AssertionError with its last words."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile_grading", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=seconds * SLACK * HANGS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def assert_unharmed(found: dict[str, Any], unit: str, seconds: float = 30.0, megabytes: int = 300) -> None:
    checks = found["units"][unit]["checks"]
    verdicts = {check: verdict for check, (verdict, *_) in checks.items()}
    assert not {"broken", "unavailable"} & set(verdicts.values()), found["units"][unit]["tracebacks"] or verdicts
    assert not found["units"][unit]["tracebacks"]
    if LOAD < 2:  # on a busy machine it cannot always be told whether the program was starved
        assert "inconclusive" not in verdicts.values(), verdicts
    assert not found["left"]
    assert found["seconds"] <= seconds * SLACK * HANGS
    assert found["megabytes"] <= megabytes
    assert found["report"] <= 8 * 2**20


@pytest.fixture(scope="module")
def findings(request: pytest.FixtureRequest) -> dict[str, Future[dict[str, Any]]]:
    """Of each hostile file that is to be tested, what came of it. Several at a time: most of them wait, or hang."""

    def grade(file: str) -> dict[str, Any]:
        only = EXPECTED.get(file, Expected()).only
        return graded(f"{file.partition('/')[0]}={HOSTILE / file}.py", *(f"only={check}" for check in only))

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return {file: pool.submit(grade, file) for file in chosen(request, "file")}


@pytest.mark.parametrize("file", unhurried(SAMPLES, SLOW))
def test_a_hostile_file_gets_what_it_deserves(file: str, findings: dict[str, Future[dict[str, Any]]]) -> None:
    unit = file.partition("/")[0]
    expected = EXPECTED.get(file, Expected())
    found = findings[file].result()
    assert_unharmed(found, unit, AT_A_TIME * expected.seconds, expected.megabytes)
    assert found["units"][unit]["score"] <= expected.score
    failed = [code for verdict, code, *_ in found["units"][unit]["checks"].values() if verdict == "fail"]
    if expected.code is not None and failed:
        assert failed[0] == expected.code


BAD_NEIGHBOURS = ["eats_memory_in_children", "forks_without_end", "kills_all_processes", "takes_every_port"]
MORE_NEIGHBOURS = ["floods_its_clients", "forks_children_that_loop", "leaves_a_daemon_behind", "removes_its_files"]


@pytest.mark.parametrize("sample", unhurried([*BAD_NEIGHBOURS, *MORE_NEIGHBOURS], MORE_NEIGHBOURS))
def test_other_units_keep_their_marks(sample: str) -> None:
    """An honest neighbour in the same grading has full marks all the same."""
    file = HOSTILE / "tcp_server" / f"{sample}.py"
    found = graded(f"tcp_server={file}", f"udp_server={REFERENCE / 'examples' / 'udp_server.py'}")
    assert_unharmed(found, "tcp_server", 60.0)
    udp = found["units"]["udp_server"]
    assert not {check for check, (verdict, *_) in udp["checks"].items() if verdict not in ("pass", "inconclusive")}
    if LOAD < 2:
        assert udp["score"] == 100


# -- every unit misbehaving in the same way

#: What every function and method of a unit does.
DEEDS = {
    "sleeps": "import time\nwhile True:\n    time.sleep(1000)",
    "loops": "while True:\n    pass",
    "exits": "import os\nos._exit(0)",
    "raises": "raise RuntimeError",
    "forks": "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
    "prints": "while True:\n    print('x' * 4000)",
    "eats": "eaten = []\nwhile True:\n    eaten.append(bytearray(2**22))",
}

SILENT = """
import socket, time
server = socket.socket(socket.AF_INET, socket.{kind})
server.bind((self.options.get("host", "127.0.0.1"), self.options["port"]))
if "{kind}" == "SOCK_STREAM":
    server.listen(99)
kept = []
while True:
    kept.append(server.accept() if "{kind}" == "SOCK_STREAM" else server.recv(9999))
"""


def misbehaving(unit: Unit, deed: str) -> str:
    """A module with the unit's public names, all of which do the same."""
    lines: list[str] = []
    for name, methods in unit.offers.items():
        body = textwrap.indent(DEEDS.get(deed, DEEDS["sleeps"]), " " * 8)
        if name == "app":
            lines += ["import flask", "app = flask.Flask('x')", "@app.route('/', defaults={'path': ''}, methods=ANY)"]
            lines += ["@app.route('/<path:path>', methods=ANY)", "def answer(path):", body]
            lines.insert(0, "ANY = ['GET', 'POST', 'PUT', 'DELETE']")
        elif name[0].isupper():
            lines += [f"class {name}:", "    def __init__(self, *args, **options):", "        self.options = options"]
            for method in methods:
                if deed == "silent" and unit.starts is not None:
                    kind = "SOCK_DGRAM" if unit.starts.transport == "udp" else "SOCK_STREAM"
                    body = textwrap.indent(SILENT.format(kind=kind), " " * 8)
                lines += [f"    def {method}(self, *args, **options):", body]
        else:
            lines += [f"def {name}(*args, **options):", body]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("deed", unhurried(["silent", *DEEDS], {"sleeps", "exits", "raises", "prints"}))
def test_all_units_at_once(deed: str, tmp_path: Path) -> None:
    """Every server silent, asleep or looping: verdicts within 30 s for the ten units."""
    files = []
    for name, unit in all_units().items():
        if unit.tier_folder == "examples":
            file = tmp_path / f"{name}.py"
            file.write_text(misbehaving(unit, deed))
            files.append(f"{name}={file}")
    found = graded(*files)
    for name, unit_found in found["units"].items():
        assert_unharmed(found, name, 30.0 if deed in ("silent", "sleeps", "loops") else 60.0)
        assert unit_found["score"] == 0


# -- the folder that is handed in


def reference_copy(tmp_path: Path) -> Path:
    folder = tmp_path / "submission"
    (folder / "examples").mkdir(parents=True)
    shutil.copy(REFERENCE / "examples" / "udp_server.py", folder / "examples")
    return folder


def test_odd_things_in_the_folder_do_no_harm(tmp_path: Path) -> None:
    folder = reference_copy(tmp_path)
    examples = folder / "examples"
    os.mkfifo(examples / "fifo.py")
    os.mkfifo(examples / "tcp_server.py")
    (examples / "tcp_client.py").symlink_to("/dev/zero")
    (examples / "udp_client.py").symlink_to(examples / "udp_server.py")
    (examples / "loop").symlink_to(examples)
    (examples / "http_server.py").mkdir()
    (examples / os.fsdecode(b"\xff\xfe.py")).write_text("x")
    (examples / "\u202e\x1b[2J\n.py").write_text("x")
    (examples / "flask_app.py").write_bytes(b"\xff\xfe\x00(" * 1000)
    (examples / "urllib_get.py").write_text("(" * 90_000)
    (examples / "urllib_post.py").write_text("x = " + "-" * 90_000 + "1\n")
    (examples / "requests_get.py").write_text("x = " + "a." * 90_000 + "a\n")
    (examples / "requests_post.py").write_text("".join(" " * depth + "if 1:\n" for depth in range(99)) + " " * 99 + "1")
    found = graded(f"folder={folder}")
    for unit in found["units"]:
        assert_unharmed(found, unit, 60.0)
        if unit != "udp_server":
            assert found["units"][unit]["score"] == 0
    if LOAD < 2:
        assert found["units"]["udp_server"]["score"] == 100


def test_modules_beside_the_units_shadow_nothing_of_the_graders(tmp_path: Path) -> None:
    """They shadow the standard library for the submission, as they would for its author; the driver has its own."""
    folder = reference_copy(tmp_path)
    for name in ("json", "os", "threading", "queue", "io", "signal", "traceback", "graders", "inside", "driver"):
        (folder / "examples" / f"{name}.py").write_text("import sys\nprint('shadow', __name__)\nsys.exit(0)\n")
    found = graded(f"folder={folder}")
    assert_unharmed(found, "udp_server", 60.0)


def test_a_file_of_a_hundred_megabytes_is_its_authors_fault(tmp_path: Path) -> None:
    folder = reference_copy(tmp_path)
    with (folder / "examples" / "tcp_server.py").open("wb") as file:
        file.truncate(100 * 2**20)
    found = graded(f"folder={folder}")
    assert "32 MiB" in found["refused"]
