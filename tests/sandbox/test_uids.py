"""Every sandbox that root opens has a uid of its own, whoever else grades on this machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from graders.sandbox.uids import UIDS, OwnUid

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="uids are given on Linux only")


def test_no_two_are_the_same(tmp_path):
    folder = str(tmp_path / "locks")
    claimed = [OwnUid(folder) for _ in UIDS]
    assert {uid.number for uid in claimed} == set(UIDS)
    freed = claimed[100]
    freed.close()
    freed.close()
    assert OwnUid(folder).number == freed.number


def test_another_process_takes_another_one_until_it_ends(tmp_path):
    folder = str(tmp_path / "locks")
    code = f"from graders.sandbox.uids import OwnUid; print(OwnUid({folder!r}).number, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        taken = int(other.stdout.readline())
        mine = [OwnUid(folder) for _ in range(len(UIDS) - 1)]
        assert taken not in {uid.number for uid in mine}
        other.communicate(b"\n")
    assert OwnUid(folder).number == taken


def test_without_a_folder_for_the_locks_it_guesses(tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    assert OwnUid(str(blocked / "locks")).number in UIDS
