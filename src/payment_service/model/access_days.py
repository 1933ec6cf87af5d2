"""Since which day a subscription has had access, and since when it has none, as the periods that
were bought and its events tell."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import zip_longest

from sqlalchemy import select

from payment_service.kit.calendar import months_on
from payment_service.kit.statements import Record, Transaction, param, query, rows_of
from payment_service.model.event import events
from payment_service.model.invoice import Invoice, invoices
from payment_service.model.subscription import Subscription

DAY = timedelta(days=1)
PERIODS_BEGUN = query(
    rows_of(Invoice)
    .where(
        invoices.c.subscription_id == param("subscription_id"),
        invoices.c.status == "paid",
        invoices.c.period_start <= param("day"),
    )
    .order_by(invoices.c.period_start.desc(), invoices.c.id.desc())
    .limit(3),
    Invoice,
)


class Turn(Record, frozen=True):
    """An event that opened access, or closed it."""

    type: str
    at: datetime


LAST_TURN = query(
    select(events.c.type, events.c.created_at.label("at"))
    .where(
        events.c.subject_id == param("subscription_id"),
        events.c.type.in_(
            (
                "subscription.trial_started",
                "subscription.activated",
                "subscription.resumed",
                "subscription.suspended",
                "subscription.canceled",
                "subscription.expired",
            )
        ),
    )
    .order_by(events.c.position.desc())
    .limit(2),
    Turn,
)


def closed_at(tx: Transaction, subscription: Subscription) -> datetime | None:
    """When access ended; None while it is open. A cancellation ends no access that a suspension
    had ended before, and it leaves no trace of that on the subscription."""
    if subscription.access:
        return None
    turns = tx.all(LAST_TURN, subscription_id=subscription.id)
    for turn in turns:
        if turn.type == "subscription.suspended":
            return turn.at
        if turn.type not in ("subscription.canceled", "subscription.expired"):
            break
    return subscription.suspended_at or subscription.ended_at


def began_on(tx: Transaction, subscription: Subscription, day: date, created_on: date) -> date:
    """The first day of the period in which `day` lies, never a later one. A period that counts
    from its payment has that day too, unless a period before it had it already."""
    begun = tx.all(PERIODS_BEGUN, subscription_id=subscription.id, day=day + DAY)
    for first in _first_days(begun):
        if first <= day:
            return first
    through = subscription.paid_through
    if through is None or subscription.activated_at is None:
        return created_on
    anchor = subscription.anchor_day or through.day
    as_long_as_the_plan = months_on(through, -subscription.months, anchor) + DAY
    return as_long_as_the_plan if as_long_as_the_plan <= day else created_on


def _first_days(periods: Sequence[Invoice]) -> Iterator[date]:
    """Of periods from the latest to the earliest."""
    for one, earlier in zip_longest(periods, periods[1:]):
        first, paid_on = one.period_start, one.paid_on
        if first is None:
            continue
        is_first_day = paid_on is not None and paid_on + DAY == first
        had_it = earlier is not None and earlier.period_end and earlier.period_end >= first - DAY
        yield first - DAY if is_first_day and not had_it else first
