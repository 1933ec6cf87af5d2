"""Mark an invoice as paid: cash or a bank transfer that an admin saw come."""

from datetime import date, datetime

from payment_service.books.settle import settle_by_hand
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.payment import Payment
from payment_service.resources import Links


def mark_paid(
    tx: Transaction,
    links: Links,
    app_id: str,
    invoice_id: str,
    *,
    reference: str,
    note: str,
    paid_on: date | None,
    now: datetime,
) -> Payment:
    """`reference` is what the bank or the cash book calls it; `paid_on` a local date or today.

    Raises NotFound, Invalid, and Conflict when the invoice is paid or the reference was used.
    """
    reference, note = reference.strip(), note.strip()
    if not 1 <= len(reference) <= 200:
        raise Invalid("payment_reference", "A payment's reference has 1 to 200 characters.")
    if not 1 <= len(note) <= 500:
        raise Invalid("payment_note", "Say in 1 to 500 characters how the money came.")
    return settle_by_hand(tx, links, app_id, invoice_id, reference, note, paid_on, now)
