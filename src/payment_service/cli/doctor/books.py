"""What the database tells: the clock, which processes run, open alerts, stuck work."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from payment_service.cli.doctor.backups import SERVER_VERSION, look_at_backups
from payment_service.cli.doctor.finding import Finding, attention, broken, ok
from payment_service.cli.doctor.processes import look_at_processes
from payment_service.kit.machine import Machine
from payment_service.kit.spans import spelled
from payment_service.kit.statements import Transaction, value
from payment_service.model.audit import audit_entries
from payment_service.model.channel import CHANNELS
from payment_service.model.clock_sense import AHEAD, BACK, SERVER_NOW
from payment_service.model.fact import CLOCK_SEEN, FACT
from payment_service.model.heartbeat import Heartbeat, heartbeats
from payment_service.model.vitals import LATE_CHECK, Vitals, vitals
from payment_service.runtime import Runtime

NEWEST_DEED = value(
    select(audit_entries.c.created_at).order_by(audit_entries.c.position.desc()).limit(1), datetime
)


class Told(NamedTuple):
    """What was read, in one look."""

    vitals: Vitals
    beats: list[Heartbeat]
    seen: datetime | None
    server: datetime | None
    version: str | None
    newest: datetime | None
    channels: int


async def look_at_books(runtime: Runtime, machine: Machine) -> list[Finding]:
    now = runtime.clock.now()
    told = await runtime.db.examine(_read, machine, now, dialect=runtime.db.dialect)
    channels = told.channels + len(runtime.alert_channels)
    return [
        _clock(told, now),
        *look_at_processes(told.beats, told.vitals.worker_seen, now),
        *look_at_backups(machine, told.version, told.vitals.database_bytes, now),
        _channels(channels),
        _alerts(told.vitals),
        *_work(told.vitals),
    ]


def _read(tx: Transaction, machine: Machine, now: datetime, *, dialect: str) -> Told:
    seen = tx.one(FACT, name=CLOCK_SEEN + machine.name)
    return Told(
        vitals(tx, now, dialect=dialect),
        heartbeats(tx),
        None if seen is None else datetime.fromisoformat(seen),
        tx.one(SERVER_NOW) if machine.has_server_clock else None,
        tx.one(SERVER_VERSION) if dialect == "postgresql" else None,
        tx.one(NEWEST_DEED),
        len(tx.all(CHANNELS)),
    )


def _clock(told: Told, now: datetime) -> Finding:
    remedy = "let a time server set the clock (timedatectl set-ntp true)"
    newest = max(filter(None, (told.seen, told.newest)), default=None)
    if newest is not None and now < newest - BACK:
        behind = spelled(newest - now)
        return broken("clock", f"it shows {behind} less than the newest in the database", remedy)
    if told.server is not None and abs(now - told.server) > AHEAD:
        return broken("clock", f"it is {spelled(abs(now - told.server))} from PostgreSQL's", remedy)
    if "clock_jumped" in told.vitals.alerts:
        return attention(
            "clock", "it jumped, and billing waits",
            "see the alert; when the clock is right, clear it",
        )  # fmt: skip
    return ok("clock", now.isoformat(timespec="seconds"))


def _channels(count: int) -> Finding:
    if count:
        return ok("telling", f"alerts go out by {count} channel{'s' * (count > 1)}")
    return attention(
        "telling", "alerts reach nobody",
        "set PAYMENT_SERVICE_ALERT_WEBHOOK_URL or PAYMENT_SERVICE_SMTP_URL, or add a channel",
    )  # fmt: skip


def _alerts(found: Vitals) -> Finding:
    if not found.alerts:
        return ok("alerts", "none is open")
    named = ", ".join(f"{kind} {count}" for kind, count in sorted(found.alerts.items()))
    return attention("alerts", f"open: {named}", "`payment-service alert list`")


def _work(found: Vitals) -> Iterator[Finding]:
    due, age = found.backlog.due, spelled(found.backlog.age)
    says = f"{due} due, the first for {age}" if due else "none is overdue"
    late = "see that a worker runs, and what its log says"
    yield attention("webhooks", says, late) if found.backlog.is_behind else ok("webhooks", says)
    says = f"{found.checks_due} due, the first for {spelled(found.oldest_check)}"
    if found.oldest_check > LATE_CHECK:
        yield attention("verifications", says, "see that a worker runs, and the gateway's rows")
    else:
        yield ok("verifications", says if found.checks_due else "none is overdue")
    if found.runs_missing:
        yield attention(
            "billing", f"no run of today: {', '.join(found.runs_missing[:5])}",
            "see that a worker runs; `payment-service run-billing` makes it now",
        )  # fmt: skip
    else:
        yield ok("billing", "today's runs are made, or not due yet")
    if found.leases_over:
        yield attention("leases", f"{found.leases_over} ended, and nobody took over", late)
    else:
        yield ok("leases", "none is left behind")
