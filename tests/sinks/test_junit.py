"""JUnit XML holds every check once, in a form that strict readers take."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from graders.sinks.junit import render
from tests.sinks import documents


@pytest.mark.parametrize("name", documents.ALL)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_well_formed_and_complete(name: str, lang: str) -> None:
    document = documents.ALL[name]()
    root = ElementTree.fromstring(render(document, lang))
    checks = sum(len(unit["checks"]) + bool(unit["problem"]) for unit in document["units"])
    assert len(root.findall("testsuite/testcase")) == checks == int(root.get("tests", 0))


def test_verdicts_become_the_results_that_ci_systems_know() -> None:
    root = ElementTree.fromstring(render(documents.mixed(), "en"))
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("5", "2", "3")
    failure = root.find("testsuite/testcase/failure[@type='tcp.split_character']")
    assert failure is not None and failure.text is not None
    assert "e4 bd a0" in failure.text and "incrementaldecoder" in failure.text


def test_properties_stand_on_suites_only() -> None:
    root = ElementTree.fromstring(render(documents.mixed(), "en"))
    assert root.findall("testsuite/testcase/properties") == []
    points = root.find("testsuite/properties/property[@name='points.restarts']")
    assert points is not None and points.get("value") == "30/30"


def test_nothing_that_xml_forbids_is_left() -> None:
    text = render(documents.hostile(), "zh")
    assert all(character in "\n\t\r" or character.isprintable() for character in text)
    assert "\\x1b[2J" in text and "\\ud800" in text


def test_times_have_three_decimals_at_most() -> None:
    root = ElementTree.fromstring(render(documents.mixed(), "en"))
    for element in root.iter():
        _, _, decimals = element.get("time", "0").partition(".")
        assert len(decimals) <= 3
