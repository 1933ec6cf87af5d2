"""What came of it: the span of an advance, and the timeline of one subscription."""

from datetime import date, datetime
from typing import Literal

import msgspec

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, app_by_id
from payment_service.model.clock_advance import CLOCK_ADVANCE
from payment_service.model.event import LAST_POSITION
from payment_service.model.payment import Payment
from payment_service.model.subscription import subscription_of_app
from payment_service.model.timeline import (
    COUNTS_OF_SPAN,
    DELIVERIES_OF_EVENT,
    EVENTS_OF_SPAN,
    EVENTS_OF_SUBSCRIPTION,
    INVOICES_OF_SUBSCRIPTION,
    PAYMENTS_OF_SUBSCRIPTION,
    WINDOW,
    ordinals,
)
from payment_service.resources.timeline import (
    AdvanceEntry,
    TimelineEntry,
    brought_about,
    in_order,
    told_event,
    told_payment,
)
from payment_service.runtime import Runtime

MOST_EVENTS = 1_000
"""An advance tells so many; the rest are counted, and `GET /v1/events` has them all."""


Standing = Literal["standing", "advancing", "stopped"]


class Stand(msgspec.Struct, frozen=True):
    """Where an app's clock stands, and how far its latest advance has come."""

    now: datetime
    today: date
    zone: str
    offset_seconds: int
    advance_to: date | None
    advanced_from: date | None
    status: Standing
    """`standing` when none is under way, `advancing`, or `stopped` when one broke off."""


class Span(msgspec.Struct, frozen=True):
    """What an advance brought about, in order; `counts` by the type of event."""

    clock: Stand
    counts: dict[str, int]
    events: list[AdvanceEntry]
    more_events: bool


def stand(tx: Transaction, app_id: str, machine_now: datetime) -> Stand:
    app = app_by_id(tx, app_id)
    advance = tx.one(CLOCK_ADVANCE, app_id=app_id)
    status: Standing = "standing"
    if advance is not None and advance.finished_at is None:
        status = "advancing" if advance.is_under_way(machine_now) else "stopped"
    now = app.at(machine_now)
    return Stand(
        now=now,
        today=local_date(now, app.zone),
        zone=app.zone,
        offset_seconds=app.clock_offset,
        advance_to=advance.to_day if advance else None,
        advanced_from=advance.from_day if advance else None,
        status=status,
    )


def span(tx: Transaction, app_id: str, first_position: int, machine_now: datetime) -> Span:
    app = app_by_id(tx, app_id)
    since = {"app_id": app_id, "first": first_position}
    found = tx.all(EVENTS_OF_SPAN, **since, limit=MOST_EVENTS + 1)
    return Span(
        clock=stand(tx, app_id, machine_now),
        counts={one.type: one.count for one in tx.all(COUNTS_OF_SPAN, **since)},
        events=[brought_about(event, app.zone) for event in found[:MOST_EVENTS]],
        more_events=len(found) > MOST_EVENTS,
    )


async def timeline(runtime: Runtime, app: App, subscription_id: str) -> list[TimelineEntry]:
    """Everything, from the beginning. Raises NotFound for another app's too."""
    last = await runtime.db.read(_last, app.id, subscription_id)
    events: list[TimelineEntry] = []
    for first in range(1, last + 1, WINDOW):
        events += await runtime.db.read(_events, app, subscription_id, first)
    return in_order(events, await runtime.db.read(_payments, app, subscription_id))


def _last(tx: Transaction, app_id: str, subscription_id: str) -> int:
    subscription_of_app(tx, app_id, subscription_id)
    return tx.one(LAST_POSITION, app_id=app_id) or 0


def _names(tx: Transaction, subscription_id: str) -> dict[str, str]:
    invoices = tx.all(INVOICES_OF_SUBSCRIPTION, subscription_id=subscription_id)
    payments = _in_time(tx, subscription_id)
    return {
        subscription_id: "subscription",
        **ordinals("invoice", (invoice.id for invoice in invoices)),
        **ordinals("payment", (payment.id for payment in payments)),
    }


def _events(tx: Transaction, app: App, subscription_id: str, first: int) -> list[TimelineEntry]:
    found = tx.all(
        EVENTS_OF_SUBSCRIPTION,
        app_id=app.id,
        subscription_id=subscription_id,
        first=first,
        before=first + WINDOW,
    )
    names = _names(tx, subscription_id) if found else {}
    return [
        told_event(event, app.zone, names, tx.all(DELIVERIES_OF_EVENT, event_id=event.id))
        for event in found
    ]


def _payments(tx: Transaction, app: App, subscription_id: str) -> list[TimelineEntry]:
    names = _names(tx, subscription_id)
    return [told_payment(one, app.zone, names) for one in _in_time(tx, subscription_id)]


def _in_time(tx: Transaction, subscription_id: str) -> list[Payment]:
    """Of two at one instant first the one that paid, for their ids tell no order."""
    payments = tx.all(PAYMENTS_OF_SUBSCRIPTION, subscription_id=subscription_id)
    return sorted(payments, key=lambda one: (one.created_at, one.outcome != "settled"))
