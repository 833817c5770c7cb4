"""The submission's program as an actor of a story: what is called, what it returns, how it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from graders.core.models.finding import Mismatch, Side
from graders.core.text import Text
from graders.core.wire.blame import Silence, Wrong
from graders.core.wire.life import START_UNITS, while_it_starts
from graders.core.wire.patience import Patience
from graders.core.wire.story import PROGRAM, Step, Story
from graders.core.wire.tcp_opening import Listener
from graders.core.wire.udp import UdpPeer
from graders.sandbox import (
    Ended,
    Foreign,
    Subject,
    SubjectEnded,
    SubjectSpokeNonsense,
    SubjectTimeout,
    decode,
    encode,
    source,
)

#: What a call may take that does nothing but compute or talk to a peer that answers at once.
CALL_UNITS = 3.0

#: A time-out that is kept ends after at least this part of it (clocks are coarse) …
EARLY = 0.8
#: … and at most so many patience units later, or seconds where a call that comes back late is made again: who is late
#: each of so many times is late himself, not by the machine's fault.
LATE_UNITS = LATE_SECONDS = 0.5
TRIES = 3


@dataclass(frozen=True)
class Returned:
    """What a call came back with."""

    value: Any
    seconds: float = 0.0
    reads: dict[str, Any] = field(default_factory=dict)  # what was asked to be read off the value, by path
    changed: dict[str, Any] = field(default_factory=dict)  # arguments that the call has changed
    output: str = ""  # what was printed meanwhile
    step: Step | None = None


class Program:
    """A subject with the unit's module imported. Calls block until they return or patience ends; both are steps."""

    def __init__(
        self, subject: Subject, story: Story, patience: Patience, imported: dict[str, Any] | None = None
    ) -> None:
        self.subject = subject
        self._made: Counter[str] = Counter()  # instances of each class
        self.imported = imported or {}  # what the driver saw when it imported the module
        self.story = story
        self.patience = patience

    # -- the grader's servers that it may talk to ---------------------------------------------------------------------

    def listen(self, name: str = "S", *, port: int = 0, backlog: int = 16, narrow: bool = False) -> Listener:
        """A TCP server of the grader's; its ``address`` is what the program is given."""
        return Listener(name, self.story, self.patience, port=port, backlog=backlog, narrow=narrow)

    def udp(self, name: str = "S", *, host: str = "127.0.0.1", port: int = 0) -> UdpPeer:
        """A UDP server of the grader's; its ``address`` is what the program is given."""
        return UdpPeer(name, self.story, self.patience, host=host, port=port)

    def connection_to(self, listener: Listener) -> dict[str, Any]:
        """An argument: a socket of the program's that is connected to ``listener``."""
        make = f"import socket\nconnection = socket.create_connection({listener.address!r})"
        return source(make, "connection") | {"to": list(listener.address)}

    @staticmethod
    def as_tuple(value: Iterable[Any]) -> Any:
        """An argument that JSON would make a list."""
        return encode(tuple(value))

    # -- calls --------------------------------------------------------------------------------------------------------

    def new(self, cls: str, *args: Any, **kwargs: Any) -> Instance:
        """Make an instance of a public class."""
        self._made[cls] += 1
        number = self._made[cls]
        name = cls if number == 1 else f"{cls} {number}"
        named: dict[str, Any] = {} if number == 1 else {"as": name}
        self.story.add(PROGRAM, "call", target=None, name=cls, args=list(args), kwargs=kwargs, new=True, **named)
        answer = self._answer({"do": "new", "name": cls, "args": list(args), "kwargs": kwargs}, CALL_UNITS)
        self.judge_raised(answer)
        return Instance(self, name, self.read(answer, "handle"))

    def call(
        self, name: str, *args: Any, read: Iterable[str] = (), units: float = CALL_UNITS, **kwargs: Any
    ) -> Returned:
        """Call a public function. ``read``: paths such as ``status`` or ``getheaders()`` to read off the result."""
        return self.begin(name, *args, read=read, **kwargs).result(units=units)

    def begin(
        self,
        name: str,
        *args: Any,
        read: Iterable[str] = (),
        thread: str | None = None,
        on: Instance | None = None,
        **kwargs: Any,
    ) -> Call:
        """Begin a call that needs a peer to act before it can return; ``result()`` waits for it."""
        target = on.cls if on else None
        step = self.story.add(PROGRAM, "call", target=target, name=name, args=list(args), kwargs=kwargs, new=False)
        mark = self.subject.mark()
        number = self._post(
            {
                "do": "call",
                "target": on.handle if on else None,
                "name": name,
                "args": list(args),
                "kwargs": kwargs,
                "read": list(read),
                "thread": thread,
            }
        )
        return Call(self, number, step, mark)

    def get(self, name: str, *, on: Instance | None = None) -> Any:
        """The value of a public attribute; objects come as Foreign."""
        answer = self._answer({"do": "get", "target": on.handle if on else None, "name": name}, CALL_UNITS)
        step = self.story.add(PROGRAM, "get", target=on.cls if on else None, name=name, value=answer.get("value"))
        if "raised" in answer:
            self.judge_raised(answer, step)
        return self.read(answer)

    def expect_has(self, name: str, *, on: Instance) -> None:
        """There is a public attribute ``name``, whatever its value."""
        answer = self._answer({"do": "get", "target": on.handle, "name": name}, CALL_UNITS)
        step = self.story.add(PROGRAM, "get", target=on.cls, name=name, value=answer.get("value"))
        if "raised" in answer:
            wanted = Side(Text(f"有属性 {name}", f"there is an attribute {name}"))
            got = Side(Text(f"没有属性 {name}", f"there is no attribute {name}"))
            mismatch = Mismatch(wanted, got, diagnosis="program.missing_name", event="name")
            self.story.fail(mismatch, step)
            raise Wrong(mismatch)

    def expect_attribute(
        self, name: str, wanted: Any, *, on: Instance | None = None, diagnosis: str = "program.wrong_attribute"
    ) -> None:
        """The public attribute ``name`` has exactly the value ``wanted``; one that is missing has no value."""
        answer = self._answer({"do": "get", "target": on.handle if on else None, "name": name}, CALL_UNITS)
        missing = "raised" in answer
        step = self.story.add(PROGRAM, "get", target=on.cls if on else None, name=name, value=answer.get("value"))
        value = None if missing else self.read(answer)
        if not missing and type(value) is type(wanted) and value == wanted:
            return
        got = Side(Text(f"没有属性 {name}", f"there is no attribute {name}")) if missing else Side(value=_plain(value))
        self.wrong(
            Returned(value, step=step), Side(value=wanted), got=got, diagnosis=diagnosis, python=f"got == {wanted!r}"
        )

    def peek(self, path: str) -> Any:
        """The value of ``path`` in the module, None when there is none: a hint, nothing that is judged."""
        answer = self._answer({"do": "get", "target": None, "name": path}, CALL_UNITS)
        return None if "raised" in answer else self.read(answer)

    def has(self, path: str) -> tuple[Step, bool]:
        """Whether the module has the public name ``path`` (``Class.method`` for methods).

        A method may be an instance's own, or made when it is asked for; what makes instances need not be a class.
        """
        answer = self._answer({"do": "get", "target": None, "name": path}, CALL_UNITS)
        cls, _, method = path.partition(".")
        if "raised" in answer and method:
            made = self._answer({"do": "new", "name": cls, "args": [], "kwargs": {}}, CALL_UNITS)
            if "raised" not in made:
                answer = self._answer({"do": "get", "target": self.read(made, "handle"), "name": method}, CALL_UNITS)
        return self.story.add(PROGRAM, "get", target=None, name=path, value=None), "raised" not in answer

    def expect(
        self, returned: Returned, wanted: Any, *, diagnosis: str | None = None, note: Text | None = None
    ) -> None:
        """The call returned exactly ``wanted`` (type included: 1 is not True)."""
        if type(returned.value) is type(wanted) and returned.value == wanted:
            return
        python = f"type(got) is type({wanted!r}) and got == {wanted!r}"
        self.wrong(returned, Side(value=wanted), diagnosis=diagnosis, note=note, python=python)

    def expect_duration(self, returned: Returned, seconds: float, *, early: str, late: str) -> None:
        """The call took about ``seconds``: not much less, and not more than the machine may be to blame for."""
        self._expect_duration(returned, seconds, self.patience.seconds * LATE_UNITS, early=early, late=late)

    def expect_in_time(
        self,
        make: Callable[[], Returned],
        wanted: Any,
        seconds: float,
        *,
        late_by: float = LATE_SECONDS,
        diagnosis: str | None = None,
        early: str,
        late: str,
    ) -> None:
        """The call that ``make`` makes returns ``wanted`` after about ``seconds``, the last of TRIES at the latest."""
        for _ in range(TRIES):
            returned = make()
            self.expect(returned, wanted, diagnosis=diagnosis)
            if returned.seconds <= seconds + late_by:
                break
        self._expect_duration(returned, seconds, late_by, early=early, late=late)

    def _expect_duration(self, returned: Returned, seconds: float, late_by: float, *, early: str, late: str) -> None:
        words = Text(f"大约 {seconds:g} 秒后返回", f"it returns after about {seconds:g} s")
        if returned.step is not None and returned.seconds < seconds * EARLY:
            returned.step.more["seconds"] = seconds + LATE_SECONDS  # so long a replay waits for it
        self._expect_at_least(returned, seconds * EARLY, words, early)
        if returned.seconds > seconds + late_by:
            python = f"seconds <= {seconds + min(late_by, LATE_SECONDS)}"
            mismatch = Mismatch(Side(words), _duration(returned), diagnosis=late, python=python)
            self.story.fail(mismatch, returned.step)
            raise Silence(mismatch)  # perhaps the machine was slow: it gets a second chance

    def expect_to_wait(self, call: Call, wanted: Text, diagnosis: str) -> None:
        """The call has not returned yet, though it had the time to."""
        if call.arrived(0):
            returned = call.result()
            got = Side(value=_plain(returned.value))
            mismatch = Mismatch(Side(wanted), got, diagnosis=diagnosis, event="waits")
            self.story.fail(mismatch, returned.step)
            raise Wrong(mismatch)

    def expect_lasted(self, returned: Returned, units: float, *, diagnosis: str) -> None:
        """The call has not returned before what it waited for, which took at least ``units``."""
        words = Text("等到对方离开才返回", "it returns when the other side has left")
        self._expect_at_least(returned, self.patience.unit * units * EARLY, words, diagnosis)

    def _expect_at_least(self, returned: Returned, seconds: float, words: Text, diagnosis: str) -> None:
        if returned.seconds < seconds:
            self.wrong(
                returned, Side(words), got=_duration(returned), diagnosis=diagnosis, python=f"seconds >= {seconds}"
            )

    def wrong(
        self,
        returned: Returned,
        wanted: Side,
        *,
        got: Side | None = None,
        diagnosis: str | None = None,
        note: Text | None = None,
        python: str | None = None,
    ) -> None:
        """What the call returned contradicts the contract."""
        shown = got or Side(value=_plain(returned.value))
        mismatch = Mismatch(wanted, shown, diagnosis=diagnosis, note=note, python=python)
        self.story.fail(mismatch, returned.step)
        raise Wrong(mismatch)

    # -- how answers become verdicts ----------------------------------------------------------------------------------

    def _post(self, command: dict[str, Any]) -> int:
        try:
            return self.subject.post(command)
        except (SubjectEnded, SubjectSpokeNonsense) as error:
            raise self.ended(error) from None

    def _answer(self, command: dict[str, Any], units: float) -> dict[str, Any]:
        return self.await_answer(self._post(command), units)

    def await_answer(self, number: int, units: float, diagnosis: str | None = None) -> dict[str, Any]:
        return self._awaited(number, [self.patience.seconds * units], units, diagnosis)

    def await_import(self, number: int) -> dict[str, Any]:
        return self._awaited(number, while_it_starts(self.subject, self.patience), START_UNITS, "program.hangs")

    def _awaited(
        self, number: int, waits: Iterable[float], units: float, diagnosis: str | None = None
    ) -> dict[str, Any]:
        """The answer to a command, waited for again and again for as many seconds as ``waits`` yields."""
        try:
            for seconds in waits:
                with suppress(SubjectTimeout):
                    return self.subject.answer(number, timeout=seconds)
        except (SubjectEnded, SubjectSpokeNonsense) as error:
            raise self.ended(error) from None
        step = self.story.add(PROGRAM, "silence", seconds=units)
        mismatch = Mismatch(
            Side(Text("调用返回", "the call returns")),
            Side(Text("一直没有返回", "it does not return")),
            diagnosis=diagnosis or "program.hangs",
            event="return",
        )
        self.story.fail(mismatch, step)
        raise Silence(mismatch)

    def read(self, answer: dict[str, Any], key: str = "value") -> Any:
        """A part of an answer, decoded. What no driver ever says is the doing of a submission that meddles with it."""
        try:
            return decode(answer[key])
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            raise self.ended(SubjectSpokeNonsense("malformed answer")) from None

    def ended(self, error: Exception) -> Wrong:
        """The process is gone (or talks nonsense on the control channel, which only a submission that meddles does)."""
        ended: Ended | None = self.subject.ended
        words = Text(ended.describe("zh"), ended.describe("en")) if ended else Text("控制通道上是乱码", str(error))
        step = self.story.add(PROGRAM, "stopped", label=words)
        mismatch = Mismatch(
            Side(Text("程序继续运行", "the program goes on running")),
            Side(words),
            diagnosis="program.ended",
            event=self._pending(),
        )
        self.story.fail(mismatch, step)
        return Wrong(mismatch)

    def _pending(self) -> str:
        """What the program is about to do, going by its last step of its own: to listen, or to return."""
        kinds = [step.kind for step in self.story.steps if step.kind in ("start", "call", "get")]
        return "listening" if kinds and kinds[-1] == "start" else "return"

    def judge_raised(self, answer: dict[str, Any], step: Step | None = None, diagnosis: str | None = None) -> None:
        raised = answer.get("raised")
        if raised is None:
            return
        step = step or self.story.add(PROGRAM, "return", raised=raised)
        words = f"{raised.get('type')}: {raised.get('message')}"
        todo = raised.get("type") == "NotImplementedError"
        mismatch = Mismatch(
            Side(Text("没有异常", "no exception")),
            Side(Text(words, words)),
            diagnosis="program.todo" if todo else diagnosis or "program.raises",
            event=self._pending(),
        )
        self.story.fail(mismatch, step)
        raise Wrong(mismatch)


@dataclass(frozen=True)
class Instance:
    """An instance of a public class inside the subject."""

    program: Program
    cls: str  # its name in stories: the class, numbered from the second on
    handle: int

    def call(
        self, name: str, *args: Any, read: Iterable[str] = (), units: float = CALL_UNITS, **kwargs: Any
    ) -> Returned:
        return self.begin(name, *args, read=read, **kwargs).result(units=units)

    def begin(self, name: str, *args: Any, read: Iterable[str] = (), thread: str | None = None, **kwargs: Any) -> Call:
        return self.program.begin(name, *args, read=read, thread=thread, on=self, **kwargs)

    def get(self, name: str) -> Any:
        return self.program.get(name, on=self)

    def expect(self, name: str, wanted: Any, *, diagnosis: str = "program.wrong_attribute") -> None:
        """The public attribute ``name`` has exactly the value ``wanted``."""
        self.program.expect_attribute(name, wanted, on=self, diagnosis=diagnosis)


@dataclass
class Call:
    """A call that has begun."""

    program: Program
    number: int
    step: Step
    mark: int

    def arrived(self, seconds: float) -> bool:
        """Whether ``result()`` would not wait any more; waits for that up to ``seconds``."""
        return self.program.subject.answered(self.number, seconds)

    def forget(self, units: float = CALL_UNITS) -> None:
        """Wait for its end, whatever that is: the next call must not meet it."""
        self.arrived(self.program.patience.seconds * units)

    def end(self, units: float = CALL_UNITS) -> None:
        """Wait for its end, be it a value or an exception: it is noted, and not judged."""
        answer = self.program.await_answer(self.number, units)
        raised = {"raised": answer["raised"]} if answer.get("raised") else {}
        self.program.story.add(PROGRAM, "return", value=answer.get("value"), name=self.step.more["name"], **raised)

    def result(self, *, units: float = CALL_UNITS, hangs: str | None = None, raises: str | None = None) -> Returned:
        """Wait for it. An exception that came out of it is the program's fault (the contract has none).

        ``hangs``, ``raises``: the diagnoses that not returning and raising point to here.
        """
        answer = self.program.await_answer(self.number, units, hangs)
        if "raised" in answer:
            self.program.judge_raised(answer, diagnosis=raises)
        value = self.program.read(answer)
        reads = {
            path: self.program.read(found) if "value" in found else Foreign("raised", str(found.get("raised")))
            for path, found in answer.get("reads", {}).items()
        }
        step = self.program.story.add(PROGRAM, "return", value=answer.get("value"), name=self.step.more["name"])
        return Returned(
            value=value,
            seconds=float(answer.get("seconds", 0.0)),
            reads=reads,
            changed=answer.get("changed", {}),
            output=self.program.subject.output_since(self.mark),
            step=step,
        )


def _duration(returned: Returned) -> Side:
    return Side(Text(f"{returned.seconds:.2f} 秒后返回", f"it returned after {returned.seconds:.2f} s"))


def _plain(value: Any) -> Any:
    """For a story: what JSON can carry."""
    if isinstance(value, Foreign):
        return value.repr
    if isinstance(value, bytes):
        return repr(value)
    return value
