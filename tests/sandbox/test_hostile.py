"""Submissions that mean harm: what holds on both levels, and what only the isolated one promises."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from graders.sandbox import (
    Level,
    Limits,
    SubjectEnded,
    SubjectSpokeNonsense,
    SubjectTimeout,
    network_here,
    private_loopback,
)
from tests.sandbox.small_submissions import PATIENCE, Opener, called, imported, in_a_thread

MIB = 2**20
ROOT = Path(__file__).resolve().parents[2]


# --- on every level


def test_endless_print_is_drained_and_then_ended(level: Level, opened: Opener) -> None:
    text = "def flood():\n    while True: print('x' * 1000)"
    subject = imported(opened(level, text, limits=Limits(output=4 * MIB)))
    with pytest.raises(SubjectEnded) as caught:
        subject.ask({"do": "call", "name": "flood"}, PATIENCE)
    assert caught.value.ended.reason == "output"
    assert subject.output_bytes > 4 * MIB
    assert len(subject.output_tail(500)) == 500


def test_much_output_within_the_limit_harms_nobody(level: Level, opened: Opener) -> None:
    subject = imported(opened(level, "def talk():\n    print('x' * 10_000_000)\n    return 1"))
    mark = subject.mark()
    assert called(subject, "talk") == 1
    assert subject.mark() == mark + 10_000_001
    assert set(subject.output_since(mark)) == {"x", "\n"}


def test_a_memory_eater_is_stopped(level: Level, opened: Opener) -> None:
    text = """
        def eat():
            held = []
            while True: held.append(bytearray(b"x") * 10_000_000)
    """
    subject = imported(opened(level, text, limits=Limits(rss=200 * MIB)))
    with pytest.raises(SubjectEnded) as caught:
        subject.ask({"do": "call", "name": "eat"}, PATIENCE)
    assert caught.value.ended.reason == "memory"
    assert "内存" in caught.value.ended.describe("zh")


def test_one_huge_allocation_is_an_error_inside(level: Level, opened: Opener) -> None:
    if sys.platform == "darwin" or os.name == "nt":
        pytest.skip("no RLIMIT_AS here")
    subject = imported(opened(level, "def eat(): return len(bytearray(5 * 2**30))"))
    assert subject.ask({"do": "call", "name": "eat"}, PATIENCE)["raised"]["type"] == "MemoryError"


def test_a_busy_loop_ends_at_its_cpu_limit(level: Level, opened: Opener) -> None:
    subject = imported(opened(level, "def spin():\n    while True: pass", limits=Limits(cpu_seconds=1)))
    with pytest.raises(SubjectEnded) as caught:
        subject.ask({"do": "call", "name": "spin"}, 3 * PATIENCE)
    assert caught.value.ended.reason == "cpu"


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
def test_a_program_deaf_to_signals_can_be_killed(level: Level, opened: Opener) -> None:
    text = """
        import signal, threading
        class Server:
            def start(self):
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
                print("deaf")
                while True: threading.Event().wait(1000)
    """
    subject = imported(opened(level, text))
    subject.post({"do": "serve", "name": "Server", "method": "start"})
    assert subject.wait_output(0, PATIENCE)
    subject.interrupt()
    assert subject.wait(0.2) is None
    subject.kill()
    assert subject.wait(PATIENCE) is not None


@pytest.mark.parametrize(
    "line", [b"garbage", b"[]", b'{"id": 1}', b'{"id": "x"}', b'{"event": 1}', b"[" * 100_000, b'{"id": NaN}']
)
def test_garbage_on_the_channel_is_the_programs_fault(level: Level, opened: Opener, line: bytes) -> None:
    text = f"""
        import os
        def speak():
            for number in range(3, 20):
                try: os.write(number, {line!r} + b"\\n")
                except OSError: pass
    """
    subject = imported(opened(level, text))
    with pytest.raises(SubjectSpokeNonsense):
        subject.ask({"do": "call", "name": "speak"}, PATIENCE)


def test_a_flood_on_the_channel_is_bounded(level: Level, opened: Opener) -> None:
    text = """
        import os
        def speak(line):
            while True:
                for number in range(3, 20):
                    try: os.write(number, line.encode())
                    except OSError: pass
    """
    for line in ('{"event": "listening"}\n', "x" * 1_000_000):
        subject = imported(opened(level, text))
        with pytest.raises((SubjectSpokeNonsense, SubjectEnded)):
            subject.ask({"do": "call", "name": "speak", "args": [line]}, 3 * PATIENCE)
        subject.kill()


def test_closing_every_descriptor_is_noticed(level: Level, opened: Opener) -> None:
    sandbox = opened(level, "import os\ndef close(): os.closerange(0, 256)\ndef more(): return 1")
    subject = imported(sandbox)
    with pytest.raises((SubjectSpokeNonsense, SubjectEnded, SubjectTimeout)):
        subject.ask({"do": "call", "name": "close"}, 2.0)
    subject.kill()
    assert called(imported(sandbox), "more") == 1


def test_a_server_that_closed_the_channel_still_serves(level: Level, opened: Opener) -> None:
    text = """
        import os, socket
        class Server:
            def start(self):
                with socket.create_server(("127.0.0.1", 0)) as server:
                    os.closerange(0, server.fileno())
                    server.accept()[0].sendall(b"alive")
    """
    subject = imported(opened(level, text))
    subject.post({"do": "serve", "name": "Server", "method": "start"})
    port = subject.wait_event("listening", PATIENCE)["port"]
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        assert client.recv(10) == b"alive"


def test_deeply_nested_and_endless_values_are_answers(level: Level, opened: Opener) -> None:
    text = """
        def deep():
            value = []
            for _ in range(100_000): value = [value]
            return value
        def wide():
            value = []
            for _ in range(100): value = [value, value]
            return value
    """
    subject = imported(opened(level, text))
    assert "value" in subject.ask({"do": "call", "name": "deep"}, PATIENCE)
    assert subject.ask({"do": "call", "name": "wide"}, PATIENCE)["raised"]["type"] == "ValueError"


def test_a_value_that_lies_about_itself(level: Level, opened: Opener) -> None:
    text = """
        class Text(str):
            def __str__(self): raise SystemExit
            def __len__(self): return 10**9
            def __eq__(self, other): return True
            __hash__ = str.__hash__
        class Error(Exception):
            def __str__(self): raise KeyboardInterrupt
        def lie(): return Text("truth")
        def fail(): raise Error
    """
    subject = imported(opened(level, text))
    assert called(subject, "lie") == "truth"
    assert subject.ask({"do": "call", "name": "fail"}, PATIENCE)["raised"]["type"] == "unit.Error"


def test_a_port_is_free_right_after_a_kill(level: Level, opened: Opener) -> None:
    text = """
        import socket
        class Server:
            def __init__(self, port): self.port = port
            def start(self):
                with socket.create_server(("127.0.0.1", self.port)) as server:
                    held = [server.accept() for _ in range(100)]
    """
    sandbox = opened(level, text)
    port = 0
    for _ in range(3):
        subject = imported(sandbox)
        serving = subject.post({"do": "serve", "name": "Server", "args": [port], "method": "start"})
        port = subject.wait_event("listening", PATIENCE, unless=serving)["port"]
        with socket.create_connection(("127.0.0.1", port), PATIENCE):
            subject.kill()


def test_an_honest_server_with_two_hundred_threads(level: Level, opened: Opener) -> None:
    text = """
        import socket, threading
        class Server:
            def start(self):
                with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
                    while True: threading.Thread(target=self.serve, args=server.accept()[:1], daemon=True).start()
            def serve(self, client):
                with client:
                    while data := client.recv(1024): client.sendall(data)
    """
    subject = imported(opened(level, text, limits=Limits.for_clients(200)))
    subject.post({"do": "serve", "name": "Server", "method": "start"})
    port = subject.wait_event("listening", PATIENCE)["port"]
    clients = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(200)]
    for number, client in enumerate(clients):
        client.sendall(b"%d" % number)
    assert [int(client.recv(10)) for client in clients] == list(range(200))
    for client in clients:
        client.close()
    assert subject.ended is None


def test_it_sees_nothing_of_the_graders_environment(
    level: Level, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETGRADE_TEST_SECRET", "hidden")
    subject = imported(opened(level, "import os, sys\ndef look(): return [dict(os.environ), sys.path, sys.argv]"))
    environment, path, argv = called(subject, "look")
    assert "NETGRADE_TEST_SECRET" not in environment
    assert not any("site-packages" in entry or "grader" in entry for entry in path)
    assert len(argv) == 1 and argv[0].endswith("examples/unit.py")


# --- only where there is isolation


def test_a_fork_bomb_reaches_its_limit(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import os, threading, time
        def bomb():
            made = 0
            try:
                while True:
                    if os.fork() == 0: time.sleep(1000)
                    made += 1
            except OSError: return made
        def threads():
            made = 0
            try:
                while True:
                    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
                    made += 1
            except RuntimeError: return made
    """
    sandbox = opened(bubblewrap, text)
    for name in ("bomb", "threads"):
        assert 20 < called(imported(sandbox), name) <= 64
        sandbox.clear()


def test_a_wild_fork_bomb_can_be_cleared(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import os
        def bomb():
            while True:
                try: os.fork()
                except OSError: pass
        def one(): return 1
    """
    sandbox = opened(bubblewrap, text)
    subject = imported(sandbox)
    with pytest.raises((SubjectTimeout, SubjectSpokeNonsense)):
        subject.ask({"do": "call", "name": "bomb"}, 0.5)
    sandbox.clear()
    assert subject.ended is not None
    assert called(imported(sandbox), "one") == 1


def test_a_fork_bomb_on_the_plain_level_is_stopped(plain: Level, opened: Opener) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    text = """
        import os, time
        def bomb():
            for _ in range(40):
                if os.fork() == 0: time.sleep(30); os._exit(0)
            time.sleep(30)
    """
    subject = imported(opened(plain, text, limits=Limits(processes=20)))
    with pytest.raises(SubjectEnded) as caught:
        subject.ask({"do": "call", "name": "bomb"}, PATIENCE)
    assert caught.value.ended.reason in ("processes", "memory")  # whichever is exceeded first


def test_many_small_eaters_are_summed_up(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import os, time
        def eat():
            for _ in range(8):
                if os.fork() == 0:
                    held = bytearray(b"x") * 50_000_000
                    time.sleep(1000)
            time.sleep(1000)
    """
    subject = imported(opened(bubblewrap, text, limits=Limits(rss=200 * MIB)))
    with pytest.raises(SubjectEnded) as caught:
        subject.ask({"do": "call", "name": "eat"}, PATIENCE)
    assert caught.value.ended.reason == "memory"


def test_a_daemon_does_not_survive(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import os, socket, time
        def daemon():
            server = socket.create_server(("127.0.0.1", 0))
            child = os.fork()
            if child == 0:
                os.setsid()
                if os.fork() == 0:
                    os.closerange(0, 3)
                    while True: server.accept()[0].sendall(b"still here")
                os._exit(0)
            os.waitpid(child, 0)
            port = server.getsockname()[1]
            server.close()
            return port
    """
    sandbox = opened(bubblewrap, text)
    subject = imported(sandbox)
    port = called(subject, "daemon")
    subject.kill()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        assert client.recv(100) == b"still here"
    sandbox.clear()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), PATIENCE)


def test_it_cannot_harm_process_1_or_its_parent(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import ctypes, os, resource, signal
        def attack():
            done = []
            for number in range(1, 65):
                for target in (1, os.getppid()):
                    try: os.kill(target, number)
                    except OSError: pass
            libc = ctypes.CDLL(None)
            done.append(libc.ptrace(16, 1, 0, 0))  # PTRACE_ATTACH
            for name in ("mem", "environ", "maps", "fd/0"):
                try: open(f"/proc/1/{name}", "rb").read(1); done.append(name)
                except OSError: pass
            try: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)); done.append("prlimit")
            except OSError: pass
            return done
        def one(): return 1
    """
    sandbox = opened(bubblewrap, text)
    assert called(imported(sandbox), "attack") == [-1]
    assert called(imported(sandbox), "one") == 1


def test_it_sees_only_its_own_processes(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import os
        def look(): return [open(f"/proc/{n}/cmdline").read() for n in os.listdir("/proc") if n.isdigit()]
    """
    sandbox = opened(bubblewrap, text)
    lines = called(imported(sandbox), "look")
    assert len(lines) == 2
    assert all("inside.zygote" in line for line in lines)


def test_it_finds_neither_the_grader_nor_other_submissions(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import os
        def look(places):
            return [place for place in places if os.path.exists(place)], sorted(os.listdir("/")), os.listdir("/tmp")
        def read(path):
            try: return os.listdir(path)
            except OSError as error: return error.errno
    """
    sandbox = opened(bubblewrap, text)
    subject = imported(sandbox)
    here = os.path.abspath(__file__)
    value = called(
        subject, "look", [here, os.path.dirname(here), str(sandbox.copy.root), os.getcwd(), "/home", "/var/log"]
    )
    found, root, temporary = value["items"]
    assert found == [] and temporary == []
    assert set(root) <= {
        *("bin", "dev", "etc", "grader", "lib", "lib32", "lib64", "libraries", "libx32"),
        *("proc", "python", "sbin", "scratch", "submission", "tmp", "usr", "var"),
    }
    assert called(subject, "read", "/var") in (["cache"], errno.ENOENT, errno.EACCES)  # the cache of fonts, for windows
    assert called(subject, "read", "/grader") == ["inside"]


def test_nothing_can_be_written_but_two_small_folders(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import os, shutil
        def write(folders):
            done = []
            for folder in folders:
                try: open(folder + "/x", "w").close(); done.append(folder)
                except OSError: pass
            return done
        def destroy():
            shutil.rmtree("/submission", ignore_errors=True)
            shutil.rmtree("/libraries", ignore_errors=True)
            return os.path.exists("/submission/examples/unit.py")
        def fill(folder):
            written = 0
            try:
                for n in range(100):
                    with open(f"{folder}/{n}", "wb") as file: written += file.write(bytes(4 * 2**20))
            except OSError: pass
            return written
        def huge():
            try:
                with open("/tmp/huge", "wb") as file:
                    for _ in range(100): file.write(bytes(2**20)); file.flush()
            except OSError as error: return os.path.getsize("/tmp/huge")
    """
    sandbox = opened(bubblewrap, text)
    places = ["/", "/dev", "/etc", "/grader", "/libraries", "/proc", "/scratch", "/submission/examples", "/tmp", "/usr"]
    assert called(imported(sandbox), "write", places) == ["/scratch", "/tmp"]
    assert called(imported(sandbox), "destroy") is True
    for folder in ("/tmp", "/scratch", "/dev/shm"):
        assert called(imported(sandbox), "fill", folder) <= 64 * MIB
    assert called(imported(opened(bubblewrap, text)), "huge") == 16 * MIB


def test_scratch_files_that_are_no_files(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import os
        def make():
            os.symlink("/etc/passwd", "/scratch/link")
            os.mkfifo("/scratch/pipe")
            os.mkdir("/scratch/folder")
            open("/scratch/private", "w").write("mine"); os.chmod("/scratch/private", 0o600)
    """
    sandbox = opened(bubblewrap, text)
    called(imported(sandbox), "make")
    for name in ("link", "pipe", "folder"):
        with pytest.raises(OSError, match=r".+"):
            sandbox.read_file(name)
    assert sandbox.read_file("private") == b"mine"
    sandbox.write_file("link", b"replaced")
    assert sandbox.read_file("link") == b"replaced"


def test_it_has_no_power(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import os, ctypes, subprocess
        def look():
            status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
            return status["CapEff"].strip(), status["CapPrm"].strip(), status["NoNewPrivs"].strip(), os.getuid()
        def unshare():  # a user namespace would give it a file system in memory without bounds
            return ctypes.CDLL(None).unshare(0x10000000)
        def families():
            import socket
            done = []
            for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_VSOCK, socket.AF_PACKET):
                try: socket.socket(family, socket.SOCK_STREAM).close(); done.append(family.name)
                except OSError: pass
            return done
        def shell():
            return subprocess.run(["unshare", "-Ur", "true"], stderr=subprocess.DEVNULL).returncode != 0
        def limits():
            import resource
            return [resource.getrlimit(name) for name in (resource.RLIMIT_NPROC, resource.RLIMIT_CORE)]
    """
    subject = imported(opened(bubblewrap, text))
    effective, permitted, no_new_privileges, uid = called(subject, "look")["items"]
    assert int(effective, 16) == int(permitted, 16) == 0
    assert no_new_privileges == "1" and uid != 0
    assert called(subject, "unshare") == -1
    assert called(subject, "shell") is True
    assert called(subject, "families") == ["AF_INET", "AF_INET6", "AF_UNIX"]
    assert called(subject, "limits") == [{"$": "tuple", "items": [64, 64]}, {"$": "tuple", "items": [0, 0]}]


def test_it_reaches_no_other_machine(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import socket
        def reach():
            done = []
            for address in (("192.0.2.1", 80), ("8.8.8.8", 53), ("2001:db8::1", 80)):
                try: socket.create_connection(address, 1).close(); done.append(address)
                except OSError as error: done.append(type(error).__name__)
            return done
        def resolve(): return sorted({info[4][0] for info in socket.getaddrinfo("localhost", 80)})
        def unknown():
            try: return socket.gethostbyname("example.com")
            except socket.gaierror: return None
    """

    def body() -> None:
        if not private_loopback():
            pytest.skip("no network namespaces here")
        assert network_here() == "private"
        sandbox = opened(bubblewrap, text)
        assert sandbox.network == "private"
        subject = imported(sandbox)
        assert called(subject, "reach") == ["OSError", "OSError", "OSError"]
        assert called(subject, "resolve")[0] == "127.0.0.1"
        assert called(subject, "unknown") is None

    in_a_thread(body)
    assert network_here() == "shared"


def test_two_private_networks_have_all_ports(bubblewrap: Level, opened: Opener) -> None:
    text = """
        import socket
        class Server:
            def start(self):
                with socket.create_server(("0.0.0.0", 8888)) as server: server.accept()[0].sendall(b"hello")
    """

    def body() -> None:
        if not private_loopback():
            pytest.skip("no network namespaces here")
        subject = imported(opened(bubblewrap, text))
        serving = subject.post({"do": "serve", "name": "Server", "method": "start"})
        assert subject.wait_event("listening", PATIENCE, unless=serving)["port"] == 8888
        in_a_thread(inner)
        with socket.create_connection(("127.0.0.1", 8888), PATIENCE) as client:
            assert client.recv(10) == b"hello"

    def inner() -> None:
        assert private_loopback()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", 8888), PATIENCE)

    in_a_thread(body)


def test_closing_ends_everything(bubblewrap: Level, opened: Opener) -> None:
    sandbox = opened(bubblewrap, "import time\ndef sleep(): time.sleep(1000)")
    subjects = [imported(sandbox) for _ in range(3)]
    for subject in subjects:
        subject.post({"do": "call", "name": "sleep"})
    begun = time.monotonic()
    sandbox.close()
    assert time.monotonic() - begun < PATIENCE
    for subject in subjects:
        ended = subject.wait(PATIENCE)
        assert ended is not None and ended.reason == "killed by the grader"
        assert not os.path.exists(f"/proc/{subject.pid}")


def test_a_broken_sandbox_is_replaced(bubblewrap: Level, opened: Opener) -> None:
    sandbox = opened(bubblewrap, "def one(): return 1")
    subject = imported(sandbox)
    sandbox._zygote.close()  # type: ignore[attr-defined]
    with pytest.raises(SubjectEnded) as caught:
        subject.ask({"do": "call", "name": "one"}, PATIENCE)
    assert caught.value.ended.reason == "sandbox"
    assert called(imported(sandbox), "one") == 1


# --- whoever ends the grader


def test_ctrl_c_while_a_sandbox_starts_leaves_nothing_behind(bubblewrap: Level) -> None:
    """It meets all that is in the terminal's foreground, at any moment: what is left is handed to this process."""
    script = """
        import ctypes, os, signal, sys, time
        from pathlib import Path
        import psutil
        from graders.sandbox import Limits, open_sandbox, choose_level, private_copy

        signal.signal(signal.SIGINT, lambda number, frame: None)
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        level = choose_level("bubblewrap")
        with private_copy({"examples/tcp_server.py": Path(sys.argv[1])}) as copy:
            for moment in range(24):
                with open_sandbox(level, "examples/tcp_server.py", copy, Limits()):
                    time.sleep(moment / 2000)
                    os.killpg(0, signal.SIGINT)
        left = psutil.Process().children()
        print([process.name() for process in left if process.status() != psutil.STATUS_ZOMBIE])
        for process in left:
            process.kill()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(ROOT / "reference/examples/tcp_server.py")],
        cwd=ROOT, capture_output=True, text=True, timeout=120, start_new_session=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr[-2000:]
