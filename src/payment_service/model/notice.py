"""A notice: what a gateway posted to us, kept as evidence. A hint, never a proof."""

from datetime import date, datetime

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Text, or_, select
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.schema import Flag, Instant, Json, LocalDate, Number, table
from payment_service.kit.statements import (
    Record,
    command,
    param,
    query,
    rows_of,
    stored_in,
    value,
)
from payment_service.model.app import apps

notices = table(
    "notices",
    Column("charge_id", Text, ForeignKey("charges.id"), primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("times", Number, nullable=False),
    Column("body", Text, nullable=False),
    Column("says_sandbox", Flag),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Index(None, "app_id", "last_at"),
)


@stored_in(notices)
class Notice(Record, frozen=True):
    """One row a charge, however often it was told; `body` is the latest as it came.

    `says_sandbox` stays once a notice said so: version 1's own status does not tell.
    """

    charge_id: str
    app_id: str
    times: int
    body: str
    says_sandbox: bool | None
    first_at: datetime
    last_at: datetime


_stored = insert(notices).values(
    charge_id=param("charge_id"),
    app_id=param("app_id"),
    times=1,
    body=param("body"),
    says_sandbox=param("says_sandbox"),
    first_at=param("now"),
    last_at=param("now"),
)
STORE_NOTICE = command(
    _stored.on_conflict_do_update(
        index_elements=["charge_id"],
        set_={
            "times": notices.c.times + 1,
            "body": _stored.excluded.body,
            "says_sandbox": or_(notices.c.says_sandbox, _stored.excluded.says_sandbox),
            "last_at": _stored.excluded.last_at,
        },
    )
)


unknown_notices = table(
    "unknown_notices",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("order_id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Index(None, "app_id", "id"),
)


@stored_in(unknown_notices)
class UnknownNotice(Record, frozen=True):
    """A notice for an order that is not ours: the first thousand of an app's day are kept."""

    id: str
    app_id: str
    order_id: str
    body: str
    received_at: datetime


notice_tallies = table(
    "notice_tallies",
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("day", LocalDate, nullable=False),
    Column("unknown", Number, nullable=False),
    Column("wrong_secret", Number, nullable=False),
    Column("latest_wrong", Json(tuple[datetime, ...]), nullable=False),
    PrimaryKeyConstraint("app_id", "day"),
)


@stored_in(notice_tallies)
class NoticeTally(Record, frozen=True):
    """What came in vain on one local day of an app; `latest_wrong` holds the last three instants
    at which the secret was wrong."""

    app_id: str
    day: date
    unknown: int
    wrong_secret: int
    latest_wrong: tuple[datetime, ...]


LOCK_APP = value(
    select(apps.c.id).where(apps.c.id == param("app_id")).with_for_update(key_share=True), str
)
"""One process at a time counts what came in vain for an app: two days' rows are read together."""
TALLIES = query(
    rows_of(NoticeTally)
    .where(
        notice_tallies.c.app_id == param("app_id"),
        notice_tallies.c.day.between(param("since"), param("until")),
    )
    .order_by(notice_tallies.c.day),
    NoticeTally,
)
_tally = insert(notice_tallies).values({c.name: param(c.name) for c in notice_tallies.c})
PUT_TALLY = command(
    _tally.on_conflict_do_update(
        index_elements=["app_id", "day"],
        set_={
            "unknown": _tally.excluded.unknown,
            "wrong_secret": _tally.excluded.wrong_secret,
            "latest_wrong": _tally.excluded.latest_wrong,
        },
    )
)
