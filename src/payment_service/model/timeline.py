"""What happened to a subscription, or to a whole app in a span: events, payments, deliveries."""

from collections.abc import Iterable

from sqlalchemy import func, or_, select

from payment_service.kit.schema import Number
from payment_service.kit.statements import Record, param, query, rows_of, value
from payment_service.model.delivery import deliveries
from payment_service.model.event import Event, events
from payment_service.model.invoice import Invoice, invoices
from payment_service.model.payment import Payment, payments

WINDOW = 5_000
"""Positions looked through at a time: an app's events have no order but their own."""


class TypeCount(Record, frozen=True):
    """How many events of one type."""

    type: str
    count: int


_since = (events.c.app_id == param("app_id"), events.c.position >= param("first"))
EVENTS_OF_SPAN = query(
    rows_of(Event).where(*_since).order_by(events.c.position).limit(param("limit", Number)), Event
)
COUNTS_OF_SPAN = query(
    select(events.c.type, func.count().label("count"))
    .where(*_since)
    .group_by(events.c.type)
    .order_by(events.c.type),
    TypeCount,
)
INVOICES_OF_SUBSCRIPTION = query(
    rows_of(Invoice)
    .where(invoices.c.subscription_id == param("subscription_id"))
    .order_by(invoices.c.id),
    Invoice,
)
PAYMENTS_OF_SUBSCRIPTION = query(
    rows_of(Payment)
    .join(invoices, invoices.c.id == payments.c.invoice_id)
    .where(invoices.c.subscription_id == param("subscription_id"))
    .order_by(payments.c.id),
    Payment,
)
_invoice_ids = select(invoices.c.id).where(invoices.c.subscription_id == param("subscription_id"))
EVENTS_OF_SUBSCRIPTION = query(
    rows_of(Event)
    .where(
        *_since,
        events.c.position < param("before"),
        or_(
            events.c.subject_id == param("subscription_id"),
            events.c.subject_id.in_(_invoice_ids),
            events.c.subject_id.in_(
                select(payments.c.id).where(payments.c.invoice_id.in_(_invoice_ids))
            ),
        ),
    )
    .order_by(events.c.position),
    Event,
)
DELIVERIES_OF_EVENT = value(
    select(deliveries.c.status)
    .where(deliveries.c.event_id == param("event_id"))
    .order_by(deliveries.c.endpoint_id),
    str,
)


def ordinals(name: str, ids: Iterable[str]) -> dict[str, str]:
    """`invoice 1`, `invoice 2`: names that are the same every time the story is told."""
    return {id_: f"{name} {number}" for number, id_ in enumerate(ids, start=1)}
