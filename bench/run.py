"""A run from an empty folder to a report."""

import asyncio
import os
import random
import statistics
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import uvloop

from bench.bare_loop import bare_loops, copy_database
from bench.databases import settings_in
from bench.limits import constant
from bench.load import Progress
from bench.prepare import prepare
from bench.readings import memory, two_cores
from bench.report import Report, Scenario
from bench.rows import Expected, mismatches
from bench.scenarios import confirm, create, read
from bench.served import start, stop


class Counts(NamedTuple):
    """Samples of each scenario, operations in a bare loop, requests of a bare server, and starts
    of the server."""

    confirm: int
    create: int
    read: int
    bare: int
    constant: int
    starts: int


FULL = Counts(confirm=20_000, create=20_000, read=20_000, bare=6_000, constant=20_000, starts=3)
QUICK = Counts(confirm=1_000, create=1_000, read=1_000, bare=600, constant=1_000, starts=1)

Stage = Callable[[str, int], AbstractContextManager[Progress]]
"""Opens a stage of the run by its name and number of steps; it is told how many are done."""


def run(folder: Path, counts: Counts, stage: Stage, *, shuffled: bool = False) -> Report:
    """Measure with everything in this folder, which must be on a disk. Linux only.

    Invoices are paid in the order in which they were issued, or shuffled.
    """
    before = os.sched_getaffinity(0)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(_run(folder, counts, stage, shuffled))
        finally:
            os.sched_setaffinity(0, before)


async def _run(folder: Path, counts: Counts, stage: Stage, shuffled: bool) -> Report:
    core, own_core = two_cores()
    cores = {core, own_core}
    rows = max(counts.confirm, counts.bare)
    with stage("prepare", 1):
        prepared = await prepare(settings_in(folder), rows)
        if shuffled:
            random.Random(14).shuffle(prepared.paid)
        copy = copy_database(prepared.path, folder / "bare.sqlite3")
    starts = []
    with stage("start", counts.starts) as progress:
        for turn in range(counts.starts):
            served = start(folder, core, own_core)
            starts.append(served.ready_after)
            if turn + 1 < counts.starts:
                stop(served)
            progress(turn + 1)
    try:
        with stage("confirmation", counts.confirm) as progress:
            confirmed = await confirm(served, cores, prepared, counts.confirm, progress)
        with stage("create subscription", counts.create) as progress:
            created = await create(served, cores, prepared, counts.create, progress)
        with stage("read invoice", counts.read) as progress:
            done = await read(served, cores, prepared, counts.read, progress)
        rss, peak = memory(served.pid)
    finally:
        stop(served)
    with stage("count rows", 1):
        wrong = mismatches(prepared.path, Expected(rows, counts.confirm, counts.create))
    played = (confirmed, created, done)
    with stage("bare loops", 1):
        batches = {one.figures.name: one.units_per_commit for one in played}
        bare = bare_loops(copy, prepared, batches, counts.bare, core)
    scenarios = []
    for one in played:
        name = one.figures.name
        with stage(f"bare HTTP of {name}", counts.constant) as progress:
            http = await constant("http", (core, own_core), one, counts.constant, progress)
        with stage(f"wire of {name}", counts.constant) as progress:
            wire = await constant("wire", (core, own_core), one, counts.constant, progress)
        scenarios.append(
            Scenario(one.figures, one.commits, one.units_per_commit, bare[name], http, wire)
        )
    confirmation, creation, reading = scenarios
    return Report(
        confirmation=confirmation,
        create=creation,
        read=reading,
        seen_late_p99_ms=confirmed.seen_late_p99_ms,
        rss_mb=rss,
        peak_mb=peak,
        start_seconds=statistics.median(starts),
        cores=os.cpu_count() or 1,
        shuffled=shuffled,
        mismatches=wrong,
    )
