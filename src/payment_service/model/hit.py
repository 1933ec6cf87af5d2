"""A hit of the search: a thing that was found, by which of its names, and the indexes it is in."""

from typing import Any, Literal

from sqlalchemy import ColumnElement, FromClause, Select, Text, func, literal, null, select

from payment_service.kit.schema import Number, Word
from payment_service.kit.statements import Record, Statement, param, query, value
from payment_service.model.charge import charges
from payment_service.model.customer import customers
from payment_service.model.customer_word import customer_words
from payment_service.model.invoice import invoice_counters, invoices
from payment_service.model.payment import MANUAL, payments
from payment_service.model.subscription import subscriptions

Kind = Literal["customer", "subscription", "invoice", "charge", "payment"]
By = Literal["name", "reference", "email", "phone", "number", "order", "gateway_reference", "id"]
MOST_BY_ID = 20
CANDIDATES = 500
"""Customers that are looked at one by one when several words are given."""
GATEWAYS = ("pakasir", "simulator", MANUAL)


class Hit(Record, frozen=True):
    """What was found, by which of its names, and that name as it is stored.

    Whose it is stands beside it; of a customer `subscription_id` is the latest.
    """

    kind: Kind
    id: str
    app_id: str
    by: By
    text: str
    customer_id: str
    reference: str
    name: str | None
    subscription_id: str | None
    invoice_id: str | None


class Counted(Record, frozen=True):
    """How many invoices an app has numbered in a year."""

    year: int
    last: int


_app = param("app_id")
_latest = (
    select(subscriptions.c.id)
    .where(subscriptions.c.customer_id == customers.c.id)
    .order_by(subscriptions.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_nothing = null().cast(Text)


def _hits(
    kind: Kind,
    by: By | ColumnElement[Any],
    found: FromClause,
    text: ColumnElement[Any],
    *,
    subscription: ColumnElement[Any] = invoices.c.subscription_id,
    invoice: ColumnElement[Any] = invoices.c.id,
) -> Select[Any]:
    table = {
        "customer": customers,
        "subscription": subscriptions,
        "invoice": invoices,
        "charge": charges,
        "payment": payments,
    }[kind]
    return select(
        literal(kind).label("kind"),
        table.c.id,
        table.c.app_id,
        (literal(by) if isinstance(by, str) else by).label("by"),
        text.label("text"),
        customers.c.id.label("customer_id"),
        customers.c.reference,
        customers.c.name,
        subscription.label("subscription_id"),
        invoice.label("invoice_id"),
    ).select_from(found)


_word = customer_words.c.word
_begins = (
    customer_words.c.app_id == _app,
    _word >= param("word", Word),
    _word < param("end", Word),
)
CUSTOMERS_BY_WORD = query(
    _hits(
        "customer",
        customer_words.c.kind,
        customer_words.join(customers, customers.c.id == customer_words.c.customer_id),
        _word,
        subscription=_latest,
        invoice=_nothing,
    )
    .where(*_begins)
    .order_by(_word, customer_words.c.kind, customer_words.c.customer_id)
    .limit(param("limit", Number)),
    Hit,
)
COUNT_BY_WORD = value(
    select(func.count()).select_from(
        select(literal(1).label("one"))
        .select_from(customer_words)
        .where(*_begins)
        .limit(CANDIDATES)
        .subquery()
    ),
    int,
)
COUNTERS_OF_APP = query(
    select(invoice_counters.c.year, invoice_counters.c.last)
    .where(invoice_counters.c.app_id == _app)
    .order_by(invoice_counters.c.year.desc()),
    Counted,
)
_of_invoices = invoices.join(customers, customers.c.id == invoices.c.customer_id)
_of_charges = charges.join(invoices, invoices.c.id == charges.c.invoice_id).join(
    customers, customers.c.id == invoices.c.customer_id
)
_of_payments = payments.join(invoices, invoices.c.id == payments.c.invoice_id).join(
    customers, customers.c.id == invoices.c.customer_id
)
INVOICE_NUMBERED = query(
    _hits("invoice", "number", _of_invoices, invoices.c.number).where(
        invoices.c.app_id == _app, invoices.c.number == param("number")
    ),
    Hit,
)
_spellings = [param(name, Text) for name in ("typed", "lower", "upper")]
CHARGES_ORDERED = query(
    _hits("charge", "order", _of_charges, charges.c.order_id).where(
        charges.c.app_id == _app,
        charges.c.order_id.in_(_spellings),
        charges.c.order_id.is_not(None),
    ),
    Hit,
)
"""Of another system; our own order is the charge's id."""
CHARGES_REFERRED_TO = query(
    _hits("charge", "gateway_reference", _of_charges, charges.c.reference).where(
        charges.c.app_id == _app, charges.c.reference.in_(_spellings)
    ),
    Hit,
)
PAYMENTS_REFERRED_TO = query(
    _hits("payment", "gateway_reference", _of_payments, payments.c.reference).where(
        payments.c.app_id == _app,
        payments.c.gateway.in_(GATEWAYS),
        payments.c.reference.in_(_spellings),
    ),
    Hit,
)


def _by_id(kind: Kind, found: FromClause, id_column: Any, **changes: Any) -> Statement[Hit]:
    by: By = "order" if kind == "charge" else "id"
    return query(
        _hits(kind, by, found, id_column, **changes)
        .where(id_column.between(param("first"), param("last")))
        .order_by(id_column.desc())
        .limit(MOST_BY_ID),
        Hit,
    )


CUSTOMERS_BY_ID = _by_id(
    "customer", customers, customers.c.id, subscription=_latest, invoice=_nothing
)
SUBSCRIPTIONS_BY_ID = _by_id(
    "subscription",
    subscriptions.join(customers, customers.c.id == subscriptions.c.customer_id),
    subscriptions.c.id,
    subscription=subscriptions.c.id,
    invoice=_nothing,
)
INVOICES_BY_ID = _by_id("invoice", _of_invoices, invoices.c.id)
CHARGES_BY_ID = _by_id("charge", _of_charges, charges.c.id)
PAYMENTS_BY_ID = _by_id("payment", _of_payments, payments.c.id)
BY_ID = {
    "cus": CUSTOMERS_BY_ID,
    "sub": SUBSCRIPTIONS_BY_ID,
    "inv": INVOICES_BY_ID,
    "chg": CHARGES_BY_ID,
    "pay": PAYMENTS_BY_ID,
}
