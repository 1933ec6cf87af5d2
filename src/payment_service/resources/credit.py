"""A customer's credit as apps see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from payment_service.model.credit import CreditEntry, Kind


class CreditEntryResource(msgspec.Struct, frozen=True):
    """`amount` above zero is owed to the customer, below zero it was used or paid out; `metadata`
    is a refund's own."""

    id: str
    kind: Kind
    amount: int
    payment_id: str | None
    invoice_id: str | None
    reference: str | None
    note: str | None
    metadata: dict[str, Any]
    created_at: datetime


class CreditResource(msgspec.Struct, frozen=True):
    """What is owed to a customer, and how it came about, newest first."""

    customer_id: str
    balance: int
    entries: list[CreditEntryResource]
    has_more: bool
    next_after: str | None
    currency: Literal["IDR"] = "IDR"


def credit_entry_resource(entry: CreditEntry) -> CreditEntryResource:
    return CreditEntryResource(
        id=entry.id,
        kind=entry.kind,
        amount=entry.amount,
        payment_id=entry.payment_id,
        invoice_id=entry.invoice_id,
        reference=entry.reference,
        note=entry.note,
        metadata=entry.metadata,
        created_at=entry.created_at,
    )


def credit_resource(
    customer_id: str, balance: int, entries: Sequence[CreditEntry], limit: int
) -> CreditResource:
    """`entries` has one more than `limit` when there is a next page."""
    shown = entries[:limit]
    more = len(entries) > limit
    return CreditResource(
        customer_id=customer_id,
        balance=balance,
        entries=[credit_entry_resource(entry) for entry in shown],
        has_more=more,
        next_after=shown[-1].id if more else None,
    )
