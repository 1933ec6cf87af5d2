"""A money check: our books compared with the gateway's answers for a span of days."""

from datetime import date, datetime, timedelta
from typing import Literal, get_args

import msgspec
from sqlalchemy import Column, ForeignKey, Index, Text, UniqueConstraint, update
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.calendar import local_date, start_of
from payment_service.kit.ids import new_id
from payment_service.kit.schema import Instant, Json, LocalDate, Number, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    add,
    command,
    param,
    query,
    rows_of,
    save,
    stored_in,
)
from payment_service.model.app import App

NIGHTLY_AT = timedelta(hours=2)
"""Local time from which a night's check is made."""
LEASE = timedelta(minutes=15)
"""How long a check belongs to a process that is not heard of again."""
MADE_UP = timedelta(days=31)
"""How far back a check goes for nights that were missed or had no answers."""

Difference = Literal[
    "not_booked",
    "not_completed",
    "amount_differs",
    "unknown_at_gateway",
    "not_in_settlement",
    "settlement_differs",
    "unknown_settlement",
]


class Discrepancy(msgspec.Struct, frozen=True):
    """One line of a money check: a charge on which the two sides differ. Amounts in rupiah."""

    difference: Difference
    charge_id: str | None
    reference: str | None
    ours: int | None
    theirs: int | None
    message: str


money_checks = table(
    "money_checks",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("night", LocalDate),
    Column("first_day", LocalDate, nullable=False),
    Column("last_day", LocalDate, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("finished_at", Instant),
    Column("charges", Number, nullable=False),
    Column("unanswered", Number, nullable=False),
    Column("exceptions", Json(tuple[Discrepancy, ...]), nullable=False),
    Column("version", Number, nullable=False),
    UniqueConstraint("app_id", "night"),
    Index(None, "app_id", "id"),
)


@stored_in(money_checks)
class MoneyCheck(Record, frozen=True):
    """`night` is the local date of a nightly one, one per app and night; None when asked for.

    `unanswered` counts the charges that the gateway gave no answer for.
    """

    id: str
    app_id: str
    night: date | None
    first_day: date
    last_day: date
    started_at: datetime
    lease_until: datetime | None
    finished_at: datetime | None
    charges: int
    unanswered: int
    exceptions: tuple[Discrepancy, ...]
    version: int


class Unanswered(msgspec.Struct, frozen=True):
    """A charge that was not compared, and why."""

    charge_id: str
    reason: str


class Findings(msgspec.Struct):
    """What a check comes to, growing while it runs.

    `elsewhere` are charges of a gateway that the app has no more, `unopened` counts those that
    the gateway never gave a code for; neither is asked about.
    """

    first_day: date
    last_day: date
    asked: int = 0
    unopened: int = 0
    unanswered: list[Unanswered] = msgspec.field(default_factory=list)
    elsewhere: list[Unanswered] = msgspec.field(default_factory=list)
    exceptions: list[Discrepancy] = msgspec.field(default_factory=list)


CHECK_OF_NIGHT = query(
    rows_of(MoneyCheck).where(
        money_checks.c.app_id == param("app_id"), money_checks.c.night == param("night")
    ),
    MoneyCheck,
)
LATEST_WHOLE_NIGHT = query(
    rows_of(MoneyCheck)
    .where(
        money_checks.c.app_id == param("app_id"),
        money_checks.c.night < param("night"),
        money_checks.c.finished_at.is_not(None),
        money_checks.c.unanswered == 0,
    )
    .order_by(money_checks.c.night.desc())
    .limit(1),
    MoneyCheck,
)
LATEST_CHECKS = query(
    rows_of(MoneyCheck)
    .where(money_checks.c.app_id == param("app_id"))
    .order_by(money_checks.c.id.desc())
    .limit(param("limit", Number)),
    MoneyCheck,
)
CLAIM_NEW_NIGHT = command(
    insert(money_checks)
    .values(
        id=param("id"),
        app_id=param("app_id"),
        night=param("night"),
        first_day=param("first_day"),
        last_day=param("last_day"),
        started_at=param("now"),
        lease_until=param("lease_until"),
        charges=0,
        unanswered=0,
        exceptions=param("exceptions"),
        version=1,
    )
    .on_conflict_do_nothing(index_elements=["app_id", "night"])
)
CLAIM_LEFT_NIGHT = command(
    update(money_checks)
    .where(
        money_checks.c.app_id == param("key_app"),
        money_checks.c.night == param("key_night"),
        money_checks.c.finished_at.is_(None),
        money_checks.c.lease_until <= param("now"),
    )
    .values(
        started_at=param("now"),
        lease_until=param("lease_until"),
        version=money_checks.c.version + 1,
    )
)


def begin_check(
    tx: Transaction, app_id: str, first_day: date, last_day: date, now: datetime
) -> MoneyCheck:
    """One that somebody asked for."""
    check = MoneyCheck(
        id=new_id("mck", now),
        app_id=app_id,
        night=None,
        first_day=first_day,
        last_day=last_day,
        started_at=now,
        lease_until=now + LEASE,
        finished_at=None,
        charges=0,
        unanswered=0,
        exceptions=(),
        version=1,
    )
    add(tx, check)
    return check


def break_off(tx: Transaction, check: MoneyCheck) -> None:
    """Nobody goes on with one that somebody asked for."""
    save(tx, check, msgspec.structs.replace(check, lease_until=None))


def is_running(check: MoneyCheck, now: datetime) -> bool:
    """As far as other processes can tell."""
    lease = check.lease_until
    return check.finished_at is None and lease is not None and lease > now


def finish_check(tx: Transaction, check: MoneyCheck, findings: Findings, now: datetime) -> None:
    """Raises Moved when another process has taken the check over."""
    finished = msgspec.structs.replace(
        check,
        finished_at=now,
        lease_until=None,
        charges=findings.asked,
        unanswered=len(findings.unanswered),
        exceptions=tuple(findings.exceptions),
    )
    save(tx, check, finished)


def in_order(findings: Findings) -> Findings:
    """By kind and charge, whichever answer came first."""
    kinds = get_args(Difference)
    findings.exceptions.sort(key=lambda one: (kinds.index(one.difference), one.charge_id or ""))
    findings.unanswered.sort(key=lambda one: one.charge_id)
    findings.elsewhere.sort(key=lambda one: one.charge_id)
    return findings


def claim_night(tx: Transaction, app: App, now: datetime) -> MoneyCheck | None:
    """Take tonight's check of the app, which is then this process's for the length of the lease.

    None before it is time, when it is done, and while another process is at it.
    """
    night = local_date(now, app.zone)
    if now < start_of(night, app.zone) + NIGHTLY_AT:
        return None
    found = tx.one(CHECK_OF_NIGHT, app_id=app.id, night=night)
    lease_until = now + LEASE
    if found is None:
        latest = tx.one(LATEST_WHOLE_NIGHT, app_id=app.id, night=night)
        taken = tx.run(
            CLAIM_NEW_NIGHT,
            id=new_id("mck", now),
            app_id=app.id,
            night=night,
            first_day=_first_day(night, latest),
            last_day=night - timedelta(days=1),
            now=now,
            lease_until=lease_until,
            exceptions=(),
        )
    else:
        taken = tx.run(
            CLAIM_LEFT_NIGHT, key_app=app.id, key_night=night, now=now, lease_until=lease_until
        )
    return tx.one(CHECK_OF_NIGHT, app_id=app.id, night=night) if taken else None


def _first_day(night: date, latest: MoneyCheck | None) -> date:
    """The day before yesterday, so that each day is compared twice; earlier when nights between
    were missed, or left charges without an answer."""
    usual = night - timedelta(days=2)
    if latest is None:
        return usual
    return max(min(usual, latest.last_day), night - MADE_UP)
