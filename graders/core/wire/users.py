"""A client of the users API: sends operations, judges their answers, and keeps the model up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from graders.core.models.finding import Mismatch
from graders.core.models.http_message import Response
from graders.core.models.json_text import json_value
from graders.core.models.users import Kind, Operation, Result, State, after
from graders.core.models.users_answer import answer_to, survived, unchanged
from graders.core.models.web_answer import REFUSED, Question, all_of, status
from graders.core.traffic.users import Draft, request
from graders.core.traffic.web_requests import Ask, get
from graders.core.wire.blame import Silence, Wrong
from graders.core.wire.server import Server
from graders.core.wire.web import host_of, receive_answer


class Users:
    """The users of a running program as they should be (``state``), and requests about them, a connection each."""

    def __init__(self, server: Server, *, port: int | None = None) -> None:
        """``port``: of a second application in the same process."""
        self.server = server
        self.port = port
        self.state = State()
        self.unanswered: str | None = None  # what it points to when no answer comes
        self.also: Callable[[Ask, Response], Mismatch | None] = lambda sent, answer: None  # asked of every answer

    @property
    def host(self) -> str:
        return host_of(self.server)

    @property
    def ids(self) -> list[int]:
        """Of all who are there, in ascending order."""
        return [user for user, _ in self.state.users]

    def ask(self, sent: Ask, question: Question, *, units: float = 1.0, learn: str | None = None) -> Response:
        """Any request. ``learn``: the member of a JSON answer whose value the program was free to choose."""
        with self.server.connect("A", port=self.port) as peer:
            peer.send(sent.bytes(self.host))
            question = all_of(question, lambda answer: self.also(sent, answer))
            return receive_answer(
                peer,
                sent.method,
                question,
                suspect=self.unanswered,
                surplus="users.body_too_many",
                units=units,
                learn=learn,
            )

    def perform(
        self,
        kind: Kind,
        user: int | None = None,
        draft: Draft | None = None,
        *,
        suspect: str | None = None,
        also: Question | None = None,
    ) -> Response:
        """An operation, whose answer must be right in the present state; ``also``: a second question about it."""
        operation = Operation(kind, user, draft.fields if draft else None)
        question = answer_to(self.state, operation, suspect=suspect)
        question = all_of(question, also) if also else question
        learn = "id" if kind is Kind.CREATE else None
        answer = self.ask(request(kind, user, draft), question, learn=learn)
        self.state = after(self.state, operation, result_of(answer))
        return answer

    def create(self, draft: Draft, *, suspect: str | None = None, also: Question | None = None) -> int:
        """POST; the new user's id, or 0 where the e-mail is in use and was refused."""
        value = result_of(self.perform(Kind.CREATE, None, draft, suspect=suspect, also=also)).value
        return int(value["id"]) if "id" in value else 0

    def get(self, user: int, *, suspect: str | None = None) -> None:
        self.perform(Kind.GET, user, suspect=suspect)

    def list(self, *, suspect: str | None = None) -> None:
        self.perform(Kind.LIST, suspect=suspect)

    def replace(self, user: int, draft: Draft, *, suspect: str | None = None) -> None:
        self.perform(Kind.REPLACE, user, draft, suspect=suspect)

    def delete(self, user: int, *, suspect: str | None = None) -> None:
        self.perform(Kind.DELETE, user, suspect=suspect)

    def still(self, diagnosis: str) -> None:
        """GET /users is as it should be; otherwise the request before has done what ``diagnosis`` says."""
        self.ask(get("/users"), unchanged(self.state, diagnosis))

    def still_after_a_restart(self) -> None:
        """GET /users is as it was."""
        self.ask(get("/users"), survived(self.state))

    def folds_emails(self) -> bool:
        """Whether a user's e-mail is refused to others in another letter case; who comes of asking is deleted."""
        for email in self._an_email():
            other = request(Kind.CREATE, None, Draft("new", email.swapcase()))
            answer = self.ask(other, lambda answer: None, learn="id")
            if answer.status != 201:
                return True
            user = int(result_of(answer).value["id"])
            self.ask(request(Kind.DELETE, user, None), status(204))
            self.state = State(self.state.users, self.state.given | {user})
        return False

    def still_in_use(self, *, folded: bool) -> None:
        """A user's e-mail is refused to a new one; with which status, other checks ask. ``folded``: in another case."""
        refused = status(*REFUSED, accepted="users.emails_forgotten")
        for email in self._an_email():
            self.ask(request(Kind.CREATE, None, Draft("new", email.swapcase() if folded else email)), refused)

    def _an_email(self) -> Sequence[str]:
        """One that is in use, with capitals where there is such a one: what is looked up may have been folded, or not.

        None where it is not ASCII: what else has two cases is another question.
        """
        emails = [fields.email for _, fields in self.state.users if fields.email.isascii()]
        return sorted(emails, key=lambda email: email == email.lower())[:1]

    def delete_all(self) -> None:
        """Leave no trace, for who comes next in the same process."""
        for user, _ in self.state.users:
            self.delete(user)


@contextmanager
def half_a_request(users: Users, kind: Kind, user: int | None, draft: Draft) -> Iterator[None]:
    """Another client has sent half of its body when this begins, and sends the rest when it ends."""
    sent = request(kind, user, draft)
    data = sent.bytes(users.host)
    middle = len(data) - len(sent.body) // 2
    operation = Operation(kind, user, draft.fields)
    with users.server.connect("B") as peer:
        peer.send(data[:middle])
        peer.await_taken()
        yield
        peer.send(data[middle:])
        question = answer_to(users.state, operation)
        answer = receive_answer(peer, sent.method, question, learn="id" if kind is Kind.CREATE else None)
        users.state = after(users.state, operation, result_of(answer))


def start_on(server: Server, storage: object, diagnosis: str, *, chance: bool = False) -> None:
    """Start it with this storage_path; ``diagnosis``: why it would not start, however it ends, be it by ``chance``."""
    try:
        server.start(diagnosis=diagnosis, storage_path=storage)
    except Silence:
        raise
    except Wrong as found:
        server.story.mismatch = replace(found.mismatch, diagnosis=diagnosis, chance=chance)
        raise Wrong(server.story.mismatch) from None


def result_of(answer: Response) -> Result:
    """The answer as the model takes it. Its body was judged before."""
    return Result(answer.status, json_value(answer.body) if answer.body else None)
