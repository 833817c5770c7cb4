"""The command that validates the graders: what it prints, and its exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.__main__ import main

ROOT = Path(__file__).resolve().parents[2]


def test_only_the_samples_that_were_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["validate", "udp_server", "--sample", "stub", "--jobs", "1"]) == 0
    said = capsys.readouterr().out
    assert "ok  stub" in said
    assert said.endswith("1 programs, 0 not as declared, 0 checks without a wrong program\n")
