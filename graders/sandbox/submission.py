"""A private copy of a submission: what its author hands in is never run, or even opened, in place."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType

from graders.sandbox.errors import SubmissionRefused

FOLDERS = ("examples", "exercises", "challenges")
MAX_FILES = 2_000
MAX_BYTES = 32 * 2**20


@dataclass(frozen=True)
class PrivateCopy:
    """A folder with the declared folders of a submission; `close` (or leaving a `with`) removes it."""

    root: Path

    def file(self, unit_path: str) -> Path:
        """Where `examples/tcp_server.py` is in this copy, there or not."""
        return self.root / unit_path

    def close(self) -> None:
        shutil.rmtree(self.root.parent, ignore_errors=True)

    def __enter__(self) -> PrivateCopy:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def private_copy(source: Path | Mapping[str, Path]) -> PrivateCopy:
    """Copy a submission's folder, or the files of a mapping {unit path: file}.

    Of a folder only examples, exercises and challenges; no symbolic links, devices, `__pycache__` or hidden entries.
    SubmissionRefused beyond 2,000 files or 32 MiB, or when something cannot be read.
    """
    # The outer folder is 0700 as mkdtemp makes it, so that nobody else on this machine reads a submission; the inner
    # one is what a sandbox shows to a subject with another uid.
    root = Path(tempfile.mkdtemp(prefix="netgrade-")) / "submission"
    copy = PrivateCopy(root)
    try:
        root.mkdir(mode=0o755)
        os.chmod(root, 0o755)
        pairs = _mapped(source) if isinstance(source, Mapping) else _listed(Path(source))
        _copy(pairs, root)
    except BaseException:
        copy.close()
        raise
    return copy


def _mapped(source: Mapping[str, Path]) -> Iterator[tuple[PurePosixPath, Path]]:
    for name, file in source.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise SubmissionRefused(f"{name!r} is not a path inside a submission")
        yield path, Path(file).resolve()


def _listed(folder: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    if not folder.is_dir():
        raise SubmissionRefused(f"{folder} is not a folder")
    for name in FOLDERS:
        top = folder / name
        if top.is_symlink() or not top.is_dir():
            continue
        for parent, folders, files in os.walk(top, followlinks=False, onerror=_refuse):
            folders[:] = sorted(entry for entry in folders if not entry.startswith(".") and entry != "__pycache__")
            relative = PurePosixPath(Path(parent).relative_to(folder).as_posix())
            for file in sorted(files):
                if not file.startswith("."):
                    yield relative / file, Path(parent) / file


def _refuse(error: OSError) -> None:
    raise SubmissionRefused(f"{error.filename} cannot be read: {error.strerror}")


def _copy(pairs: Iterator[tuple[PurePosixPath, Path]], root: Path) -> None:
    left = MAX_BYTES
    count = 0
    for name, file in pairs:
        data = _read_regular(file, left)
        if data is None:
            continue
        count += 1
        left -= len(data)
        if count > MAX_FILES:
            raise SubmissionRefused(f"the submission has more than {MAX_FILES:,} files")
        if left < 0:
            raise SubmissionRefused(f"the submission has more than {MAX_BYTES // 2**20} MiB")
        target = root / name
        for folder in reversed(target.relative_to(root).parents[:-1]):
            (root / folder).mkdir(exist_ok=True)
            os.chmod(root / folder, 0o755)
        target.write_bytes(data)
        os.chmod(target, 0o644)


def _read_regular(file: Path, limit: int) -> bytes | None:
    """At most limit + 1 bytes of a regular file; None for a link or a device (checked on what was opened)."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if file.is_symlink():
        return None
    try:
        descriptor = os.open(file, flags)
    except OSError as error:
        if not file.is_file():
            return None  # a socket, or a link put there since the listing
        raise SubmissionRefused(f"{file} cannot be read: {error.strerror}") from None
    with open(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return stream.read(limit + 1)
