"""Void an invoice: what credit it had taken goes back, and its codes are closed."""

from datetime import datetime

import msgspec

from payment_service.kit.statements import Transaction, save
from payment_service.model.charge import close_codes
from payment_service.model.credit import enter
from payment_service.model.invoice import Invoice, VoidReason, void
from payment_service.outbox import News
from payment_service.resources import Links, invoice_resource


def void_invoice(
    tx: Transaction,
    links: Links,
    invoice: Invoice,
    reference: str,
    reason: VoidReason,
    now: datetime,
) -> News:
    """The customer, whom the app calls `reference`, is locked by the caller. Raises Conflict when
    it is not open.

    Nothing is bought with the credit that comes back: the caller may have an invoice to issue in
    its place.
    """
    emptied = msgspec.structs.replace(void(invoice, reason, now), credit_applied=0)
    voided = save(tx, invoice, emptied)
    if invoice.credit_applied:
        enter(
            tx,
            app_id=invoice.app_id,
            customer_id=invoice.customer_id,
            kind="returned",
            amount=invoice.credit_applied,
            invoice_id=invoice.id,
            now=now,
        )
    close_codes(tx, invoice.id, now)
    return News("invoice.voided", voided.id, invoice_resource(voided, reference, links))
