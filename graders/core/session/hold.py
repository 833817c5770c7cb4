"""Holds the conversations of a check and turns whatever happens into a Case. Who is to blame: see wire/blame.py."""

from __future__ import annotations

import errno
import time
import traceback
from typing import Any

from graders.core.models.finding import Mismatch, Side
from graders.core.rubric import Check
from graders.core.session.case import Case, Outcome
from graders.core.session.stage import Stage
from graders.core.text import Text
from graders.core.wire.blame import Silence, Unavailable, Wrong
from graders.core.wire.patience import Patience
from graders.core.wire.ports import fixed_ports
from graders.core.wire.story import PROGRAM, Story

#: A program that waited for a processor for more than this part of the time was starved, not hung …
STARVED = 0.3

#: … unless it, and what it started, had one for this part of the time: an honest program needs much less.
FED = 0.2

#: What a socket of the grader's own fails with when there are no ports left. In a private network nobody but the
#: program can have taken them all.
TAKEN = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.ENOBUFS)

#: All waiting in one conversation together; the longest of the checks take 5 units beside ten busy loops.
CONVERSATION_UNITS = 30.0

#: An attempt that takes longer is dear where attempts are counted.
SLOW_UNITS = 0.5


def hold_all(
    check: Check, stage: Stage, history: list[dict[str, Any]], *, fresh: bool, patience: Patience, decides: bool
) -> Case:
    """Hold several conversations with one process, one after the other, in one story; the first failure ends it.

    ``decides``: look whether the program was starved of a processor meanwhile, which takes a millisecond or two.
    """
    case = Case(Outcome.RIGHT, history[-1], Story())
    shared = stage.sandbox.network != "private"
    try:
        with fixed_ports(check.ports, private=not shared):
            _hold(check, stage, history, case, fresh=fresh, patience=patience, decides=decides)
            if check.ports and shared:
                stage.discard()  # the next one has these ports for itself
    except Unavailable as error:
        case.outcome, case.reason = Outcome.UNAVAILABLE, error.reason
        stage.discard()
    return case


def _hold(
    check: Check,
    stage: Stage,
    history: list[dict[str, Any]],
    case: Case,
    *,
    fresh: bool,
    patience: Patience,
    decides: bool,
) -> None:
    """Fills in the ``case``. Raises Unavailable."""
    story = case.story
    unit, patience = patience.seconds, patience.conversation(CONVERSATION_UNITS * len(history))
    before = stage.effort() if decides else None
    started = time.monotonic()
    try:
        actor = stage.prepare(
            story,
            patience,
            actor=check.actor,
            options=dict(check.options),
            fresh=fresh or check.alone,
            module=check.module,
            ports=check.ports,
        )
        case.began = True
        for values in history:
            case.values = values
            check.function(actor, **values)
    except Unavailable:
        raise
    except Silence as error:
        case.outcome, case.mismatch = Outcome.SILENT, error.mismatch
    except Wrong as error:
        case.outcome, case.mismatch = Outcome.WRONG, error.mismatch
    except Exception as error:  # whatever else it is, it is ours
        case.outcome, case.traceback = Outcome.BROKEN, traceback.format_exc()
        if isinstance(error, OSError) and error.errno in TAKEN and stage.sandbox.network == "private":
            case.outcome, case.mismatch, before = Outcome.SILENT, _taken(story), None  # with more time nothing changes
    elapsed = max(time.monotonic() - started, 1e-6)
    case.slow = elapsed > SLOW_UNITS * unit
    if case.failed:
        if before is not None:
            after = stage.effort()
            waited, used = (new - old if new >= old else new for old, new in zip(before, after, strict=True))
            case.starved = waited / elapsed > STARVED and used / elapsed < FED
        case.output = stage.output()
        case.setup = stage.setup()
    if case.outcome is not Outcome.RIGHT:
        stage.discard()  # nobody talks to a program again that has gone wrong


def _taken(story: Story) -> Mismatch:
    words = Text("没有端口留给评分程序", "no port is left for the grader")
    mismatch = Mismatch(Side(Text("有空闲的端口", "a free port")), Side(words), diagnosis="program.takes_all_ports")
    story.fail(mismatch, story.add(PROGRAM, "silence"))
    return mismatch
