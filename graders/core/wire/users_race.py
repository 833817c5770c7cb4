"""Requests to the users API at the same moment, or cut off by a kill."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import Any

from graders.core.models.finding import Ending
from graders.core.models.linearizability import Event
from graders.core.models.users import Kind, Operation, Result, State
from graders.core.models.users_answer import unchanged
from graders.core.models.users_race import Aftermath, UsersEvent, possible_answer
from graders.core.models.web_answer import AnswerTo
from graders.core.traffic.users import Move, Race, race, request
from graders.core.traffic.web_requests import get
from graders.core.wire.tcp import TcpPeer
from graders.core.wire.users import Users, result_of, start_on
from graders.core.wire.web import receive_answer


def run_race(users: Users, kind: Race, number: int) -> None:
    """One race and the list after it, which some order must explain."""
    before, moves = race(kind, number)
    _at_once(users, moves, [users.create(draft) for draft in before])


def _at_once(users: Users, moves: list[Move], about: Sequence[int]) -> None:
    """All moves at the same time, their answers, and the list after them, which some order must explain."""
    operations = _operations(users, about, moves)
    state = users.state
    with ExitStack() as opened:
        peers = _ready(users, opened, operations)
        # Every thread waits for one byte now. Nobody is ahead: the program stands still until all have it.
        with users.server.paused():
            began = time.monotonic()
            for peer, (_, _, data) in zip(peers, operations, strict=True):
                peer.send(data[-1:])
        events: list[UsersEvent] = []
        for peer, (operation, method, _) in zip(peers, operations, strict=True):
            answer = receive_answer(peer, method, possible_answer(operation), learn="id", units=2)
            events.append(Event(operation, result_of(answer), began, time.monotonic()))
    _settle(users, Aftermath(state, events))


def cut_off(users: Users, moves: list[Move], *, after: float, storage: Storage) -> None:
    """Kill the program ``after`` seconds while it answers, start it again on the same storage, and look at the list.

    The moves are about those who have been there longest.
    """
    server = users.server
    operations = _operations(users, users.ids, moves)
    state = users.state
    with ExitStack() as opened:
        peers = _ready(users, opened, operations)
        began = time.monotonic()
        for peer, (_, _, data) in zip(peers, operations, strict=True):
            peer.send(data[-1:])
        server.kill(after=after)
        events: list[UsersEvent] = []
        for peer, (operation, method, _) in zip(peers, operations, strict=True):
            events.append(Event(operation, _answer_if_any(peer, operation, method), began))
    start_on(server, storage, "users.kill_tears", chance=True)
    _settle(users, Aftermath(state, events, killed=True))


def all_kept(users: Users, batches: Iterable[list[Move]], *, storage: Storage) -> None:
    """Kill the program when it has answered them all, start it again on the same storage: the list is what it was.

    The moves of each batch come at the same time. Whether an older state was written last is a matter of chance, and
    mended by the next write: so the kill comes as soon as somebody's e-mail is not in the file. Where it is kept in
    another place, or in other letters, that is at once, which is no mistake.
    """
    for moves in batches:
        _at_once(users, moves, users.ids)
        if not users.server.holds(storage, *(fields.email for _, fields in users.state.users)):
            break
    users.server.kill()
    start_on(users.server, storage, "users.race_not_kept", chance=True)
    users.ask(get("/users"), unchanged(users.state, "users.race_not_kept", chance=True))


_Sent = tuple[Operation, str, bytes]

#: What ``Server.file`` gives.
Storage = dict[str, Any]


def _operations(users: Users, about: Sequence[int], moves: list[Move]) -> list[_Sent]:
    """(operation, method, bytes) of every move."""
    found = []
    for kind, index, draft in moves:
        user = about[index] if about and kind is not Kind.CREATE else None
        ask = request(kind, user, draft)
        found.append((Operation(kind, user, draft.fields if draft else None), ask.method, ask.bytes(users.host)))
    return found


def _ready(users: Users, opened: ExitStack, operations: list[_Sent]) -> list[TcpPeer]:
    """A connection for each, over which all but the last byte has gone and was read."""
    peers = [opened.enter_context(users.server.connect("ABCDEFGHIJ"[n])) for n in range(len(operations))]
    for peer, (_, _, data) in zip(peers, operations, strict=True):
        peer.send(data[:-1])
    for peer in peers:
        peer.await_taken()
    return peers


def _answer_if_any(peer: TcpPeer, operation: Operation, method: str) -> Result | None:
    """The answer, if a possible one came whole before the end: what a dying program says else is no answer."""
    possible = possible_answer(operation)
    oracle = AnswerTo(method, possible)
    data, _ = peer.receive(oracle)
    ending = Ending.END if peer.ending else Ending.COMPLETE
    peer.story.add(peer.name, "receive", data=data, ending=ending.value, learn="id")
    if oracle.message is None or possible(oracle.message):
        return None
    return result_of(oracle.message)


def _settle(users: Users, aftermath: Aftermath) -> None:
    """Ask for the list, which must be explained, and go on from the state that explains it."""
    answer = users.ask(get("/users"), aftermath.question())
    found = aftermath.states(result_of(answer).value)
    users.state = State(next(iter(found)).users, frozenset().union(*(state.given for state in found)))
