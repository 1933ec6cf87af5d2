"""Where an operation's time goes, by floor: the real server under load, sampled from outside."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import uvloop
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.cores import on_core, two_cores
from bench.databases import settings_in
from bench.finding import Finding
from bench.floors import ELSEWHERE, FLOORS, read_profile
from bench.prepare import prepare
from bench.report import WIDTH, Figures, show_mismatches
from bench.rows import Expected, mismatches
from bench.run import Stage
from bench.scenarios import CONFIRM, CREATE, READ, confirm, create, read
from bench.served import Served, start, stop

PROFILER = Path(sys.executable).with_name("py-spy")
RATE = 250
"""Samples a second."""
SAMPLES, QUICK_SAMPLES = 12_000, 400
HOTTEST = 12


class Spent(msgspec.Struct, frozen=True):
    """One operation: `figures` without the profiler, then so many samples of the same; shares of
    them by floor, and the functions in which most of them were taken."""

    figures: Figures
    samples: int
    slowed: float
    """How many times as long an operation computed under the profiler."""
    floors: dict[str, float]
    hottest: dict[str, float]

    def microseconds(self, floor: str) -> float:
        return self.floors.get(floor, 0.0) * self.figures.server_us


class ProfileReport(msgspec.Struct, frozen=True):
    spent: list[Spent]
    mismatches: list[str]

    @property
    def findings(self) -> list[Finding]:
        """Nothing is wanted of it; it says where to look."""
        return []

    @property
    def exit_code(self) -> int:
        return 1 if self.mismatches else 0


def run_profile(folder: Path, samples: int, stage: Stage) -> ProfileReport:
    """Measure in this folder, which must be on a disk. Linux only. Raises RuntimeError where the
    profiler may not look at the server."""
    cores = two_cores()
    with on_core(cores[1]), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(folder, samples, stage, cores))


async def _run(folder: Path, samples: int, stage: Stage, cores: tuple[int, int]) -> ProfileReport:
    with stage("prepare", 2 * samples) as progress:
        prepared = await prepare(settings_in(folder), 2 * samples, progress)
    halves = [
        prepared._replace(paid=prepared.paid[:samples]),
        prepared._replace(paid=prepared.paid[samples:]),
    ]
    served = start(folder, prepared.settings, cores[0])
    try:

        async def play(name: str, turn: int) -> Figures:
            with stage(f"{name}{', profiled' * turn}", samples) as progress:
                given = (served, set(cores), halves[turn], samples, progress)
                if name == CREATE:
                    return (await create(*given, turn=turn)).figures
                return (await (confirm if name == CONFIRM else read)(*given)).figures

        spent = []
        for name in (CONFIRM, CREATE, READ):
            alone = await play(name, 0)
            with _profiler(served, folder / "stacks") as stacks:
                watched = await play(name, 1)
            spent.append(_spent(alone, watched, stacks.read_text()))
    finally:
        stop(served)
    with stage("count rows", 1):
        done = 2 * samples
        wrong = mismatches(prepared.settings.database_url, Expected(done, done, done))
    return ProfileReport(spent, wrong)


@contextmanager
def _profiler(served: Served, stacks: Path) -> Iterator[Path]:
    """While the block runs; afterwards what it saw is in the file."""
    process = subprocess.Popen(
        [
            PROFILER, "record", "--pid", str(served.pid), "--rate", str(RATE), "--duration", "3600",
            "--nonblocking", "--format", "raw", "--full-filenames", "--output", stacks,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and b"Sampling process" not in line:
            pass
        if not line:
            raise RuntimeError("py-spy may not look at the server: run as root")
        yield stacks
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()


def _spent(alone: Figures, watched: Figures, stacks: str) -> Spent:
    seen = read_profile(stacks.splitlines())
    samples = seen.floors.total() or 1
    return Spent(
        figures=alone,
        samples=samples,
        slowed=watched.server_us / alone.server_us if alone.server_us else 0.0,
        floors={name: count / samples for name, count in seen.floors.most_common()},
        hottest={name: count / samples for name, count in seen.functions.most_common(HOTTEST)},
    )


def show_profile(report: ProfileReport) -> None:
    """For people."""
    console = Console(width=WIDTH, highlight=False)
    console.print(floors_table(report))
    for one in report.spent:
        console.print(_hottest(one))
    for one in report.spent:
        console.print(
            f"{one.figures.name}: {one.samples:,} samples; under the profiler it took "
            f"{one.slowed:.2f} times the CPU"
        )
    show_mismatches(console, report.mismatches)


def floors_table(report: ProfileReport, *, markdown: bool = False) -> Table:
    table = Table(
        "µs of one core", box=MARKDOWN if markdown else None, pad_edge=markdown, header_style="bold"
    )
    for one in report.spent:
        table.add_column(one.figures.name, justify="right")
        table.add_column("", justify="right")
    for floor in (*FLOORS, ELSEWHERE):
        cells = (
            (f"{one.microseconds(floor):.0f}", f"{one.floors.get(floor, 0):.0%}")
            for one in report.spent
        )
        table.add_row(floor, *(cell for pair in cells for cell in pair))
    table.add_row(
        "all", *(cell for one in report.spent for cell in (f"{one.figures.server_us:.0f}", ""))
    )
    return table


def _hottest(one: Spent) -> Table:
    table = Table(
        f"hottest functions of: {one.figures.name}", box=None, pad_edge=False, header_style="bold"
    )
    table.add_column("µs", justify="right")
    for name, share in one.hottest.items():
        table.add_row(name, f"{share * one.figures.server_us:.0f}")
    return table
