"""`python -m graders validate`: grade the reference, the stubs and the kept programs; print the matrix."""

from __future__ import annotations

import argparse
from pathlib import Path

from graders.commands.arguments import UsageError, chosen_units
from graders.core.rubric import all_units
from graders.core.session.grade import Options
from graders.sandbox import SandboxError, enter_private_network
from graders.validation import matrix, never_caught, validate

AS_DECLARED, NOT_AS_DECLARED = 0, 1


def run(options: argparse.Namespace) -> int:
    units = chosen_units(options.names, list(all_units()))
    enter_private_network()
    try:
        rows = validate(units, Path(), Options(jobs=1), options.jobs)
    except SandboxError as error:
        raise UsageError(str(error)) from None
    print(matrix(rows))
    wrong = any(row.deviations for row in rows) or never_caught(rows)
    return NOT_AS_DECLARED if wrong else AS_DECLARED
