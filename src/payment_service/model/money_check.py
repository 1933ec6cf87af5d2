"""A money check: our books compared with the gateway's answers for a span of days."""

from datetime import date, datetime
from typing import Literal

import msgspec
from sqlalchemy import Column, ForeignKey, Index, Text, UniqueConstraint

from payment_service.kit.schema import Instant, Json, LocalDate, Number, table
from payment_service.kit.statements import Record, stored_in

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
