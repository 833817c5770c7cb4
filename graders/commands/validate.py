"""`python -m graders validate`: grade the reference, the stubs and the kept programs; print the matrix."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from graders.commands.arguments import UsageError, chosen_units
from graders.core.rubric import all_units
from graders.core.session.grade import Options
from graders.core.session.slots import open_slots
from graders.sandbox import SandboxError, enter_private_network
from graders.validation import Row, Sample, matrix, never_caught, samples_of, validate

AS_DECLARED, NOT_AS_DECLARED = 0, 1


def run(options: argparse.Namespace) -> int:
    known = all_units()
    units = chosen_units(options.names, list(known))
    samples = [sample for name in units for sample in samples_of(known[name], Path()) if _asked_for(sample, options)]
    if not samples:
        parts = " or ".join(map(repr, options.sample))
        raise UsageError(f"no sample of {', '.join(units)} has {parts} in its name: see tests/submissions/")
    enter_private_network()
    rows: dict[tuple[str, str, str], Row] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown = Progress(*columns, console=Console(stderr=True), transient=True)
    with open_slots(options.jobs) as slots, shown as progress:
        task = progress.add_task("validate", total=len(samples))
        try:
            for row in validate(samples, Options(jobs=1), slots):
                rows[row.sample.key] = row
                progress.advance(task)
                for deviation in row.deviations:  # the matrix comes at the end, minutes later
                    progress.console.print(f"{row.sample.unit}/{row.sample.name}: {deviation}", markup=False)
        except SandboxError as error:
            raise UsageError(str(error)) from None
    in_order = [rows[sample.key] for sample in samples]
    missing = [] if options.sample else never_caught(in_order)
    print(matrix(in_order, missing))
    return NOT_AS_DECLARED if missing or any(row.deviations for row in in_order) else AS_DECLARED


def _asked_for(sample: Sample, options: argparse.Namespace) -> bool:
    return not options.sample or any(part in sample.name for part in options.sample)
