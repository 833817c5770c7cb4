"""Grades files in a process of its own and prints what came of it: python -m tests.hostile_grading UNIT=FILE…"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

import psutil

from graders.core.session.grade import Options, grade
from graders.sandbox import SubmissionRefused, enter_private_network


def main(arguments: list[str]) -> int:
    enter_private_network()
    files = {unit: Path(file) for unit, _, file in (argument.partition("=") for argument in arguments)}
    started = time.monotonic()
    try:
        result = grade(files, list(files), Options())
    except SubmissionRefused as error:
        print(json.dumps({"refused": str(error)}))
        return 0
    document = result.to_json()
    written = json.dumps(document)
    seconds = time.monotonic() - started
    time.sleep(0.2)
    print(
        json.dumps(
            {
                "seconds": round(seconds, 2),
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "report": len(written),
                "left": [process.name() for process in psutil.Process().children(recursive=True)],
                "descriptors": len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0,
                "units": {
                    unit["unit"]: {
                        "score": unit["score"],
                        "seconds": unit["seconds"],
                        "checks": {
                            check["id"]: [
                                check["verdict"],
                                (check["diagnosis"] or {}).get("code"),
                                check["seconds"],
                                check["cases"],
                            ]
                            for check in unit["checks"]
                        },
                        "tracebacks": [check["traceback"] for check in unit["checks"] if check["traceback"]],
                    }
                    for unit in document["units"]
                },
            }
        )
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
