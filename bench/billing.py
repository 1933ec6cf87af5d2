"""The billing run over a crowd: alone on both databases, and at growing sizes."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace
from sqlalchemy import func, select, update

from bench.billing_report import Alone, BillingReport
from bench.cores import on_core, two_cores
from bench.crowd import Crowd, prepare_crowd
from bench.databases import Kind, environment_of, postgres_or_sqlite
from bench.lone_run import LoneRun
from bench.run import Stage
from payment_service.config import Settings
from payment_service.kit.calendar import start_of
from payment_service.kit.database import open_database
from payment_service.kit.statements import Transaction, command, param, value
from payment_service.model.app import app_by_id, apps
from payment_service.model.delivery import deliveries
from payment_service.model.event import events
from payment_service.model.invoice import invoices
from payment_service.model.subscription import subscriptions

RUN_AT = time(1)
SHIFT = command(update(apps).where(apps.c.id == param("id")).values(clock_offset=param("seconds")))
COUNTS = {
    "open invoices": value(
        select(func.count()).select_from(invoices).where(invoices.c.status == "open"), int
    ),
    "subscriptions in grace": value(
        select(func.count()).select_from(subscriptions).where(subscriptions.c.status == "grace"),
        int,
    ),
    "suspended subscriptions": value(
        select(func.count())
        .select_from(subscriptions)
        .where(subscriptions.c.status == "suspended"),
        int,
    ),
    "events": value(select(func.count()).select_from(events), int),
    "deliveries": value(select(func.count()).select_from(deliveries), int),
    "the last event position": value(select(func.max(events.c.position)), int),
}
"""Whole tables: nothing but a benchmark asks so."""


def run_billing_bench(
    folder: Path, kinds: tuple[Kind, ...], sizes: tuple[int, ...], stage: Stage
) -> BillingReport:
    """Measure in this folder, which must be on a disk. Linux only."""
    alone = []
    for kind in kinds:
        for size in sizes:
            inside = folder / f"{kind}-{size}"
            inside.mkdir()
            alone.append(_alone(kind, size, inside, stage))
    return BillingReport(alone=alone, cores=os.cpu_count() or 1)


def _alone(kind: Kind, size: int, folder: Path, stage: Stage) -> Alone:
    with postgres_or_sqlite(kind, folder) as settings:
        with stage(f"prepare {size:,} on {kind}", 1):
            url = "https://bench.example/webhooks"
            crowd = asyncio.run(prepare_crowd(settings, size, url))
            counts = asyncio.run(_made_ready(settings, crowd))
        with stage(f"run {size:,} on {kind}", 1):
            made = _in_its_own_process(settings, crowd)
        with stage(f"count {size:,} on {kind}", 1):
            after = asyncio.run(_counted(settings))
    return Alone(
        database=kind,
        subscriptions=size,
        changes=crowd.expected.changes,
        seconds=made.seconds,
        cpu=made.cpu,
        peak_mb=made.peak_mb,
        mismatches=_mismatches(crowd, made, counts, after),
    )


async def _made_ready(settings: Settings, crowd: Crowd) -> dict[str, int]:
    """The app's clock shows an hour past midnight of the day after; what was there before."""
    db = open_database(settings.database_url)
    try:

        def shift(tx: Transaction) -> None:
            app = app_by_id(tx, crowd.app_id)
            at = start_of(crowd.day, app.zone) + timedelta(hours=RUN_AT.hour)
            seconds = int((at - datetime.now(UTC)).total_seconds()) + 1
            tx.run(SHIFT, id=app.id, seconds=seconds)

        await db.write(shift)
        return await db.examine(_counts)
    finally:
        await db.close()


async def _counted(settings: Settings) -> dict[str, int]:
    db = open_database(settings.database_url)
    try:
        return await db.examine(_counts)
    finally:
        await db.close()


def _counts(tx: Transaction) -> dict[str, int]:
    return {name: tx.one(statement) or 0 for name, statement in COUNTS.items()}


def _in_its_own_process(settings: Settings, crowd: Crowd) -> LoneRun:
    core, _ = two_cores()
    with on_core(core):
        done = subprocess.run(
            [sys.executable, "-m", "bench.lone_run", crowd.app_id],
            env=environment_of(settings),
            cwd=Path(__file__).parents[1],
            capture_output=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"the run failed: {done.stderr.decode()[-2000:]}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=LoneRun)


def _mismatches(
    crowd: Crowd, made: LoneRun, before: dict[str, int], after: dict[str, int]
) -> list[str]:
    expected = crowd.expected
    told = replace(
        made.counts, issued=expected.renewals, grace=expected.graces, suspended=expected.suspensions
    )
    wanted = {
        "open invoices": expected.renewals,
        "subscriptions in grace": expected.graces - expected.suspensions,
        "suspended subscriptions": expected.suspensions,
        "events": expected.changes,
        "deliveries": expected.changes,
        "the last event position": expected.changes,
    }
    wrong = [
        f"{name}: {after[name]}, expected {before[name] + more}"
        for name, more in wanted.items()
        if after[name] != before[name] + more
    ]
    return wrong + ([] if made.counts == told else [f"the run says {made.counts}"])
