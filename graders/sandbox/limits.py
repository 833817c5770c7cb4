"""What a subject may use."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

#: What a thread reserves of the address space: 8 MiB for its stack, and more where C libraries run in it.
THREAD = 12 * MIB


@dataclass(frozen=True)
class Limits:
    """Bounds of one subject; sizes in bytes, times in seconds.

    processes      threads and processes of the whole sandbox (Linux counts threads, too)
    address_space  virtual memory of one process: it is not used memory, of which a thread takes some 100 KiB
    cpu_seconds    CPU time of one process
    open_files     file descriptors of one process
    file_size      the largest file that can be written
    rss            memory really used by all processes of the sandbox together
    output         everything printed by one subject, kept or not
    """

    processes: int = 64
    address_space: int = 4 * GIB
    cpu_seconds: int = 30
    open_files: int = 256
    file_size: int = 16 * MIB
    rss: int = 512 * MIB
    output: int = 64 * MIB

    @classmethod
    def for_clients(cls, clients: int) -> Limits:
        """For a program that serves so many at once, in whatever style: a pool of 300 threads, a reader, a writer and
        two more for each client, an event loop of four descriptors for each, beside the 1024 that are usual.

        What ends a program that only grows is ``rss``, and the watch for a crowd of processes that all run.
        """
        processes = 512 + 4 * clients
        space = cls.address_space + processes * THREAD
        return cls(processes=processes, open_files=1024 + 2 * clients, address_space=space)
