"""Closes the doors in the kernel that no program of the lesson ever uses, for the calling process and its children.

Above all user namespaces: whoever makes one is root inside it and may mount file systems in memory, which no limit here
counts; and files in memory without a name, which belong to no process that could be found to have too much of them.
A classic BPF program looks at the number and the first argument of every system call; what it refuses fails
with an error as if the kernel did not have it. Only for x86-64 and AArch64; elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

_CLONE_NEWUSER = 0x10000000
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

# machine -> (AUDIT_ARCH_…, system call numbers)
_MACHINES: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            "clone": 56, "unshare": 272, "clone3": 435, "setns": 308, "prlimit64": 302, "socket": 41,
            "io_uring_setup": 425, "bpf": 321, "keyctl": 250, "add_key": 248, "request_key": 249,
            "perf_event_open": 298, "userfaultfd": 323, "memfd_create": 319, "memfd_secret": 447, "shmget": 29,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "clone": 220, "unshare": 97, "clone3": 435, "setns": 268, "prlimit64": 261, "socket": 198,
            "io_uring_setup": 425, "bpf": 280, "keyctl": 219, "add_key": 217, "request_key": 218,
            "perf_event_open": 241, "userfaultfd": 282, "memfd_create": 279, "memfd_secret": 447, "shmget": 194,
        },
    ),
}  # fmt: skip
# Unix, IPv4, IPv6, netlink (getaddrinfo asks it). Others, such as vsock, lead out of a network namespace.
_FAMILIES = (1, 2, 10, 16)

_LOAD, _RETURN = 0x20, 0x06
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data (little endian: the lower half first)
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000

_Step = tuple[int, int, int, int]  # code, jump if true, jump if false, operand


def program(machine: str) -> bytes | None:
    """The filter for this machine, an array of struct sock_filter; None where its numbers are not known."""
    if machine not in _MACHINES:
        return None
    arch, numbers = _MACHINES[machine]
    steps: list[_Step] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _ERROR | errno.ENOSYS),  # the 32-bit entry, which has other numbers
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, 0x40000000),
        (_RETURN, 0, 0, _ERROR | errno.ENOSYS),  # x32, likewise
    ]
    refused: _Step = (_RETURN, 0, 0, _ERROR | errno.EPERM)
    allowed: _Step = (_RETURN, 0, 0, _ALLOW)
    argument: _Step = (_LOAD, 0, 0, _FIRST_ARGUMENT)
    new_user: list[_Step] = [argument, (_ANY_BIT, 0, 1, _CLONE_NEWUSER), refused, allowed]
    of_others: list[_Step] = [argument, (_EQUAL, 1, 0, 0), refused, allowed]  # the limits of process 1
    families = [(_EQUAL, len(_FAMILIES) - index, 0, family) for index, family in enumerate(_FAMILIES)]
    rules: dict[str, list[_Step]] = {
        "clone": new_user,
        "unshare": new_user,
        "clone3": [(_RETURN, 0, 0, _ERROR | errno.ENOSYS)],  # its flags are in memory; libraries then take clone
        "prlimit64": of_others,
        "socket": [argument, *families, (_RETURN, 0, 0, _ERROR | errno.EAFNOSUPPORT), allowed],
    }
    for name, number in numbers.items():
        body = rules.get(name, [refused])
        steps += [(_EQUAL, 0, len(body), number), *body]
    steps.append(allowed)
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def install() -> bool:
    """For good. False where the kernel refuses or the machine is not known: the other walls stand all the same."""
    code = program(os.uname().machine)
    if code is None or struct.pack("=I", 1) != struct.pack("@I", 1):
        return False
    text = ctypes.create_string_buffer(code, len(code))
    header = ctypes.create_string_buffer(struct.pack("HP", len(code) // 8, ctypes.addressof(text)))
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)
