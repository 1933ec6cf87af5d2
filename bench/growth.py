"""Whether an operation costs the same while the books grow: one database at three sizes."""

import asyncio
import os
import random
from pathlib import Path
from typing import NamedTuple

import msgspec
import uvloop
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.cores import on_core, two_cores
from bench.databases import Kind, is_sqlite, postgres_or_sqlite, postmaster_pid
from bench.finding import Finding, findings_table
from bench.prepare import Prepared, grow, prepare
from bench.readings import memory
from bench.report import WIDTH, Figures, show_mismatches
from bench.rows import Expected, mismatches
from bench.run import Stage
from bench.scenarios import CONFIRM, CREATE, READ, confirm, create, read
from bench.served import start, stop
from payment_service.config import Settings
from payment_service.kit.database import sqlite_path
from payment_service.migrations.upgrade import connected

SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (500, 2_000)
SAMPLES, QUICK_SAMPLES = 5_000, 200
"""Of each operation at each size."""
LARGEST_DRIFT = 30
"""Percent by which the cost of an operation may differ between any two sizes."""


class Size(msgspec.Struct, frozen=True):
    """The books at one size, and what the operations take then; gigabytes are 10⁹ bytes."""

    subscriptions: int
    gigabytes: float
    confirmation: Figures
    create: Figures
    read: Figures
    start_seconds: float
    rss_mb: float


class GrowthReport(msgspec.Struct, frozen=True):
    database: Kind
    sizes: list[Size]
    mismatches: list[str]

    @property
    def findings(self) -> list[Finding]:
        first, last = self.sizes[0].subscriptions, self.sizes[-1].subscriptions
        beside = "" if self.database == "sqlite" else ", PostgreSQL"
        return [
            Finding(
                f"{name}, drift from {first:,} to {last:,}{beside}",
                _drift([getattr(size, field).per_second for size in self.sizes]),
                LARGEST_DRIFT,
                "%",
                at_least=False,
            )
            for name, field in ((CONFIRM, "confirmation"), (CREATE, "create"), (READ, "read"))
        ]

    @property
    def exit_code(self) -> int:
        return 1 if self.mismatches else 0


def _drift(rates: list[float]) -> float:
    return (max(rates) / min(rates) - 1) * 100


def run_growth(
    folder: Path, kind: Kind, sizes: tuple[int, ...], samples: int, stage: Stage
) -> GrowthReport:
    """Measure in this folder, which must be on a disk. Linux only. The smallest size must hold
    twice as many as there are samples."""
    cores = two_cores()
    with (
        on_core(cores[1]),
        postgres_or_sqlite(kind, folder) as settings,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        plan = Plan(folder, settings, kind, cores, sizes, samples)
        return runner.run(_run(plan, stage))


class Plan(NamedTuple):
    folder: Path
    settings: Settings
    kind: Kind
    cores: tuple[int, int]
    sizes: tuple[int, ...]
    samples: int


async def _run(plan: Plan, stage: Stage) -> GrowthReport:
    prepared: Prepared | None = None
    measured: list[Size] = []
    for place, size in enumerate(plan.sizes):
        with stage(f"grow to {size:,} on {plan.kind}", size) as progress:
            if prepared is None:
                prepared = await prepare(plan.settings, 1)
            # What the sizes before have made is there too.
            prepared = grow(prepared, size, 2 * plan.samples, progress)
            random.Random(14).shuffle(prepared.paid)
        with stage(f"measure {size:,} on {plan.kind}", 3) as progress:
            measured.append(await _size(plan, prepared, place))
    done = len(plan.sizes) * plan.samples
    with stage("count rows", 1):
        expected = Expected(plan.sizes[-1], done, done)
        wrong = mismatches(plan.settings.database_url, expected)
    return GrowthReport(plan.kind, measured, wrong)


async def _size(plan: Plan, prepared: Prepared, place: int) -> Size:
    cores, samples = set(plan.cores), plan.samples
    os.sync()  # else the disk still writes what was filled in
    gigabytes = _gigabytes(plan.settings)
    served = start(
        plan.folder,
        plan.settings,
        plan.cores[0],
        database_pid=postmaster_pid(plan.settings, plan.folder),
    )
    try:
        confirmed = await confirm(served, cores, prepared, samples, lambda _: None)
        created = await create(served, cores, prepared, samples, lambda _: None, turn=place)
        # Others than those that were settled a moment ago.
        rest = prepared._replace(paid=prepared.paid[samples:])
        done = await read(served, cores, rest, samples, lambda _: None)
        rss, _ = memory(served.pid)
    finally:
        stop(served)
    return Size(
        subscriptions=prepared.subscriptions,
        gigabytes=gigabytes,
        confirmation=confirmed.figures,
        create=created.figures,
        read=done.figures,
        start_seconds=served.ready_after,
        rss_mb=rss,
    )


def _gigabytes(settings: Settings) -> float:
    if is_sqlite(settings):
        return Path(sqlite_path(settings.database_url)).stat().st_size / 1e9
    with connected(settings.database_url) as connection:
        size = connection.scalar(text("SELECT pg_database_size(current_database())"))
    return int(size or 0) / 1e9


def show_growth(report: GrowthReport) -> None:
    """For people."""
    table = Table(f"growth, {report.database}", box=None, pad_edge=False, header_style="bold")
    for name in (
        "GB", "confirm/s", "p99 ms", "create/s", "p99 ms", "read/s", "p99 ms", "start s", "MB",
    ):  # fmt: skip
        table.add_column(name, justify="right")
    for size in report.sizes:
        figures = (size.confirmation, size.create, size.read)
        table.add_row(
            f"{size.subscriptions:,} subscriptions",
            f"{size.gigabytes:.2f}",
            *(cell for one in figures for cell in (f"{one.per_second:,.0f}", f"{one.p99_ms:.1f}")),
            f"{size.start_seconds:.1f}",
            f"{size.rss_mb:.0f}",
        )
    console = Console(width=WIDTH, highlight=False)
    console.print(table, findings_table(report.findings))
    show_mismatches(console, report.mismatches)
