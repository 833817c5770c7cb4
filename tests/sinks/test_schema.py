"""The result schema takes the documents that the sinks are tested with, and refuses what is not one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.sinks import documents

SCHEMA = json.loads((Path(__file__).parents[2] / "graders" / "results.schema.json").read_text("utf-8"))


def problems(document: dict[str, Any]) -> list[str]:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", documents.ALL)
def test_every_example_document_is_valid(name: str) -> None:
    assert problems(documents.ALL[name]()) == []


def test_a_broken_check_needs_its_traceback() -> None:
    document = documents.mixed()
    broken = next(c for c in document["units"][0]["checks"] if c["verdict"] == "broken")
    del broken["traceback"]
    assert len(problems(document)) == 1


def test_a_skipped_check_needs_its_reason() -> None:
    document = documents.mixed()
    skipped = next(c for c in document["units"][0]["checks"] if c["verdict"] == "skipped")
    skipped["reason"] = None
    assert len(problems(document)) == 1


@pytest.mark.parametrize("key", SCHEMA["required"])
def test_every_promised_key_is_required(key: str) -> None:
    document = documents.mixed()
    del document[key]
    assert problems(document)
