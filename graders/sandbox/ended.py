"""How a subject came to its end, in data and in words."""

from __future__ import annotations

import signal as signals
from dataclasses import dataclass
from typing import Literal

Reason = Literal["exit", "signal", "memory", "cpu", "output", "processes", "sandbox", "killed by the grader"]

_LIMIT_TEXTS: dict[str, tuple[str, str]] = {
    "memory": ("程序占用的内存超过上限，被评分程序终止", "the program used more memory than allowed and was killed"),
    "cpu": ("程序占用的 CPU 时间超过上限，被终止", "the program used more CPU time than allowed and was killed"),
    "output": ("程序打印的内容超过上限，被评分程序终止", "the program printed more than allowed and was killed"),
    "processes": (
        "程序启动的进程超过上限，被评分程序终止",
        "the program started too many processes and was killed",
    ),
    "sandbox": ("程序破坏了运行它的沙箱", "the program broke the sandbox that it ran in"),
    "killed by the grader": ("评分程序终止了它", "the grader killed it"),
}


@dataclass(frozen=True)
class Ended:
    """The end of a subject's process: its exit status or the signal that ended it, and why."""

    code: int | None
    signal: int | None
    reason: Reason

    @classmethod
    def from_code(cls, code: int, reason: Reason | None = None) -> Ended:
        """From a return code as subprocess gives it: negative for a signal."""
        if code < 0:
            cpu = getattr(signals, "SIGXCPU", None)
            return cls(None, -code, reason or ("cpu" if cpu is not None and -code == cpu else "signal"))
        return cls(code, None, reason or "exit")

    def describe(self, lang: str) -> str:
        """One sentence in Chinese (`zh`) or English, without a full stop."""
        chinese = lang == "zh"
        if self.reason in _LIMIT_TEXTS:
            return _LIMIT_TEXTS[self.reason][0 if chinese else 1]
        if self.signal is not None:
            name = _signal_name(self.signal)
            return f"程序被信号 {name} 终止" if chinese else f"the program was ended by signal {name}"
        return f"程序已结束，退出码 {self.code}" if chinese else f"the program ended with exit status {self.code}"


def _signal_name(number: int) -> str:
    try:
        return f"{signals.Signals(number).name} ({number})"
    except ValueError:
        return str(number)
