"""A network of one's own: nothing but a loopback device, on which every port is free.

Units run side by side and the lesson's scripts have fixed ports, so every unit's thread gets a network namespace.
Linux lets root make one at any time; an ordinary user needs a user namespace around the whole process first, which
can only be entered while it has one thread.
"""

from __future__ import annotations

import os
import struct
import sys

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def enter_private_network() -> bool:
    """Make private_loopback() possible for every thread of this process; True where it is.

    Call it while the process has one thread. An ordinary user's process moves into a user namespace in which it keeps
    its uid; what it may do outside does not change. Root needs nothing of that.
    """
    if not sys.platform.startswith("linux"):
        return False
    if not _trial(_private_process):  # a failed attempt may leave half of it done: try in a child first
        return False
    if os.geteuid() == 0:
        return True
    return _private_process()


def private_loopback() -> bool:
    """Give the calling thread, and what it starts from now on, a fresh network with only loopback; False if refused."""
    if not sys.platform.startswith("linux") or not _unshare(_CLONE_NEWNET):
        return False
    return _loopback_up()


def network_here() -> str:
    """`private` when the calling thread has a network of its own, else `shared`."""
    return "private" if _namespace("thread-self") != _AT_START else "shared"


def _namespace(task: str) -> str | None:
    try:
        return os.readlink(f"/proc/{task}/ns/net")
    except OSError:
        return None


_AT_START = _namespace("self")


def _private_process() -> bool:
    if os.geteuid() == 0:
        return _unshare(_CLONE_NEWNET) and _loopback_up()
    uid, gid = os.geteuid(), os.getegid()
    if not _unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
        return False
    try:
        # The kernel wants group changes given up before an ordinary user may write a gid map.
        for name, text in (("setgroups", "deny"), ("gid_map", f"{gid} {gid} 1"), ("uid_map", f"{uid} {uid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    except OSError:
        return False
    return _loopback_up() and _unshare(_CLONE_NEWNET) and _loopback_up()


def _trial(action: object) -> bool:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        done = False
        try:
            done = callable(action) and bool(action())
        finally:
            os._exit(0 if done else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _unshare(flags: int) -> bool:
    import ctypes

    try:
        return bool(ctypes.CDLL(None, use_errno=True).unshare(flags) == 0)
    except (OSError, AttributeError):
        return False


def _loopback_up() -> bool:
    import fcntl
    import socket

    name = b"lo".ljust(16, b"\0")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            answer = fcntl.ioctl(probe, _SIOCGIFFLAGS, struct.pack("16sH14x", name, 0))
            flags = struct.unpack("16sH14x", answer)[1]
            fcntl.ioctl(probe, _SIOCSIFFLAGS, struct.pack("16sH14x", name, flags | _IFF_UP))
    except OSError:
        return False
    return True
