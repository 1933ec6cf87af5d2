"""What a list shows of each thing beside the thing itself: whose it is, in one query for a page."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select

from payment_service.kit.schema import Number
from payment_service.kit.statements import Statement, Transaction
from payment_service.model.credit import credit_entries
from payment_service.model.customer import Customer, customers
from payment_service.model.customer_list import walk_customers
from payment_service.model.invoice import Invoice, invoices
from payment_service.model.invoice_list import InvoiceFilter, walk_invoices
from payment_service.model.overview import SOON
from payment_service.model.page import Between, Span, Walk, of_page
from payment_service.model.payment import Payment, payments
from payment_service.model.payment_list import PaymentFilter, walk_payments
from payment_service.model.plan import plans
from payment_service.model.review import Deed, reviews
from payment_service.model.subscription import WITH_ACCESS, subscriptions
from payment_service.model.subscription_list import (
    STANDING,
    SubscriptionFilter,
    walk_subscriptions,
)
from payment_service.model.turning import Turn, turn


class ListedCustomer(NamedTuple):
    """A customer, its latest subscription, and what it is owed in rupiah. `plan` is a code."""

    customer: Customer
    subscription_id: str | None
    status: str | None
    plan: str | None
    plan_name: str | None
    credit: int


class ListedInvoice(NamedTuple):
    """An invoice, whose it is, and the code and the name of the plan it is for."""

    invoice: Invoice
    reference: str
    name: str | None
    plan: str | None
    plan_name: str | None


class ListedPayment(NamedTuple):
    """A payment, whose it is, the number of the invoice it came for, and what a person decided
    about it, where one did."""

    payment: Payment
    reference: str
    name: str | None
    number: str
    decided: Deed | None


def _beside(kind: Any, listed: Any) -> Any:
    """A row as the record that it begins with, and what stands beside it."""
    size = len(kind.__struct_fields__)
    return lambda *row: listed(kind(*row[:size]), *row[size:])


_whose = (customers.c.reference, customers.c.name)
INVOICES_SHOWN: Statement[ListedInvoice] = Statement(
    of_page(
        select(*invoices.c, *_whose, plans.c.code, plans.c.name).select_from(
            invoices.join(customers, customers.c.id == invoices.c.customer_id).outerjoin(
                plans, plans.c.id == invoices.c.plan_id
            )
        ),
        invoices.c.id,
    ),
    _beside(Invoice, ListedInvoice),
)
PAYMENTS_SHOWN: Statement[ListedPayment] = Statement(
    of_page(
        select(*payments.c, *_whose, invoices.c.number, reviews.c.deed).select_from(
            payments.join(customers, customers.c.id == payments.c.customer_id)
            .join(invoices, invoices.c.id == payments.c.invoice_id)
            .outerjoin(reviews, reviews.c.payment_id == payments.c.id)
        ),
        payments.c.id,
    ),
    _beside(Payment, ListedPayment),
)
_theirs = subscriptions.alias("theirs")
_latest = (
    select(func.max(_theirs.c.id)).where(_theirs.c.customer_id == customers.c.id).scalar_subquery()
)
_credit = (
    select(func.coalesce(func.sum(credit_entries.c.amount), 0).cast(Number))
    .where(credit_entries.c.customer_id == customers.c.id)
    .scalar_subquery()
    .label("credit")
)
CUSTOMERS_SHOWN: Statement[ListedCustomer] = Statement(
    of_page(
        select(
            *customers.c,
            subscriptions.c.id,
            subscriptions.c.status,
            plans.c.code,
            plans.c.name,
            _credit,
        ).select_from(
            customers.outerjoin(subscriptions, subscriptions.c.id == _latest).outerjoin(
                plans, plans.c.id == subscriptions.c.plan_id
            )
        ),
        customers.c.id,
    ),
    _beside(Customer, ListedCustomer),
)


class Listing(NamedTuple):
    """A list for people: how it is walked in each app, and what shows a page of it."""

    walks: tuple[Walk, ...]
    rows: Statement[Any]


class Shown(NamedTuple):
    """A page of a list, newest first, and how its neighbours are turned to; None at an end."""

    rows: list[Any]
    older_than: str | None
    newer_than: str | None


def show(tx: Transaction, listing: Listing, to: Turn, limit: int) -> Shown:
    ids, older, newer = turn(tx, listing.walks, to, limit)
    return Shown(tx.all(listing.rows, ids=ids) if ids else [], older, newer)


def list_subscriptions(wanted: Mapping[str, SubscriptionFilter]) -> Listing:
    """By the id of each app that is looked through, since plans, customers and days are its own.
    Rows are `Standing`."""
    walks = (walk_subscriptions(app_id, one) for app_id, one in wanted.items())
    return Listing(tuple(walks), STANDING)


def list_customers(app_ids: Iterable[str], *, is_owed: bool = False) -> Listing:
    """With `is_owed` only those who have credit."""
    walks = (walk_customers(one, is_owed=is_owed) for one in app_ids)
    return Listing(tuple(walks), CUSTOMERS_SHOWN)


def list_invoices(
    wanted: Mapping[str, InvoiceFilter], issued: Mapping[str, Between] | None = None
) -> Listing:
    """`issued` are the ids of the days on which they were, which begin at another hour in each
    app's zone."""
    walks = (
        walk_invoices(app_id, one)._replace(within=(issued or {}).get(app_id, Between()))
        for app_id, one in wanted.items()
    )
    return Listing(tuple(walks), INVOICES_SHOWN)


def list_payments(wanted: Mapping[str, PaymentFilter]) -> Listing:
    walks = (walk_payments(app_id, one) for app_id, one in wanted.items())
    return Listing(tuple(walks), PAYMENTS_SHOWN)


def due_soon(today: date) -> SubscriptionFilter:
    """Those whose last paid day is today or in the next seven days, as the overview counts them."""
    return SubscriptionFilter(statuses=WITH_ACCESS, paid_through=Span(today, today + SOON))
