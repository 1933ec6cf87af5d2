"""Issue an invoice: a draft gets its number, and the customer's credit is applied to it."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from payment_service.books.pay_invoice import pay_invoice
from payment_service.kit.statements import Transaction, add
from payment_service.model.app import App
from payment_service.model.bill import Bill
from payment_service.model.credit import balance, enter, to_apply
from payment_service.model.customer import Customer
from payment_service.model.invoice import Invoice, next_numbers
from payment_service.model.subscription import Subscription
from payment_service.outbox import News
from payment_service.resources import Links, invoice_resource


class Issued(NamedTuple):
    """The invoice as it was issued, and what is to be announced: also that credit paid it."""

    invoice: Invoice
    news: list[News]


def issue_invoice(
    tx: Transaction,
    links: Links,
    app: App,
    customer: Customer,
    subscription: Subscription | None,
    draft: Invoice,
    now: datetime,
) -> Issued:
    """Store the draft. The customer and the subscription are locked by the caller.

    Credit that covers it whole pays it at once, which moves the subscription; in part it lowers
    what a code asks for. An invoice of its own takes no credit.
    """
    available = balance(tx, customer.id) if draft.kind != "one_off" else 0
    whole = available >= draft.total > 0
    applied = 0 if whole else to_apply(available, draft.total)
    (number,) = next_numbers(tx, app, draft.issued_on, 1)
    invoice = msgspec.structs.replace(draft, number=number, credit_applied=applied)
    add(tx, invoice)
    news = [
        News("invoice.issued", invoice.id, invoice_resource(invoice, customer.reference, links))
    ]
    if applied:
        enter(
            tx,
            app_id=app.id,
            customer_id=customer.id,
            kind="applied",
            amount=applied,
            invoice_id=invoice.id,
            now=now,
        )
    if whole:
        news += pay_invoice(tx, links, Bill(app, customer, subscription, invoice), None, now=now)
    return Issued(invoice, news)
