"""Oracles for bytes that pass through a tunnel unchanged. No I/O."""

from __future__ import annotations

import zlib
from typing import Any

from graders.core.models.finding import Ending, Mismatch, PartOracle, Side, first_difference
from graders.core.models.http_message import Response
from graders.core.models.proxy_passing import wrong_status
from graders.core.text import Text

#: Beyond this a replay script's expression holds a digest instead of the bytes.
_SHOWN = 2000


class Exactly(PartOracle):
    """The stream oracle for bytes that must arrive as they were sent; what comes behind them is the next one's.

    ``missing``: the diagnosis where they do not come, or not all of them; ``changed``: where others come.
    """

    def __init__(
        self, data: bytes, *, missing: str = "proxy.tunnel_cut", changed: str = "proxy.tunnel_changed"
    ) -> None:
        self.data = data
        self.missing = missing
        self.changed = changed

    def complete(self, data: bytes | bytearray) -> bool:
        return len(data) >= len(self.data) or not self.data.startswith(data)

    def taken(self, data: bytes | bytearray) -> int:
        return min(len(data), len(self.data)) if self.data.startswith(data[: len(self.data)]) else len(data)

    def part(self, data: bytes) -> dict[str, Any]:
        return {}

    def judge(self, data: bytes, ending: Ending) -> Mismatch | None:
        if data == self.data:
            return None
        code = self.missing if self.data.startswith(data) else self.changed
        got = Side(data=data) if data else Side(_NOTHING[ending])
        where = first_difference(self.data, data)
        return Mismatch(Side(data=self.data), got, code, where, python=self._python())

    def _python(self) -> str:
        if len(self.data) <= _SHOWN:
            return f"got == {self.data!r}"
        return f"len(got) == {len(self.data)} and zlib.crc32(got) == {zlib.crc32(self.data)}"


_NOTHING = {
    Ending.SILENCE: Text("什么也没有来", "nothing came"),
    Ending.END: Text("连接关闭了，什么也没有来", "the connection was closed, nothing came"),
    Ending.RESET: Text("连接被重置了，什么也没有来", "the connection was reset, nothing came"),
    Ending.COMPLETE: Text("什么也没有来", "nothing came"),
}


def is_open(answer: Response) -> Mismatch | None:
    """The question for the answer to CONNECT: the tunnel is there."""
    return None if answer.status == 200 else wrong_status(answer, 200, code="proxy.tunnel_refused")
