"""Vitals: how the service does, as its database tells it; for metrics, and for whoever looks after
it."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import column, func, select, text

from payment_service.kit.schema import Number
from payment_service.kit.statements import Record, Transaction, param, query, value
from payment_service.model.alert import alerts
from payment_service.model.app import apps
from payment_service.model.backlog import Backlog, backlog
from payment_service.model.billing_run import LONG_OVER, apps_without_run, billing_runs
from payment_service.model.charge import charges
from payment_service.model.delivery import deliveries
from payment_service.model.endpoint import endpoints
from payment_service.model.fact import FACT, WORKER_SEEN

MOST = 100_001
LATE_CHECK = timedelta(minutes=10)


class CountOfKind(Record, frozen=True):
    """Open alerts of a kind."""

    kind: str
    count: int


class Vitals(msgspec.Struct, frozen=True):
    """`checks_due` are charges that the gateway should be asked about, `oldest_check` for how long
    the first has been due; `runs_missing` are names of apps without a billing run of today, an hour
    after it should have begun; `leases_over` runs and endpoints whose lease has run out and that
    nobody took over. Counts end at a hundred thousand. `worker_seen` is when a worker last said
    that it runs."""

    alerts: dict[str, int]
    backlog: Backlog
    checks_due: int
    oldest_check: timedelta
    runs_missing: tuple[str, ...]
    leases_over: int
    database_bytes: int
    worker_seen: datetime | None


_open = alerts.c.cleared_at.is_(None)
OPEN_BY_KIND = query(
    select(alerts.c.kind, func.count().label("count")).where(_open).group_by(alerts.c.kind),
    CountOfKind,
)
# By app, since that is how what is due is indexed.
_first: Any = (
    select(charges.c.check_at)
    .where(charges.c.app_id == apps.c.id, charges.c.check_at.is_not(None))
    .order_by(charges.c.check_at)
    .limit(1)
    .scalar_subquery()
)
# Apps with a clock of their own have times of their own.
FIRST_CHECK = value(
    select(_first.label("first"))
    .where(apps.c.clock_offset == 0, _first.is_not(None))
    .order_by(_first)
    .limit(1),
    datetime,
)
_due = (
    select(charges.c.id)
    .join(apps, apps.c.id == charges.c.app_id)
    .where(apps.c.clock_offset == 0, charges.c.check_at <= param("now"))
    .limit(param("most", Number))
    .subquery()
)
COUNT_CHECKS = value(select(func.count()).select_from(_due), int)
RUNS_LONG_OVER = value(
    select(func.count()).where(
        billing_runs.c.finished_at.is_(None), billing_runs.c.lease_until < param("before")
    ),
    int,
)
ENDPOINTS_LONG_OVER = value(
    select(func.count()).where(
        endpoints.c.status == "active",
        endpoints.c.lease_until < param("before"),
        endpoints.c.id.in_(
            select(deliveries.c.endpoint_id).where(
                deliveries.c.endpoint_id == endpoints.c.id,
                deliveries.c.next_at < param("before"),
            )
        ),
        endpoints.c.paused_until.is_(None),
    ),
    int,
)
SQLITE_BYTES = value(
    text(
        "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()"
    ).columns(column("bytes", Number)),
    int,
)
POSTGRES_BYTES = value(select(func.pg_database_size(func.current_database())), int)


def vitals(tx: Transaction, now: datetime, *, dialect: str) -> Vitals:
    """In one look, each part by an index."""
    first = tx.one(FIRST_CHECK)
    is_due = first is not None and first <= now
    before = now - LONG_OVER
    runs, served = (
        tx.one(over, before=before) or 0 for over in (RUNS_LONG_OVER, ENDPOINTS_LONG_OVER)
    )
    worker = tx.one(FACT, name=WORKER_SEEN)
    return Vitals(
        alerts={one.kind: one.count for one in tx.all(OPEN_BY_KIND)},
        backlog=backlog(tx, now),
        checks_due=tx.one(COUNT_CHECKS, now=now, most=MOST) or 0 if is_due else 0,
        oldest_check=now - first if is_due and first is not None else timedelta(),
        runs_missing=tuple(app.name for app in apps_without_run(tx, now)),
        leases_over=runs + served,
        database_bytes=tx.one(SQLITE_BYTES if dialect == "sqlite" else POSTGRES_BYTES) or 0,
        worker_seen=None if worker is None else datetime.fromisoformat(worker),
    )
