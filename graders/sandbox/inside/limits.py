"""Sets a process's own limits, where the system has such a thing."""

from __future__ import annotations

from collections.abc import Mapping

try:
    import resource
except ImportError:  # Windows: the grader's watchdog is all there is
    resource = None  # type: ignore[assignment]


def apply(limits: Mapping[str, int], count_processes: bool) -> None:
    """Limit this process and its children for good.

    RLIMIT_NPROC counts everything that belongs to the uid, so it is only set where the uid is the sandbox's own.
    """
    if resource is None:
        return
    wanted = {
        "RLIMIT_AS": limits["address_space"],
        "RLIMIT_CPU": limits["cpu_seconds"],
        "RLIMIT_NOFILE": limits["open_files"],
        "RLIMIT_FSIZE": limits["file_size"],
        "RLIMIT_CORE": 0,
    }
    if count_processes:
        wanted["RLIMIT_NPROC"] = limits["processes"]
    for name, value in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        hard = resource.getrlimit(kind)[1]
        if name == "RLIMIT_CPU":  # SIGXCPU at the soft limit tells why; SIGKILL follows where it is ignored
            hard = value + 2 if hard == resource.RLIM_INFINITY else min(value + 2, hard)
            value = min(value, hard)
        elif hard != resource.RLIM_INFINITY:
            value = hard = min(value, hard)
        else:
            hard = value
        try:
            resource.setrlimit(kind, (value, hard))
        except (ValueError, OSError):  # macOS refuses RLIMIT_AS
            continue
