"""An attempt: one POST of a delivery, and what came of it; kept for 90 days."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Text, delete, select

from payment_service.kit.schema import Instant, Number, table
from payment_service.kit.statements import Record, command, param, query, rows_of, stored_in

KEPT = timedelta(days=90)
Trouble = Literal[
    "timeout", "refused", "address_not_allowed", "dns", "tls", "disconnected", "not_http"
]
"""Why no whole answer came."""
SHOWN = 100
"""Of one delivery: a resend adds ten at most."""

attempts = table(
    "delivery_attempts",
    Column("id", Text, primary_key=True),
    Column("delivery_id", Text, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Number, nullable=False),
    Column("url", Text),
    Column("status", Number),
    Column("error", Text),
    Column("milliseconds", Number, nullable=False),
    Column("answer", Text, nullable=False),
    Column("next_at", Instant),
    Column("created_at", Instant, nullable=False),
    Index(None, "delivery_id", "number"),
)


@stored_in(attempts)
class Attempt(Record, frozen=True):
    """The HTTP status or the kind of error, and the head of the answer. It was signed and begun at
    `created_at`; `next_at` is when the next was to follow, None after the last."""

    id: str
    delivery_id: str
    number: int
    url: str | None
    status: int | None
    error: Trouble | None
    milliseconds: int
    answer: str
    next_at: datetime | None
    created_at: datetime


NEWEST_ATTEMPTS = query(
    rows_of(Attempt)
    .where(attempts.c.delivery_id == param("delivery_id"))
    .order_by(attempts.c.number.desc(), attempts.c.id.desc())
    .limit(param("limit", Number)),
    Attempt,
)
# Ids sort by the time they were made.
PURGE_ATTEMPTS = command(
    delete(attempts).where(
        attempts.c.id.in_(
            select(attempts.c.id)
            .where(attempts.c.id < param("before"))
            .order_by(attempts.c.id)
            .limit(param("limit", Number))
        )
    )
)
