"""Void an open invoice by hand: it was a mistake, or shall not be paid any more."""

from datetime import datetime

import msgspec

from payment_service.books.tell_subscription import news_of
from payment_service.books.void_invoice import void_invoice
from payment_service.books.void_open import use_returned_credit
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import By, record
from payment_service.model.bill import Bill, lock_bill
from payment_service.model.contract import contract_of
from payment_service.model.event import EventType
from payment_service.model.invoice import Invoice, invoice_of_app
from payment_service.model.subscription import Subscription, moved
from payment_service.outbox import News, announce
from payment_service.resources import InvoiceResource, Links, invoice_resource


def void_invoice_by_hand(
    tx: Transaction, links: Links, app_id: str, invoice_id: str, *, by: By, now: datetime
) -> InvoiceResource:
    """A pending subscription expires with its first invoice, and a free one drops the change that
    it was for. A renewal is issued afresh by the next billing run.

    Raises NotFound, Invalid without a reason, Conflict when it is paid or void.
    """
    invoice_of_app(tx, app_id, invoice_id)
    bill = lock_bill(tx, invoice_id)
    _check_open(bill.invoice)
    record(tx, by, app_id, "invoice.void", invoice_id, number=bill.invoice.number)
    news = [void_invoice(tx, links, bill.invoice, bill.customer.reference, "admin", now)]
    if bill.subscription is not None:
        news += _without_its_invoice(tx, links, bill, bill.subscription, now)
    news += use_returned_credit(tx, links, bill.app, bill.customer, now)
    announce(tx, app_id, news, now)
    voided = invoice_of_app(tx, app_id, invoice_id)
    return invoice_resource(voided, bill.customer.reference, links)


def _check_open(invoice: Invoice) -> None:
    if invoice.status == "paid":
        raise Conflict(
            "invoice_paid",
            "A paid invoice cannot be voided; send the money back or leave it.",
            id=invoice.id,
        )
    if invoice.status == "void":
        raise Conflict("invoice_void", "This invoice is void already.", id=invoice.id)


def _without_its_invoice(
    tx: Transaction, links: Links, bill: Bill, before: Subscription, now: datetime
) -> list[News]:
    """What a subscription becomes whose first invoice nobody shall pay."""
    if bill.invoice.kind != "first" or before.paid_through is not None:
        return []
    if before.status == "pending":
        after = moved(before, "expired", ended_at=now, seq=before.seq + 1)
        kind: EventType = "subscription.expired"
    else:
        after = msgspec.structs.replace(
            before, next_plan_id=None, next_price=None, seq=before.seq + 1
        )
        kind = "subscription.updated"
    contract = contract_of(tx, before)
    return [news_of(tx, links, kind, contract, save(tx, before, after))]
