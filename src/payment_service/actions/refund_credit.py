"""Refund credit: book that a customer was paid back, from what is owed to them."""

from datetime import datetime
from typing import Any

from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.money import rupiah
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.credit import REFUND, balance, enter
from payment_service.model.customer import CUSTOMER_LOCKED, customer_of_app
from payment_service.model.plan import check_metadata
from payment_service.outbox import News, announce
from payment_service.resources import RefundResource


def refund_credit(
    tx: Transaction,
    app_id: str,
    customer_id: str,
    *,
    amount: int,
    reference: str,
    by: By,
    now: datetime,
    metadata: dict[str, Any] | None = None,
) -> RefundResource:
    """The money itself was sent by a person; `reference` is what the bank calls that transfer, the
    reason in `by` the note on it.

    Raises NotFound, Invalid, and Conflict when the credit is less or the reference was used.
    """
    reference, note = reference.strip(), by.reason.strip()
    if not 1 <= len(reference) <= 200:
        raise Invalid("refund_reference", "A refund's reference has 1 to 200 characters.")
    if not 1 <= len(note) <= 500:
        raise Invalid("refund_note", "Say in 1 to 500 characters how the money went back.")
    if amount < 1:
        raise Invalid("refund_amount", "A refund is at least Rp1.")
    metadata = metadata or {}
    check_metadata("metadata", metadata)
    customer = customer_of_app(tx, app_id, customer_id)
    tx.one(CUSTOMER_LOCKED, id=customer_id)
    first = tx.one(REFUND, app_id=app_id, reference=reference)
    if first is not None:
        raise Conflict(
            "reference_used",
            "A refund with this reference is booked already; give this one its own.",
            id=first.id,
            customer_id=first.customer_id,
            amount=-first.amount,
        )
    owed = balance(tx, customer_id)
    if amount > owed:
        raise Conflict(
            "credit_too_small",
            f"This customer's credit is {rupiah(owed)}; no more can be refunded.",
            balance=owed,
        )
    record(tx, by, app_id, "credit.refund", customer_id, amount=amount, reference=reference)
    entry = enter(
        tx,
        app_id=app_id,
        customer_id=customer_id,
        kind="refunded",
        amount=amount,
        reference=reference,
        note=note,
        metadata=metadata,
        now=now,
    )
    refund = RefundResource(
        id=entry.id,
        customer_id=customer_id,
        customer_reference=customer.reference,
        payment_id=None,
        amount=amount,
        reference=reference,
        note=note,
        metadata=metadata,
        created_at=now,
    )
    announce(tx, app_id, [News("payment.refunded", entry.id, refund)], now)
    return refund
