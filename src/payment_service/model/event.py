"""An event: what happened, in the shape that apps see, kept for good in commit order."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.errors import NotFound
from payment_service.kit.schema import Instant, Number, table
from payment_service.kit.statements import Record, Transaction, param, query, rows_of, stored_in
from payment_service.kit.statements import value as one_value

EventType = Literal[
    "subscription.created",
    "subscription.trial_started",
    "subscription.activated",
    "subscription.renewed",
    "subscription.grace_started",
    "subscription.suspended",
    "subscription.resumed",
    "subscription.plan_changed",
    "subscription.cancel_scheduled",
    "subscription.updated",
    "subscription.canceled",
    "subscription.expired",
    "invoice.issued",
    "invoice.reminder",
    "invoice.paid",
    "invoice.voided",
    "payment.credited",
    "payment.needs_review",
    "payment.refunded",
    "endpoint.test",
]

events = table(
    "events",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("position", Number, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("app_id", "position"),
    Index(None, "subject_id", "position"),
)
SLACK = timedelta(minutes=1)
"""How far the order of commits and that of their instants may be apart."""


@stored_in(events)
class Event(Record, frozen=True):
    """`body` is the text that is signed and sent, the same bytes on every attempt."""

    id: str
    app_id: str
    position: int
    type: EventType
    subject_id: str
    body: str
    created_at: datetime


EVENT = query(rows_of(Event).where(events.c.id == param("id")), Event)
EVENTS_AFTER = query(
    rows_of(Event)
    .where(events.c.app_id == param("app_id"), events.c.position > param("after"))
    .order_by(events.c.position)
    .limit(param("limit", Number)),
    Event,
)

event_counters = table(
    "event_counters",
    Column("app_id", Text, ForeignKey("apps.id"), primary_key=True),
    Column("last", Number, nullable=False),
)
TAKE_POSITIONS = one_value(
    insert(event_counters)
    .values(app_id=param("app_id"), last=param("count"))
    .on_conflict_do_update(
        index_elements=["app_id"],
        set_={"last": event_counters.c.last + param("count", Number)},
    )
    .returning(event_counters.c.last),
    int,
)
LAST_POSITION = one_value(
    select(event_counters.c.last).where(event_counters.c.app_id == param("app_id")), int
)


TIME_OF_EVENT = one_value(
    select(events.c.created_at).where(
        events.c.app_id == param("app_id"), events.c.position == param("position")
    ),
    datetime,
)


def event_of_app(tx: Transaction, app_id: str, event_id: str) -> Event:
    """Raises NotFound."""
    event = tx.one(EVENT, id=event_id)
    if event is None or event.app_id != app_id:
        raise NotFound("event_not_found", "There is no event with this id.")
    return event


def position_before(tx: Transaction, app_id: str, instant: datetime) -> int:
    """The last position whose event is older than that, by halving: positions have no gap.

    Commits are not quite in the order of their instants, so ask for some time before.
    """
    low, high = 0, tx.one(LAST_POSITION, app_id=app_id) or 0
    while low < high:
        middle = (low + high + 1) // 2
        at = tx.one(TIME_OF_EVENT, app_id=app_id, position=middle)
        if at is not None and at < instant:
            low = middle
        else:
            high = middle - 1
    return low


def take_positions(tx: Transaction, app_id: str, count: int) -> int:
    """The first of `count` positions in the app's order of commits.

    The counter's row stays locked until the commit, so it must be a transaction's last act:
    a reader that has seen position n has seen every position before it.
    """
    last = tx.one(TAKE_POSITIONS, app_id=app_id, count=count)
    if last is None:
        raise LookupError(f"no event counter for {app_id}")
    return last - count + 1
