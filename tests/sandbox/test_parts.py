"""The parts of the sandbox that need no process."""

from __future__ import annotations

import os
import signal
import struct
import threading
from pathlib import Path

import pytest

from graders.sandbox import Ended, SandboxError, SubmissionRefused, choose_level, private_copy
from graders.sandbox.imports import imports_ahead
from graders.sandbox.inside import seccomp
from graders.sandbox.libraries import libraries
from graders.sandbox.output import KEPT, Output

LIBRARIES = ("flask", "requests", "websockets")


# --- how a program ended, in words


@pytest.mark.parametrize(
    ("ended", "zh", "en"),
    [
        (Ended.from_code(0), "程序已结束，退出码 0", "the program ended with exit status 0"),
        (Ended.from_code(-11), "程序被信号 SIGSEGV (11) 终止", "the program was ended by signal SIGSEGV (11)"),
        (Ended.from_code(-63), "程序被信号 63 终止", "the program was ended by signal 63"),
        (
            Ended.from_code(-9, "memory"),
            "程序占用的内存超过上限，被评分程序终止",
            "the program used more memory than allowed and was killed",
        ),
        (Ended.from_code(-9, "killed by the grader"), "评分程序终止了它", "the grader killed it"),
    ],
)
def test_an_end_in_words(ended: Ended, zh: str, en: str) -> None:
    assert ended.describe("zh") == zh
    assert ended.describe("en") == en


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU"), reason="no such signal")
def test_the_cpu_limits_signal_is_recognised() -> None:
    assert Ended.from_code(-signal.SIGXCPU).reason == "cpu"


# --- levels


def test_an_unknown_level_names_the_known_ones() -> None:
    with pytest.raises(SandboxError) as caught:
        choose_level("chroot")
    assert str(caught.value) == "unknown isolation 'chroot': choose auto, bubblewrap, plain"


def test_a_level_that_cannot_be_had_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    from graders.sandbox.levels import bubblewrap

    monkeypatch.setattr(bubblewrap, "_probe", lambda: "bwrap is not installed")
    with pytest.raises(SandboxError, match=r"^--isolation bubblewrap cannot be had here: bwrap is not installed$"):
        choose_level("bubblewrap")
    assert choose_level("auto").name == "plain"


# --- libraries and imports


def test_the_closure_of_the_three_libraries() -> None:
    found = libraries()
    assert found.missing == ()
    assert {*LIBRARIES, "werkzeug", "jinja2", "urllib3", "certifi", "click", "idna"} <= found.names
    assert not {"pytest", "hypothesis", "psutil", "rich"} & found.names
    assert any(name.startswith("werkzeug-") for name in found.paths)
    assert libraries(("no-such-library",)).missing == ("no-such-library",)


def test_imports_that_run_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "unit.py"
    file.write_text(
        "import os.path, requests\n"
        "from urllib import request, parse\n"
        "from . import near\nimport helper, this, unknown_module, json\n"
        "try:\n    import websockets\nexcept ImportError: pass\n"
        "class A:\n    import queue\n"
        "def f():\n    import asyncio\n"
        "from socket import *\n"
    )
    (tmp_path / "helper.py").touch()
    (tmp_path / "json.py").touch()  # a file of the submission that hides the module
    assert imports_ahead(file, LIBRARIES) == [
        ["os.path"], ["requests"], ["urllib", "request", "parse"], ["websockets"], ["queue"], ["socket"],
    ]  # fmt: skip


@pytest.mark.parametrize("text", [b"def f(:", b"\xff\xfe", b"import os\0", b"(" * 100_000])
def test_a_file_that_cannot_be_parsed_has_no_imports(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "unit.py").write_bytes(text)
    assert imports_ahead(tmp_path / "unit.py", LIBRARIES) == []
    assert imports_ahead(tmp_path / "nothing.py", LIBRARIES) == []


# --- the private copy


def test_only_the_declared_folders_are_copied(tmp_path: Path) -> None:
    for name in ("examples/a.py", "examples/data/b.txt", "exercises/c.py", "other/d.py", "e.py", ".git/f"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    for name in ("examples/.hidden", "examples/__pycache__/a.pyc", "examples/.idea/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with private_copy(tmp_path) as copy:
        found = sorted(path.relative_to(copy.root).as_posix() for path in copy.root.rglob("*") if path.is_file())
        assert found == ["examples/a.py", "examples/data/b.txt", "exercises/c.py"]
        assert copy.file("examples/a.py").read_text() == "examples/a.py"
        assert copy.file("examples/a.py").stat().st_mode & 0o777 == 0o644
        assert copy.file("examples").stat().st_mode & 0o777 == 0o755
    assert not copy.root.exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files")
def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("reference")
    folder = tmp_path / "submission" / "examples"
    folder.mkdir(parents=True)
    (folder / "link.py").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path)
    (tmp_path / "submission" / "exercises").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.py")
    with private_copy(tmp_path / "submission") as copy:
        assert [path for path in copy.root.rglob("*") if path.is_file() or path.is_symlink()] == []


def test_too_much_is_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "examples"
    folder.mkdir()
    with open(folder / "big", "wb") as file:
        file.truncate(33 * 2**20)
    with pytest.raises(SubmissionRefused, match=r"^the submission has more than 32 MiB$"):
        private_copy(tmp_path)
    (folder / "big").unlink()
    for number in range(2_001):
        (folder / str(number)).touch()
    with pytest.raises(SubmissionRefused, match=r"^the submission has more than 2,000 files$"):
        private_copy(tmp_path)
    with pytest.raises(SubmissionRefused, match=r"is not a folder$"):
        private_copy(tmp_path / "nothing")


def test_single_files_can_be_put_in_their_places(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("x")
    with private_copy({"examples/tcp_server.py": tmp_path / "x.py"}) as copy:
        assert copy.file("examples/tcp_server.py").read_text() == "x"
    with pytest.raises(SubmissionRefused, match="is not a path inside a submission"):
        private_copy({"../x.py": tmp_path / "x.py"})


# --- output


def _output(limit: int = 2**40) -> tuple[int, Output, threading.Event]:
    reading, writing = os.pipe()
    too_much = threading.Event()
    return writing, Output(reading, "cafe", limit, too_much.set), too_much


def test_markers_are_cut_out_wherever_the_pipe_cuts_them() -> None:
    stream = "你好\x1ecafe:7\x1e再见\x1e".encode()
    for cut in range(1, len(stream)):
        writing, output, _ = _output()
        os.write(writing, stream[:cut])
        output.wait_for_more(0, 5)
        os.write(writing, stream[cut:])
        os.close(writing)
        assert output.wait_for(7, 5) and output.wait_for_end(5)
        assert output.since(0) == "你好再见\x1e"
        assert output.total == len("你好再见\x1e".encode())


def test_what_is_old_is_dropped_but_counted() -> None:
    writing, output, too_much = _output(limit=4 * KEPT)
    for _ in range(50):
        os.write(writing, b"x" * (KEPT // 10))
    os.write(writing, b"the end")
    os.close(writing)
    assert output.wait_for_end(5)
    assert output.total == 50 * (KEPT // 10) + 7
    assert output.tail(7) == "the end"
    assert KEPT <= len(output.since(0)) <= 2 * KEPT
    assert output.since(output.total - 3) == "end"
    assert too_much.is_set()


# --- the filter of system calls


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_decides_as_it_should(machine: str) -> None:
    """A BPF machine of ten lines: the filter is read by people as a table, and by the kernel as jumps."""
    code = seccomp.program(machine)
    assert code is not None
    arch, numbers = seccomp._MACHINES[machine]

    def verdict(number: int, argument: int, on: int = arch) -> int:
        data = struct.pack("<iIQ6Q", number, on, 0, argument, 0, 0, 0, 0, 0)
        steps = list(struct.iter_unpack("HBBI", code))
        value, at = 0, 0
        while True:
            operation, if_true, if_false, operand = steps[at]
            at += 1
            if operation == 0x20:
                value = struct.unpack_from("<I", data, operand)[0]
            elif operation == 0x06:
                return 0 if operand == 0x7FFF0000 else operand & 0xFFFF
            else:
                tests = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}
                at += if_true if tests[operation] else if_false

    eperm, enosys, no_family = 1, 38, 97
    assert verdict(0, 0) == 0
    assert verdict(numbers["clone"], 0x11) == 0
    assert verdict(numbers["clone"], 0x10000011) == eperm
    assert verdict(numbers["unshare"], 0x10000000) == eperm
    assert verdict(numbers["clone3"], 0) == enosys
    assert verdict(numbers["prlimit64"], 0) == 0
    assert verdict(numbers["prlimit64"], 1) == eperm
    assert [verdict(numbers["socket"], family) for family in (1, 2, 10, 16, 17, 40)] == [0, 0, 0, 0, *[no_family] * 2]
    assert verdict(numbers["io_uring_setup"], 8) == eperm
    assert verdict(0, 0, on=0x40000003) == enosys
    assert verdict(0x40000001, 0) == enosys
    assert seccomp.program("riscv64") is None
