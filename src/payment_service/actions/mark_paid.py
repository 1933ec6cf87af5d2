"""Mark an invoice as paid: cash or a bank transfer that an admin saw come."""

from datetime import date, datetime

from payment_service.books.settle import settle_by_hand
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.payment import Payment
from payment_service.resources import Links


def mark_paid(
    tx: Transaction,
    links: Links,
    app_id: str,
    invoice_id: str,
    *,
    reference: str,
    paid_on: date | None,
    by: By,
    now: datetime,
) -> Payment:
    """`reference` is what the bank or the cash book calls it; `paid_on` a local date or today; the
    reason in `by` is the note on how the money came.

    Raises NotFound, Invalid, and Conflict when the invoice is paid or the reference was used.
    """
    reference, note = reference.strip(), by.reason.strip()
    if not 1 <= len(reference) <= 200:
        raise Invalid("payment_reference", "A payment's reference has 1 to 200 characters.")
    if not 1 <= len(note) <= 500:
        raise Invalid("payment_note", "Say in 1 to 500 characters how the money came.")
    # Before any counter is taken, as in every deed: two of them in another order are a deadlock.
    record(tx, by, app_id, "invoice.mark_paid", invoice_id, reference=reference, paid_on=paid_on)
    return settle_by_hand(tx, links, app_id, invoice_id, reference, note, paid_on, now)
