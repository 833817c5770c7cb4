"""Fixed ports are one grader's at a time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from graders.core.wire import ports
from graders.core.wire.blame import Unavailable
from graders.core.wire.ports import FixedPort, fixed_ports, free_port

HOLDER = """
import sys
from graders.core.wire.ports import FixedPort, fixed_ports

with fixed_ports([FixedPort(int(sys.argv[1]), sys.argv[2])], private=False):
    print("has it", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(params=["tcp", "udp"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def port(transport: str) -> FixedPort:
    """One whose turn can be taken too."""
    return FixedPort(free_port(transport) - ports.TURN, transport)


def holder(port: FixedPort) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(port.number), port.transport]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "has it\n"
    return process


def test_another_process_waits_for_its_turn(port: FixedPort, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    class Clock:
        """A look at the clock is a try: the second one finds the port given back."""

        @staticmethod
        def monotonic() -> float:
            return 0.0

        @staticmethod
        def sleep(_: float) -> None:
            tried.append(process.poll())
            process.communicate("", timeout=30)

    with holder(port) as process:
        monkeypatch.setattr(ports, "time", Clock)
        with fixed_ports([port], private=False):
            assert tried == [None] and process.returncode == 0


def test_a_turn_that_no_grader_gives_back_is_awaited_once(port: FixedPort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "LONGEST_TURN", 0.1)
    monkeypatch.setattr(ports, "_no_graders", set())
    with ports._socket(port.transport) as other:
        other.bind(("127.0.0.1", port.number + ports.TURN))
        for _ in range(2):
            with fixed_ports([port], private=False):
                assert ports._no_graders == {port}
            monkeypatch.setattr(ports, "LONGEST_TURN", 3600.0)


def test_a_killed_process_gives_its_turn_back(port: FixedPort) -> None:
    with holder(port) as process:
        process.kill()
        process.wait(30)
        with fixed_ports([port], private=False):
            pass


def test_a_private_network_knows_no_turns(port: FixedPort) -> None:
    with fixed_ports([port], private=True), fixed_ports([port], private=True):
        pass


def test_a_port_of_another_program_is_unavailable(port: FixedPort) -> None:
    with ports._socket(port.transport) as other:
        other.bind(("0.0.0.0", port.number))
        if port.transport == "tcp":
            other.listen()
        with pytest.raises(Unavailable) as caught, fixed_ports([port], private=False):
            pass
    assert str(port.number) in caught.value.reason.zh and str(port.number) in caught.value.reason.en
