"""A flood at the notice door: what 1,000 forged notices a second do to the API beside them."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import uvloop
from sqlalchemy import update

from bench.collector import without_pauses
from bench.connection import Connection, get, post
from bench.cores import on_core, two_cores
from bench.databases import settings_in
from bench.finding import Finding
from bench.prepare import PLAN, Prepared, prepare
from bench.readings import busy_seconds, cpu_seconds
from bench.report import percentile
from bench.run import Stage
from bench.scenarios import notice_body
from bench.served import Served, start, stop
from bench.steady import Load, Play, expect, keep_up, subscribing
from payment_service.config import open_runtime
from payment_service.kit.clock import monotonic
from payment_service.kit.sqlite_connection import DRIVER
from payment_service.kit.statements import command, param
from payment_service.model.app import apps

NOTICES = 1_000
READS, WRITES = 200, 50
"""A second, each on connections of its own."""
PREPARED = 2_000
MEND = command(
    update(apps)
    .where(apps.c.id == param("id"))
    .values(
        gateway="pakasir",
        gateway_project="bench",
        gateway_api_key=param("api_key"),
        gateway_origin=param("origin"),
    )
)


class Span(msgspec.Struct, frozen=True):
    """So many seconds of the API's load, with or without the flood. Latency runs from the moment
    at which a request was due, so a server that falls behind cannot hide it."""

    name: str
    samples: int
    p50_ms: float
    p99_ms: float
    notices: int
    server_share: float
    others_share: float
    growth_kb: float


class FloodReport(msgspec.Struct, frozen=True):
    """`outgoing` counts what reached the gateway during the flood, `outgoing_for_known` what one
    notice for a known order brought afterwards: with 0 there the first figure is worth nothing."""

    quiet: Span
    flooded: Span
    outgoing: int
    outgoing_for_known: int
    kept: int
    counted: int

    @property
    def exit_code(self) -> int:
        sound = self.outgoing == 0 and self.outgoing_for_known > 0
        return 0 if sound and self.counted == self.flooded.notices else 1

    @property
    def findings(self) -> list[Finding]:
        times = self.flooded.p99_ms / self.quiet.p99_ms
        return [
            Finding("p99 under the flood, times the quiet", times, 2, "", at_least=False),
            Finding("calls to the gateway", self.outgoing, 0, "", at_least=False),
        ]


def run_flood(folder: Path, seconds: int, stage: Stage) -> FloodReport:
    """Measure in this folder, which must be on a disk. Linux only."""
    cores = two_cores()
    with on_core(cores[1]), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(folder, seconds, stage, cores))


async def _run(folder: Path, seconds: int, stage: Stage, cores: tuple[int, int]) -> FloodReport:
    with stage("prepare", 1):
        prepared = await prepare(settings_in(folder), PREPARED)
    async with _gateway() as (port, called):
        await _put_behind(folder, prepared.app.id, f"http://127.0.0.1:{port}")
        target = {"private_targets": f"127.0.0.1:{port}"}
        served = start(folder, prepared.settings.model_copy(update=target), cores[0])
        try:
            with stage("warm up", 1):
                await _span("warm up", served, set(cores), prepared, 2, notices=0)
            with stage("quiet", 1):
                quiet = await _span("quiet", served, set(cores), prepared, seconds, notices=0)
            with stage("flood", 1):
                flooded = await _span(
                    "flood", served, set(cores), prepared, seconds, notices=NOTICES
                )
            outgoing = len(called)
            await _tell_of_a_known_order(served, prepared)
            await asyncio.sleep(1)  # long enough for the call that the notice brings
        finally:
            stop(served)  # it writes what it has counted
    kept, counted = _stored(prepared.path)
    return FloodReport(
        quiet=quiet,
        flooded=flooded,
        outgoing=outgoing,
        outgoing_for_known=len(called) - outgoing,
        kept=kept,
        counted=counted,
    )


@asynccontextmanager
async def _gateway() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A gateway that notes each call and hangs up: its port, and the calls."""
    called: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], called
    finally:
        server.close()


async def _put_behind(folder: Path, app_id: str, origin: str) -> None:
    runtime = await open_runtime(settings_in(folder))
    try:
        api_key = runtime.secrets.seal("kunci-proyek")
        await runtime.db.write(lambda tx: tx.run(MEND, id=app_id, api_key=api_key, origin=origin))
    finally:
        await runtime.close()


async def _span(
    name: str, served: Served, cores: set[int], prepared: Prepared, seconds: int, *, notices: int
) -> Span:
    creating = subscribing(prepared.api_key, name, PLAN)
    loads = [Load(READS, _reading(prepared), []), Load(WRITES, creating, [])]
    flood = Load(notices, _forging(prepared, name), [])
    size, server = _pages(prepared.path), cpu_seconds(served.pid)
    own, anybody, begun = cpu_seconds(os.getpid()), busy_seconds(cores), monotonic()
    with without_pauses():
        await asyncio.gather(
            *(_drive(served, load, seconds) for load in [*loads, flood] if load.rate)
        )
    wall = monotonic() - begun
    server, own = cpu_seconds(served.pid) - server, cpu_seconds(os.getpid()) - own
    others = busy_seconds(cores) - anybody - server - own
    took = sorted(sample.took for load in loads for sample in load.samples)
    return Span(
        name=name,
        samples=len(took),
        p50_ms=percentile(took, 0.50) * 1000,
        p99_ms=percentile(took, 0.99) * 1000,
        notices=len(flood.samples),
        server_share=server / wall,
        others_share=max(0.0, others) / wall / len(cores),
        growth_kb=(_pages(prepared.path) - size) / 1000,
    )


async def _drive(served: Served, load: Load, seconds: int) -> None:
    await keep_up(served, load, lambda place, _: place >= load.rate * seconds)


def _reading(prepared: Prepared) -> Play:
    key = {"Authorization": f"Bearer {prepared.api_key}"}

    async def play(connection: Connection, place: int) -> None:
        paid = prepared.paid[place % len(prepared.paid)]
        await expect(200, connection, get(f"/v1/invoices/{paid.invoice_id}", key))

    return play


def _forging(prepared: Prepared, name: str) -> Play:
    """With the right secret: without it nothing would be kept."""
    path, secret = f"/gateway/pakasir/{prepared.app.id}", {"X-Secret": prepared.notice_secret}

    async def play(connection: Connection, place: int) -> None:
        body = notice_body(f"chg_{name}_{place}", f"txn_{name}_{place}")
        await expect(200, connection, post(path, secret, body))

    return play


async def _tell_of_a_known_order(served: Served, prepared: Prepared) -> None:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, served.host, served.port)
    charge_id, reference, _ = prepared.paid[0]
    path, secret = f"/gateway/pakasir/{prepared.app.id}", {"X-Secret": prepared.notice_secret}
    await expect(200, connection, post(path, secret, notice_body(charge_id, reference)))
    connection.close()


def _pages(path: Path) -> int:
    """Bytes of the database, what is still in its log included."""
    connection = DRIVER.connect(f"file:{path}?mode=ro", uri=True)
    try:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        return int(pages) * int(size)
    finally:
        connection.close()


def _stored(path: Path) -> tuple[int, int]:
    """Bodies kept, and unknown orders counted."""
    connection = DRIVER.connect(f"file:{path}?mode=ro", uri=True)
    try:
        (kept,) = connection.execute("SELECT count(*) FROM unknown_notices").fetchone()
        (counted,) = connection.execute("SELECT sum(unknown) FROM notice_tallies").fetchone()
        return int(kept), int(counted or 0)
    finally:
        connection.close()


def show_flood(report: FloodReport) -> None:
    """For people."""
    for span in (report.quiet, report.flooded):
        print(
            f"{span.name:6} {span.samples:,} requests: p50 {span.p50_ms:.1f} ms, "
            f"p99 {span.p99_ms:.1f} ms; {span.notices:,} notices; server {span.server_share:.0%}, "
            f"others {span.others_share:.0%}; database +{span.growth_kb:,.0f} kB"
        )
    times = report.flooded.p99_ms / report.quiet.p99_ms
    reached = "reached" if times <= 2 else "not reached"
    print(f"p99 under the flood is {times:.2f} times the quiet one (goal: 2; {reached})")
    print(
        f"outgoing calls {report.outgoing} (and {report.outgoing_for_known} for one known order "
        f"afterwards); kept {report.kept:,} of {report.counted:,} counted"
    )
