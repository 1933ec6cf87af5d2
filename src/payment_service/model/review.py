"""A review: a payment that needed a person, and what the person decided."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Text

from payment_service.kit.schema import Instant, one_of, table
from payment_service.kit.statements import Record, stored_in

Deed = Literal["credited", "settled", "refunded", "dismissed"]

reviews = table(
    "reviews",
    Column("payment_id", Text, ForeignKey("payments.id"), primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("deed", Text, nullable=False),
    Column("invoice_id", Text, ForeignKey("invoices.id")),
    Column("reference", Text),
    Column("note", Text),
    Column("decided_at", Instant, nullable=False),
    one_of("deed", ("credited", "settled", "refunded", "dismissed")),
    Index(None, "app_id", "payment_id"),
)


@stored_in(reviews)
class Review(Record, frozen=True):
    """Written once, when it is decided; the payment itself is never changed.

    `invoice_id` is the invoice that was settled with it, `reference` the refund's.
    """

    payment_id: str
    app_id: str
    deed: Deed
    invoice_id: str | None
    reference: str | None
    note: str | None
    decided_at: datetime
