"""Webhooks out: how fast the worker delivers a backlog, and how soon it delivers what is new."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvloop
from sqlalchemy import func, select
from standardwebhooks import Webhook, WebhookVerificationError

from bench.cores import on_core, two_cores
from bench.databases import Kind, environment_of, postgres_or_sqlite
from bench.load import Progress
from bench.readings import busy_seconds, cpu_seconds, memory
from bench.report import percentile
from bench.run import Stage
from bench.served import COMMAND
from bench.webhook_sink import Heard, Message, Sink, webhook_sink
from bench.webhooks_report import Backlog, Fresh, WebhooksReport
from payment_service.actions.create_endpoint import NewEndpoint, create_endpoint
from payment_service.actions.register_app import Registration, register_app
from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import monotonic
from payment_service.kit.statements import Transaction, value
from payment_service.model.app import App
from payment_service.model.attempt import attempts
from payment_service.model.delivery import deliveries
from payment_service.model.event import EVENTS_AFTER, LAST_POSITION
from payment_service.outbox import News, announce
from payment_service.runtime import Runtime
from payment_service.web.reference.examples import INVOICE

APPS = 20
BAD = 20
"""Endpoints of one app that never answer, and as many whose names do not resolve."""
RATE = 200
"""New events a second."""
RATE_BESIDE = 100
CHUNK = 100
PATIENCE = 600.0
COUNTS = {
    "delivered": value(
        select(func.count()).select_from(deliveries).where(deliveries.c.status == "delivered"), int
    ),
    "deliveries": value(select(func.count()).select_from(deliveries), int),
    "attempts": value(select(func.count()).select_from(attempts), int),
}
"""Whole tables: nothing but a benchmark asks so."""


class Listener(NamedTuple):
    """An app with one endpoint at a port of the sink's."""

    app: App
    port: int
    secret: str


def run_webhooks(
    folder: Path, kind: Kind, events: int, seconds: int, stage: Stage
) -> WebhooksReport:
    """Measure in this folder, which must be on a disk. Linux only."""
    core, own_core = two_cores()
    with (
        postgres_or_sqlite(kind, folder) as settings,
        on_core(own_core),
        webhook_sink(APPS, BAD) as sink,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        ports = [*sink.ports, *sink.hanging]
        targets = ",".join(f"127.0.0.1:{port}" for port in ports)
        settings = settings.model_copy(update={"private_targets": targets})
        return runner.run(_run(folder, settings, kind, sink, events, seconds, stage, core))


async def _run(
    folder: Path,
    settings: Settings,
    kind: Kind,
    sink: Sink,
    events: int,
    seconds: int,
    stage: Stage,
    core: int,
) -> WebhooksReport:
    runtime = await open_runtime(settings)
    try:
        listeners = [await runtime.db.write(_listener, runtime, port) for port in sink.ports]
        with stage(f"prepare {events:,} events on {kind}", 1):
            await _announce_backlog(runtime, listeners, events)
        os.sync()
        with _worker(folder, settings, core) as worker:
            with stage(f"deliver {events:,} on {kind}", events) as progress:
                cores = {core, next(iter(os.sched_getaffinity(0)))}
                cpu, busy = cpu_seconds(worker.pid), busy_seconds(cores)
                took = await _until(sink, events, progress)
                cpu = cpu_seconds(worker.pid) - cpu
                busy = busy_seconds(cores) - busy
            heard = sink.heard()
            backlog = Backlog(
                events=events,
                per_second=_steady_rate(sorted(heard.arrived.values())),
                worker_us=cpu / events * 1e6,
                worker_share=cpu / took,
                busy_share=busy / took / 2,
            )
            with stage(f"{RATE} new events a second on {kind}", 1):
                quiet = await _fresh(runtime, listeners, sink, RATE, seconds)
            with stage(f"beside {2 * BAD} dead endpoints on {kind}", 1):
                bad = await runtime.db.write(_bad_app, runtime, sink)
                beside = await _fresh(runtime, listeners, sink, RATE_BESIDE, seconds, bad)
            peak = memory(worker.pid)[1]
        counts = await runtime.db.examine(_counts)
    finally:
        await runtime.close()
    heard = sink.heard()
    healthy = events + quiet.events + beside.events
    return WebhooksReport(
        database=kind,
        backlog=backlog,
        quiet=quiet,
        beside=beside,
        peak_mb=peak,
        verified=sum(_verifies(listeners, one) for one in heard.kept),
        kept=len(heard.kept),
        again=heard.messages - len(heard.arrived),
        mismatches=mismatches(heard, counts, healthy, beside.events_of_dead * 2 * BAD),
    )


def _listener(tx: Transaction, runtime: Runtime, port: int) -> Listener:
    url = f"http://127.0.0.1:{port}/webhooks"
    wanted = Registration(name=f"App {port}", mode="test", webhook_url=url)
    now = runtime.clock.now()
    done = register_app(tx, wanted, runtime.secrets, runtime.targets, now)
    return Listener(done.app, port, done.webhook_secret or "")


def _bad_app(tx: Transaction, runtime: Runtime, sink: Sink) -> App:
    now = runtime.clock.now()
    wanted = Registration(name="Dead", mode="test")
    app = register_app(tx, wanted, runtime.secrets, runtime.targets, now).app
    urls = [f"http://127.0.0.1:{port}/webhooks" for port in sink.hanging]
    urls += [f"https://dead-{number}.invalid/webhooks" for number in range(BAD)]
    for url in urls:
        create_endpoint(tx, app, NewEndpoint(url), runtime.secrets, runtime.targets, now)
    return app


async def _announce_backlog(runtime: Runtime, listeners: Sequence[Listener], count: int) -> None:
    """A chunk of one app after another's, as a billing run does."""
    each = count // len(listeners)
    for begun in range(0, each, CHUNK):
        for one in listeners:
            news = [NEWS] * min(CHUNK, each - begun)
            await runtime.db.write(announce, one.app.id, news, runtime.clock.now())


NEWS = News("invoice.paid", INVOICE.id, INVOICE)


async def _fresh(
    runtime: Runtime,
    listeners: Sequence[Listener],
    sink: Sink,
    rate: int,
    seconds: int,
    bad: App | None = None,
) -> Fresh:
    """New events at a steady rate, each a transaction of its own, of one app after another; and
    once a second one for all dead endpoints."""
    before = sink.messages()
    places = {one.app.id: await runtime.db.read(_last, one.app.id) for one in listeners}
    committed: dict[str, list[float]] = {app_id: [] for app_id in places}
    begun = monotonic()
    dead = 0
    for number in range(rate * seconds):
        if (wait := begun + number / rate - monotonic()) > 0:
            await asyncio.sleep(wait)
        if bad is not None and number % rate == 0:
            await runtime.db.write(announce, bad.id, [NEWS], runtime.clock.now())
            dead += 1
        app_id = listeners[number % len(listeners)].app.id
        await runtime.db.write(announce, app_id, [NEWS], runtime.clock.now())
        committed[app_id].append(monotonic())
    await _until(sink, before + rate * seconds, lambda _: None)
    arrived = sink.heard().arrived
    waits = []
    for app_id, times in committed.items():
        ids = await runtime.db.read(_ids_after, app_id, places[app_id])
        waits += [arrived[id_] - at for id_, at in zip(ids, times, strict=True)]
    waits.sort()
    return Fresh(
        events=rate * seconds,
        events_of_dead=dead,
        p50_ms=percentile(waits, 0.5) * 1000,
        p99_ms=percentile(waits, 0.99) * 1000,
        slowest_ms=waits[-1] * 1000,
    )


def _last(tx: Transaction, app_id: str) -> int:
    return tx.one(LAST_POSITION, app_id=app_id) or 0


def _ids_after(tx: Transaction, app_id: str, position: int) -> list[str]:
    return [one.id for one in tx.all(EVENTS_AFTER, app_id=app_id, after=position, limit=100_000)]


async def _until(sink: Sink, messages: int, progress: Progress) -> float:
    """Seconds until so many have arrived. Raises RuntimeError when they do not."""
    begun = monotonic()
    while (count := sink.messages()) < messages:
        progress(count)
        if monotonic() - begun > PATIENCE:
            raise RuntimeError(f"{count} of {messages} messages arrived in {PATIENCE} s")
        await asyncio.sleep(0.1)
    return monotonic() - begun


def _steady_rate(arrived: Sequence[float]) -> float:
    """Without the first twentieth, in which endpoints are found healthy, and the last, in which
    some have nothing left."""
    part = len(arrived) // 20
    middle = arrived[part : len(arrived) - part]
    return (len(middle) - 1) / (middle[-1] - middle[0])


def _verifies(listeners: Sequence[Listener], message: Message) -> bool:
    """Whether the library that receivers use accepts it."""
    (secret,) = (one.secret for one in listeners if one.port == message.port)
    lines = (line.partition(": ") for line in message.head.split("\r\n")[1:])
    headers = {name.lower(): value for name, _, value in lines}
    try:
        Webhook(secret).verify(message.body, headers)
    except WebhookVerificationError:
        return False
    return True


def _counts(tx: Transaction) -> dict[str, int]:
    return {name: tx.one(statement) or 0 for name, statement in COUNTS.items()}


def mismatches(heard: Heard, counts: dict[str, int], healthy: int, dead: int) -> list[str]:
    wrong = []
    if len(heard.arrived) != healthy:
        wrong.append(f"events that arrived: {len(heard.arrived)}, expected {healthy}")
    if counts["delivered"] != healthy:
        wrong.append(f"deliveries called delivered: {counts['delivered']}, expected {healthy}")
    if counts["deliveries"] != healthy + dead:
        wrong.append(f"deliveries: {counts['deliveries']}, expected {healthy + dead}")
    if counts["attempts"] < heard.messages:
        wrong.append(f"attempts: {counts['attempts']}, but {heard.messages} messages arrived")
    return wrong


@contextmanager
def _worker(folder: Path, settings: Settings, core: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The real command, alone on its core. It must end well when it is told to."""
    with on_core(core), (folder / "worker.log").open("wb") as output:
        process = subprocess.Popen(
            [str(COMMAND), "worker"], env=environment_of(settings), stdout=output, stderr=output
        )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        if process.wait(timeout=30) != 0:
            raise RuntimeError(f"the worker ended with {process.returncode}")
    finally:
        process.kill()
        process.wait()
