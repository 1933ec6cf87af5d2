"""A payment: money that arrived. A row is written once and never changed."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint

from payment_service.kit.schema import (
    Flag,
    Instant,
    LocalDate,
    Number,
    one_of,
    partial_index,
    table,
)
from payment_service.kit.statements import Record, param, query, rows_of, stored_in

Outcome = Literal["settled", "credited", "needs_review"]

MANUAL = "manual"
"""The gateway of money that an admin saw come: cash, a bank transfer."""

payments = table(
    "payments",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("customer_id", Text, ForeignKey("customers.id"), nullable=False),
    Column("invoice_id", Text, ForeignKey("invoices.id"), nullable=False),
    Column("charge_id", Text, ForeignKey("charges.id"), unique=True),
    Column("gateway", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("amount", Number, nullable=False),
    Column("fee", Number, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("note", Text),
    Column("is_sandbox", Flag, nullable=False),
    Column("paid_at", Instant, nullable=False),
    Column("paid_on", LocalDate, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("app_id", "gateway", "reference"),
    one_of("outcome", ("settled", "credited", "needs_review")),
    CheckConstraint("amount BETWEEN 1 AND 1000000000000", name="amount"),
    CheckConstraint("fee BETWEEN 0 AND 1000000000000", name="fee"),
    Index(None, "invoice_id", "id"),
    Index(None, "customer_id", "id"),
    Index(None, "app_id", "id"),
    Index(None, "app_id", "paid_on", "id"),
    partial_index("payments_not_settled", "app_id", "outcome", "id", where="outcome <> 'settled'"),
    partial_index("payments_in_doubt", "id", where="outcome = 'needs_review'"),
)


@stored_in(payments)
class Payment(Record, frozen=True):
    """`amount` is without the fee, in rupiah; `paid_on` is the payment day in the app's zone.

    `reason` says why it was not settled, `note` what an admin wrote of it.
    """

    id: str
    app_id: str
    customer_id: str
    invoice_id: str
    charge_id: str | None
    gateway: str
    reference: str
    amount: int
    fee: int
    outcome: Outcome
    reason: str | None
    note: str | None
    is_sandbox: bool
    paid_at: datetime
    paid_on: date
    created_at: datetime


PAYMENT_OF_CHARGE = query(
    rows_of(Payment).where(payments.c.charge_id == param("charge_id")), Payment
)
PAYMENT = query(rows_of(Payment).where(payments.c.id == param("id")), Payment)
PAYMENT_OF_INVOICE = query(
    rows_of(Payment)
    .where(payments.c.invoice_id == param("invoice_id"), payments.c.outcome == "settled")
    .order_by(payments.c.id)
    .limit(1),
    Payment,
)
"""The one that paid it; none where credit did."""
PAYMENT_BY_REFERENCE = query(
    rows_of(Payment).where(
        payments.c.app_id == param("app_id"),
        payments.c.gateway == param("gateway"),
        payments.c.reference == param("reference"),
    ),
    Payment,
)
