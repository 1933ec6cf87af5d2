"""Confirmations and creations on a disk that takes longer to sync, beside the bare loop on it."""

import asyncio
from pathlib import Path

import msgspec
import uvloop
from rich.console import Console

from bench.bare_loop import bare_loops
from bench.cores import on_core, two_cores
from bench.databases import copy_database, settings_in
from bench.finding import Finding, findings_table
from bench.prepare import prepare
from bench.report import WIDTH, Scenario, bare_line, scenarios_table, show_mismatches
from bench.rows import Expected, mismatches
from bench.run import Stage
from bench.scenarios import confirm, create
from bench.served import start, stop
from bench.slow_sync import SlowSync, sync_ms

DELAY_MS = 4.0
GOAL = 1_000
SAMPLES, QUICK_SAMPLES = 6_000, 300
SYNCS = 100


class SlowDiskReport(msgspec.Struct, frozen=True):
    """Milliseconds of one sync: of the disk, through the library that delays nothing, and delayed.
    `syncs` are those of the server during both scenarios."""

    delay_ms: float
    sync_ms: float
    undelayed_ms: float
    slowed_ms: float
    confirmation: Scenario
    create: Scenario
    syncs: int
    mismatches: list[str]

    @property
    def findings(self) -> list[Finding]:
        where = f"syncs {self.delay_ms:g} ms longer"
        return [
            self.confirmation.finding(GOAL, f"confirmation, {where}"),
            self.create.finding(None, f"create subscription, {where}"),
        ]

    @property
    def exit_code(self) -> int:
        return 1 if self.mismatches else 0


def run_slow_disk(
    folder: Path, samples: int, stage: Stage, *, delay_ms: float = DELAY_MS
) -> SlowDiskReport:
    """Measure in this folder, which must be on a disk. Linux only; needs a C compiler."""
    cores = two_cores()
    with on_core(cores[1]), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(folder, samples, stage, delay_ms, cores))


async def _run(
    folder: Path, samples: int, stage: Stage, delay_ms: float, cores: tuple[int, int]
) -> SlowDiskReport:
    slow = SlowSync(folder, delay_ms)
    with stage("sync", 3):
        plain = sync_ms(folder, SYNCS, {})
        undelayed = sync_ms(folder, SYNCS, slow.environment | {"SLOW_SYNC_US": "0"})
        slowed = sync_ms(folder, SYNCS, slow.environment)
    with stage("prepare", 1):
        prepared = await prepare(settings_in(folder), samples)
        copy = copy_database(prepared.settings, folder)
    served = start(folder, prepared.settings, cores[0], environment=slow.environment)
    try:
        syncs = slow.count()
        with stage("confirmation", samples) as progress:
            confirmed = await confirm(served, set(cores), prepared, samples, progress)
        with stage("create subscription", samples) as progress:
            created = await create(served, set(cores), prepared, samples, progress)
        syncs = slow.count() - syncs
    finally:
        stop(served)
    with stage("count rows", 1):
        wrong = mismatches(prepared.settings.database_url, Expected(samples, samples, samples))
    commits = confirmed.commits + created.commits
    if syncs < commits:
        wrong.append(f"slowed syncs: {syncs}, expected one for each of {commits} commits")
    with stage("bare loops", 1), slow.for_children():
        batches = {one.figures.name: one.units_per_commit for one in (confirmed, created)}
        bare = bare_loops(copy, prepared, batches, min(samples, 4_000), cores[0])
    confirmation, creation = (
        Scenario(one.figures, one.commits, one.units_per_commit, bare[one.figures.name])
        for one in (confirmed, created)
    )
    return SlowDiskReport(delay_ms, plain, undelayed, slowed, confirmation, creation, syncs, wrong)


def show_slow_disk(report: SlowDiskReport) -> None:
    """For people."""
    console = Console(width=WIDTH, highlight=False)
    scenarios = report.confirmation, report.create
    console.print(scenarios_table(scenarios), findings_table(report.findings))
    for one in scenarios:
        if one.bare is not None:
            console.print(bare_line(one, one.bare))
    console.print(
        f"a sync takes {report.sync_ms:.2f} ms on this disk, {report.undelayed_ms:.2f} through the "
        f"library that delays nothing, {report.slowed_ms:.2f} slowed; {report.syncs:,} were slowed"
    )
    show_mismatches(console, report.mismatches)
