"""Questions about the answers of a proxy's own, and about what it passes on of an answer that was cut short. No I/O."""

from __future__ import annotations

from graders.core.models.finding import Ending, Mismatch, Side
from graders.core.models.http_message import Response
from graders.core.models.http_parser import ResponseParser, State
from graders.core.models.proxy_passing import wrong_status
from graders.core.models.web_answer import Question
from graders.core.text import Text


def only(status: int, code: str, *others: int) -> Question:
    """This status, or one of ``others``; ``code``: the mistake that any other points to."""

    def ask(answer: Response) -> Mismatch | None:
        return None if answer.status in (status, *others) else wrong_status(answer, status, *others, code=code)

    return ask


class NotWhole:
    """The stream oracle for what comes of an origin's answer that was cut short: a 502, or nothing that looks whole.

    One whose body ends with the connection shows no cut: such a one is not held against it.
    """

    def __init__(self, method: str) -> None:
        self._parser = ResponseParser(method)

    def complete(self, data: bytes | bytearray) -> bool:
        if rest := bytes(data[self._parser.fed :]):
            self._parser.feed(rest)
        return self._parser.state is not State.NEEDS_MORE

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        self.complete(data)
        message = self._parser.message
        wanted = Side(Text("502，或者连接断开", "a 502, or a broken connection"))
        right = "status == 502 or ending in ('end', 'reset')"
        if message is not None and message.status != 502:
            return Mismatch(wanted, Side(data=data), "proxy.cut_answer_whole", python=right)
        if message is None and ending is Ending.SILENCE:
            words = Text("连接还开着，客户端一直等着", "the connection stays open, and the client waits")
            return Mismatch(wanted, Side(words), "proxy.cut_answer_hangs", python=right)
        return None
