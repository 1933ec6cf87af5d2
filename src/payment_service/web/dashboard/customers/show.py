"""One customer: who it is, its subscriptions, invoices, payments, and its credit."""

from collections.abc import Sequence
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.statements import Transaction
from payment_service.model.credit import ENTRIES_OF_CUSTOMER, CreditEntry
from payment_service.model.invoice_list import INVOICES_LISTED, InvoiceFilter
from payment_service.model.listed import (
    ListedInvoice,
    ListedPayment,
    list_invoices,
    list_payments,
    list_subscriptions,
    show,
)
from payment_service.model.page import NEWEST
from payment_service.model.payment_list import PaymentFilter
from payment_service.model.subscription_list import Standing, SubscriptionFilter
from payment_service.model.turning import Turn
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.customers.subject import CustomerSubject, subject_of

NEWEST_FEW = 5
ENTRIES = 10


class Known(NamedTuple):
    """The newest of each, and whether there is more of it."""

    subject: CustomerSubject
    subscriptions: Sequence[Standing]
    invoices: Sequence[ListedInvoice]
    has_more_invoices: bool
    payments: Sequence[ListedPayment]
    has_more_payments: bool
    entries: Sequence[CreditEntry]
    older_entries: str | None
    numbers: dict[str, str]


async def show_customer(ask: Ask) -> Response:
    return ask.page("customers/customer.html", known=await ask.read(_known, ask))


def _known(tx: Transaction, ask: Ask) -> Known:
    subject = subject_of(tx, ask)
    app_id, id_ = subject.app.id, subject.customer.id
    subscriptions = show(
        tx,
        list_subscriptions({app_id: SubscriptionFilter(customer_id=id_)}),
        Turn(),
        2 * NEWEST_FEW,
    )
    invoices = show(tx, list_invoices({app_id: InvoiceFilter(customer_id=id_)}), Turn(), NEWEST_FEW)
    payments = show(tx, list_payments({app_id: PaymentFilter(customer_id=id_)}), Turn(), NEWEST_FEW)
    before = ask.query.get("before") or NEWEST
    entries = tx.all(ENTRIES_OF_CUSTOMER, customer_id=id_, before=before, limit=ENTRIES + 1)
    shown = entries[:ENTRIES]
    ids = sorted({one.invoice_id for one in shown if one.invoice_id})
    return Known(
        subject,
        subscriptions.rows,
        invoices.rows,
        invoices.older_than is not None,
        payments.rows,
        payments.older_than is not None,
        shown,
        shown[-1].id if len(entries) > ENTRIES else None,
        {one.id: one.number for one in tx.all(INVOICES_LISTED, ids=ids)} if ids else {},
    )
