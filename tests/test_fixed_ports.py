"""A program whose script cannot have the lesson's port, because another program has it, is not marked for that."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graders.core.results import Verdict
from graders.core.rubric import Check, Unit, all_units
from graders.core.session import examiner
from graders.core.session.options import Options, Setting
from graders.core.wire.ports import FixedPort
from graders.sandbox import choose_level, private_copy

ROOT = Path(__file__).parent.parent
OCCUPIED = [(unit, check) for unit in all_units().values() for check in unit.checks.values() if check.ports]


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Setting]:
    """Like Windows and macOS: the plain level, in the network of the machine."""
    monkeypatch.setattr(examiner, "private_loopback", lambda: False)
    with private_copy(ROOT / "reference") as copy:
        yield Setting(copy, choose_level("plain"), Options(budget=0.2), 1.0)


def occupied(port: FixedPort) -> socket.socket:
    """A socket of another program's on it; whose, does not matter: somebody on this machine may be the first."""
    kind = socket.SOCK_STREAM if port.transport == "tcp" else socket.SOCK_DGRAM
    held = socket.socket(socket.AF_INET, kind)
    try:
        held.bind(("127.0.0.1", port.number))
        if port.transport == "tcp":
            held.listen()
    except OSError:
        held.close()
    return held


@pytest.mark.parametrize(("unit", "check"), OCCUPIED, ids=[f"{unit.name}.{check.id}" for unit, check in OCCUPIED])
def test_an_occupied_port_is_nobodys_mistake(unit: Unit, check: Check, setting: Setting) -> None:
    graded = examiner.ExaminerHere(unit, setting)
    with closing(graded), occupied(check.ports[-1]):
        result = graded.run(check)
    assert result.verdict is Verdict.UNAVAILABLE and result.reason
    assert str(check.ports[-1].number) in result.reason.en
    assert graded.network == "shared"


def test_the_scripts_of_all_servers_have_their_ports_to_themselves() -> None:
    serving = {unit.name for unit in all_units().values() if unit.starts}
    assert serving <= {unit.name for unit, _ in OCCUPIED}
