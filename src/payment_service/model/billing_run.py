"""A billing run: what one pass over an app's subscriptions did on one local day."""

from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import Column, ForeignKey, Index, Text, func, select

from payment_service.kit.calendar import local_date, start_of
from payment_service.kit.ids import new_id
from payment_service.kit.schema import Flag, Instant, Json, LocalDate, table
from payment_service.kit.schema import Number as WholeNumber
from payment_service.kit.statements import (
    Record,
    Transaction,
    add,
    param,
    query,
    rows_of,
    stored_in,
    value,
)
from payment_service.model.app import APPS, App
from payment_service.model.subscription import subscriptions


class Counts(msgspec.Struct, frozen=True):
    """How many of each a run did.

    `settled` were paid from credit, `changed` moved to a free plan. `waiting` are suspensions that
    wait for the gateway's answer, `held` those that the breaker held, `failed` subscriptions whose
    step could not be made.
    """

    issued: int = 0
    settled: int = 0
    grace: int = 0
    changed: int = 0
    suspended: int = 0
    canceled: int = 0
    waiting: int = 0
    held: int = 0
    failed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            *(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__)
        )


billing_runs = table(
    "billing_runs",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("day", LocalDate, nullable=False),
    Column("forced", Flag, nullable=False),
    Column("held", Flag, nullable=False),
    Column("counts", Json(Counts), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("finished_at", Instant),
    Column("version", WholeNumber, nullable=False),
    Index(None, "app_id", "day"),
)


@stored_in(billing_runs)
class BillingRun(Record, frozen=True):
    """`day` is the local date that the run was made for; `held` whether the breaker held it, and
    `forced` whether somebody said that its suspensions are right: before, or when it was held.

    `started_at` and `finished_at` are on the app's clock. `lease_until` is on the machine's: until
    then another worker takes the run to be under way.
    """

    id: str
    app_id: str
    day: date
    forced: bool
    held: bool
    counts: Counts
    started_at: datetime
    lease_until: datetime | None
    finished_at: datetime | None
    version: int


RUN = query(rows_of(BillingRun).where(billing_runs.c.id == param("id")), BillingRun)
LAST_DAY = value(
    select(func.max(billing_runs.c.day)).where(
        billing_runs.c.app_id == param("app_id"), billing_runs.c.finished_at.is_not(None)
    ),
    date,
)
HAS_SUBSCRIPTIONS = value(
    select(subscriptions.c.id).where(subscriptions.c.app_id == param("app_id")).limit(1), str
)
RUNS_OF_DAY = query(
    rows_of(BillingRun)
    .where(billing_runs.c.app_id == param("app_id"), billing_runs.c.day == param("day"))
    .order_by(billing_runs.c.id),
    BillingRun,
)


def begin_run(
    tx: Transaction,
    app_id: str,
    day: date,
    now: datetime,
    *,
    forced: bool,
    lease_until: datetime,
) -> BillingRun:
    run = BillingRun(
        id=new_id("run", now),
        app_id=app_id,
        day=day,
        forced=forced,
        held=False,
        counts=Counts(),
        started_at=now,
        lease_until=lease_until,
        finished_at=None,
        version=1,
    )
    add(tx, run)
    return run


LARGEST_DAY = 10
LARGEST_SHARE = 5
"""More suspensions in a day than ten, and than a fifth of those with access, are held."""


def is_too_much(suspensions: int, with_access: int) -> bool:
    """Whether so many suspensions on one day look like a fault rather than like people who do not
    pay. Both numbers as they were when the day began."""
    return suspensions > LARGEST_DAY and suspensions * LARGEST_SHARE > with_access


RUN_AT = timedelta(hours=1)
"""Local time from which a day's run is made."""
LATE_RUN = timedelta(hours=1)
"""After the time from which a day's run is made: then it should have been."""
LONG_OVER = timedelta(minutes=5)
"""After a lease's end: whoever looks for work should long have come by."""
MAY_BE_LATE = timedelta(days=1)
"""A day's run is made when the service runs again, as long as the day lasts; from then on it is
missed, and nobody but a person can help."""
RUN_AGAIN = timedelta(minutes=10)
"""After which a run that left suspensions waiting for the gateway is made again."""


def wants_run(tx: Transaction, app: App, now: datetime, machine_now: datetime) -> bool:
    """Whether the worker should run the app's billing for today: no run of today is finished or
    under way, or the last one left suspensions that waited for the gateway, or was held and has
    been released since."""
    today = local_date(now, app.zone)
    if now < start_of(today, app.zone) + RUN_AT:
        return False
    runs = tx.all(RUNS_OF_DAY, app_id=app.id, day=today)
    if any(
        run.finished_at is None and run.lease_until and run.lease_until > machine_now
        for run in runs
    ):
        return False
    finished = [run for run in runs if run.finished_at is not None]
    if not finished:
        return True
    last = max(finished, key=lambda run: run.finished_at or now)
    if last.held:
        return last.forced
    waits = last.counts.waiting > 0
    return waits and last.finished_at is not None and last.finished_at <= now - RUN_AGAIN


def apps_without_run(tx: Transaction, now: datetime) -> list[App]:
    """Those of which no run of today is finished or under way, an hour after it could have begun;
    `now` is the machine's. Apps with a clock of their own have times of their own."""
    return [app for app in tx.all(APPS) if not app.clock_offset and _lacks_run(tx, app, now)]


def _lacks_run(tx: Transaction, app: App, now: datetime) -> bool:
    today = local_date(now, app.zone)
    # An app that was made in the middle of the day is billed at the worker's next turn.
    if now < max(start_of(today, app.zone) + RUN_AT, app.created_at) + LATE_RUN:
        return False
    return not any(
        run.finished_at or (run.lease_until and run.lease_until > now - LONG_OVER)
        for run in tx.all(RUNS_OF_DAY, app_id=app.id, day=today)
    )


def unbilled_since(tx: Transaction, app: App, now: datetime) -> date | None:
    """The first local day of an app with subscriptions that went by without a run, if the last one
    did; `now` is the machine's. No worker runs then, so that none could raise an alert."""
    last = tx.one(LAST_DAY, app_id=app.id) or local_date(app.at(app.created_at), app.zone)
    missed = last + timedelta(days=1)
    if local_date(app.at(now) - MAY_BE_LATE, app.zone) < missed:
        return None
    return missed if tx.one(HAS_SUBSCRIPTIONS, app_id=app.id) else None
