"""What can be asked of a subject, and what comes back: the same on every level."""

from __future__ import annotations

import math
import socket

import pytest

from graders.sandbox import Foreign, Level, SubjectEnded, SubjectTimeout, decode, encode, handle, source
from tests.sandbox.small_submissions import PATIENCE, Opener, called, imported

ECHO_SERVER = """
    import socket

    class Server:
        def __init__(self, host="127.0.0.1", port=0):
            self.host, self.port, self.pushed = host, port, []

        def start(self):
            with socket.create_server((self.host, self.port)) as server:
                print("运行在", server.getsockname()[1])
                while True:
                    client, _ = server.accept()
                    with client:
                        client.sendall(client.recv(1024))

        def push(self, text):
            self.pushed.append(text)
            return len(self.pushed)

    if __name__ == "__main__":
        Server().start()
"""


def test_an_import_tells_the_public_names(level: Level, opened: Opener) -> None:
    subject = opened(level, "import socket\nclass A: pass\ndef f(): pass\nx = 1\n_y = 2").start()
    answer = subject.ask({"do": "import"}, PATIENCE)
    assert answer["names"] == {"socket": "module", "A": "class", "f": "function", "x": "value"}
    assert (answer["sockets"], answer["threads"], answer["processes"]) == (0, 0, 0)


def test_an_import_error_names_file_line_and_only_own_frames(level: Level, opened: Opener) -> None:
    sandbox = opened(level, "import helper", files={"examples/helper.py": "def f():\n    raise KeyError('你')\nf()"})
    raised = sandbox.start().ask({"do": "import"}, PATIENCE)["raised"]
    assert (raised["type"], raised["message"]) == ("KeyError", "'你'")
    assert (raised["file"], raised["line"]) == ("examples/helper.py", 2)
    assert 'File "examples/unit.py", line 1' in raised["traceback"]
    assert "importlib" not in raised["traceback"]
    assert "LookupError" in raised["bases"]


def test_a_syntax_error_names_its_line(level: Level, opened: Opener) -> None:
    raised = opened(level, "x = 1\nif x\n").start().ask({"do": "import"}, PATIENCE)["raised"]
    assert (raised["type"], raised["file"], raised["line"]) == ("SyntaxError", "examples/unit.py", 2)
    assert "if x" in raised["traceback"]


def test_a_missing_unit_is_an_answer(level: Level, opened: Opener) -> None:
    sandbox = opened(level, "")
    sandbox.copy.file("examples/unit.py").unlink()
    assert sandbox.start().ask({"do": "import"}, PATIENCE)["raised"]["type"] == "FileNotFoundError"


def test_sys_exit_and_os_exit_differ(level: Level, opened: Opener) -> None:
    raised = opened(level, "import sys; sys.exit(3)").start().ask({"do": "import"}, PATIENCE)["raised"]
    assert raised["type"] == "SystemExit"
    with pytest.raises(SubjectEnded) as caught:
        opened(level, "import os; os._exit(7)").start().ask({"do": "import"}, PATIENCE)
    assert (caught.value.ended.code, caught.value.ended.reason) == (7, "exit")
    assert caught.value.ended.describe("zh") == "程序已结束，退出码 7"


def test_side_effects_of_an_import_are_counted(level: Level, opened: Opener) -> None:
    text = """
        import socket, subprocess, sys, threading
        threading.Thread(target=print).start()
        socket.socket().close()
        socket.socketpair()
        subprocess.run([sys.executable, "-c", "pass"])
    """
    answer = opened(level, text).start().ask({"do": "import"}, PATIENCE)
    assert answer["threads"] == 1
    assert answer["processes"] >= 1  # newer Pythons report a spawn within a Popen
    assert answer["sockets"] >= 3


def test_what_libraries_do_on_import_is_not_the_programs(level: Level, opened: Opener) -> None:
    text = "import importlib\nrequests = importlib.import_module('requests')\nimport flask, websockets, urllib3"
    answer = opened(level, text).start().ask({"do": "import"}, PATIENCE)
    assert "raised" not in answer
    assert (answer["sockets"], answer["threads"], answer["processes"]) == (0, 0, 0)


def test_only_the_three_libraries_can_be_imported(level: Level, opened: Opener) -> None:
    text = """
        def missing():
            import importlib
            wanted = "pytest hypothesis rich psutil junitparser graders inside pip setuptools".split()
            return [name for name in wanted if not found(name)]

        def found(name):
            import importlib.util
            return importlib.util.find_spec(name) is not None and name
    """
    subject = imported(opened(level, text))
    assert called(subject, "missing") == [
        "pytest",
        "hypothesis",
        "rich",
        "psutil",
        "junitparser",
        "graders",
        "pip",
        "setuptools",
    ]
    answer = subject.ask({"do": "call", "name": "found", "args": ["werkzeug"]}, PATIENCE)
    assert answer["value"] == "werkzeug"


def test_a_submodule_that_was_not_imported_is_not_there(level: Level, opened: Opener) -> None:
    subject = imported(
        opened(level, "import xml\nimport concurrent\ndef f(): return xml.dom.minidom, concurrent.futures")
    )
    assert subject.ask({"do": "call", "name": "f"}, PATIENCE)["raised"]["type"] == "AttributeError"


def test_calls_report_value_reads_and_changed_arguments(level: Level, opened: Opener) -> None:
    text = """
        class Client:
            def __init__(self, host="h"): self.host = host
            def headers(self): return {"A": "1"}
            def get(self, url, headers=None):
                if headers is not None: headers["X"] = "1"
                return self
            @property
            def broken(self): raise OSError("no")
    """
    subject = imported(opened(level, text))
    number = subject.ask({"do": "new", "name": "Client", "kwargs": {"host": "你"}}, PATIENCE)["handle"]
    command = {
        "do": "call",
        "target": number,
        "name": "get",
        "args": ["u"],
        "read": ["host", "headers().items()", "broken"],
    }
    answer = subject.ask(command, PATIENCE)
    assert "changed" not in answer
    assert answer["reads"]["host"] == {"value": "你"}
    assert "raised" not in answer["reads"]["headers().items()"]
    assert answer["reads"]["broken"]["raised"]["type"] == "OSError"
    assert isinstance(decode(answer["value"]), Foreign)
    assert decode(answer["value"]).type == "unit.Client"
    answer = subject.ask({**command, "kwargs": {"headers": {}}, "keep": True}, PATIENCE)
    assert answer["changed"] == {"args": ["u"], "kwargs": {"headers": {"X": "1"}}}
    assert subject.ask({"do": "get", "target": answer["handle"], "name": "host"}, PATIENCE)["value"] == "你"
    assert (
        subject.ask({"do": "get", "target": number, "name": "nothing"}, PATIENCE)["raised"]["type"] == "AttributeError"
    )
    assert subject.ask({"do": "new", "name": "Nobody"}, PATIENCE)["raised"]["type"] == "AttributeError"


VALUES = [
    None, True, 0, -1, 2**70, 1.5, math.inf, "", "你\0\n", "\ud800x", b"", b"\xff\x1e", (), (1, (2,)),
    [], [[]], {}, {"a": b"b"},
    {1: "x", (2, 3): None}, {"$": "bytes", "hex": "00"}, "x" * (8 * 2**20), "汉" * 3_000_000, bytes(8 * 2**20),
]  # fmt: skip


def test_values_come_back_as_they_were(level: Level, opened: Opener) -> None:
    subject = imported(opened(level, "def same(value): return value"))
    for value in VALUES:
        answer = subject.ask({"do": "call", "name": "same", "args": [encode(value)]}, PATIENCE)
        assert decode(answer["value"]) == value
        assert type(decode(answer["value"])) is type(value)
    assert math.isnan(
        decode(subject.ask({"do": "call", "name": "same", "args": [encode(math.nan)]}, PATIENCE)["value"])
    )
    assert decode(called(subject, "same", b"raw")) == b"raw"


def test_what_has_no_value_here_is_named(level: Level, opened: Opener) -> None:
    text = """
        import http
        class Odd:
            def __repr__(self): raise RuntimeError
        def values():
            loop = []; loop.append(loop)
            return [Odd(), Odd, {1}, loop, http.HTTPStatus.OK]
    """
    odd, kind, a_set, loop, status = decode(called(imported(opened(level, text)), "values"))
    assert odd == Foreign("unit.Odd", "<unit.Odd: its repr raised RuntimeError>")
    assert kind.is_class and kind.type == "unit.Odd"
    assert a_set == Foreign("set", "{1}")
    assert loop[0].type == "list"
    assert status == 200


def test_the_graders_own_code_can_be_an_argument(level: Level, opened: Opener) -> None:
    subject = imported(opened(level, "class R:\n    n = 1\ndef apply(f, r): return f(r)"))
    number = subject.ask({"do": "new", "name": "R"}, PATIENCE)["handle"]
    function = source("def f(r):\n    return r.n + module.R.n", "f")
    assert called(subject, "apply", function, handle(number)) == 2


def test_threads_answer_out_of_order(level: Level, opened: Opener) -> None:
    text = """
        import threading
        event = threading.Event()
        def wait(): event.wait(); return threading.current_thread().name
        def release(): event.set()
    """
    subject = imported(opened(level, text))
    waiting = subject.post({"do": "call", "name": "wait", "thread": "receiver"})
    with pytest.raises(SubjectTimeout):
        subject.answer(waiting, 0.05)
    called(subject, "release")
    assert subject.answer(waiting, PATIENCE)["value"] == "receiver"


def test_output_is_complete_when_the_answer_is_there(level: Level, opened: Opener) -> None:
    text = """
        import sys, os
        def talk(n):
            print("行" * n, end="")
            sys.stderr.write("!")
            os.write(1, b"raw\\xff")
    """
    subject = imported(opened(level, text))
    for size in (0, 1, 1000, 100_000):
        mark = subject.mark()
        called(subject, "talk", size)
        printed = subject.output_since(mark)
        assert sorted(printed) == sorted("行" * size + "!raw\ufffd")
    assert subject.output_tail(4) == "raw\ufffd" or subject.output_tail(1) == "!"


def test_a_server_tells_when_it_listens_and_answers_beside_it(level: Level, opened: Opener) -> None:
    subject = imported(opened(level, ECHO_SERVER))
    serving = subject.post({"do": "serve", "name": "Server", "kwargs": {}, "method": "start"})
    number = subject.wait_event("serving", PATIENCE)["handle"]
    event = subject.wait_event("listening", PATIENCE, unless=serving)
    assert (event["host"], event["transport"]) == ("127.0.0.1", "tcp")
    with socket.create_connection(("127.0.0.1", event["port"]), PATIENCE) as client:
        client.sendall("你好".encode())
        assert client.recv(100).decode() == "你好"
    assert subject.ask({"do": "call", "target": number, "name": "push", "args": ["x"]}, PATIENCE)["value"] == 1
    assert subject.ask({"do": "get", "target": number, "name": "pushed"}, PATIENCE)["value"] == ["x"]
    subject.interrupt()
    assert subject.answer(serving, PATIENCE)["raised"]["type"] == "KeyboardInterrupt"
    ended = subject.wait(PATIENCE)
    assert ended is not None and ended.code == 0
    assert "运行在" in subject.output_tail()


def test_a_server_that_returns_without_listening(level: Level, opened: Opener) -> None:
    text = """
        class Server:
            def start(self): print("端口被占用")
    """
    subject = imported(opened(level, text))
    serving = subject.post({"do": "serve", "name": "Server", "method": "start"})
    assert subject.wait_event("listening", PATIENCE, unless=serving)["returned"] is True
    assert subject.output_tail() == "端口被占用\n"
    ended = subject.wait(PATIENCE)
    assert ended is not None and ended.code == 0


def test_a_server_whose_thread_keeps_the_process_alive(level: Level, opened: Opener) -> None:
    text = """
        import threading
        class Server:
            def start(self): threading.Thread(target=threading.Event().wait).start()
    """
    subject = imported(opened(level, text))
    subject.ask({"do": "serve", "name": "Server", "method": "start"}, PATIENCE)
    assert subject.wait(0.3) is None
    subject.kill()
    assert subject.ended is not None and subject.ended.reason == "killed by the grader"


def test_udp_and_asyncio_servers_are_heard(level: Level, opened: Opener) -> None:
    text = """
        import asyncio, socket
        class Udp:
            def start(self):
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); s.recvfrom(10)
        class Async:
            def start(self): asyncio.run(self.main())
            async def main(self):
                server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
                await server.serve_forever()
    """
    sandbox = opened(level, text)
    for name, transport in (("Udp", "udp"), ("Async", "tcp")):
        subject = imported(sandbox)
        serving = subject.post({"do": "serve", "name": name, "method": "start"})
        event = subject.wait_event("listening", PATIENCE, unless=serving)
        assert (event["transport"], event["host"]) == (transport, "127.0.0.1")
        subject.interrupt()
        assert subject.wait(PATIENCE) is not None


@pytest.mark.parametrize("name", ["app", "create_app"])
def test_flask_is_served_by_threads(level: Level, opened: Opener, name: str) -> None:
    text = """
        from flask import Flask
        def create_app(storage_path=None):
            app = Flask(__name__)
            @app.get("/")
            def index(): return f"storage {storage_path}"
            return app
        app = create_app()
    """
    sandbox = opened(level, text)
    subject = imported(sandbox)
    kwargs = {"storage_path": "s"} if name == "create_app" else {}
    command = {"do": "serve_wsgi", "name": name, "kwargs": kwargs, "host": "127.0.0.1", "port": 0}
    serving = subject.post(command)
    port = subject.wait_event("listening", PATIENCE, unless=serving)["port"]
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.endswith(b"storage s" if kwargs else b"storage None")


def test_a_script_has_stdin_arguments_and_a_terminals_manners(level: Level, opened: Opener) -> None:
    text = """
        import sys
        print(__name__, sys.argv[1:])
        while (line := input("> ")) != "quit":
            print("得到", line)
        print("再见", end="")
        sys.exit(5)
    """
    script = opened(level, text).start_script(["--host", "127.0.0.1"])
    mark = 0
    while "> " not in script.output_tail():
        assert script.wait_output(mark, PATIENCE)
        mark = script.output_bytes
    assert script.output_tail() == "__main__ ['--host', '127.0.0.1']\n> "
    script.write("你好\nquit\n")
    ended = script.wait(PATIENCE)
    assert ended is not None and ended.code == 5
    assert script.output_tail().endswith("> 得到 你好\n> 再见")


def test_a_script_that_fails_shows_its_own_traceback(level: Level, opened: Opener) -> None:
    script = opened(level, "def f(): return 1 / 0\nf()").start_script([])
    ended = script.wait(PATIENCE)
    assert ended is not None and ended.code == 1
    assert "ZeroDivisionError" in script.output_tail() and "driver" not in script.output_tail()


def test_a_script_reads_the_end_of_its_input(level: Level, opened: Opener) -> None:
    script = opened(level, "import sys\nprint(len(sys.stdin.read()))").start_script([])
    script.write("x" * 1_000_000)
    script.close_stdin()
    assert script.wait(PATIENCE) is not None
    assert script.output_tail() == "1000000\n"


def test_a_script_that_serves_is_heard_and_interrupted(level: Level, opened: Opener) -> None:
    script = opened(level, ECHO_SERVER).start_script([])
    assert script.wait_event("listening", PATIENCE)["transport"] == "tcp"
    script.interrupt()
    ended = script.wait(PATIENCE)
    assert ended is not None and ended.code == 130


def test_time_runs_are_told_from_time_waits(level: Level, opened: Opener) -> None:
    text = """
        import time
        def spin():
            end = time.process_time() + 0.2
            while time.process_time() < end: pass
    """
    subject = imported(opened(level, text))
    before = subject.cpu()
    if before is None:
        pytest.skip("this system does not tell")
    called(subject, "spin")
    after = subject.cpu()
    assert after is not None and after.ran - before.ran >= 0.15


def test_scratch_files_outlive_a_subject(level: Level, opened: Opener) -> None:
    text = "def add(path, text):\n    with open(path, 'a') as f: f.write(text)\n    return open(path).read()"
    sandbox = opened(level, text)
    sandbox.write_file("users.json", b"[1]")
    path = f"{sandbox.scratch_path}/users.json"
    assert called(imported(sandbox), "add", path, "[2]") == "[1][2]"
    sandbox.clear()
    assert called(imported(sandbox), "add", path, "[3]") == "[1][2][3]"
    assert sandbox.read_file("users.json") == b"[1][2][3]"
    with pytest.raises(FileNotFoundError):
        sandbox.read_file("nothing")
