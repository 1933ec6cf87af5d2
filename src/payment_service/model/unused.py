"""What the days are worth that a subscription has paid for and not used."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from sqlalchemy import update

from payment_service.kit.statements import Transaction, command, param, query, rows_of
from payment_service.model.brought import brought_days
from payment_service.model.invoice import Invoice, invoices
from payment_service.model.subscription import Subscription

PERIODS_AHEAD = query(
    rows_of(Invoice)
    .where(
        invoices.c.subscription_id == param("subscription_id"),
        invoices.c.status == "paid",
        invoices.c.period_end > param("today"),
    )
    .order_by(invoices.c.paid_at.desc(), invoices.c.period_start.desc()),
    Invoice,
)
"""The latest first: of two that cover a day, the later one replaced the earlier."""
GIVE_UP_PERIODS = command(
    update(invoices)
    .where(
        invoices.c.subscription_id == param("subscription_id"),
        invoices.c.status == "paid",
        invoices.c.kind.in_(("first", "renewal")),
        invoices.c.period_start > param("day"),
    )
    .values(period_start=None, period_end=None, version=invoices.c.version + 1)
)
"""The periods after a day, which an upgrade has bought back whole: renewals of the new plan may
begin on the very days on which they would have begun."""


def unused_value(tx: Transaction, subscription: Subscription, today: date) -> int:
    """Rupiah, rounded up: the sold price × unused days / days of the period, today being used.

    Of several periods that were paid at once each day is worth what it cost: a year at a discount
    is not paid back at the price of twelve months. Days that an import brought and no invoice tells
    of are worth what the subscription was sold at then.
    """
    if subscription.paid_through is None or subscription.paid_through <= today:
        return 0
    paid = tx.all(PERIODS_AHEAD, subscription_id=subscription.id, today=today)
    worth = _worth(paid, today, subscription.paid_through)
    brought = brought_days(tx, subscription)
    if brought is not None:
        worth.append(brought.worth(_uncovered(paid, brought.through, today)))
    return ceil(sum(worth, Fraction(0)))


def _uncovered(paid: Sequence[Invoice], last_day: date, today: date) -> list[date]:
    """The days after today up to that one that are in no paid invoice's period."""
    periods = [
        (one.period_start, one.period_end) for one in paid if one.period_start and one.period_end
    ]
    ahead = (today + timedelta(days=n) for n in range(1, (last_day - today).days + 1))
    return [day for day in ahead if not any(first <= day <= last for first, last in periods)]


def _worth(paid: Sequence[Invoice], today: date, last_day: date) -> list[Fraction]:
    """Each invoice's part: its days after today that no later invoice covers."""
    day = timedelta(days=1)
    worth, free_until = [], last_day + day
    for invoice in paid:
        first, last = invoice.period_start, invoice.period_end
        if first is None or last is None:
            continue
        days = (last - first).days + 1
        begins, ends = max(first, today + day), min(last + day, free_until)
        left = (ends - begins).days
        if left > 0:
            price = invoice.lines[0].amount if invoice.kind == "upgrade" else invoice.total
            worth.append(Fraction(price * left, days))
        free_until = min(free_until, first)
    return worth
