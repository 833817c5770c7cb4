"""Starts, limits, watches and kills subjects: a submission's code in processes of its own.

    level = choose_level("auto")
    with private_copy(Path("student")) as copy, open_sandbox(level, "examples/tcp_server.py", copy) as sandbox:
        subject = sandbox.start()
        subject.ask({"do": "import"}, timeout=5.0)

inside/driver.py tells what can be asked; inside/encode.py how values travel.
"""

from graders.sandbox.ended import Ended
from graders.sandbox.errors import (
    SandboxError,
    SandboxUnsupported,
    SubjectEnded,
    SubjectSpokeNonsense,
    SubjectTimeout,
    SubmissionRefused,
)
from graders.sandbox.level import Level, all_levels, choose_level, open_sandbox
from graders.sandbox.limits import Limits
from graders.sandbox.network import enter_private_network, network_here, private_loopback
from graders.sandbox.sandbox import Sandbox
from graders.sandbox.subject import Cpu, Subject
from graders.sandbox.submission import PrivateCopy, private_copy
from graders.sandbox.values import Foreign, decode, encode, handle, source

__all__ = [
    "Cpu",
    "Ended",
    "Foreign",
    "Level",
    "Limits",
    "PrivateCopy",
    "Sandbox",
    "SandboxError",
    "SandboxUnsupported",
    "Subject",
    "SubjectEnded",
    "SubjectSpokeNonsense",
    "SubjectTimeout",
    "SubmissionRefused",
    "all_levels",
    "choose_level",
    "decode",
    "encode",
    "enter_private_network",
    "handle",
    "network_here",
    "open_sandbox",
    "private_copy",
    "private_loopback",
    "source",
]
