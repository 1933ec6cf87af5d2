"""A billing run: what one pass over an app's subscriptions did on one local day."""

from datetime import date, datetime

import msgspec
from sqlalchemy import Column, ForeignKey, Index, Text

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
)


class Counts(msgspec.Struct, frozen=True):
    """How many of each a run did. `waiting` are suspensions that wait for the gateway's answer."""

    issued: int = 0
    settled: int = 0
    grace: int = 0
    changed: int = 0
    suspended: int = 0
    canceled: int = 0
    waiting: int = 0
    held: int = 0

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
    Column("finished_at", Instant),
    Column("version", WholeNumber, nullable=False),
    Index(None, "app_id", "day"),
)


@stored_in(billing_runs)
class BillingRun(Record, frozen=True):
    """`day` is the local date that the run was made for; `held` whether the breaker held it."""

    id: str
    app_id: str
    day: date
    forced: bool
    held: bool
    counts: Counts
    started_at: datetime
    finished_at: datetime | None
    version: int


RUNS_OF_DAY = query(
    rows_of(BillingRun)
    .where(billing_runs.c.app_id == param("app_id"), billing_runs.c.day == param("day"))
    .order_by(billing_runs.c.id),
    BillingRun,
)


def begin_run(
    tx: Transaction, app_id: str, day: date, now: datetime, *, forced: bool
) -> BillingRun:
    run = BillingRun(
        id=new_id("run", now),
        app_id=app_id,
        day=day,
        forced=forced,
        held=False,
        counts=Counts(),
        started_at=now,
        finished_at=None,
        version=1,
    )
    add(tx, run)
    return run
