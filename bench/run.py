"""A run from an empty folder to a report."""

import asyncio
import os
import random
import statistics
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import uvloop
from msgspec.structs import replace

from bench.bare_loop import bare_loops
from bench.cores import on_core, two_cores
from bench.databases import Kind, copy_database, postgres_or_sqlite, postmaster_pid
from bench.limits import ask_constant, constant_servers
from bench.load import Progress
from bench.prepare import prepare
from bench.readings import memory
from bench.report import Bare, Report, Scenario
from bench.rows import Expected, mismatches
from bench.scenarios import CONFIRM, CREATE, READ, Answered, confirm, create, read
from bench.served import Served, start, stop
from payment_service.config import Settings


class Counts(NamedTuple):
    """Samples of each scenario, operations in a bare loop and requests of a bare server (0 leaves
    these limits out), and starts of the server."""

    confirm: int
    create: int
    read: int
    bare: int
    constant: int
    starts: int


FULL = Counts(confirm=20_000, create=20_000, read=20_000, bare=8_000, constant=20_000, starts=3)
QUICK = Counts(confirm=1_000, create=1_000, read=1_000, bare=600, constant=1_000, starts=1)
FULL_ON_POSTGRES = Counts(
    confirm=6_000, create=6_000, read=10_000, bare=2_400, constant=10_000, starts=3
)

Stage = Callable[[str, int], AbstractContextManager[Progress]]
"""Opens a stage of the run by its name and number of steps; it is told how many are done."""


def run(
    folder: Path, counts: Counts, stage: Stage, *, kind: Kind = "sqlite", shuffled: bool = False
) -> Report:
    """Measure with everything in this folder, which must be on a disk. Linux only.

    Invoices are paid in the order in which they were issued, or shuffled. A PostgreSQL shares the
    core of the client.
    """
    cores = two_cores()
    with (
        on_core(cores[1]),
        postgres_or_sqlite(kind, folder) as settings,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(_run(folder, settings, kind, cores, counts, stage, shuffled))


async def _run(
    folder: Path,
    settings: Settings,
    kind: Kind,
    cores: tuple[int, int],
    counts: Counts,
    stage: Stage,
    shuffled: bool,
) -> Report:
    rows = max(counts.confirm, counts.bare)
    with stage("prepare", rows) as progress:
        prepared = await prepare(settings, rows, progress)
        if shuffled:
            random.Random(14).shuffle(prepared.paid)
        copy = copy_database(settings, folder)
    with stage("start", counts.starts) as progress:
        served, started = _started(folder, settings, cores, counts.starts, progress)
    try:
        with stage(CONFIRM, counts.confirm) as progress:
            confirmed = await confirm(served, set(cores), prepared, counts.confirm, progress)
        with stage(CREATE, counts.create) as progress:
            created = await create(served, set(cores), prepared, counts.create, progress)
        with stage(READ, counts.read) as progress:
            done = await read(served, set(cores), prepared, counts.read, progress)
        rss, peak = memory(served.pid)
    finally:
        stop(served)
    with stage("count rows", 1):
        expected = Expected(rows, counts.confirm, counts.create)
        wrong = mismatches(settings.database_url, expected)
    played = (confirmed, created, done)
    bare: dict[str, Bare] = {}
    if counts.bare:
        batches = {one.figures.name: one.units_per_commit for one in played}
        with stage("bare loops", 1):
            bare = bare_loops(copy, prepared, batches, counts.bare, cores[0])
    confirmation, creation, reading = await _beside_limits(
        played, bare, cores, counts.constant, stage
    )
    return Report(
        database=kind,
        confirmation=confirmation,
        create=creation,
        read=reading,
        seen_late_p99_ms=confirmed.seen_late_p99_ms,
        rss_mb=rss,
        peak_mb=peak,
        start_seconds=statistics.median(started),
        cores=os.cpu_count() or 1,
        shuffled=shuffled,
        mismatches=wrong,
    )


def _started(
    folder: Path, settings: Settings, cores: tuple[int, int], times: int, progress: Progress
) -> tuple[Served, list[float]]:
    """The last of so many starts, and how long each took."""
    took: list[float] = []
    while True:
        pid = postmaster_pid(settings, folder)
        served = start(folder, settings, cores[0], database_pid=pid)
        took.append(served.ready_after)
        progress(len(took))
        if len(took) == times:
            return served, took
        stop(served)


async def _beside_limits(
    played: Sequence[Answered],
    bare: dict[str, Bare],
    cores: tuple[int, int],
    count: int,
    stage: Stage,
) -> list[Scenario]:
    scenarios = [
        Scenario(one.figures, one.commits, one.units_per_commit, bare.get(one.figures.name))
        for one in played
    ]
    if not count:
        return scenarios
    with constant_servers(played, cores) as servers:
        for place, (one, (http, wire)) in enumerate(zip(played, servers, strict=True)):
            name = one.figures.name
            with stage(f"{name}: bare HTTP", count) as progress:
                of_http = await ask_constant("bare HTTP", http, cores, one, count, progress)
            with stage(f"{name}: wire", count) as progress:
                of_wire = await ask_constant("wire", wire, cores, one, count, progress)
            scenarios[place] = replace(scenarios[place], http=of_http, wire=of_wire)
    return scenarios
