"""What a subscription weighs on PostgreSQL: write-ahead log, rows, bytes and updates; and how many
payments a second one app, and eight, can book."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg
from aiohttp import web

from bench.databases import postgres_or_sqlite
from bench.finding import Finding
from bench.prepare import PLAN
from bench.run import Stage
from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.deliver import Courier
from payment_service.actions.open_charge import open_charge
from payment_service.actions.receive_notice import Named, receive_notice
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.set_payer import set_payer
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.actions.verify_charges import verify_charge
from payment_service.cli.log import configure_log
from payment_service.config import Settings, open_runtime
from payment_service.kit.calendar import local_date
from payment_service.kit.clock import monotonic
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id
from payment_service.outside.simulator.codes import complete
from payment_service.rehearsal.advance_clock import begin, go_on
from payment_service.resources import Links
from payment_service.runtime import Runtime, now_of
from payment_service.web.simulated import tell_and_wait

AT_ONCE = 8
"""As many as a process has connections."""
DAYS = 365
SIZES = """SELECT relname, greatest(n_live_tup, 0), pg_total_relation_size(relid), n_tup_upd,
    n_tup_hot_upd FROM pg_stat_user_tables WHERE n_live_tup > 0 ORDER BY 3 DESC"""

ATTEMPT = "SELECT pg_total_relation_size('delivery_attempts') / count(*) FROM delivery_attempts"


class Step(msgspec.Struct, frozen=True):
    """What was done again and again: a second, and bytes of log and writing transactions each."""

    name: str
    count: int
    per_second: float
    log_bytes: int
    transactions: float


class Size(msgspec.Struct, frozen=True):
    """A table after the year; bytes with its indexes. Of the updates some leave no index entry."""

    table: str
    rows: int
    size: int
    updates: int
    updates_in_place: int


class WeightReport(msgspec.Struct, frozen=True):
    """`sizes` are those of `subscriptions` that were paid on time for a year."""

    steps: list[Step]
    attempt_bytes: int
    """Of the row that a delivery leaves for each time that it is sent, with its indexes."""
    subscriptions: int
    year_log_bytes: int
    sizes: list[Size]
    exit_code: int = 0

    @property
    def findings(self) -> list[Finding]:
        """None that is wanted: what it weighs goes into plans."""
        return []


def run_weight(folder: Path, stage: Stage, *, count: int, subscriptions: int) -> WeightReport:
    configure_log(logging.ERROR)
    steps, attempt = [], 0
    for apps in (1, AT_ONCE):
        inside = folder / f"apps-{apps}"
        inside.mkdir()
        with (
            postgres_or_sqlite("postgresql", inside) as settings,
            stage(f"{count:,} payments of {apps} apps", 1),
        ):
            steps += asyncio.run(_steps(settings, apps, count))
            attempt = _asked(settings.database_url, ATTEMPT)[0][0]
    inside = folder / "year"
    inside.mkdir()
    with postgres_or_sqlite("postgresql", inside) as settings:
        with stage(f"a year of {subscriptions} subscriptions", 1):
            log_bytes = asyncio.run(_year(settings, subscriptions))
        sizes = [Size(*row) for row in _asked(settings.database_url, SIZES, analyze=True)]
    return WeightReport(steps, attempt, subscriptions, log_bytes, sizes)


def _asked(url: str, question: str, *, analyze: bool = False) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        if analyze:
            connection.execute("VACUUM ANALYZE")
        return connection.execute(question).fetchall()


class _At(NamedTuple):
    """Where log and transactions have come to."""

    log: int
    transaction: int


def _at(url: str) -> _At:
    log = "pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"
    return _At(*_asked(url, f"SELECT {log}, pg_current_xact_id()::text::bigint")[0])


async def _steps(settings: Settings, apps: int, count: int) -> list[Step]:
    heard = web.Application()
    heard.router.add_post("/hook", _hear)
    runner = web.AppRunner(heard, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    settings = settings.model_copy(update={"private_targets": f"127.0.0.1:{port}"})
    runtime = await open_runtime(settings)
    url = f"http://127.0.0.1:{port}/hook"
    try:
        shops = [await _shop(runtime, number, url) for number in range(apps)]
        measured = _Measured(settings.database_url, apps)
        orders: list[tuple[App, str, str]] = []

        async def come(number: int) -> None:
            app, now = shops[number % apps], runtime.clock.now()
            made = await runtime.db.write(
                subscribe, app, runtime.links, Subscriber(f"t-{number}"), PLAN, None, {}, now
            )
            assert made.resource.open_invoice is not None
            orders.append((app, made.resource.open_invoice.id, ""))

        await measured("create", come, count)

        async def code(number: int) -> None:
            app, invoice_id, _ = orders[number]
            charge = (await open_charge(runtime, app.id, invoice_id)).charge
            orders[number] = app, charge.id, charge.reference or ""

        await measured("code", code, count)
        for _, _, reference in orders:
            await runtime.db.write(complete, reference, runtime.clock.now())

        async def confirm(number: int) -> None:
            app, charge_id, _ = orders[number]
            secret = runtime.secrets.open(app.gateway_webhook_secret or "")
            named = Named(charge_id, None, "completed", None)
            told = await receive_notice(runtime, app.id, secret, named, "{}")
            assert told.charge is not None
            await verify_charge(runtime, app, told.charge)

        await measured("confirmation", confirm, count)
        deliveries = _asked(settings.database_url, "SELECT count(*) FROM deliveries")[0][0]
        courier = Courier(runtime)
        await measured("delivery", lambda _: courier.deliver_all(), 1, of=deliveries)
        return measured.steps
    finally:
        await runtime.close()
        await runner.cleanup()


class _Measured:
    """Steps of one kind, some at a time."""

    def __init__(self, url: str, apps: int) -> None:
        self._url = url
        self._apps = apps
        self.steps: list[Step] = []

    async def __call__(
        self, name: str, deed: Callable[[int], Coroutine[Any, Any, None]], times: int, of: int = 0
    ) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with gate:
                await deed(number)

        before, began = _at(self._url), monotonic()
        await asyncio.gather(*(one(number) for number in range(times)))
        count, seconds, after = of or times, monotonic() - began, _at(self._url)
        self.steps.append(
            Step(
                f"{name}, {self._apps} apps",
                count,
                count / seconds,
                (after.log - before.log) // count,
                (after.transaction - before.transaction) / count,
            )
        )


async def _hear(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(status=204)


async def _shop(runtime: Runtime, number: int, url: str | None) -> App:
    def unit(tx: Transaction) -> App:
        now = runtime.clock.now()
        wanted = Registration(name=f"App {number}", mode="test", webhook_url=url)
        app = register_app(tx, wanted, runtime.secrets, runtime.targets, now).app
        add_plan(tx, app.id, NewPlan(PLAN, "Bulanan", 99_000, 1), now)
        return app

    return await runtime.db.write(unit)


async def _year(settings: Settings, subscriptions: int) -> int:
    """Of payers who pay each renewal in time; its webhooks are stored and not sent."""
    runtime = await open_runtime(settings)
    try:
        app = await _shop(runtime, 0, "https://bench.example/webhooks")
        now = now_of(runtime, app)
        before = _at(settings.database_url)
        for number in range(subscriptions):
            await runtime.db.write(_payer, app, runtime.links, number, now)
        last = local_date(now, app.zone) + timedelta(days=DAYS)
        await go_on(runtime, await begin(runtime, app.id, last), tell_and_wait)
        return (_at(settings.database_url).log - before.log) // subscriptions
    finally:
        await runtime.close()


def _payer(tx: Transaction, app: App, links: Links, number: int, now: Any) -> None:
    app = app_by_id(tx, app.id)
    made = subscribe(tx, app, links, Subscriber(f"t-{number}"), PLAN, None, {}, now)
    set_payer(tx, app, made.resource.id, "pays_on_time", now)


def show_weight(report: WeightReport) -> None:
    for step in report.steps:
        sys.stdout.write(
            f"{step.name:24} {step.count:>8,} {step.per_second:>8,.0f} a second "
            f"{step.log_bytes:>8,} bytes of log, {step.transactions:.2f} transactions each\n"
        )
    sys.stdout.write(f"an attempt: {report.attempt_bytes} bytes\n")
    _show_sizes(report.sizes, report.subscriptions)
    sys.stdout.write(f"log of a year: {report.year_log_bytes:,} bytes a subscription\n")


def _show_sizes(sizes: Sequence[Size], subscriptions: int) -> None:
    for one in sizes:
        sys.stdout.write(
            f"{one.table:24} {one.rows / subscriptions:>8.2f} rows "
            f"{one.size / subscriptions:>8,.0f} bytes {one.updates / subscriptions:>7.2f} updates, "
            f"{one.updates_in_place / subscriptions:.2f} in place\n"
        )
    rows, size = sum(one.rows for one in sizes), sum(one.size for one in sizes)
    sys.stdout.write(
        f"of a subscription's year: {rows / subscriptions:.0f} rows, "
        f"{size / subscriptions:,.0f} bytes\n"
    )
