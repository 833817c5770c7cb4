"""What a subject may use."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True)
class Limits:
    """Bounds of one subject; sizes in bytes, times in seconds.

    processes      threads and processes of the whole sandbox (Linux counts threads, too): 64 + the unit's clients
    address_space  virtual memory of one process; 200 honest threads need 2.6 GiB of it and touch 32 MiB
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
