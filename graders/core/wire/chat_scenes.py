"""What clients of the chat do together (lesson 21.6): histories, rushes, crowds, and one that is late to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graders.core.models.chat_courses import Alike, InOrder, Mixed, OneOf
from graders.core.models.chat_events import Event, join, joined, leave, left, message, refused, said
from graders.core.models.chat_history import WITNESS, Begins, GoesAway, Step, Tells
from graders.core.models.chat_rush import Rush, seen_by
from graders.core.wire.chat import CLOSE, RESET, Chat
from graders.core.wire.server import Server
from graders.core.wire.tcp import Reading

#: Of a crowd so many talk at the same time: all of them would be 40,000 lines.
TALKERS = 20


def everybody(chat: Chat, suspect: str | None = None) -> None:
    """The last word: every client of the grader speaks; all hear it, and have heard nothing else since."""
    for who in [who for who in chat.room.names if who in chat.peers]:
        chat.says(who, f"{who} 还在", suspect=suspect)


def follow(chat: Chat, history: Iterable[Step], *, present: Iterable[str] = (), suspect: str | None = None) -> None:
    """A history, step by step; at its end the witness speaks, to show that nothing else has come to anybody.

    ``present``: these have joined before it begins, and who of them has left joins again with its next line.
    """
    chat.joins(WITNESS, "Ann")
    for who in present:
        chat.joins(who)
    for step in history:
        first = [join(step.who)] if step.who in present and step.who not in chat.room.names else []
        match step:
            case Tells(who, asked, cuts, begins, escaped, end):
                if who in chat.begun:  # it has begun its join
                    first = []
                shape = {"escaped": escaped, "end": end}
                chat.tells(who, *first, *asked, cuts=cuts, begins=begins, suspect=suspect, **shape)
            case Begins(who, asked, cut):
                chat.begins(who, first[0] if first else asked, cut)
            case GoesAway(who, how) if who in chat.peers and who != WITNESS:
                chat.leaves(who, how, suspect=suspect)
    chat.says(WITNESS, "完", suspect=suspect)


def talk_at_once(chat: Chat, texts: Mapping[str, Sequence[str]]) -> None:
    """Clients whose names are their own say these at the same time; everybody sees all of it, mixed in any way."""
    for who, said_by in texts.items():
        chat.send(who, *(message(text) for text in said_by))
    causes = {who: [said(who, text) for text in said_by] for who, said_by in texts.items()}
    for who in chat.room.names:
        chat.expect(who, Mixed(causes))


def rush(server: Server, chat: Chat, parts: Rush, *, suspect: str) -> None:
    """All at the same time; then everybody has seen it in the order in which the witness has.

    The server stands still meanwhile: however slow the machine, what they say meets it all at once.
    """
    for part in parts.parts:
        if not part.joins:
            chat.joins(part.who)
    for part in parts.parts:
        chat.connect(part.who)
    with server.paused():
        for part in parts.parts:
            if part.leaves in (RESET, CLOSE):
                peer = chat.peers.pop(part.who)
                peer.reset() if part.leaves == RESET else peer.close()
            elif asked := part.asked():
                chat.send(part.who, *asked)
    order = chat.expect(WITNESS, Mixed(parts.causes()))
    marker = said(WITNESS, "完")
    chat.send(WITNESS, message("完"))
    order += chat.expect(WITNESS, InOrder([marker]))
    for part in parts.parts:
        if part.who in chat.peers and part.who != WITNESS:
            course = Alike(seen_by(part, order), WITNESS, len(order), part.who if part.joins else None)
            chat.expect(part.who, course, suspect=suspect, ends=bool(part.leaves))


def race_for_a_name(server: Server, chat: Chat, racers: Sequence[str], name: str, *, suspect: str) -> None:
    """All ask for one name at the same time: one of them gets it, the others an error, and nobody notices them."""
    others = list(chat.room.names)
    for who in racers:
        chat.connect(who)
    with server.paused():
        for who in racers:
            chat.send(who, join(name))
    winner = None
    for who in racers:
        may_win, must_win = winner is None, winner is None and who == racers[-1]
        course = OneOf([joined(name)] * may_win + [refused()] * (not must_win))
        if chat.expect(who, course, suspect=suspect)[-1]["type"] == "join":
            winner = who
        else:
            chat.peers.pop(who).close()
    assert winner is not None, "the last one must have won"
    chat.room.names[winner] = name
    for who in others:
        chat.sees(who, [joined(name)], suspect=suspect)


def joins_and_is_gone(server: Server, chat: Chat, who: str) -> None:
    """A join, and a reset behind it, before the program has read either: who is announced must leave, too.

    It may be that nobody ever learns of it: a program may look at the reset first.
    """
    with server.paused():
        chat.connect(who)
        chat.send(who, join(who))
        chat.peers.pop(who).reset()
    others = list(chat.room.names)
    chat.perhaps = {other: [joined(who), left(who)] for other in others}
    everybody(chat)
    for other in others:
        if chat.perhaps[other] == [left(who)]:
            chat.sees(other, [left(who)], suspect="chat.no_leave")
    chat.perhaps.clear()


def is_taken(chat: Chat, name: str, who: str, *, suspect: str) -> None:
    """``who`` asks for the name and gets an error; whether the connection then ends is another check's matter."""
    chat.connect(who)
    chat.send(who, join(name))
    chat.expect(who, InOrder([refused()]), suspect=suspect)


def refused_at_once(chat: Chat, who: str, bad: Any, good: Any, *, suspect: str) -> None:
    """A first line that is refused, and behind it in one segment a join, which nobody listens to any more.

    The error may be lost with the connection: it ends with a line unread.
    """
    chat.connect(who)
    chat.send(who, bad, good)
    chat.expect(who, InOrder([], perhaps=[refused()]), suspect=suspect, ends=True)
    chat.peers.pop(who).close()


def crowd(chat: Chat, names: Sequence[str], *, suspect: str) -> None:
    """All of them join, one after the other; some talk at the same time; some leave. Everybody sees it all."""
    for who in names:
        chat.connect(who)
        chat.send(who, join(who))
        chat.expect(who, InOrder([joined(who)]), suspect=suspect)
    talkers = list(names[:: len(names) // TALKERS])
    for who in talkers:
        chat.send(who, message("大家好"))
    for number, who in enumerate(names):
        causes: dict[str, list[Event]] = {other: [joined(other)] for other in names[number + 1 :]}
        for other in talkers:
            causes.setdefault(other, []).append(said(other, "大家好"))
        chat.expect(who, Mixed(causes), suspect=suspect)
    chat.room.names.update({who: who for who in names})
    for who, how in zip(talkers, chat.ways_to_leave, strict=False):
        chat.leaves(who, how, suspect=suspect)
    chat.says(names[-1], "完", suspect=suspect)


def talk_beside_a_late_reader(
    chat: Chat, texts: Iterable[str], late: str, *, pause: float, may_end: bool, suspect: str
) -> None:
    """The witness says one text after the other; see ``talk_in_rounds``. ``pause``: in units of patience."""
    seconds = pause * chat.peers[late].patience.unit
    talk_in_rounds(chat, [[text] for text in texts], late, seconds=seconds, may_end=may_end, suspect=suspect)


def talk_in_rounds(
    chat: Chat,
    rounds: Iterable[Sequence[str]],
    late: str,
    *,
    seconds: float,
    may_end: bool,
    suspect: str,
    bad: Sequence[bytes] = (),
    leaves: str = "",
) -> None:
    """The witness says the texts of a round in one go, and all but ``late`` read them; then comes the next round.

    In the end, after so many seconds, ``late`` reads it all. ``may_end``: it may have been disconnected instead, at any
    time, behind any line; then the others see it leave. ``bad``: lines that ``late`` says before it reads; each gets an
    error. ``leaves``: it leaves in that way (a leave, or a reset) instead, without having read anything.
    """
    behind: list[Event] = []
    gone = left(chat.room.names[late])
    others = [who for who in chat.room.names if who != late]
    if may_end:
        chat.perhaps = {who: [gone] for who in others}
    for texts in rounds:
        chat.send(WITNESS, *map(message, texts))
        events = [said(chat.room.names[WITNESS], text) for text in texts]
        for who in others:
            chat.sees(who, events, suspect=suspect)
        behind += events
    if leaves:
        _leave_unread(chat, late, leaves)
        gone_early = True
    else:
        if bad:
            chat.send(late, *bad, reading=Reading.WHEN_STUCK)
        course = InOrder(behind + [refused()] * len(bad))
        units = seconds / chat.peers[late].patience.unit
        chat.expect(late, course, suspect="chat.slow_reader_loses", may_end=may_end, late=units)
        gone_early = not course.done
        if gone_early:
            chat.peers.pop(late).close()
    if gone_early:
        chat.room.leave(late)
        for who in others:
            if chat.perhaps.pop(who):
                chat.sees(who, [gone], suspect="chat.no_leave")
    chat.perhaps.clear()


def _leave_unread(chat: Chat, who: str, how: str) -> None:
    """``who`` leaves, and never reads; behind a leave its end of the connection stays.

    A close, or half of one, is nothing to try: many a right program first sends what is due, and then sees the end.
    """
    peer = chat.peers.pop(who)
    if how == RESET:
        peer.reset()
    else:
        chat.peers[f"{who} unread"] = peer
        peer.send(chat.encode(leave()))


#: What naive code is not prepared for, though it is JSON, or begins like it; by what it is.
ODD_LINES = {
    "nested": b"[" * 30_000 + b"]" * 30_000,
    "nested text": b'{"type": "message", "text": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "nested objects": b'{"type":' * 5_000 + b'"message"' + b"}" * 5_000,
    "half open": b"[" * 60_000,
}

#: Texts with half a surrogate pair, and what may be passed on instead of them.
LONE_SURROGATES = {
    "surrogate": ("a\ud800b", ("a\ud800b", "a?b", "ab", "a\ufffdb", "a\\ud800b")),
    "surrogates": ("\udfff", ("\udfff", "?", "", "\ufffd", "\\udfff")),
}


def something_odd(chat: Chat, who: str, odd: str, *, suspect: str) -> None:
    """``who``, whose name is its own, says something that the server may answer as it likes, or close upon.

    A lone surrogate gets an error or is passed on, and the connection goes on.
    """
    others = [other for other in chat.room.names if other != who]
    if odd in LONE_SURROGATES:
        text, passed_on = LONE_SURROGATES[odd]
        chat.perhaps = {each: [said(who, other) for other in passed_on] for each in (*others, who)}
        chat.perhaps[who].append(refused())
        chat.send(who, message(text))
        chat.says(who, "还在", suspect=suspect)
    else:
        chat.perhaps = {other: [said(who, "还在"), left(who)] for other in others}
        chat.send(who, ODD_LINES[odd], message("还在"))
        chat.room.leave(who)
        for other in others:
            chat.says(other, "我也在", suspect=suspect)
        chat.peers.pop(who).close()
        for other in others:
            if left(who) in chat.perhaps[other]:
                chat.perhaps[other].remove(left(who))
                chat.sees(other, [left(who)], suspect=suspect)
    chat.perhaps.clear()
