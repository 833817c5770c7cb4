"""The report file is replaced as a whole, and where it cannot be written is known beforehand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from graders.sinks.json_file import MOST_BYTES, Unwritable, capped, check_writable, write_report, write_text
from tests.sinks import documents
from tests.sinks.documents import TCP_SETUP, data, side, step, story
from tests.sinks.test_schema import problems


@pytest.mark.parametrize("name", documents.ALL)
def test_what_is_written_is_read_back(name: str, tmp_path: Path) -> None:
    document = documents.ALL[name]()
    write_report(tmp_path / "report.json", document)
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == document


def test_chinese_is_readable_in_the_file(tmp_path: Path) -> None:
    write_report(tmp_path / "report.json", documents.mixed())
    assert "一个汉字被网络切成两段时" in (tmp_path / "report.json").read_text("utf-8")


def test_nothing_else_is_left_behind(tmp_path: Path) -> None:
    for _ in range(3):
        write_report(tmp_path / "report.json", documents.mixed())
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_the_old_report_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_text(tmp_path / "report.json", "old")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_text(tmp_path / "report.json", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report.json", "old")]


def test_a_missing_folder_is_said_before(tmp_path: Path) -> None:
    path = tmp_path / "no" / "report.json"
    with pytest.raises(Unwritable) as caught:
        check_writable(path)
    assert str(caught.value) == f"cannot write {path}: there is no folder {path.parent}; create it first"


def test_a_folder_in_its_place_is_said_before(tmp_path: Path) -> None:
    with pytest.raises(Unwritable) as caught:
        check_writable(tmp_path)
    assert str(caught.value) == f"cannot write {tmp_path}: it is a folder; name a file in it"


def test_checking_leaves_no_file(tmp_path: Path) -> None:
    check_writable(tmp_path / "report.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device")
def test_a_device_is_written_to_and_not_replaced() -> None:
    check_writable(Path("/dev/null"))
    write_text(Path("/dev/null"), "x")
    assert not Path("/dev/null").is_file()


def test_long_data_keeps_both_ends_and_the_difference() -> None:
    size = 1 << 20
    whole = bytes(size)
    got = bytes(500_000) + b"\x01" + bytes(size - 500_001)
    long = story(
        [step(1, "A", "connect"), step(2, "A", "send", data=data(whole))],
        side(bytes=data(whole)),
        side(bytes=data(got)),
        TCP_SETUP,
        first_difference=500_000,
    )
    kept = capped(long)
    assert kept is not None
    sent = kept["steps"][1]["data"]
    assert sent["bytes"] == size and len(sent["hex"]) == 2 * MOST_BYTES
    assert sent["omitted"] == size - MOST_BYTES and sent["omitted_at"] == MOST_BYTES * 3 // 4
    assert bytes.fromhex(kept["got"]["bytes"]["hex"])[500_000] == 1
    assert kept["got"]["bytes"]["omitted"] > 0
    document = documents.mixed()
    document["units"][0]["checks"][1]["story"] = kept
    assert problems(document) == []


def test_short_stories_are_kept_whole() -> None:
    whole = documents.split_character()["story"]
    assert capped(whole) == whole
