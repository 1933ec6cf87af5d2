"""The billing run beside live load: what the worker's run does to the API of its own process."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import uvloop
from sqlalchemy import update

from bench.beside_report import BesideReport, Phase, Repeat
from bench.billing import RUN_AT, SHIFT
from bench.collector import without_pauses
from bench.connection import Connection, get
from bench.cores import on_core, two_cores
from bench.crowd import PLAN, Crowd, prepare_crowd
from bench.databases import Kind, postgres_or_sqlite
from bench.readings import busy_seconds, cpu_seconds, memory
from bench.report import percentile
from bench.run import Stage
from bench.served import LOG, Served, start, stop
from bench.steady import Load, Play, Sample, expect, keep_up, subscribing
from payment_service.config import Settings
from payment_service.kit.calendar import start_of
from payment_service.kit.clock import monotonic
from payment_service.kit.database import Database, open_database
from payment_service.kit.statements import Transaction, command
from payment_service.model.app import app_by_id
from payment_service.model.billing_run import RUNS_OF_DAY, BillingRun
from payment_service.model.delivery import deliveries

READS, WRITES = 100, 30
"""A second, each on connections of its own: well below what the process can do."""
QUIET = 10.0
LOOK_EVERY = 0.1
PATIENCE = 900.0
"""Seconds for a run."""
REMINDED = 3.0
"""Seconds after a run in which its turn ends with the reminders of the day before."""
CALLED_DELIVERED = command(
    update(deliveries)
    .where(deliveries.c.next_at.is_not(None))
    .values(status="delivered", next_at=None)
)
"""Many minutes of webhooks are left after a run: the next quiet time must not have them."""


class Span(NamedTuple):
    """From one moment to another, on the clock that durations are measured on."""

    begun: float
    ended: float

    def of(self, samples: list[Sample]) -> list[float]:
        return sorted(one.took for one in samples if self.begun <= one.due < self.ended)


def run_beside(
    folder: Path, kind: Kind, size: int, repeats: int, stage: Stage, *, quiet: float = QUIET
) -> BesideReport:
    """Measure in this folder, which must be on a disk. Linux only."""
    cores = two_cores()
    with (
        postgres_or_sqlite(kind, folder) as settings,
        on_core(cores[1]),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(_run(folder, settings, kind, cores, size, repeats, stage, quiet))


async def _run(
    folder: Path,
    settings: Settings,
    kind: Kind,
    cores: tuple[int, int],
    size: int,
    repeats: int,
    stage: Stage,
    quiet: float,
) -> BesideReport:
    async with _receiver() as port:
        target = f"127.0.0.1:{port}"
        settings = settings.model_copy(update={"private_targets": target})
        with stage(f"prepare {size:,} on {kind}", 1):
            crowd = await prepare_crowd(settings, size, f"http://{target}/webhooks")
        os.sync()  # else the disk still writes the crowd in the quiet time
        served = start(folder, settings, cores[0], worker=True)
        db = open_database(settings.database_url)
        try:
            bench = _Bench(served, db, crowd, set(cores))
            done = []
            for number in range(repeats):
                with stage(f"day {number + 1} of {repeats} on {kind}", 1):
                    done.append(await bench.repeat(number, quiet))
            peak = memory(served.pid)[1]
        finally:
            await db.close()
            stop(served)
    with_chunks = _told(folder / LOG, crowd)
    return BesideReport(
        database=kind,
        subscriptions=size,
        repeats=[
            msgspec.structs.replace(repeat, **chunks)
            for repeat, chunks in zip(done, with_chunks, strict=True)
        ],
        peak_mb=peak,
        expected=crowd.expected,
    )


class NothingBeside(RuntimeError):
    """Of so few subscriptions nothing can be said."""


class _Bench:
    def __init__(self, served: Served, db: Database, crowd: Crowd, cores: set[int]) -> None:
        self._served = served
        self._db = db
        self._crowd = crowd
        self._cores = cores

    async def repeat(self, number: int, quiet: float) -> Repeat:
        """A day: some seconds of load, and the same load until the worker's run of it is over."""
        name = f"day-{number}"
        reads = Load(READS, _reading(self._crowd), [])
        writes = Load(WRITES, subscribing(self._crowd.api_key, name, PLAN), [])
        over = asyncio.Event()
        with without_pauses():
            driving = asyncio.gather(
                *(
                    keep_up(self._served, load, lambda _place, _due: over.is_set())
                    for load in (reads, writes)
                )
            )
            try:
                await asyncio.sleep(2.0)  # warm
                begun = monotonic()
                await self._sleep(quiet, driving)
                still = Span(begun, monotonic())
                offset = await self._db.write(self._shift, number)
                run, busy, server, others = await self._watch(number, offset, driving)
                await asyncio.sleep(0.2)
            finally:
                over.set()
                await driving
        await asyncio.sleep(REMINDED)
        await self._db.write(lambda tx: tx.run(CALLED_DELIVERED))
        counts = run.counts
        return Repeat(
            quiet_reads=_phase(still.of(reads.samples)),
            quiet_writes=_phase(still.of(writes.samples)),
            busy_reads=_phase(busy.of(reads.samples)),
            busy_writes=_phase(busy.of(writes.samples)),
            seconds=busy.ended - busy.begun,
            changes=counts.issued + counts.grace + counts.suspended,
            server_share=server,
            others_share=others,
        )

    async def _sleep(self, seconds: float, driving: "asyncio.Future[list[None]]") -> None:
        """Raises what the load raised, at once."""
        await asyncio.wait((driving,), timeout=seconds)
        if driving.done():
            driving.result()

    def _shift(self, tx: Transaction, number: int) -> int:
        app = app_by_id(tx, self._crowd.app_id)
        day = self._crowd.day + timedelta(days=number)
        at = start_of(day, app.zone) + timedelta(hours=RUN_AT.hour)
        seconds = int((at - datetime.now(UTC)).total_seconds()) + 1
        tx.run(SHIFT, id=app.id, seconds=seconds)
        return seconds

    async def _watch(
        self, number: int, offset: int, driving: "asyncio.Future[list[None]]"
    ) -> tuple[BillingRun, Span, float, float]:
        """The run of that day once it is over, and how busy the cores were from its beginning."""
        day, patience = self._crowd.day + timedelta(days=number), monotonic() + PATIENCE
        cpu = None
        while monotonic() < patience:
            runs = await self._db.read(
                lambda tx: tx.all(RUNS_OF_DAY, app_id=self._crowd.app_id, day=day)
            )
            if runs and cpu is None:
                cpu = self._cpu()
            if runs and runs[0].finished_at is not None and cpu is not None:
                wall, server, own, anybody = (
                    now - then for now, then in zip(self._cpu(), cpu, strict=True)
                )
                others = max(0.0, anybody - server - own) / len(self._cores)
                # What the run's record says is on the app's clock.
                shown = monotonic() - (datetime.now(UTC) + timedelta(seconds=offset)).timestamp()
                first, last = runs[0].started_at, runs[0].finished_at
                span = Span(first.timestamp() + shown, last.timestamp() + shown)
                return runs[0], span, server / wall, others / wall
            await self._sleep(LOOK_EVERY, driving)
        raise RuntimeError(f"the worker's run of {day} did not end")

    def _cpu(self) -> tuple[float, float, float, float]:
        return (
            monotonic(),
            cpu_seconds(self._served.pid),
            cpu_seconds(os.getpid()),
            busy_seconds(self._cores),
        )


def _phase(took: list[float]) -> Phase:
    if not took:
        raise NothingBeside("the run was over before there was any load beside it; ask for more")
    return Phase(
        samples=len(took),
        p50_ms=percentile(took, 0.50) * 1000,
        p99_ms=percentile(took, 0.99) * 1000,
        max_ms=took[-1] * 1000,
    )


def _told(log: Path, crowd: Crowd) -> list[dict[str, float]]:
    """What the service's own log says of the chunks of each of these days' runs."""
    lines = (line for line in log.read_bytes().splitlines() if b'"billing_run"' in line)
    runs = [run for run in map(msgspec.json.decode, lines) if run["day"] >= str(crowd.day)]
    return [
        {name: run[name] for name in ("chunks", "chunk_ms_p50", "chunk_ms_p99", "chunk_ms_max")}
        for run in runs
    ]


@asynccontextmanager
async def _receiver() -> AsyncIterator[int]:
    """An app that takes every webhook: its port."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def _reading(crowd: Crowd) -> Play:
    """The subscription of a customer by the app's own reference: what an app asks most."""
    key = {"Authorization": f"Bearer {crowd.api_key}"}
    # Steps that share no divisor with the size go through all, in no order.
    steps = itertools.count(1, 7_919)

    async def play(connection: Connection, _: int) -> None:
        tenant = next(steps) % (crowd.subscriptions - 1)
        await expect(200, connection, get(f"/v1/subscriptions?customer=tenant-{tenant}", key))

    return play
