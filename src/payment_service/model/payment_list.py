"""Lists of payments and of an invoice's charges, newest first, with what apps are told of them."""

from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, literal, select

from payment_service.kit.schema import Number
from payment_service.kit.statements import Statement, param
from payment_service.model.charge import Charge, Status, charges
from payment_service.model.credit import credit_entries
from payment_service.model.customer import customers
from payment_service.model.invoice import invoices
from payment_service.model.page import (
    Jumps,
    Span,
    Walk,
    given,
    in_span,
    newest_in_span,
    of_page,
    span_params,
    walk_of,
)
from payment_service.model.payment import Outcome, Payment, payments
from payment_service.model.review import reviews

_p = payments.c
_of_app = _p.app_id == param("app_id")
_paid = in_span(_p.paid_on)
_outcome = given(_p.outcome, "outcome")
_plan = given(
    select(invoices.c.plan_id).where(invoices.c.id == _p.invoice_id).scalar_subquery(), "plan_id"
)
_subscription = given(
    select(invoices.c.subscription_id).where(invoices.c.id == _p.invoice_id).scalar_subquery(),
    "subscription_id",
)
"""Both of the invoice that it came for."""
_was_decided = select(reviews.c.payment_id).where(reviews.c.payment_id == _p.id).exists()
_decided = given(case((_was_decided, 1), else_=literal(0, Number)), "is_decided")
OF_APP = walk_of(payments, [_of_app], _outcome, _decided, _paid, _plan)
NOT_SETTLED_OF_APP = walk_of(
    payments,
    [and_(_of_app, _p.outcome != "settled", _p.outcome == param("outcome"))],
    _decided,
    _paid,
    _plan,
)
OF_CUSTOMER = walk_of(
    payments,
    [_p.customer_id == param("customer_id")],
    _outcome,
    _decided,
    _paid,
    _plan,
    _subscription,
)
OF_INVOICE = walk_of(
    payments,
    [_p.invoice_id == param("invoice_id")],
    given(_p.customer_id, "customer_id"),
    _outcome,
    _decided,
    _paid,
    _plan,
    _subscription,
)
NEWEST_PAID = newest_in_span(_p.paid_on, _of_app)


class Received(NamedTuple):
    """A payment, how much of it became credit, in rupiah, the metadata of its invoice, and the
    app's reference of its customer."""

    payment: Payment
    credited: int
    metadata: dict[str, Any]
    customer_reference: str


def _received(*row: Any) -> Received:
    return Received(Payment(*row[:-3]), *row[-3:])


_credited = (
    select(func.coalesce(func.sum(credit_entries.c.amount), 0).cast(Number))
    .where(credit_entries.c.payment_id == _p.id, credit_entries.c.kind == "credited")
    .scalar_subquery()
    .label("credited")
)
RECEIVED = Statement(
    of_page(
        select(*_p, _credited, invoices.c.metadata, customers.c.reference)
        .join(invoices, invoices.c.id == _p.invoice_id)
        .join(customers, customers.c.id == _p.customer_id),
        _p.id,
    ),
    _received,
)


class Asked(NamedTuple):
    """A charge, the customer and the metadata of its invoice, and its payment, if it was paid."""

    charge: Charge
    customer_id: str
    customer_reference: str
    metadata: dict[str, Any]
    payment: Payment | None


def _asked(*row: Any) -> Asked:
    size = len(Charge.__struct_fields__)
    paid = row[size + 3 :]
    return Asked(
        Charge(*row[:size]),
        row[size],
        row[size + 1],
        row[size + 2],
        Payment(*paid) if paid[0] is not None else None,
    )


_asked_for = (
    select(*charges.c, invoices.c.customer_id, customers.c.reference, invoices.c.metadata, *_p)
    .join(invoices, invoices.c.id == charges.c.invoice_id)
    .join(customers, customers.c.id == invoices.c.customer_id)
    .outerjoin(payments, _p.charge_id == charges.c.id)
)
CHARGE_ASKED = Statement(_asked_for.where(charges.c.id == param("id")), _asked)
_of_invoice = charges.c.invoice_id == param("invoice_id")
CHARGES_OF_INVOICE = walk_of(charges, [_of_invoice], given(charges.c.status, "status"))
CHARGES_LISTED = Statement(of_page(_asked_for, charges.c.id), _asked)
CHARGES_ASKED = Statement(
    _asked_for.where(_of_invoice, charges.c.id < param("before"))
    .order_by(charges.c.id.desc())
    .limit(param("limit", Number)),
    _asked,
)


class PaymentFilter(NamedTuple):
    """What is asked for; None where it does not matter. A subscription comes with its customer.
    Of money that needed a person `is_decided` tells what one has looked at from what still
    waits."""

    customer_id: str | None = None
    invoice_id: str | None = None
    plan_id: str | None = None
    subscription_id: str | None = None
    outcome: Outcome | None = None
    is_decided: bool | None = None
    paid: Span | None = None


def walk_payments(app_id: str, wanted: PaymentFilter) -> Walk:
    span = span_params(wanted.paid)
    asked: dict[str, Any] = {
        "outcome": wanted.outcome,
        "is_decided": None if wanted.is_decided is None else int(wanted.is_decided),
        "plan_id": wanted.plan_id,
        **span,
    }
    whose = {"customer_id": wanted.customer_id, "subscription_id": wanted.subscription_id}
    of_customer = {**whose, **asked}
    if wanted.invoice_id is not None:
        return Walk(OF_INVOICE, {"invoice_id": wanted.invoice_id, **of_customer})
    if wanted.customer_id is not None:
        return Walk(OF_CUSTOMER, of_customer)
    jumps = Jumps((NEWEST_PAID,), {"app_id": app_id, **span}) if wanted.paid else None
    walk = NOT_SETTLED_OF_APP if wanted.outcome in ("credited", "needs_review") else OF_APP
    return Walk(walk, {"app_id": app_id, **asked}, jumps)


def walk_charges(invoice_id: str, status: Status | None) -> Walk:
    """In any state where `status` is None."""
    return Walk(CHARGES_OF_INVOICE, {"invoice_id": invoice_id, "status": status})
