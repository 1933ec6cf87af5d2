"""Lists of invoices, newest first."""

from collections.abc import Collection
from typing import Any, NamedTuple, get_args

from sqlalchemy import and_, select

from payment_service.kit.errors import NotFound
from payment_service.kit.schema import Number
from payment_service.kit.statements import Statement, Transaction, param, query, rows_of
from payment_service.model.customer import customers
from payment_service.model.invoice import Invoice, Kind, Status, invoices
from payment_service.model.page import (
    Jumps,
    Span,
    Walk,
    among,
    given,
    in_span,
    newest_in_span,
    of_page,
    span_params,
    walk_of,
)

_i = invoices.c
STATUSES: tuple[Status, ...] = get_args(Status)
KINDS: tuple[Kind, ...] = get_args(Kind)
_of_app = _i.app_id == param("app_id")
_due = in_span(_i.due_on)
_asked = (among(_i.status, "statuses"), among(_i.kind, "kinds"), _due)
_runs_of_app = [
    and_(
        _of_app,
        _i.status == status,
        _i.kind == kind,
        among(status, "statuses"),
        among(kind, "kinds"),
    )
    for status in STATUSES
    for kind in KINDS
]
OF_APP = walk_of(invoices, _runs_of_app)
OF_APP_DUE = walk_of(invoices, _runs_of_app, _due)
OF_PLAN = walk_of(invoices, [_i.plan_id == param("plan_id")], *_asked)
OF_CUSTOMER = walk_of(
    invoices, [_i.customer_id == param("customer_id")], given(_i.plan_id, "plan_id"), *_asked
)
OF_SUBSCRIPTION = walk_of(
    invoices,
    [_i.subscription_id == param("subscription_id")],
    given(_i.customer_id, "customer_id"),
    given(_i.plan_id, "plan_id"),
    *_asked,
)
NEWEST_DUE = newest_in_span(_i.due_on, _of_app)
INVOICES_LISTED = query(of_page(rows_of(Invoice), _i.id), Invoice)


class Billed(NamedTuple):
    """An invoice, and the app's reference of its customer."""

    invoice: Invoice
    customer_reference: str


def _billed(*row: Any) -> Billed:
    return Billed(Invoice(*row[:-1]), row[-1])


INVOICES_BILLED = Statement(
    of_page(
        select(*_i, customers.c.reference).join(customers, customers.c.id == _i.customer_id), _i.id
    ),
    _billed,
)
LATEST_INVOICE = query(
    rows_of(Invoice)
    .where(invoices.c.subscription_id == param("subscription_id"))
    .order_by(invoices.c.id.desc())
    .limit(1),
    Invoice,
)
PAID_INVOICES = query(
    rows_of(Invoice)
    .where(
        invoices.c.subscription_id == param("subscription_id"),
        invoices.c.status == "paid",
        invoices.c.id < param("before"),
    )
    .order_by(invoices.c.id.desc())
    .limit(param("limit", Number)),
    Invoice,
)

OPEN_ONES_OF_CUSTOMER = query(
    rows_of(Invoice)
    .where(invoices.c.customer_id == param("customer_id"), invoices.c.status == "open")
    .order_by(invoices.c.id)
    .limit(50),
    Invoice,
)
"""To be looked at, and locked by nobody."""


def billed_of_app(tx: Transaction, app_id: str, invoice_id: str) -> Billed:
    """Raises NotFound."""
    billed = tx.one(INVOICES_BILLED, ids=[invoice_id])
    if billed is None or billed.invoice.app_id != app_id:
        raise NotFound("invoice_not_found", "There is no invoice with this id.")
    return billed


class InvoiceFilter(NamedTuple):
    """What is asked for; None and empty where it does not matter."""

    customer_id: str | None = None
    subscription_id: str | None = None
    plan_id: str | None = None
    statuses: Collection[Status] = ()
    kinds: Collection[Kind] = ()
    due: Span | None = None


def walk_invoices(app_id: str, wanted: InvoiceFilter) -> Walk:
    words = {
        "statuses": ",".join(wanted.statuses or STATUSES),
        "kinds": ",".join(wanted.kinds or KINDS),
    }
    span = span_params(wanted.due)
    looked_at: dict[str, Any] = {**words, **span}
    if wanted.subscription_id is not None:
        names = ("subscription_id", "customer_id", "plan_id")
        return Walk(OF_SUBSCRIPTION, {one: getattr(wanted, one) for one in names} | looked_at)
    of_plan = {"plan_id": wanted.plan_id, **looked_at}
    if wanted.customer_id is not None:
        return Walk(OF_CUSTOMER, {"customer_id": wanted.customer_id, **of_plan})
    jumps = Jumps((NEWEST_DUE,), {"app_id": app_id, **span}) if wanted.due else None
    if wanted.plan_id is not None:
        return Walk(OF_PLAN, of_plan, jumps)
    if jumps is not None:
        return Walk(OF_APP_DUE, {"app_id": app_id, **looked_at}, jumps)
    return Walk(OF_APP, {"app_id": app_id, **words})
