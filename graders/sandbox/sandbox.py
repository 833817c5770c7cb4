"""A sandbox: holds a submission's copy and starts subjects of one unit in it."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any

from graders.sandbox.errors import SandboxError
from graders.sandbox.limits import Limits
from graders.sandbox.network import network_here
from graders.sandbox.subject import Subject
from graders.sandbox.submission import PrivateCopy


class Sandbox(ABC):
    """Open one in the thread that has the private network, use it from any, and close it (or use `with`)."""

    name: str  # of its level

    def __init__(self, unit_path: str, copy: PrivateCopy, limits: Limits) -> None:
        self.unit_path = unit_path
        self.copy = copy
        self.limits = limits
        self.network = network_here()
        self.halted = False

    @property
    @abstractmethod
    def scratch_path(self) -> str:
        """A folder for the subjects' files, as they see it; it lives as long as the sandbox."""

    @abstractmethod
    def _launch(self, config: dict[str, Any]) -> Subject:
        """A subject with this configuration of the driver."""

    @abstractmethod
    def _inner_root(self) -> str:
        """The submission's folder as the subjects see it."""

    @abstractmethod
    def _inner_path(self, unit_path: str) -> str:
        """A file of the submission as the subjects see it."""

    @abstractmethod
    def clear(self) -> None:
        """End everything that runs in here."""

    def halt(self) -> None:
        """From any thread: end everything in here for good. Who waits for it, or wants to start more: SandboxError."""
        self.halted = True
        self.clear()

    @abstractmethod
    def close(self) -> None:
        """Clear, and give everything back."""

    @abstractmethod
    def write_file(self, name: str, data: bytes) -> None:
        """Put a file into the scratch folder."""

    @abstractmethod
    def read_file(self, name: str) -> bytes:
        """A file of the scratch folder, at most Limits.file_size of it; FileNotFoundError if there is none."""

    def used(self) -> float | None:
        """Seconds of processor time that everything in here has had so far; None where that cannot be told."""
        return None

    def start(self) -> Subject:
        """A fresh process that waits for commands."""
        return self._launched(self._config("commands", [], self.unit_path))

    def start_script(
        self,
        argv: list[str],
        *,
        module: str | None = None,
        environment: Mapping[str, str] | None = None,
        interpreter: str | None = None,
    ) -> Subject:
        """A fresh process that runs the unit's file, or the ``module`` beside it, as `python FILE ARGV…` would.

        ``environment``: variables besides the usual ones; ``interpreter``: another Python than the environment's, which
        has the standard library and nothing else.
        """
        path = self.unit_path if module is None else str(PurePosixPath(self.unit_path).with_name(f"{module}.py"))
        config = self._config("script", argv, path)
        return self._launched({**config, "environment": dict(environment or {}), "interpreter": interpreter})

    def _launched(self, config: dict[str, Any]) -> Subject:
        subject = None if self.halted else self._launch(config)
        if subject is None or self.halted:  # just now, perhaps before this one was known
            self.clear()
            raise SandboxError("the sandbox has been halted")
        return subject

    def _config(self, mode: str, argv: list[str], unit_path: str) -> dict[str, Any]:
        path, nonce = self._inner_path(unit_path), secrets.token_hex(8)
        config = {"mode": mode, "root": self._inner_root(), "path": path, "argv": argv, "nonce": nonce}
        return config | {"cache": f"{self.scratch_path}/compiled"}

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def plain_name(name: str) -> str:
    """A scratch file's name, which never leads out of the folder."""
    if not name or "/" in name or "\\" in name or "\0" in name or name in (".", ".."):
        raise SandboxError(f"{name!r} is not a plain file name")
    return name
