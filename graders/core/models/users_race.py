"""Simultaneous requests to the users API: does some order explain the answers, and if not, what went wrong? No I/O.

The list that is asked for afterwards belongs to the history: a change that was answered and is not there is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graders.core.models.finding import Mismatch, Side
from graders.core.models.http_message import Response
from graders.core.models.json_text import identical_json
from graders.core.models.linearizability import Event, TooMany, final_states
from graders.core.models.users import Kind, Operation, Result, State, apply, email_key, is_user, statuses
from graders.core.models.users_answer import error
from graders.core.models.web_answer import Question, all_of, json_that, status
from graders.core.text import Text

#: An operation and its answer (None: it was never answered).
UsersEvent = Event[Operation, Result]

#: The statuses that an operation may have when others come at the same time.
_SUCCESS = {Kind.CREATE: 201, Kind.GET: 200, Kind.LIST: 200, Kind.REPLACE: 200, Kind.DELETE: 204}
_ERRORS = {Kind.CREATE: (409,), Kind.GET: (404,), Kind.REPLACE: (404, 409), Kind.DELETE: (404,), Kind.LIST: ()}


def possible_answer(operation: Operation) -> Question:
    """An answer that some order of requests might explain: a right status and the right shape."""
    good, bad = _SUCCESS[operation.kind], _ERRORS[operation.kind]

    def has_a_user(value: Any) -> Mismatch | None:
        if is_user(value):
            return None
        return Mismatch(Side(Text("一个用户", "a user")), Side(value=value), "users.not_a_user", python="False")

    def ask(answer: Response) -> Mismatch | None:
        if answer.status in bad:
            return error(*bad, accepted="users.race_impossible")(answer)
        shape = json_that(has_a_user, statuses=(good,)) if good != 204 else status(204)
        return all_of(status(good, *bad, suspect="users.race_impossible"), shape)(answer)

    return ask


@dataclass(frozen=True)
class Aftermath:
    """What GET /users may say after the events: the question, and the state that its answer leads to."""

    state: State
    events: Sequence[UsersEvent]
    killed: bool = False

    def question(self) -> Question:
        return json_that(self._judge)

    def states(self, listed: Any) -> set[State]:
        """The states that explain the events and this list afterwards: by then whatever happens has happened."""
        state = self._as_they_stand()
        if state is not None and identical_json(state.listed(), listed):
            return {state}  # all were answered: whoever explains the list knows of the same users and ids
        # The bystanders have a part in nothing but the list: states without them are quick to compare.
        targets = {event.operation.user for event in self.events}
        racing = State(tuple(pair for pair in self.state.users if pair[0] in targets), self.state.given)
        bystanders = tuple(pair for pair in self.state.users if pair[0] not in targets)
        found = set()
        for racers in final_states(_apply, racing, self._answered_or_not(listed)):
            state = State(tuple(sorted((*bystanders, *racers.users), key=lambda pair: pair[0])), racers.given)
            if identical_json(state.listed(), listed):
                found.add(state)
        return found

    def _as_they_stand(self) -> State | None:
        """The state where all events were answered and come one after the other as they stand, if that is possible."""
        state: State | None = self.state
        for event in self.events:
            if state is None or event.result is None:
                return None
            state = _apply(state, event.operation, event.result)
        return state

    def _answered_or_not(self, listed: Any) -> list[UsersEvent]:
        """With the ids of those users that were created without an answer: the list tells them."""
        known = self.state.given | {
            event.result.value["id"]
            for event in self.events
            if event.result and event.operation.kind is Kind.CREATE and event.result.status == 201
        }
        events: list[UsersEvent] = []
        for event in self.events:
            fields = event.operation.fields
            if event.result is None and event.operation.kind is Kind.CREATE and fields is not None:
                mine = [user for user in listed if user["email"] == fields.email and user["id"] not in known]
                if not mine:
                    continue
                operation = Operation(Kind.CREATE, mine[0]["id"], fields)
                events.append(Event(operation, None, event.began))
            else:
                events.append(event)
        return events

    def _judge(self, value: Any) -> Mismatch | None:
        if not isinstance(value, list) or not all(is_user(user) for user in value):
            return Mismatch(Side(Text("用户的数组", "an array of users")), Side(value=value), "users.not_a_list")
        try:
            if self.states(value):
                return None
        except TooMany:
            return None  # nobody can tell
        wanted = Text("某种先后次序能解释的结果", "what some order of these requests explains")
        code = "users.kill_tears" if self.killed else self._mistake(value)
        return Mismatch(Side(wanted), Side(value=value), code, python=self._python(), chance=True)

    def _mistake(self, listed: list[dict[str, Any]]) -> str:
        """The mistake behind answers that no order explains, by what the race was about: the rest is chance."""
        ids = [user["id"] for user in listed]
        if ids != sorted(ids):
            return "users.list_unsorted"
        fields = [event.operation.fields for event in self.events if event.operation.fields]
        if len(fields) > 1 and len({field.key for field in fields}) == 1:
            return self._email_mistake(listed, fields[0].key)
        if any(event.operation.kind is not Kind.CREATE for event in self.events):
            return "users.race_change"
        given = [event.result.value["id"] for event in self.events if event.result and event.result.status == 201]
        again = len(set(given)) < len(given) or set(given) & self.state.given
        return "users.race_id_twice" if again else "users.race_lost"

    def _email_mistake(self, listed: list[dict[str, Any]], key: str) -> str:
        """All wanted this e-mail: did more than one get it, or did somebody change who was refused?"""
        got_it = sum(event.result is not None and event.result.status in (200, 201) for event in self.events)
        have_it = sum(email_key(user["email"]) == key for user in listed)
        if max(got_it, have_it) > 1:
            return "users.race_email_twice"
        return "users.refused_but_changed" if got_it == have_it == 1 else "users.race_impossible"

    def _python(self) -> str:
        """What the replay can say of the answers to the requests before and of this list."""
        rules = [
            "len({user['id'] for user in users}) == len({user['email'].casefold() for user in users}) == len(users)",
            f"len(users) == {len(self.state.users)} + sum(a.status == 201 for a in answers)"
            " - sum(a.status == 204 for a in answers)",
            "all(json.loads(a.body) in users for a in answers if a.status == 201)",
        ]
        kinds = Counter(event.operation.kind for event in self.events)
        targets = {event.operation.user for event in self.events}
        emails = Counter(event.operation.fields.key for event in self.events if event.operation.fields)
        if emails and max(emails.values()) > 1:
            rules.append("sum(a.status in (200, 201) for a in answers) == 1")
        elif kinds[Kind.DELETE] > 1:
            rules.append("sum(a.status == 204 for a in answers) == 1")
        elif kinds[Kind.REPLACE] == len(targets):
            rules.append("all(json.loads(a.body) in users for a in answers)")
        elif kinds[Kind.REPLACE] and not kinds[Kind.DELETE]:
            rules.append("any(json.loads(a.body) in users for a in answers)")
        if self.killed:
            rules = [
                f"len(users) >= {len(self.state.users) - kinds[Kind.DELETE]}",
                "all(json.loads(a.body) in users for a in answers if a.status in (200, 201))",
            ]
        count = len(self.events)
        return f"(lambda users, answers: {' and '.join(rules)})(json.loads(body), answers[-{count}:])"


def _apply(state: State, operation: Operation, result: Result | None) -> State | None:
    """As in users.py; without a result: whatever it would have done, if it is not refused."""
    if result is None:
        good = _SUCCESS[operation.kind]
        fields = operation.fields
        if operation.kind is Kind.CREATE:
            assert fields is not None and operation.user is not None
            if statuses(state, Operation(Kind.CREATE, None, fields)) != (good,) or operation.user in state.given:
                return None
            return state.put(operation.user, fields)
        if statuses(state, operation) != (good,):
            return state
        if operation.kind is Kind.DELETE:
            return state.without(operation.user)
        return state.put(operation.user, fields) if fields and operation.user is not None else state
    return apply(state, operation, result)
