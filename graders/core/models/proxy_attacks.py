"""What came of a request that should not pass, and whether a proxy says that it was there (Via). No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from graders.core.models.finding import Ending, Mismatch, Side
from graders.core.models.http_message import Request, Response
from graders.core.models.proxy_passing import same_path, wrong_status
from graders.core.models.web_answer import Question
from graders.core.text import Text


def refused(mistake: str) -> Question:
    """400. Another refusal is a mistake of its own; no refusal at all is ``mistake``."""

    def ask(answer: Response) -> Mismatch | None:
        if answer.status == 400:
            return None
        code = f"proxy.{mistake}_accepted" if answer.status < 400 else "proxy.bad_request_not_400"
        return wrong_status(answer, 400, code=code)

    return ask


#: A CR without its LF, or an LF without its CR.
_ALONE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_REQUEST_LINE = re.compile(rb"GET (\S+) HTTP/1\.[01]\r\n")
_INJECTED = re.compile(rb"\r\nx-injected[ \t]*:", re.IGNORECASE)


class Unsmuggled:
    """The stream oracle of an origin for a head that a line end was ``hidden`` in: in a path, or in a header line.

    A CR or an LF alone may end a line: then there are two headers, and both sides know of them. But the origin must not
    find a header where the proxy has seen the value of one: a CR or LF alone is not passed on, a line that goes on is
    none of its own.
    """

    def __init__(self, hidden: str) -> None:
        self.path = hidden if hidden.startswith("/") else "/"
        self.may_split = bool(re.search(r"\r(?!\n)|(?<!\r)\n", hidden))

    def complete(self, data: bytes | bytearray) -> bool:
        return b"\n\r\n" in data or b"\n\n" in data

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        head = data.partition(b"\r\n\r\n")[0]
        line = _REQUEST_LINE.match(head)
        if line is None or not same_path(self.path, line[1].decode("latin-1")):
            right = f"re.match(r'GET \\S+ HTTP/1', first_line) and '%0' in first_line.lower() or {self.path == '/'}"
            return Mismatch(Side(value=f"GET {self.path} HTTP/1.1"), Side(data=data), "proxy.decoded_url", python=right)
        if _INJECTED.search(head) and not self.may_split:
            wanted = Side(Text("没有首部 X-Injected", "no header X-Injected"))
            return Mismatch(wanted, Side(data=data), "proxy.header_smuggled", python="'x-injected' not in headers")
        if alone := _ALONE.search(head):
            wanted = Side(Text("每个 CR 后面有 LF，每个 LF 前面有 CR", "no CR without LF, and no LF without CR"))
            right = r"not re.search(rb'\r(?!\n)|(?<!\r)\n', got.partition(b'\r\n\r\n')[0])"
            return Mismatch(wanted, Side(data=data), "proxy.line_end_passed_on", alone.start(), python=right)
        return None


def via_added(before: Iterable[str], where: str) -> Callable[[Request | Response], Mismatch | None]:
    """A member of Via (RFC 9110 §7.6.3) behind what was there. ``where``: ``request`` or ``answer``."""
    earlier = _tight(", ".join(before))

    def ask(message: Request | Response) -> Mismatch | None:
        lines = message.headers.get_all("Via")
        got = _tight(", ".join(lines))
        behind = rf"{re.escape(earlier + ',' if earlier else '')}(HTTP/)?[0-9]\.[0-9] [^ ,].*"
        if re.fullmatch(behind, got):
            return None
        shown = f"Via: {earlier + ', ' if earlier else ''}1.1 …"
        wanted = Side(Text(shown, shown))
        seen = [f"Via: {line}" for line in lines]
        kind = "missing" if got == earlier else "changed"
        right = rf"re.fullmatch({behind!r}, re.sub(r'\s*,\s*', ',', headers.get('via', '')))"
        return Mismatch(wanted, Side(value=seen), f"proxy.{where}_via_{kind}", python=right)

    return ask


def _tight(text: str) -> str:
    return re.sub(r"\s*,\s*", ",", text.strip())
