"""What something is about, for whoever is told only its id: whose it is, and how it stands."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, Text, null, select

from payment_service.kit.schema import Number
from payment_service.kit.statements import Record, Statement, Transaction, query
from payment_service.model.charge import charges
from payment_service.model.customer import customers
from payment_service.model.invoice import invoices
from payment_service.model.page import of_page
from payment_service.model.payment import payments
from payment_service.model.subscription import subscriptions


class Concern(Record, frozen=True):
    """A subscription, an invoice, a code or a payment. `amount` is its price, its total or what it
    brings, in rupiah; `day` the last paid day, the due date or the payment day; `number` that of
    the invoice."""

    id: str
    app_id: str
    status: str
    amount: int | None
    day: date | None
    customer_id: str
    reference: str
    name: str | None
    subscription_id: str | None
    invoice_id: str | None
    number: str | None


def _concerns(
    of: Table,
    found: FromClause,
    status: ColumnElement[Any],
    amount: ColumnElement[Any],
    day: ColumnElement[Any],
    *,
    has_invoice: bool = True,
) -> Statement[Concern]:
    of_subscription = invoices.c.subscription_id if has_invoice else subscriptions.c.id
    rows = select(
        of.c.id,
        of.c.app_id,
        status.label("status"),
        amount.cast(Number).label("amount"),
        day.label("day"),
        customers.c.id.label("customer_id"),
        customers.c.reference,
        customers.c.name,
        of_subscription.label("subscription_id"),
        (invoices.c.id if has_invoice else null().cast(Text)).label("invoice_id"),
        (invoices.c.number if has_invoice else null().cast(Text)).label("number"),
    ).select_from(found)
    return query(of_page(rows, of.c.id), Concern)


_of_invoices = invoices.join(customers, customers.c.id == invoices.c.customer_id)
SUBSCRIPTIONS_CONCERNED = _concerns(
    subscriptions,
    subscriptions.join(customers, customers.c.id == subscriptions.c.customer_id),
    subscriptions.c.status,
    subscriptions.c.price,
    subscriptions.c.paid_through,
    has_invoice=False,
)
INVOICES_CONCERNED = _concerns(
    invoices, _of_invoices, invoices.c.status, invoices.c.total, invoices.c.due_on
)
CHARGES_CONCERNED = _concerns(
    charges,
    charges.join(_of_invoices, invoices.c.id == charges.c.invoice_id),
    charges.c.status,
    charges.c.amount,
    invoices.c.due_on,
)
PAYMENTS_CONCERNED = _concerns(
    payments,
    payments.join(_of_invoices, invoices.c.id == payments.c.invoice_id),
    payments.c.outcome,
    payments.c.amount,
    payments.c.paid_on,
)
OF = {
    "sub": SUBSCRIPTIONS_CONCERNED,
    "inv": INVOICES_CONCERNED,
    "chg": CHARGES_CONCERNED,
    "pay": PAYMENTS_CONCERNED,
}
"""By what an id begins with."""


def concerns(tx: Transaction, ids: Collection[str]) -> dict[str, Concern]:
    """By id, of those that are of these kinds; one statement for each kind."""
    found: dict[str, Concern] = {}
    for prefix, statement in OF.items():
        wanted = [one for one in ids if one.startswith(f"{prefix}_")]
        if wanted:
            found |= {one.id: one for one in tx.all(statement, ids=wanted)}
    return found
