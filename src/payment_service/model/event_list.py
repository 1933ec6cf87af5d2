"""Lists of an app's events, oldest first by their positions: some types, of a customer or of a
subscription, of a span of time. A window of positions is looked through at a time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, Select, func, select

from payment_service.kit.schema import Number
from payment_service.kit.statements import Record, Statement, Transaction, param, query
from payment_service.model.credit import credit_entries
from payment_service.model.event import (
    EVENTS_AFTER,
    SLACK,
    Event,
    events,
    position_before,
)
from payment_service.model.invoice import invoices
from payment_service.model.payment import payments
from payment_service.model.subscription import subscriptions

WINDOW = 2_000
"""Positions looked through by one page."""

_e = events.c


class Glance(Record, frozen=True):
    """What an event is about, without its body. Whose it is, where that was asked."""

    position: int
    type: str
    created_at: datetime
    customer_id: str | None = None
    subscription_id: str | None = None


def _glances(*whose: Any) -> Select[Any]:
    return (
        select(_e.position, _e.type, _e.created_at, *whose)
        .where(_e.app_id == param("app_id"), _e.position > param("after"))
        .order_by(_e.position)
        .limit(param("limit", Number))
    )


def _one(wanted: Any, found_by: Any) -> ScalarSelect[Any]:
    return select(wanted).where(found_by == _e.subject_id).correlate(events).scalar_subquery()


_customer_id = func.coalesce(
    _one(subscriptions.c.customer_id, subscriptions.c.id),
    _one(invoices.c.customer_id, invoices.c.id),
    _one(payments.c.customer_id, payments.c.id),
    _one(credit_entries.c.customer_id, credit_entries.c.id),
)
_of_payment = (
    select(invoices.c.subscription_id)
    .join(payments, payments.c.invoice_id == invoices.c.id)
    .where(payments.c.id == _e.subject_id)
    .correlate(events)
    .scalar_subquery()
)
_subscription_id = func.coalesce(
    _one(subscriptions.c.id, subscriptions.c.id),
    _one(invoices.c.subscription_id, invoices.c.id),
    _of_payment,
)
GLANCES_AFTER = Statement(_glances(), Glance)
GLANCES_WITH_WHOSE = query(
    _glances(_customer_id.label("customer_id"), _subscription_id.label("subscription_id")), Glance
)


class EventFilter(NamedTuple):
    """None of each is every one. `until` itself is left out."""

    types: frozenset[str] | None = None
    customer_id: str | None = None
    subscription_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, one: Glance) -> bool:
        return (
            (self.types is None or one.type in self.types)
            and self.customer_id in (None, one.customer_id)
            and self.subscription_id in (None, one.subscription_id)
            and (self.since is None or one.created_at >= self.since)
            and (self.until is None or one.created_at < self.until)
        )


class Found(NamedTuple):
    """A page, and up to which position there are no others that fit."""

    events: list[Event]
    reached: int


def find_events(
    tx: Transaction, app_id: str, after: int, newest: int, wanted: EventFilter, limit: int
) -> Found:
    """Those behind the position `after`; `newest` is the app's last one."""
    if wanted == EventFilter():
        found = tx.all(EVENTS_AFTER, app_id=app_id, after=after, limit=limit)
        return Found(found, found[-1].position if found else after)
    last = newest
    if wanted.since is not None:
        after = max(after, position_before(tx, app_id, wanted.since - SLACK))
    if wanted.until is not None:
        last = position_before(tx, app_id, wanted.until + SLACK)
    window = list(_window(tx, app_id, after, last, wanted))
    places = [one.position for one in window if wanted.fits(one)][:limit]
    reached = window[-1].position if window else after
    if len(places) == limit:
        reached = places[-1]
    found = [
        event
        for place in places
        for event in tx.all(EVENTS_AFTER, app_id=app_id, after=place - 1, limit=1)
    ]
    return Found(found, reached if reached < last else newest)


def _window(
    tx: Transaction, app_id: str, after: int, last: int, wanted: EventFilter
) -> Iterator[Glance]:
    is_anyones = wanted.customer_id is None and wanted.subscription_id is None
    statement = GLANCES_AFTER if is_anyones else GLANCES_WITH_WHOSE
    for one in tx.all(statement, app_id=app_id, after=after, limit=WINDOW):
        if one.position <= last:
            yield one
