"""Credit: what the service owes a customer, an append-only list of entries."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, func, select

from payment_service.kit.schema import Instant, Number, one_of, table
from payment_service.kit.statements import Record, Transaction, param, stored_in, value

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
)


@stored_in(credit_entries)
class CreditEntry(Record, frozen=True):
    """`amount` in rupiah: above zero it is owed to the customer, below zero it was used."""

    id: str
    app_id: str
    customer_id: str
    kind: Kind
    amount: int
    payment_id: str | None
    invoice_id: str | None
    reference: str | None
    note: str | None
    created_at: datetime


BALANCE = value(
    select(func.coalesce(func.sum(credit_entries.c.amount), 0).cast(Number)).where(
        credit_entries.c.customer_id == param("customer_id")
    ),
    int,
)


def balance(tx: Transaction, customer_id: str) -> int:
    """The sum of the entries, in rupiah. The customer's row is locked by whoever changes it."""
    return tx.one(BALANCE, customer_id=customer_id) or 0
