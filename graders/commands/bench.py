"""`python -m graders bench`: what the grader itself costs, as ratios within one run. No verdict hangs on any of it."""

from __future__ import annotations

import argparse
import multiprocessing
import socket
import threading
import time

import psutil

from graders.commands import chat_bench, proxy_bench
from graders.commands.arguments import UsageError, submission_and_units
from graders.core.rubric import all_units
from graders.core.session.grade import Options, grade
from graders.core.session.slots import open_slots
from graders.sandbox import SandboxError, enter_private_network

ROUND_TRIPS = 2000
SAMPLE_SECONDS = 0.25


def run(options: argparse.Namespace) -> int:
    submission, units = submission_and_units(options, list(all_units()))
    enter_private_network()
    bare = bare_round_trip()
    with open_slots(Options().jobs) as slots, Footprint() as footprint:
        began, cpu = time.perf_counter(), graders_cpu()
        try:
            result = grade(submission, units, Options(), slots=slots)
        except SandboxError as error:
            raise UsageError(str(error)) from None
        wall, cpu = time.perf_counter() - began, graders_cpu() - cpu
    checks = [check for unit in result.units for check in unit.checks]
    conversations = sum(check.cases for check in checks)
    each = cpu / max(conversations, 1)
    serial = sum(unit.seconds for unit in result.units)
    print(f"submission               {submission}, {len(units)} units, {result.score:g} of {result.max_score}")
    print(f"isolation                {result.grader['isolation']}, network {result.grader['network']}")
    print(f"generated conversations  {conversations}")
    print(f"wall                     {wall:.2f} s, {conversations / wall:.0f} conversations a second")
    print(f"units one by one         {serial:.2f} s, {serial / wall:.1f} times the wall time")
    print(f"grader CPU               {cpu:.2f} s, {cpu / wall:.2f} of one processor")
    print(
        f"  for a conversation     {each * 1e6:.0f} us, {each / bare:.1f} bare echo round trips of {bare * 1e6:.0f} us"
    )
    print(f"grader peak RSS          {footprint.peak / 2**20:.0f} MiB, all processes together")
    print(f"sandboxes' peak          {footprint.keepers / 2**20:.0f} MiB in shares, subjects aside")
    print(f"longest unit             {_longest([(unit.unit, unit.seconds) for unit in result.units])}")
    if chat_bench.UNIT in units:
        print(f"chat servers             {chat_bench.TOLD}")
        for delivered in chat_bench.deliveries(submission):
            print(delivered, flush=True)
    if proxy_bench.UNIT in units:
        print("proxies                  one client that asks for a stored page, beside Flask's own server")
        for rate in proxy_bench.rates(submission):
            print(rate, flush=True)
    return 0


def _longest(units: list[tuple[str, float]]) -> str:
    name, seconds = max(units, key=lambda unit: unit[1])
    return f"{name}, {seconds:.2f} s"


def bare_round_trip() -> float:
    """CPU seconds of one echo round trip on a new connection, both ends in this process: the unit of the ratios."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def echo() -> None:
            for _ in range(ROUND_TRIPS):
                peer, _ = server.accept()
                with peer:
                    peer.sendall(peer.recv(64))

        thread = threading.Thread(target=echo)
        thread.start()
        began = time.process_time()
        for _ in range(ROUND_TRIPS):
            with socket.create_connection(server.getsockname()) as client:
                client.sendall(b"x")
                client.recv(64)
        used = time.process_time() - began
        thread.join()
    return used / ROUND_TRIPS


class Footprint:
    """Samples memory while it lasts: of the grader's processes, and of what keeps the subjects (bubblewrap, zygotes).

    What forked processes of the grader share is counted in each. Zygotes share most of their memory with each other and
    with the subjects they fork: theirs is counted in shares (PSS) where the system tells. The subjects themselves are
    not counted.
    """

    def __init__(self) -> None:
        self.peak = 0  # bytes, grader
        self.keepers = 0  # bytes, sandboxes
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Footprint:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(process.memory_info().rss for process in graders()))
            self.keepers = max(self.keepers, sum(_share(child) for child in me.children(recursive=True)))


def graders() -> list[psutil.Process]:
    """This process and those that grade beside it."""
    return [psutil.Process(), *(psutil.Process(child.pid) for child in multiprocessing.active_children())]


def graders_cpu() -> float:
    """Processor time of the grader's processes so far, in seconds."""
    times = [process.cpu_times() for process in graders()]
    return float(sum(each.user + each.system for each in times))


def _share(process: psutil.Process) -> int:
    """The memory of a process that keeps subjects; 0 for a subject."""
    try:
        parent = process.parent()
        if parent is None or (process.name() != "bwrap" and parent.name() != "bwrap"):
            return 0
        told = process.memory_full_info()
        return int(getattr(told, "pss", 0) or told.rss)
    except psutil.Error:
        return 0
