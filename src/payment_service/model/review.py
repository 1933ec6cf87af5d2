"""A review: a payment that needed a person, and what the person decided.

Everything that needs a person, such payments and all open alerts, is one query: `ATTENTION`.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Select,
    Text,
    and_,
    func,
    null,
    select,
    union_all,
)

from payment_service.kit.errors import Conflict, NotFound
from payment_service.kit.expressions import in_list
from payment_service.kit.schema import Instant, Json, Number, one_of, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    param,
    query,
    rows_of,
    stored_in,
)
from payment_service.model.alert import alerts
from payment_service.model.customer import customers
from payment_service.model.invoice import invoices
from payment_service.model.payment import PAYMENT, Payment, payments

Deed = Literal["credited", "settled", "refunded", "dismissed"]

reviews = table(
    "reviews",
    Column("payment_id", Text, ForeignKey("payments.id"), primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("deed", Text, nullable=False),
    Column("invoice_id", Text, ForeignKey("invoices.id")),
    Column("reference", Text),
    Column("note", Text),
    Column("decided_at", Instant, nullable=False),
    one_of("deed", ("credited", "settled", "refunded", "dismissed")),
    Index(None, "app_id", "payment_id"),
)


@stored_in(reviews)
class Review(Record, frozen=True):
    """Written once, when it is decided; the payment itself is never changed.

    `invoice_id` is the invoice that was settled with it, `reference` the refund's.
    """

    payment_id: str
    app_id: str
    deed: Deed
    invoice_id: str | None
    reference: str | None
    note: str | None
    decided_at: datetime


REVIEW = query(rows_of(Review).where(reviews.c.payment_id == param("payment_id")), Review)
_undecided = ~select(reviews.c.payment_id).where(reviews.c.payment_id == payments.c.id).exists()
IN_REVIEW = query(
    rows_of(Payment)
    .where(
        payments.c.invoice_id == param("invoice_id"),
        payments.c.outcome == "needs_review",
        _undecided,
    )
    .order_by(payments.c.id.desc())
    .limit(1),
    Payment,
)
"""The latest money for an invoice that a person has still to look at."""

REVIEWS = query(
    rows_of(Review).where(in_list(reviews.c.payment_id, param("ids", Json(list[str])))), Review
)


class Attention(Record, frozen=True):
    """One thing that needs a person: a payment in doubt, by its `pay_` id, or an alert.

    `what` is the payment's doubt or the alert's kind, `amount` the payment's in rupiah.
    """

    id: str
    app_id: str | None
    what: str
    amount: int | None
    customer: str | None
    invoice: str | None
    message: str
    since: datetime


def _attention() -> Select[Any]:
    in_doubt = (
        select(
            payments.c.id,
            payments.c.app_id,
            payments.c.reason.label("what"),
            payments.c.amount,
            customers.c.reference.label("customer"),
            invoices.c.number.label("invoice"),
            func.coalesce(alerts.c.message, "").label("message"),
            payments.c.created_at.label("since"),
        )
        .join(customers, customers.c.id == payments.c.customer_id)
        .join(invoices, invoices.c.id == payments.c.invoice_id)
        .outerjoin(
            alerts,
            and_(
                alerts.c.kind == "payment_needs_review",
                alerts.c.subject_id == payments.c.id,
                alerts.c.cleared_at.is_(None),
            ),
        )
        .where(
            payments.c.outcome == "needs_review",
            _undecided,
        )
    )
    raised = select(
        alerts.c.id,
        alerts.c.app_id,
        alerts.c.kind.label("what"),
        null().cast(Number).label("amount"),
        null().cast(Text).label("customer"),
        null().cast(Text).label("invoice"),
        alerts.c.message,
        alerts.c.raised_at.label("since"),
    ).where(and_(alerts.c.cleared_at.is_(None), alerts.c.kind != "payment_needs_review"))
    both = union_all(in_doubt, raised).subquery()
    return select(both).order_by(both.c.since, both.c.id)


ATTENTION = query(_attention(), Attention)
"""Oldest first. A payment in doubt stands here once; its alert is its messenger only."""


def payment_to_review(tx: Transaction, payment_id: str) -> Payment:
    """Raises NotFound, and Conflict when it needs no review or has been decided."""
    payment = tx.one(PAYMENT, id=payment_id)
    if payment is None:
        raise NotFound("payment_not_found", "There is no payment with this id.")
    if payment.outcome != "needs_review":
        raise Conflict(
            "review_not_needed", f"This payment was {payment.outcome}; nothing is to be decided."
        )
    decided = tx.one(REVIEW, payment_id=payment_id)
    if decided is not None:
        raise Conflict("review_decided", f"This payment was {decided.deed} already.")
    return payment
