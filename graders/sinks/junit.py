"""JUnit XML: a test suite for each unit, a test case for each check, for CI systems that show test results.

Points go to the properties of the suite: junit-10.xsd, which strict readers validate against, allows none on a case.
Everything from a submission is escaped to printable characters, since XML 1.0 forbids most control characters.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from graders.core.replay.characters import printable
from graders.core.replay.telling import story_lines
from graders.core.replay.values import pick
from graders.sinks.json_file import write_text

Json = Any

COLUMNS = 100


def lines(text: str | None) -> str:
    """The text line by line, every line printable."""
    return "\n".join(printable(line) for line in (text or "").replace("\r\n", "\n").rstrip("\n").split("\n"))


def title(text: Mapping[str, str], lang: str) -> str:
    return printable(pick(text, lang).strip()).removesuffix("。").removesuffix(".")


def render(document: Json, lang: str) -> str:
    xml = JUnitXml("netgrade")
    for unit in document["units"]:
        xml.add_testsuite(_suite(unit, document["grader"], lang))
    xml.update_statistics()  # type: ignore[no-untyped-call]
    xml.time = round(xml.time, 3)
    out = io.BytesIO()
    xml.write(out, pretty=True)
    return out.getvalue().decode("utf-8")


def write_junit(path: Path, document: Json, lang: str) -> None:
    write_text(path, render(document, lang))


def _suite(unit: Json, grader: Json, lang: str) -> TestSuite:
    suite = TestSuite(printable(unit["unit"]))
    for name in ("score", "max_score", "bonus"):
        suite.add_property(name, f"{unit[name]:g}")
    suite.add_property("section", printable(unit["section"]))
    suite.add_property("isolation", grader["isolation"])
    suite.add_property("seed", str(grader["seed"]))
    for check in unit["checks"]:
        points = f"{check['points']:g}/{check['max_points']:g}"
        suite.add_property(f"points.{printable(check['id'])}", points)
        suite.add_testcase(_case(unit["unit"], check, lang))
    if unit["problem"]:
        case = TestCase("can_be_graded", printable(unit["unit"]), 0.0)
        error = Error(title(unit["problem"], lang), "problem")
        error.text = lines(unit["problem"].get("output"))
        case.result = [error]
        suite.add_testcase(case)
    suite.update_statistics()  # type: ignore[no-untyped-call]
    suite.time = round(suite.time, 3)
    return suite


def _case(unit: str, check: Json, lang: str) -> TestCase:
    case = TestCase(
        f"{printable(check['id'])}: {title(check['title'], lang)}", printable(unit), round(check["seconds"], 3)
    )
    verdict = check["verdict"]
    if verdict == "fail":
        diagnosis = check["diagnosis"]
        failure = Failure(
            title(diagnosis["title"], lang) if diagnosis else title(check["title"], lang),
            printable(diagnosis["code"]) if diagnosis else "fail",
        )
        failure.text = _evidence(unit, check, lang)
        case.result = [failure]
    elif verdict == "broken":
        error = Error("the grader itself is at fault", "broken")
        error.text = lines(check.get("traceback"))
        case.result = [error]
    elif verdict != "pass":
        case.result = [Skipped(f"{verdict}: {title(check['reason'] or {}, lang)}", verdict)]
    if check["output"]:
        case.system_out = lines(check["output"])
    return case


def _evidence(unit: str, check: Json, lang: str) -> str:
    told = [line.text for line in story_lines(check["story"], unit, lang, COLUMNS)] if check["story"] else []
    if check["diagnosis"]:
        told += ["", printable(pick(check["diagnosis"]["hint"], lang))]
    if check["replay"]:
        told += ["", f"python {printable(check['replay'])}"]
    return "\n".join(told)
