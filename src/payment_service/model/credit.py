"""Credit: what the service owes a customer, an append-only list of entries.

The database refuses to delete an entry, to change more of it than the metadata, and one that would
bring a customer's sum below zero.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, func, select, text

from payment_service.kit.ids import new_id
from payment_service.kit.schema import Instant, Json, Number, one_of, partial_index, table
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
from payment_service.model.payment import payments
from payment_service.model.plan import SMALLEST

Kind = Literal["credited", "applied", "returned", "refunded"]

credit_entries = table(
    "credit_entries",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("customer_id", Text, ForeignKey("customers.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", Number, nullable=False),
    Column("payment_id", Text, ForeignKey("payments.id")),
    Column("invoice_id", Text, ForeignKey("invoices.id")),
    Column("reference", Text),
    Column("note", Text),
    Column("metadata", Json(dict[str, Any]), nullable=False, server_default=text("'{}'")),
    Column("created_at", Instant, nullable=False),
    one_of("kind", ("credited", "applied", "returned", "refunded")),
    CheckConstraint("amount BETWEEN -1000000000000 AND 1000000000000", name="amount"),
    CheckConstraint(
        "(kind IN ('credited', 'returned') AND amount > 0)"
        " OR (kind IN ('applied', 'refunded') AND amount < 0)",
        name="sign",
    ),
    CheckConstraint(
        "payment_id IS NOT NULL OR invoice_id IS NOT NULL OR kind = 'refunded'", name="source"
    ),
    Index(None, "customer_id", "id"),
    Index(None, "app_id", "customer_id", "amount"),
    partial_index("credit_of_payment", "payment_id", where="payment_id IS NOT NULL"),
    partial_index(
        "one_refund_a_reference", "app_id", "reference", where="kind = 'refunded'", unique=True
    ),
)


@stored_in(credit_entries)
class CreditEntry(Record, frozen=True):
    """`amount` in rupiah: above zero it is owed to the customer, below zero it was used.

    `payment_id` is where it came from, `invoice_id` where it went or came back from.
    """

    id: str
    app_id: str
    customer_id: str
    kind: Kind
    amount: int
    payment_id: str | None
    invoice_id: str | None
    reference: str | None
    note: str | None
    metadata: dict[str, Any]
    created_at: datetime


BALANCE = value(
    select(func.coalesce(func.sum(credit_entries.c.amount), 0).cast(Number)).where(
        credit_entries.c.customer_id == param("customer_id")
    ),
    int,
)
_of_customer = (
    rows_of(CreditEntry)
    .where(
        credit_entries.c.customer_id == param("customer_id"), credit_entries.c.id < param("before")
    )
    .order_by(credit_entries.c.id.desc())
    .limit(param("limit", Number))
)
ENTRIES_OF_CUSTOMER = query(_of_customer, CreditEntry)
ENTRIES_DOWN_TO = query(_of_customer.where(credit_entries.c.id >= param("floor")), CreditEntry)
CREDITED_FROM = value(
    select(func.coalesce(func.sum(credit_entries.c.amount), 0).cast(Number))
    .join(payments, payments.c.id == credit_entries.c.payment_id)
    .where(payments.c.invoice_id == param("invoice_id"), credit_entries.c.kind == "credited"),
    int,
)
"""Rupiah of what was paid for one invoice and became credit: a second payment, or too much."""
REFUND = query(
    rows_of(CreditEntry).where(
        credit_entries.c.app_id == param("app_id"),
        credit_entries.c.reference == param("reference"),
        credit_entries.c.kind == "refunded",
    ),
    CreditEntry,
)


def balance(tx: Transaction, customer_id: str) -> int:
    """The sum of the entries, in rupiah. The customer's row is locked by whoever changes it."""
    return tx.one(BALANCE, customer_id=customer_id) or 0


def enter(
    tx: Transaction,
    *,
    app_id: str,
    customer_id: str,
    kind: Kind,
    amount: int,
    now: datetime,
    payment_id: str | None = None,
    invoice_id: str | None = None,
    reference: str | None = None,
    note: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> CreditEntry:
    """Add an entry; `amount` is above zero, and its sign follows from the kind."""
    entry = CreditEntry(
        id=new_id("crd", now),
        app_id=app_id,
        customer_id=customer_id,
        kind=kind,
        amount=amount if kind in ("credited", "returned") else -amount,
        payment_id=payment_id,
        invoice_id=invoice_id,
        reference=reference,
        note=note,
        metadata=metadata or {},
        created_at=now,
    )
    add(tx, entry)
    return entry


def to_apply(available: int, total: int) -> int:
    """How much of the credit an invoice takes: all of its total, or less, but never so much that
    a rest is left which no code can ask for."""
    if available >= total:
        return total
    return max(0, min(available, total - SMALLEST))
